"""Users, queues, the organization itself, and what is set up in it. Read over the API, changed in the recipe."""

from __future__ import annotations

from leadsim.dialects.salesforce.standard.rows import AUDIT, DELETED, ID, NEVER, Row, address

COMPUTED = {"computed": "user"}

USER: tuple[Row, ...] = (
    ID,
    ("Username", "Username", "string", "80", "curk", {"engine": "UserName"}),
    ("LastName", "Last Name", "string", "80", "r", COMPUTED),
    ("FirstName", "First Name", "string", "40", "", COMPUTED),
    ("Name", "Full Name", "string", "121", "n", {}),
    ("CompanyName", "Company Name", "string", "80", "cu", {}),
    ("Division", "Division", "string", "80", "cu", {}),
    ("Department", "Department", "string", "80", "cu", {}),
    ("Title", "Title", "string", "80", "cu", {}),
    *address(""),
    ("Email", "Email", "email", "128", "cuk", {}),
    ("Phone", "Phone", "phone", "40", "cu", {}),
    ("MobilePhone", "Mobile", "phone", "40", "cu", {}),
    ("Alias", "Alias", "string", "8", "r", COMPUTED),
    ("CommunityNickname", "Nickname", "string", "40", "r", COMPUTED),
    ("IsActive", "Active", "boolean", "", "cud", {}),
    ("TimeZoneSidKey", "Time Zone", "picklist", "40", "r", COMPUTED),
    ("UserRoleId", "Role ID", "reference", "", "", {"to": ("UserRole",), "via": "UserRole", **NEVER}),
    ("LocaleSidKey", "Locale", "picklist", "40", "r", COMPUTED),
    ("EmailEncodingKey", "Email Encoding", "picklist", "40", "r", COMPUTED),
    ("LanguageLocaleKey", "Language", "picklist", "40", "r", COMPUTED),
    ("ProfileId", "Profile ID", "reference", "", "r", {"to": ("Profile",), "via": "Profile", **COMPUTED}),
    ("UserType", "User Type", "picklist", "40", "", COMPUTED),
    ("EmployeeNumber", "Employee Number", "string", "20", "cu", {}),
    ("LastLoginDate", "Last Login", "datetime", "", "", NEVER),
    ("LastViewedDate", "Last Viewed Date", "datetime", "", "", NEVER),
    ("LastReferencedDate", "Last Referenced Date", "datetime", "", "", NEVER),
    *AUDIT,
)  # fmt: skip

GROUP: tuple[Row, ...] = (
    ID,
    ("Name", "Name", "string", "40", "crun", {}),
    ("DeveloperName", "Developer Name", "string", "80", "", {"computed": "queue"}),
    ("Type", "Type", "picklist", "40", "", {"computed": "queue", "choices": ("Regular", "Queue", "Role",
    "Organization")}),
    ("Email", "Email", "email", "255", "", NEVER),
    ("DoesSendEmailToMembers", "Send Email to Members", "boolean", "", "d", {"computed": "queue"}),
    ("DoesIncludeBosses", "Include Bosses", "boolean", "", "d", {"computed": "queue"}),
    *AUDIT,
)  # fmt: skip

# The objects below are no records of the engine: rows.py of this dialect makes their rows from the org's settings.

ORGANIZATION: tuple[Row, ...] = (
    ID,
    ("Name", "Name", "string", "80", "rn", {}),
    ("Country", "Country", "string", "80", "", {}),
    ("DefaultLocaleSidKey", "Locale", "picklist", "40", "r", {}),
    ("TimeZoneSidKey", "Time Zone", "picklist", "40", "r", {}),
    ("LanguageLocaleKey", "Language", "picklist", "40", "r", {}),
    ("FiscalYearStartMonth", "Fiscal Year Starts In", "int", "", "", {}),
    ("OrganizationType", "Edition", "picklist", "40", "", {}),
    ("InstanceName", "Instance Name", "string", "5", "", {}),
    ("IsSandbox", "Is Sandbox", "boolean", "", "d", {}),
    ("NamespacePrefix", "Namespace Prefix", "string", "15", "", {}),
    ("TrialExpirationDate", "Trial Expiration Date", "datetime", "", "", {}),
    *AUDIT,
)  # fmt: skip

LEAD_STATUS: tuple[Row, ...] = (
    ID,
    ("MasterLabel", "Master Label", "string", "255", "n", {}),
    ("ApiName", "API Name", "string", "255", "r", {}),
    ("SortOrder", "Sort Order", "int", "", "", {}),
    ("IsDefault", "Is Default", "boolean", "", "d", {}),
    ("IsConverted", "Is Converted", "boolean", "", "d", {}),
    *AUDIT,
)  # fmt: skip

OPPORTUNITY_STAGE: tuple[Row, ...] = (
    ID,
    ("MasterLabel", "Master Label", "string", "255", "n", {}),
    ("ApiName", "API Name", "string", "255", "r", {}),
    ("IsActive", "Is Active", "boolean", "", "d", {}),
    ("SortOrder", "Sort Order", "int", "", "", {}),
    ("IsClosed", "Closed", "boolean", "", "d", {}),
    ("IsWon", "Won", "boolean", "", "d", {}),
    ("ForecastCategory", "Forecast Category", "picklist", "40", "r", {}),
    ("ForecastCategoryName", "Forecast Category Name", "picklist", "255", "r", {}),
    ("DefaultProbability", "Probability (%)", "percent", "3.0", "", {}),
    ("Description", "Description", "string", "255", "", {}),
    *AUDIT,
)  # fmt: skip

CAMPAIGN_MEMBER_STATUS: tuple[Row, ...] = (
    ID,
    DELETED,
    (
        "CampaignId", "Campaign ID", "reference", "", "cr",
        {"to": ("Campaign",), "via": "Campaign", "children": "CampaignMemberStatuses"},
    ),
    ("Label", "Label", "string", "765", "curn", {}),
    ("SortOrder", "Sort Order", "int", "", "cu", {}),
    ("IsDefault", "Is Default", "boolean", "", "cud", {}),
    ("HasResponded", "Responded", "boolean", "", "cud", {}),
    *AUDIT,
)  # fmt: skip

QUEUE_SOBJECT: tuple[Row, ...] = (
    ID,
    ("QueueId", "Group ID", "reference", "", "r", {"to": ("Group",), "via": "Queue", "children": "QueueSobjects"}),
    ("SobjectType", "Object Type", "picklist", "40", "r", {}),
)  # fmt: skip

ASSIGNMENT_RULE: tuple[Row, ...] = (
    ID,
    ("Name", "Name", "string", "120", "n", {}),
    ("SobjectType", "SObject Type", "picklist", "40", "", {"choices": ("Case", "Lead"), "restricted": True}),
    ("Active", "Active", "boolean", "", "d", {}),
    *AUDIT,
)  # fmt: skip

PROFILE: tuple[Row, ...] = (
    ID,
    ("Name", "Name", "string", "255", "rn", {}),
    ("UserType", "User Type", "picklist", "40", "", {}),
    *AUDIT,
)  # fmt: skip

HISTORY: tuple[Row, ...] = (
    ID,
    DELETED,
    ("CreatedById", "Created By ID", "reference", "", "d", {"to": ("Group", "User"), "via": "CreatedBy"}),
    ("CreatedDate", "Created Date", "datetime", "", "d", {}),
    ("Field", "Changed Field", "picklist", "255", "r", {}),
    ("DataType", "Datatype", "picklist", "40", "", {}),
    ("OldValue", "Old Value", "anyType", "", "", {}),
    ("NewValue", "New Value", "anyType", "", "", {}),
)  # fmt: skip
