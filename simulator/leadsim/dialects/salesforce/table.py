"""Every operation of the dialect, and those of the vendor that it refuses by name: one literal table.

The coverage table of the documents and the tests walk these rows.
"""

from __future__ import annotations

from leadsim.dialects.salesforce import (
    bulk1,
    bulk2,
    collections,
    composite,
    identity,
    login,
    queries,
    soap,
    sobjects,
    tooling,
    versions,
    wsdl,
)
from leadsim.dialects.salesforce.routing import Route

WRITE = "write"

# Below /services/data/v{version}.
DATA: tuple[Route, ...] = (
    Route("resources", "GET", "/", "any", versions.resources),
    Route("listObjects", "GET", "/sobjects", "any", sobjects.list_objects),
    Route("readObject", "GET", "/sobjects/{object}", "any", sobjects.basic),
    Route("describeObject", "GET", "/sobjects/{object}/describe", "any", sobjects.describe_object),
    Route("createRecord", "POST", "/sobjects/{object}", "create", sobjects.create, WRITE),
    Route("listUpdated", "GET", "/sobjects/{object}/updated", "changes", sobjects.updated),
    Route("listDeleted", "GET", "/sobjects/{object}/deleted", "changes", sobjects.deleted),
    Route("readRecord", "GET", "/sobjects/{object}/{id}", "read", sobjects.read),
    Route("updateRecord", "PATCH", "/sobjects/{object}/{id}", "update", sobjects.update, WRITE),
    Route("deleteRecord", "DELETE", "/sobjects/{object}/{id}", "delete", sobjects.delete, WRITE),
    Route("readByKey", "GET", "/sobjects/{object}/{field}/{value}", "read", sobjects.read_by_key),
    Route("upsertByKey", "PATCH", "/sobjects/{object}/{field}/{value}", "upsert", sobjects.upsert, WRITE),
    Route("deleteByKey", "DELETE", "/sobjects/{object}/{field}/{value}", "delete", sobjects.delete_by_key, WRITE),
    Route("query", "GET", "/query", "query", queries.query),
    Route("queryMore", "GET", "/query/{locator}", "query", queries.more),
    Route("queryAll", "GET", "/queryAll", "query", queries.query_all),
    Route("queryAllMore", "GET", "/queryAll/{locator}", "query", queries.more),
    Route("readLimits", "GET", "/limits", "any", sobjects.limits),
    Route("countRecords", "GET", "/limits/recordCount", "any", sobjects.record_count),
    Route("composite", "POST", "/composite", "batch", composite.composite),
    Route("compositeBatch", "POST", "/composite/batch", "batch", composite.batch),
    Route("createCollection", "POST", "/composite/sobjects", "batch", collections.create, WRITE),
    Route("updateCollection", "PATCH", "/composite/sobjects", "batch", collections.update, WRITE),
    Route("deleteCollection", "DELETE", "/composite/sobjects", "batch", collections.delete, WRITE),
    Route("readCollection", "GET", "/composite/sobjects/{object}", "read", collections.read),
    Route("readCollectionLong", "POST", "/composite/sobjects/{object}", "read", collections.read),
    Route("upsertCollection", "PATCH", "/composite/sobjects/{object}/{field}", "batch", collections.upsert, WRITE),
    Route("createIngestJob", "POST", "/jobs/ingest", "batch", bulk2.create_ingest, WRITE),
    Route("listIngestJobs", "GET", "/jobs/ingest", "any", bulk2.list_ingest),
    Route("readIngestJob", "GET", "/jobs/ingest/{job}", "any", bulk2.read_ingest),
    Route("changeIngestJob", "PATCH", "/jobs/ingest/{job}", "batch", bulk2.change_ingest, WRITE),
    Route("deleteIngestJob", "DELETE", "/jobs/ingest/{job}", "any", bulk2.delete_ingest),
    Route("uploadIngestData", "PUT", "/jobs/ingest/{job}/batches", "any", bulk2.upload, WRITE),
    Route("readSuccessful", "GET", "/jobs/ingest/{job}/successfulResults", "any", bulk2.successful),
    Route("readFailed", "GET", "/jobs/ingest/{job}/failedResults", "any", bulk2.failed),
    Route("readUnprocessed", "GET", "/jobs/ingest/{job}/unprocessedrecords", "any", bulk2.unprocessed),
    Route("createQueryJob", "POST", "/jobs/query", "query", bulk2.create_query),
    Route("listQueryJobs", "GET", "/jobs/query", "any", bulk2.list_query),
    Route("readQueryJob", "GET", "/jobs/query/{job}", "any", bulk2.read_query),
    Route("changeQueryJob", "PATCH", "/jobs/query/{job}", "any", bulk2.change_query),
    Route("deleteQueryJob", "DELETE", "/jobs/query/{job}", "any", bulk2.delete_query),
    Route("createCustomField", "POST", "/tooling/sobjects/CustomField", "any", tooling.create_custom_field, WRITE),
    Route("readQueryResults", "GET", "/jobs/query/{job}/results", "query", bulk2.results),
)

