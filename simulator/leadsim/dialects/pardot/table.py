"""Every operation of the dialect, and those of the vendor that it refuses by name: literal tables.

The coverage table of the documents and the tests walk these rows.
"""

from __future__ import annotations

from collections.abc import Mapping

from leadsim.dialects.pardot import login
from leadsim.dialects.pardot.routing import Handler, Operation
from leadsim.dialects.pardot.v4 import assets as v4_assets
from leadsim.dialects.pardot.v4 import batches as v4_batches
from leadsim.dialects.pardot.v4 import describe as v4_describe
from leadsim.dialects.pardot.v4 import prospects as v4_prospects
from leadsim.dialects.pardot.v4 import queries as v4_queries
from leadsim.dialects.pardot.v4 import sign_in as v4_sign_in
from leadsim.dialects.pardot.v5 import actions, custom_fields, exports, forms, imports, query, records

WRITE = "write"
# Of version 5: (name, method, path below the collection, word for faults, handler, permission).
_V5: Mapping[str, tuple[str, str, str, Handler, str | None]] = {
    "query": ("GET", "", "query", query.query, None),
    "read": ("GET", "/{id}", "read", records.read, None),
    "create": ("POST", "", "create", records.create, WRITE),
    "update": ("PATCH", "/{id}", "update", records.update, WRITE),
    "delete": ("DELETE", "/{id}", "delete", records.delete, WRITE),
    "addTag": ("POST", "/{id}/do/addTag", "any", actions.add_tag, WRITE),
    "removeTag": ("POST", "/{id}/do/removeTag", "any", actions.remove_tag, WRITE),
}
_LOOK, _CRUD, _TAGS = ("query", "read"), ("query", "read", "create", "update", "delete"), ("addTag", "removeTag")
# Which of them each collection has.
COLLECTIONS: Mapping[str, tuple[str, ...]] = {
    "prospects": (*_CRUD, *_TAGS),
    "lists": (*_CRUD, *_TAGS),
    "list-memberships": _CRUD,
    "campaigns": (*_LOOK, *_TAGS),
    "users": (*_LOOK, *_TAGS),
    "prospect-accounts": _LOOK,
    "opportunities": (*_LOOK, *_TAGS),
    "tags": _CRUD,
    "tagged-objects": _LOOK,
    "forms": (*_LOOK, *_TAGS),
    "form-handlers": (*_CRUD, *_TAGS),
    "form-handler-fields": _LOOK,
    "emails": _LOOK,
    "list-emails": _LOOK,
    "visitor-activities": _LOOK,
    "custom-fields": _LOOK,
}
V5: tuple[Operation, ...] = (
    *(
        Operation(f"{name} {collection}", 5, collection, method, f"/objects/{collection}{path}", does, handler, needs)
        for collection, names in COLLECTIONS.items()
        for name, (method, path, does, handler, needs) in ((name, _V5[name]) for name in names)
    ),
    Operation(
        "upsertLatestByEmail", 5, "prospects", "POST", "/objects/prospects/do/upsertLatestByEmail", "upsert",
        actions.upsert_latest_by_email, WRITE,
    ),
    Operation(
        "undelete prospects", 5, "prospects", "POST", "/objects/prospects/do/undelete", "update", actions.undelete,
        WRITE,
    ),
    Operation("read account", 5, "account", "GET", "/objects/account", "read", records.read_only_one),
    Operation(
        "create custom-fields", 5, "custom-fields", "POST", "/objects/custom-fields", "create", custom_fields.create,
        WRITE,
    ),
    Operation(
        "create form-handler-fields", 5, "form-handler-fields", "POST", "/objects/form-handler-fields", "create",
        forms.add_field, WRITE,
    ),
    Operation(
        "delete form-handler-fields", 5, "form-handler-fields", "DELETE", "/objects/form-handler-fields/{id}", "delete",
        forms.remove_field, WRITE,
    ),
    Operation("query imports", 5, "imports", "GET", "/imports", "query", query.query),
    Operation("read imports", 5, "imports", "GET", "/imports/{id}", "read", records.read),
    Operation("create imports", 5, "imports", "POST", "/imports", "batch", imports.create, WRITE),
    Operation("submit imports", 5, "imports", "PATCH", "/imports/{id}", "batch", imports.submit, WRITE),
    Operation("add batch to imports", 5, "imports", "POST", "/imports/{id}/batches", "batch", imports.add_batch, WRITE),
    Operation("read errors of imports", 5, "imports", "GET", "/imports/{id}/errors", "read", imports.errors),
    Operation("query exports", 5, "exports", "GET", "/exports", "query", query.query),
    Operation("read exports", 5, "exports", "GET", "/exports/{id}", "read", records.read),
    Operation("create exports", 5, "exports", "POST", "/exports", "query", exports.create),
    Operation("read results of exports", 5, "exports", "GET", "/exports/{id}/results/{file}", "read", exports.results),
    Operation("merge tags", 5, "tags", "POST", "/objects/tags/{id}/do/mergeTags", "any", actions.merge_tags, WRITE),
)  # fmt: skip

