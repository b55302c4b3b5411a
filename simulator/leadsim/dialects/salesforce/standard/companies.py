"""Companies and deals: Account, Opportunity and who takes part in it."""

from __future__ import annotations

from leadsim.dialects.salesforce.standard.rows import (
    AUDIT,
    DELETED,
    ID,
    INDUSTRIES,
    NEVER,
    SEEN,
    SOURCES,
    Row,
    address,
    mergeable,
)

ACCOUNT: tuple[Row, ...] = (
    *mergeable("Account"),
    ("Name", "Account Name", "string", "255", "curn", {"part": "Name"}),
    (
        "Type", "Account Type", "picklist", "40", "cu",
        {
            "choices": (
                "Prospect", "Customer - Direct", "Customer - Channel", "Channel Partner / Reseller",
                "Installation Partner", "Technology Partner", "Other",
            ),
        },
    ),
    (
        "ParentId", "Parent Account ID", "reference", "", "cu",
        {"to": ("Account",), "via": "Parent", "children": "ChildAccounts"},
    ),
    *address("Billing"),
    *address("Shipping"),
    ("Phone", "Account Phone", "phone", "40", "cu", {}),
    ("Fax", "Account Fax", "phone", "40", "cu", {}),
    ("AccountNumber", "Account Number", "string", "40", "cu", {}),
    ("Website", "Website", "url", "255", "cu", {}),
    ("PhotoUrl", "Photo URL", "url", "255", "", NEVER),
    ("Sic", "SIC Code", "string", "20", "cu", {}),
    ("Industry", "Industry", "picklist", "40", "cu", {"choices": INDUSTRIES}),
    ("AnnualRevenue", "Annual Revenue", "currency", "18.0", "cu", {}),
    ("NumberOfEmployees", "Employees", "int", "", "cu", {}),
    ("Ownership", "Ownership", "picklist", "40", "cu", {"choices": ("Public", "Private", "Subsidiary", "Other")}),
    ("TickerSymbol", "Ticker Symbol", "string", "20", "cu", {}),
    ("Description", "Account Description", "textarea", "32000", "cu", {}),
    ("Rating", "Account Rating", "picklist", "40", "cu", {"choices": ("Hot", "Warm", "Cold")}),
    ("Site", "Account Site", "string", "80", "cu", {}),
    ("OwnerId", "Owner ID", "reference", "", "cud", {"to": ("User",), "via": "Owner", "engine": "Owner"}),
    ("AccountSource", "Account Source", "picklist", "40", "cu", {"choices": SOURCES}),
    ("SicDesc", "SIC Description", "string", "80", "cu", {}),
    *SEEN,
    *AUDIT,
)  # fmt: skip

OPPORTUNITY: tuple[Row, ...] = (
    ID,
    DELETED,
    (
        "AccountId", "Account ID", "reference", "", "cu",
        {"to": ("Account",), "via": "Account", "children": "Opportunities", "engine": "Account"},
    ),
    ("IsPrivate", "Private", "boolean", "", "cud", {}),
    ("Name", "Name", "string", "120", "curnk", {}),
    ("Description", "Description", "textarea", "32000", "cu", {}),
    (
        "StageName", "Stage", "picklist", "255", "cur",
        {
            "choices": (
                "Prospecting", "Qualification", "Needs Analysis", "Value Proposition",
                "Id. Decision Makers", "Perception Analysis", "Proposal/Price Quote", "Negotiation/Review",
                "Closed Won", "Closed Lost",
            ), "engine": "Stage",
        },
    ),
    ("Amount", "Amount", "currency", "18.2", "cu", {}),
    ("Probability", "Probability (%)", "percent", "3.0", "cud", {}),
    ("ExpectedRevenue", "Expected Amount", "currency", "18.2", "", {"computed": "expected_revenue"}),
    ("TotalOpportunityQuantity", "Quantity", "double", "18.2", "cu", {}),
    ("CloseDate", "Close Date", "date", "", "cur", {}),
    (
        "Type", "Opportunity Type", "picklist", "255", "cu",
        {
            "choices": (
                "Existing Customer - Upgrade", "Existing Customer - Replacement",
                "Existing Customer - Downgrade", "New Customer",
            ),
        },
    ),
    ("NextStep", "Next Step", "string", "255", "cu", {}),
    ("LeadSource", "Lead Source", "picklist", "255", "cu", {"choices": SOURCES}),
    ("IsClosed", "Closed", "boolean", "", "d", {}),
    ("IsWon", "Won", "boolean", "", "d", {}),
    (
        "ForecastCategory", "Forecast Category", "picklist", "40", "",
        {
            "choices": (
                "Omitted", "Pipeline", "BestCase", "MostLikely", "Forecast", "Closed",
            ), "restricted": True, "computed": "forecast",
        },
    ),
    (
        "ForecastCategoryName", "Forecast Category", "picklist", "255", "cud",
        {
            "choices": (
                "Omitted", "Pipeline", "Best Case", "Commit", "Closed",
            ), "restricted": True, "computed": "forecast_name",
        },
    ),
    (
        "CampaignId", "Campaign ID", "reference", "", "cu",
        {"to": ("Campaign",), "via": "Campaign", "children": "Opportunities", "engine": "Campaign"},
    ),
    ("OwnerId", "Owner ID", "reference", "", "cud", {"to": ("User",), "via": "Owner", "engine": "Owner"}),
    ("FiscalQuarter", "Fiscal Quarter", "int", "", "", {"part": "Fiscal", "computed": "fiscal_quarter"}),
    ("FiscalYear", "Fiscal Year", "int", "", "", {"part": "Fiscal", "computed": "fiscal_year"}),
    ("Fiscal", "Fiscal Period", "string", "6", "", {"computed": "fiscal"}),
    (
        "ContactId", "Contact ID", "reference", "", "c",
        {"to": ("Contact",), "children": "Opportunities", "engine": "Contact"},
    ),
    *SEEN,
    *AUDIT,
)  # fmt: skip

OPPORTUNITY_CONTACT_ROLE: tuple[Row, ...] = (
    ID,
    DELETED,
    ("OpportunityId", "Opportunity ID", "reference", "", "cr", {"to": ("Opportunity",), "via": "Opportunity"}),
    ("ContactId", "Contact ID", "reference", "", "cur", {"to": ("Contact",), "via": "Contact"}),
    (
        "Role", "Role", "picklist", "40", "cu",
        {
            "choices": (
                "Business User", "Decision Maker", "Economic Buyer", "Economic Decision Maker",
                "Evaluator", "Executive Sponsor", "Influencer", "Technical Buyer", "Other",
            ),
        },
    ),
    ("IsPrimary", "Primary", "boolean", "", "cud", {}),
    *AUDIT,
)  # fmt: skip
