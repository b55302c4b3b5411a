"""What a marketer makes: lists, campaigns, forms, tags, e-mails, custom fields; and what prospects did with them."""

from __future__ import annotations

from leadsim.dialects.pardot.standard.rows import (
    AUTHORS,
    AUTHORS_OF,
    BY_DATES,
    BY_ID_AND_DATE,
    DATED,
    DATES,
    NUMBERED,
    Row,
    Table,
)

LIST: tuple[Row, ...] = (
    ("id", "id", "Integer", "seq", ""),
    ("name", "name", "String", "field:name", "rw"),
    ("isPublic", "is_public", "Boolean", "field:is_public", "w"),
    ("isDynamic", "is_dynamic", "Boolean", "made:is_dynamic", ""),
    ("title", "title", "String", "field:title", "w"),
    ("description", "description", "String", "field:description", "w"),
    ("", "is_crm_visible", "Boolean", "field:is_crm_visible", "w"),
    ("campaignId", "", "Integer", "ref:campaign", "w"),
    ("folderId", "", "Integer", "-", ""),
    ("isDeleted", "", "Boolean", "bin", ""),
    *DATES,
    *AUTHORS,
)
LIST_MEMBERSHIP: tuple[Row, ...] = (
    ("id", "id", "Integer", "seq", ""),
    ("listId", "list_id", "Integer", "ref:list", "rc"),
    ("prospectId", "prospect_id", "Integer", "ref:prospect", "rc"),
    ("optedOut", "opted_out", "Boolean", "field:opted_out", "w"),
    ("isDeleted", "", "Boolean", "bin", ""),
    *DATES,
    *AUTHORS,
)
CAMPAIGN: tuple[Row, ...] = (
    ("id", "id", "Integer", "seq", ""),
    ("name", "name", "String", "field:name", ""),
    ("cost", "cost", "Float", "field:cost", ""),
    ("folderId", "", "Integer", "-", ""),
    ("parentCampaignId", "", "Integer", "-", ""),
    ("salesforceId", "", "String", "field:crm_id", ""),
    ("isDeleted", "", "Boolean", "bin", ""),
    *DATES,
    *AUTHORS,
)
CUSTOM_FIELD: tuple[Row, ...] = (
    ("id", "id", "Integer", "row:id", ""),
    ("name", "name", "String", "row:name", "rw"),
    ("fieldId", "field_id", "String", "row:field_id", "rc"),
    ("type", "type", "Enum", "row:type", "rc"),
    ("", "type_id", "Integer", "row:type_id", ""),
    ("isRecordMultipleResponses", "is_record_multiple_responses", "Boolean", "row:multiple", "c"),
    ("isRequired", "", "Boolean", "row:required", "c"),
    ("isUseValues", "is_use_values", "Boolean", "row:use_values", "c"),
    ("salesforceId", "crm_id", "String", "row:crm_id", "c"),
    ("createdAt", "created_at", "DateTime", "row:at", ""),
    ("updatedAt", "updated_at", "DateTime", "row:at", ""),
    ("createdById", "", "Integer", "row:by", ""),
    ("updatedById", "", "Integer", "row:by", ""),
)
TAG: tuple[Row, ...] = (
    ("id", "id", "Integer", "seq", ""),
    ("name", "name", "String", "field:name", "rw"),
    ("objectCount", "", "Integer", "made:tagged", ""),
    *DATES,
    *AUTHORS,
)
TAGGED_OBJECT: tuple[Row, ...] = (
    ("id", "id", "Integer", "seq", ""),
    ("tagId", "tag_id", "Integer", "ref:tag", ""),
    ("objectType", "type", "Enum", "field:object_type", ""),
    ("objectName", "", "String", "field:object_name", ""),
    ("objectId", "object_id", "Integer", "field:object_number", ""),
    ("createdAt", "created_at", "DateTime", "at:created_at", ""),
    ("createdById", "", "Integer", "by:created_by", ""),
)
FORM: tuple[Row, ...] = (
    ("id", "id", "Integer", "seq", ""),
    ("name", "name", "String", "field:name", ""),
    ("campaignId", "", "Integer", "made:form_campaign", ""),
    ("embedCode", "embedCode", "String", "made:embed_code", ""),
    ("folderId", "", "Integer", "-", ""),
    ("layoutTemplateId", "", "Integer", "-", ""),
    ("trackerDomainId", "", "Integer", "-", ""),
    ("isUseRedirectLocation", "", "Boolean", "-", ""),
    ("salesforceId", "", "String", "-", ""),
    ("salesforceCmsId", "", "String", "-", ""),
    ("isDeleted", "", "Boolean", "bin", ""),
    *DATES,
    *AUTHORS,
)
FORM_HANDLER: tuple[Row, ...] = (
    ("id", "id", "Integer", "seq", ""),
    ("name", "name", "String", "field:name", "rw"),
    ("campaignId", "", "Integer", "made:form_campaign", ""),
    ("embedCode", "", "String", "made:embed_code", ""),
    ("successLocation", "", "String", "-", ""),
    ("errorLocation", "", "String", "-", ""),
    ("isDataForwarded", "", "Boolean", "made:no", ""),
    ("isAlwaysEmail", "", "Boolean", "made:no", ""),
    ("isCookieless", "", "Boolean", "made:yes", ""),
    ("folderId", "", "Integer", "-", ""),
    ("trackerDomainId", "", "Integer", "-", ""),
    ("salesforceId", "", "String", "-", ""),
    ("isDeleted", "", "Boolean", "bin", ""),
    *DATES,
    *AUTHORS,
)
FORM_HANDLER_FIELD: tuple[Row, ...] = (
    ("id", "", "Integer", "row:id", ""),
    ("formHandlerId", "", "Integer", "row:handler", "rc"),
    ("name", "", "String", "row:name", "rc"),
    ("prospectApiFieldId", "", "String", "row:field", "rc"),
    ("dataFormat", "", "Enum", "row:format", ""),
    ("isRequired", "", "Boolean", "row:required", "c"),
    ("isMaintainInitialValue", "", "Boolean", "row:no", ""),
    ("createdAt", "", "DateTime", "row:at", ""),
    ("createdById", "", "Integer", "row:by", ""),
)
ACCOUNT: tuple[Row, ...] = (
    ("id", "", "Integer", "row:id", ""),
    ("company", "", "String", "row:company", ""),
    ("level", "", "String", "row:level", ""),
    ("website", "", "String", "-", ""),
    ("pluginCampaignId", "", "Integer", "-", ""),
    *((name, "", "String", "-", "") for name in (
        "addressOne", "addressTwo", "city", "state", "territory", "zip", "country", "phone", "fax",
    )),
    ("adminId", "", "Integer", "row:admin", ""),
    ("maximumDailyApiCalls", "", "Integer", "row:most", ""),
    ("apiCallsUsed", "", "Integer", "row:used", ""),
    ("createdAt", "", "DateTime", "row:at", ""),
    ("updatedAt", "", "DateTime", "row:at", ""),
    ("createdById", "", "Integer", "row:admin", ""),
    ("updatedById", "", "Integer", "row:admin", ""),
)  # fmt: skip
EMAIL: tuple[Row, ...] = (
    ("id", "id", "Integer", "seq", ""),
    ("name", "name", "String", "made:email_subject", ""),
    ("subject", "subject", "String", "made:email_subject", ""),
    ("prospectId", "prospect_id", "Integer", "ref:prospect", ""),
    ("listEmailId", "", "Integer", "ref:email", ""),
    ("listId", "", "Integer", "-", ""),
    ("campaignId", "", "Integer", "-", ""),
    ("clientType", "", "String", "made:client_type", ""),
    ("type", "", "Enum", "made:email_type", ""),
    ("sentAt", "sent_at", "DateTime", "at:created_at", ""),
    ("salesforceCmsId", "", "String", "-", ""),
    ("createdById", "", "Integer", "by:created_by", ""),
)
LIST_EMAIL: tuple[Row, ...] = (
    ("id", "id", "Integer", "seq", ""),
    ("name", "name", "String", "field:subject", ""),
    ("subject", "subject", "String", "field:subject", ""),
    ("textMessage", "", "String", "field:body", ""),
    ("recipientListIds", "", "Array", "made:recipient_lists", ""),
    ("campaignId", "", "Integer", "-", ""),
    ("clientType", "", "String", "made:client_type", ""),
    ("isSent", "", "Boolean", "made:yes", ""),
    ("isPaused", "", "Boolean", "made:no", ""),
    ("operationalEmail", "", "Boolean", "made:no", ""),
    ("type", "", "Enum", "made:email_type", ""),
    ("sentAt", "sent_at", "DateTime", "at:created_at", ""),
    ("isDeleted", "", "Boolean", "bin", ""),
    *DATES,
    *AUTHORS,
)
_ASSETS_OF_ACTIVITIES = (
    ("customRedirectId", ""), ("emailTemplateId", "email_template_id"), ("fileId", "file_id"),
    ("landingPageId", "landing_page_id"),
    ("multivariateTestVariationId", "multivariate_test_variation_id"), ("opportunityId", ""),
    ("paidSearchAdId", "paid_search_ad_id"), ("siteSearchQueryId", "site_search_query_id"),
    ("visitId", ""), ("visitorPageViewId", "visitor_page_view_id"),
    ("emailId", "email_id"),
)  # fmt: skip
VISITOR_ACTIVITY: tuple[Row, ...] = (
    ("id", "id", "Integer", "seq", ""),
    ("prospectId", "prospect_id", "Integer", "ref:prospect", ""),
    ("visitorId", "visitor_id", "Integer", "-", ""),
    ("type", "type", "Integer", "made:activity_type", ""),
    ("typeName", "type_name", "String", "made:activity_type_name", ""),
    ("details", "details", "String", "made:activity_details", ""),
    ("formId", "form_id", "Integer", "made:activity_form", ""),
    ("formHandlerId", "form_handler_id", "Integer", "made:activity_form_handler", ""),
    ("listEmailId", "list_email_id", "Integer", "made:activity_email", ""),
    ("campaignId", "", "Integer", "-", ""),
    *((v5, v4, "Integer", "-", "") for v5, v4 in _ASSETS_OF_ACTIVITIES),
    *DATES,
)
EMAIL_CLICK: tuple[Row, ...] = (
    ("id", "id", "Integer", "seq", ""),
    ("prospectId", "prospect_id", "Integer", "ref:prospect", ""),
    ("", "url", "String", "field:detail", ""),
    ("", "list_email_id", "Integer", "made:activity_email", ""),
    ("", "drip_program_action_id", "Integer", "-", ""),
    ("", "email_template_id", "Integer", "-", ""),
    ("", "tracker_redirect_id", "Integer", "-", ""),
    ("createdAt", "created_at", "DateTime", "at:created_at", ""),
)
ASSETS: tuple[Table, ...] = (
    Table(
        "lists", "list", "list", "list", LIST, {**AUTHORS_OF, "campaignId": "campaigns"}, (*DATED, "name"),
        {**BY_DATES, "name": "ascending"}, few=True, missing=55, label="List",
    ),
    Table(
        "list-memberships", "listMembership", "list_membership", "list_membership", LIST_MEMBERSHIP,
        {**AUTHORS_OF, "listId": "lists", "prospectId": "prospects"}, (*DATED, "listId", "prospectId"), BY_ID_AND_DATE,
        label="List membership",
    ),
    Table(
        "campaigns", "campaign", "campaign", "campaign", CAMPAIGN, AUTHORS_OF, (*DATED, "name"),
        {**BY_DATES, "name": "ascending", "cost": "descending"}, few=True, missing=38, label="Campaign",
    ),
    Table(
        "custom-fields", "customField", "customField", "", CUSTOM_FIELD, AUTHORS_OF, DATED,
        {**BY_DATES, "name": "ascending"}, few=True, binned=False, label="Custom field",
    ),
    Table(
        "tags", "tag", "tag", "tag", TAG, AUTHORS_OF, DATED, {**BY_DATES, "name": "ascending"}, few=True, binned=False,
        label="Tag",
    ),
    Table(
        "tagged-objects", "tagObject", "tagObject", "tagged_object", TAGGED_OBJECT,
        {"tagId": "tags", "createdById": "users"}, (*NUMBERED, "tagId", "objectType"), BY_ID_AND_DATE, few=True,
        binned=False, label="Tagged object",
    ),
    Table(
        "forms", "form", "form", "form", FORM, {**AUTHORS_OF, "campaignId": "campaigns"}, NUMBERED,
        {**BY_DATES, "name": "ascending"}, few=True, label="Form",
    ),
    Table(
        "form-handlers", "", "", "form", FORM_HANDLER, {**AUTHORS_OF, "campaignId": "campaigns"}, NUMBERED, few=True,
        label="Form handler",
    ),
    Table(
        "form-handler-fields", "", "", "", FORM_HANDLER_FIELD,
        {"formHandlerId": "form-handlers", "createdById": "users"}, (*NUMBERED, "formHandlerId"), few=True,
        binned=False, label="Form handler field",
    ),
    Table(
        "account", "", "", "", ACCOUNT, {**AUTHORS_OF, "adminId": "users", "pluginCampaignId": "campaigns"}, few=True,
        binned=False, label="Account",
    ),
    Table(
        "emails", "email", "email", "email_send", EMAIL,
        {"createdById": "users", "prospectId": "prospects", "listEmailId": "list-emails"},
        (*NUMBERED, "prospectId", "sentAt"), binned=False, label="E-mail",
    ),
    Table(
        "list-emails", "", "", "email", LIST_EMAIL, AUTHORS_OF, (*NUMBERED, "createdAt", "updatedAt", "sentAt"),
        few=True, label="List e-mail",
    ),
    Table(
        "email-clicks", "emailClick", "emailClick", "activity", EMAIL_CLICK, {"prospectId": "prospects"}, NUMBERED,
        BY_ID_AND_DATE, binned=False, label="E-mail click",
    ),
    Table(
        "visitor-activities", "visitorActivity", "visitor_activity", "activity", VISITOR_ACTIVITY,
        {"prospectId": "prospects", "formId": "forms", "formHandlerId": "form-handlers", "listEmailId": "list-emails"},
        (*DATED, "prospectId"), {**BY_DATES, "prospect_id": "descending"}, binned=False, label="Visitor activity",
    ),
)  # fmt: skip
