"""The native REST API, one row an operation. It answers by this table, and its OpenAPI is written from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from leadsim.dialects.native import batch, campaigns, jobs, outreach, query, records, sales, setup, shapes
from leadsim.dialects.operations import Operation
from leadsim.gateway.messages import JSON

FORM = "application/x-www-form-urlencoded"

LOGIN = (
    Operation(
        "login", "POST", "/oauth/token", "token", setup.token,
        "Exchange a user's password, or a client's secret, for a bearer token",
        {200: shapes.TokenAnswer}, body=shapes.TokenForm, media=(FORM,), login="none",
    ),
)  # fmt: skip

RECORDS = (
    Operation(
        "readRecord", "GET", "/records/{object}/{id}", "read", records.read, "Read one record",
        {200: shapes.Record, 404: None}, query=shapes.ReadParameters,
    ),
    Operation(
        "createRecord", "POST", "/records/{object}", "create", records.create, "Create a record",
        {201: shapes.Record, 404: None, 409: None, 412: None, 423: None}, body=shapes.Create, permission="write",
        keyed=True,
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
    Operation(
        "whoami", "GET", "/whoami", "read", setup.whoami, "Who is calling, as the org sees it", {200: shapes.Whoami}
    ),
    Operation(
        "listObjects", "GET", "/objects", "read", setup.objects, "The objects of the org", {200: shapes.Objects},
        query=shapes.ObjectsParameters,
    ),
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

WRITTEN = {404: None, 409: None, 412: None, 423: None}

CAMPAIGNS = (
    Operation(
        "listCampaigns", "GET", "/campaigns", "read", campaigns.listed, "Campaigns and their member statuses",
        {200: shapes.Campaigns},
    ),
    Operation(
        "readMembers", "GET", "/members", "members", campaigns.members,
        "Memberships that changed since a place in the feed", {200: shapes.Members}, query=shapes.PageParameters,
    ),
    Operation(
        "setMembers", "POST", "/members", "members", campaigns.set_members,
        "Put people into campaigns, change their status, take them out", {200: shapes.Results, 423: None},
        body=shapes.MemberBatch, permission="write",
    ),
    Operation(
        "readReport", "GET", "/reports/{report}", "read", campaigns.report,
        "lead-source, campaign, hand-over or closed-loop, counted from the records", {200: shapes.Report, 404: None},
    ),
)  # fmt: skip

JOBS = (
    Operation("openJob", "POST", "/jobs", "batch", jobs.open_job, "Open a bulk job", {201: shapes.Job, 404: None},
              body=shapes.NewJob, permission="write"),
    Operation("addJobData", "PUT", "/jobs/{id}/data", "batch", jobs.add_data, "Add rows to an open job",
              {200: shapes.Job, 404: None, 409: None}, media=(JSON, jobs.CSV), permission="write"),
    Operation("closeJob", "POST", "/jobs/{id}/close", "batch", jobs.close_job, "Write the rows of a job",
              {200: shapes.Job, 404: None, 409: None}, permission="write"),
    Operation("readJob", "GET", "/jobs/{id}", "read", jobs.read_job, "How far a job is", {200: shapes.Job, 404: None}),
    Operation("abortJob", "DELETE", "/jobs/{id}", "batch", jobs.abort_job, "Give an open job up",
              {204: None, 404: None, 409: None}, permission="write"),
    Operation("readJobResults", "GET", "/jobs/{id}/results", "read", jobs.results, "What became of each row",
              {200: shapes.JobResults, 404: None}, query=shapes.JobResultsParameters),
)  # fmt: skip

SALES = (
    Operation(
        "listAssignmentRules", "GET", "/assignment-rules", "read", sales.assignment_rules,
        "Who gets which lead, in the order of asking", {200: shapes.Rules}, sides=("crm",),
    ),
    Operation(
        "convertLead", "POST", "/leads/{id}/convert", "update", sales.convert,
        "Make a contact, an account and maybe an opportunity of a lead", {200: shapes.Converted, **WRITTEN},
        body=shapes.Convert, permission="write", keyed=True, sides=("crm",),
    ),
)  # fmt: skip

OUTREACH = tuple(
    replace(operation, sides=("marketing",))
    for operation in (
        Operation("listForms", "GET", "/forms", "read", outreach.forms, "Forms and what they ask", {200: shapes.Forms}),
        Operation(
            "submitForm", "POST", "/forms/{id}/submissions", "create", outreach.submit,
            "Hand in a form, as a visitor's browser does: without a login", {201: shapes.Submitted, **WRITTEN},
            body=shapes.Submit, login="optional",
        ),
        Operation(
            "readAnswers", "GET", "/prospects/{id}/answers", "read", outreach.answers,
            "Every answer that a prospect gave to one field", {200: shapes.Answers, 404: None},
            query=shapes.AnswersParameters,
        ),
        Operation("listLists", "GET", "/lists", "read", outreach.lists, "Lists", {200: shapes.Lists}),
        Operation(
            "addList", "POST", "/lists", "create", outreach.add_list, "Make a list",
            {201: shapes.MarketingList, **WRITTEN}, body=shapes.NewList, permission="write", keyed=True,
        ),
        Operation(
            "readListMembers", "GET", "/lists/{id}/members", "read", outreach.list_members, "Who is on a list",
            {200: shapes.ListedMembers, 404: None}, query=shapes.CursorParameters,
        ),
        Operation(
            "addListMembers", "POST", "/lists/{id}/members", "create", outreach.add_list_members,
            "Put prospects on a list", {200: shapes.Results, 404: None, 423: None}, body=shapes.ListMembers,
            permission="write",
        ),
        Operation(
            "removeListMember", "DELETE", "/lists/{id}/members", "delete", outreach.remove_list_member,
            "Take a prospect off a list", {204: None, **WRITTEN}, query=shapes.ProspectParameter, permission="write",
        ),
        Operation(
            "sendEmail", "POST", "/emails", "create", outreach.send_email,
            "Record an e-mail to lists; nothing leaves the machine", {201: shapes.EmailSent, 404: None, 423: None},
            body=shapes.Email, permission="write",
        ),
        Operation(
            "readActivities", "GET", "/activities", "read", outreach.activities, "What prospects did",
            {200: shapes.Activities, 404: None}, query=shapes.ActivityParameters,
        ),
        Operation("readConnector", "GET", "/connector", "read", outreach.connector,
                  "Whether the org's CRM connector is verified and switched on", {200: shapes.Connector}),
        Operation("setConnector", "PATCH", "/connector", "update", outreach.set_connector,
                  "Switch the org's CRM connector", {200: shapes.Connector}, body=shapes.ConnectorPatch,
                  permission="write"),
    )
)  # fmt: skip

OPERATIONS = (*RECORDS, *SETUP, *CAMPAIGNS, *SALES, *OUTREACH, *JOBS)

# Operations that a system of this kind is known to have and that the sandbox doesn't simulate: answered with 501.
NOT_SIMULATED: Mapping[tuple[str, str], str] = {
    ("POST", "/webhooks"): "subscribing to changes by webhook",
    ("POST", "/records/{object}/{id}/attachments"): "files attached to a record",
    ("POST", "/records/{object}/{id}/restore"): "restoring an earlier version of a record",
}
