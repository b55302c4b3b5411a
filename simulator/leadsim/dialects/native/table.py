"""The native REST API, one row an operation. It answers by this table, and its OpenAPI is written from it."""

from __future__ import annotations

from collections.abc import Mapping

from leadsim.dialects.native import batch, query, records, setup, shapes
from leadsim.dialects.operations import Operation

FORM = "application/x-www-form-urlencoded"

LOGIN = (
    Operation(
        "login", "POST", "/oauth/token", "token", setup.token,
        "Exchange a user's password, or a client's secret, for a bearer token",
        {200: shapes.TokenAnswer}, body=shapes.TokenForm, media=(FORM,), public=True,
    ),
)  # fmt: skip

RECORDS = (
    Operation(
        "readRecord", "GET", "/records/{object}/{id}", "read", records.read, "Read one record",
        {200: shapes.Record, 404: None}, query=shapes.ReadParameters,
    ),
    Operation(
        "createRecord", "POST", "/records/{object}", "create", records.create, "Create a record",
        {201: shapes.Record, 404: None, 409: None, 412: None, 423: None}, body=shapes.Create, permission="write", keyed=True,
    ),
    Operation(
        "updateRecord", "PATCH", "/records/{object}/{id}", "update", records.update,
        "Change some fields of a record",
        {200: shapes.Record, 404: None, 409: None, 412: None, 423: None}, body=shapes.Update, permission="write",
        keyed=True, conditional=True,
    ),
    Operation(
        "deleteRecord", "DELETE", "/records/{object}/{id}", "delete", records.delete, "Put a record into the bin",
        {204: None, 404: None, 409: None, 412: None, 423: None}, permission="write", keyed=True, conditional=True,
    ),
    Operation(
        "undeleteRecord", "POST", "/records/{object}/{id}/undelete", "update", records.undelete,
        "Take a record out of the bin", {200: shapes.Record, 404: None, 409: None, 412: None, 423: None},
        permission="write", keyed=True,
    ),
    Operation(
        "mergeRecords", "POST", "/records/{object}/{id}/merge", "update", records.merge,
        "Merge other records into this one, all of them or none",
        {200: shapes.Record, 404: None, 409: None, 412: None, 423: None}, body=shapes.Merge, permission="write",
        keyed=True,
    ),
    Operation(
        "readHistory", "GET", "/records/{object}/{id}/history", "read", records.history,
        "Who changed which value, when, from what to what", {200: shapes.History, 404: None},
    ),
    Operation(
        "upsertRecord", "PUT", "/records/{object}/by/{field}/{value}", "upsert", records.upsert,
        "Create or change the record that an external id or unique field names",
        {200: shapes.Record, 201: shapes.Record, 404: None, 409: None, 412: None, 423: None}, body=shapes.Create,
        permission="write", keyed=True, conditional=True,
    ),
    Operation(
        "batch", "POST", "/batch", "batch", batch.run, "Up to 200 changes in one step",
        {200: shapes.Results, 423: None}, body=shapes.Batch, permission="write",
    ),
    Operation(
        "query", "POST", "/query", "query", query.run, "Find records by criteria, a page at a time",
        {200: shapes.FoundRecords, 404: None}, body=shapes.Query,
    ),
    Operation(
        "readChanges", "GET", "/changes/{object}", "changes", records.changes,
        "What was created, changed, deleted or merged since a place in the feed",
        {200: shapes.Changes, 404: None}, query=shapes.ChangesParameters,
    ),
)  # fmt: skip

SETUP = (
    Operation("whoami", "GET", "/whoami", "read", setup.whoami, "Who is calling, as the org sees it", {200: shapes.Whoami}),
    Operation("listObjects", "GET", "/objects", "read", setup.objects, "The objects of the org", {200: shapes.Objects}),
    Operation(
        "describeObject", "GET", "/objects/{object}", "read", setup.describe, "An object and its fields",
        {200: shapes.Described, 404: None},
    ),
    Operation(
        "addField", "POST", "/objects/{object}/fields", "update", setup.add_field,
        "Add a custom field; the same one again changes nothing",
        {200: shapes.Field_, 201: shapes.Field_, 404: None, 409: None}, body=shapes.NewField, permission="write",
    ),
    Operation("listUsers", "GET", "/users", "read", setup.users, "Users and queues", {200: shapes.Users}),
)  # fmt: skip

OPERATIONS = (*RECORDS, *SETUP)

# Operations that a system of this kind is known to have and that the sandbox doesn't simulate: answered with 501.
NOT_SIMULATED: Mapping[tuple[str, str], str] = {
    ("POST", "/webhooks"): "subscribing to changes by webhook",
    ("POST", "/records/{object}/{id}/attachments"): "files attached to a record",
    ("POST", "/records/{object}/{id}/restore"): "restoring an earlier version of a record",
}