# Of versions 3 and 4: (name, word for faults, handler, permission), by object.
_LOOK_4: tuple[tuple[str, str, Handler, str | None], ...] = (
    ("query", "query", v4_queries.query, None),
    ("read", "read", v4_assets.read, None),
)
_WRITE_4: tuple[tuple[str, str, Handler, str | None], ...] = (
    ("create", "create", v4_assets.create, WRITE),
    ("update", "update", v4_assets.update, WRITE),
    ("delete", "delete", v4_assets.delete, WRITE),
)
_V4: Mapping[str, tuple[str, tuple[tuple[str, str, Handler, str | None], ...]]] = {
    "prospect": (
        "prospects",
        (
            ("query", "query", v4_queries.query, None),
            ("read", "read", v4_prospects.read, None),
            ("describe", "any", v4_describe.describe, None),
            ("create", "create", v4_prospects.create, WRITE),
            ("update", "update", v4_prospects.update, WRITE),
            ("upsert", "upsert", v4_prospects.upsert, WRITE),
            ("delete", "delete", v4_prospects.delete, WRITE),
            ("assign", "update", v4_prospects.assign, WRITE),
            ("unassign", "update", v4_prospects.unassign, WRITE),
            ("batchCreate", "batch", v4_batches.batch_create, WRITE),
            ("batchUpdate", "batch", v4_batches.batch_update, WRITE),
            ("batchUpsert", "batch", v4_batches.batch_upsert, WRITE),
        ),
    ),
    "list": ("lists", (*_LOOK_4, *_WRITE_4)),
    "listMembership": ("list-memberships", (*_LOOK_4, *_WRITE_4)),
    "campaign": ("campaigns", _LOOK_4),
    "user": ("users", _LOOK_4),
    "prospectAccount": ("prospect-accounts", (*_LOOK_4, ("describe", "any", v4_describe.describe, None))),
    "opportunity": ("opportunities", _LOOK_4),
    "visitorActivity": ("visitor-activities", _LOOK_4),
    "customField": ("custom-fields", _LOOK_4),
    "tag": ("tags", _LOOK_4),
    "tagObject": ("tagged-objects", _LOOK_4),
    "form": ("forms", _LOOK_4),
    "emailClick": ("email-clicks", (("query", "query", v4_queries.query, None),)),
    "email": ("emails", (("read", "read", v4_assets.read, None),)),
}
V4: Mapping[str, Mapping[str, Operation]] = {
    object.casefold(): {
        name.casefold(): Operation(f"{object} {name}", 4, collection, "GET, POST", name, does, handler, needs)
        for name, does, handler, needs in rows
    }
    for object, (collection, rows) in _V4.items()
}

# The sign-in, where the sandbox has no Salesforce org; and the one that versions 3 and 4 had before.
OUTSIDE: tuple[Operation, ...] = (
    Operation("token", 0, "", "POST", "/services/oauth2/token", "token", login.token, public=True, raw=True),
    Operation("userinfo", 0, "", "GET", "/services/oauth2/userinfo", "any", login.userinfo, public=True, raw=True),
    Operation("submit form", 0, "", "POST", "/l/form/{id}", "create", forms.submit, public=True),
    Operation("login", 4, "", "POST", "/api/login/version/{version}", "token", v4_sign_in.login, public=True),
    Operation("login by GET", 4, "", "GET", "/api/login/version/{version}", "token", v4_sign_in.login, public=True),
)  # fmt: skip

# What the vendor has in version 5 and this sandbox has not: collection, its name.
REFUSED_V5: Mapping[str, str] = {
    "bulk-actions": "Bulk actions",
    "custom-redirects": "Custom redirects",
    "dynamic-contents": "Dynamic content",
    "dynamic-content-variations": "Dynamic content variations",
    "email-templates": "E-mail templates",
    "engagement-studio-programs": "Engagement Studio programs",
    "external-activities": "External activities",
    "files": "Files",
    "folder-contents": "Folder contents",
    "folders": "Folders",
    "form-fields": "Form fields",
    "landing-pages": "Landing pages",
    "layout-templates": "Layout templates",
    "lifecycle-histories": "Lifecycle histories",
    "lifecycle-stages": "Lifecycle stages",
    "salesforce-connectors": "The Salesforce connector's status over the API",
    "tracker-domains": "Tracker domains",
    "visitor-page-views": "Visitor page views",
    "visitors": "Visitors",
    "visits": "Visits",
}
# Actions on collections that are otherwise there: collection/last part of the path, its name.
REFUSED_ACTIONS: Mapping[str, str] = {
    "custom-fields/{id}": "Changing and deleting custom fields",
    "form-handler-fields/{id}": "Changing form handler fields",
    "campaigns/connectSalesforceCampaign": "Connecting a campaign to Salesforce's",
    "forms/copyToCms": "Copying to the CMS",
    "forms/reorderFormFields": "Reordering form fields",
    "forms/undelete": "Undeleting forms",
    "list-emails/stats": "Statistics of list e-mails",
    "emails/copyToCms": "Copying to the CMS",
    "emails/addTag": "Tagging sent e-mails",
    "emails/removeTag": "Tagging sent e-mails",
}
# Of versions 3 and 4: object, or object/operation.
REFUSED_V4: Mapping[str, str] = {
    "account": "The account object",
    "customredirect": "Custom redirects",
    "dynamiccontent": "Dynamic content",
    "emailtemplate": "E-mail templates",
    "export": "Exports of version 4",
    "import": "Imports of version 4",
    "lifecyclehistory": "Lifecycle histories",
    "lifecyclestage": "Lifecycle stages",
    "visit": "Visits",
    "visitor": "Visitors",
    "campaign/create": "Writing campaigns",
    "campaign/update": "Writing campaigns",
    "customfield/create": "Writing custom fields in version 4",
    "customfield/update": "Writing custom fields in version 4",
    "customfield/delete": "Writing custom fields in version 4",
    "email/send": "Sending e-mail in version 4",
    "email/stats": "Statistics of e-mails",
    "opportunity/create": "Writing opportunities",
    "opportunity/update": "Writing opportunities",
    "opportunity/delete": "Writing opportunities",
    "opportunity/undelete": "Writing opportunities",
    "prospectaccount/assign": "Writing prospect accounts",
    "prospectaccount/create": "Writing prospect accounts",
    "prospectaccount/update": "Writing prospect accounts",
    "user/abilities": "Abilities of users",
    "user/cookie": "Cookies of users",
}