# Below /services/data, and the sign-in.
OUTSIDE: tuple[Route, ...] = (
    Route("versions", "GET", "/services/data", "any", versions.versions, public=True),
    Route("token", "POST", "/services/oauth2/token", "token", login.token, public=True, raw=True),
    Route("revoke", "POST", "/services/oauth2/revoke", "any", login.revoke, public=True, raw=True),
    Route("revokeByGet", "GET", "/services/oauth2/revoke", "any", login.revoke, public=True, raw=True),
    Route("userinfo", "GET", "/services/oauth2/userinfo", "any", identity.userinfo),
    Route("userinfoByPost", "POST", "/services/oauth2/userinfo", "any", identity.userinfo),
    Route("identity", "GET", "/id/{org_id}/{user}", "any", identity.identity),
    Route("soap", "POST", "/services/Soap/u/{version}", "any", soap.call),
    Route("soapOfOrg", "POST", "/services/Soap/u/{version}/{org_id}", "any", soap.call),
    Route("partnerWsdl", "GET", "/services/wsdl/partner", "any", wsdl.serve, public=True, raw=True),
    Route("createBulk1Job", "POST", "/services/async/{version}/job", "batch", bulk1.create, WRITE),
    Route("readBulk1Job", "GET", "/services/async/{version}/job/{job}", "any", bulk1.read),
    Route("changeBulk1Job", "POST", "/services/async/{version}/job/{job}", "any", bulk1.change, WRITE),
    Route("addBulk1Batch", "POST", "/services/async/{version}/job/{job}/batch", "batch", bulk1.add_batch, WRITE),
    Route("listBulk1Batches", "GET", "/services/async/{version}/job/{job}/batch", "any", bulk1.list_batches),
    Route("readBulk1Batch", "GET", "/services/async/{version}/job/{job}/batch/{batch}", "any", bulk1.read_batch),
    Route("readBulk1Request", "GET", "/services/async/{version}/job/{job}/batch/{batch}/request", "any", bulk1.request),
    Route("readBulk1Result", "GET", "/services/async/{version}/job/{job}/batch/{batch}/result", "any", bulk1.result),
)

# What the vendor has below a version and this sandbox has not: (first part of the path, its name).
REFUSED: tuple[tuple[str, str], ...] = (
    ("actions", "Invocable actions"),
    ("analytics", "Reports and dashboards over REST"),
    ("appMenu", "The app menu"),
    ("async-queries", "Async SOQL"),
    ("chatter", "Chatter"),
    ("commerce", "Commerce"),
    ("compactLayouts", "Compact layouts"),
    ("connect", "Connect REST API"),
    ("consent", "Consent"),
    ("eclair", "Geodata"),
    ("event", "Platform events"),
    ("knowledgeManagement", "Knowledge"),
    ("licensing", "Licensing"),
    ("metadata", "Metadata over REST"),
    ("nouns", "Nouns"),
    ("parameterizedSearch", "Parameterized search"),
    ("process", "Process rules and approvals"),
    ("quickActions", "Quick actions"),
    ("recent", "Recently viewed items"),
    ("search", "SOSL search"),
    ("support", "Support"),
    ("tabs", "Tabs"),
    ("theme", "Themes"),
    ("tooling", "Tooling API but for new custom fields"),
    ("ui-api", "User interface API"),
    ("wave", "CRM Analytics"),
)
# The same elsewhere: (path, its name).
REFUSED_OUTSIDE: tuple[tuple[str, str], ...] = (
    ("/services/apexrest", "Apex REST"),
    ("/services/oauth2/authorize", "Authorization in a browser"),
    ("/services/oauth2/introspect", "Token introspection"),
    ("/services/oauth2/register", "Client registration"),
    ("/services/Soap/c", "The enterprise SOAP API"),
    ("/services/Soap/m", "The metadata SOAP API"),
    ("/services/Soap/T", "The tooling SOAP API"),
    ("/services/Soap/s", "Apex over SOAP"),
    ("/services/wave", "CRM Analytics"),
    ("/services/proxy", "The proxy"),
    ("/services/cometd", "Streaming"),
)
