"""SOQL over REST: what queries find, and how they are refused."""

from __future__ import annotations

import pytest

from tests.dialects.salesforce.desk import Desk


@pytest.fixture(scope="module")
def desk() -> Desk:
    """An org with a few leads, accounts, contacts and deals; these tests only read."""
    desk = Desk()
    acme = desk.make("Account", Name="Acme", Number__c="A-1", Industry="Energy")
    zeta = desk.make("Account", Name="zeta", Number__c="A-2")
    desk.make("Contact", LastName="Berg", FirstName="Ann", AccountId=acme, Email="ann@acme.example")
    desk.make("Contact", LastName="Lund", AccountId=acme, Birthdate="1980-02-29")
    for number, (name, amount) in enumerate([("Small", 100.5), ("Big", 9000), ("None", None)]):
        desk.make("Opportunity", Name=name, AccountId=acme if number < 2 else zeta, StageName="Prospecting",
                  CloseDate=f"2026-0{number + 3}-15", Amount=amount)  # fmt: skip
    desk.lead(LastName="Alpha", Country="NO", Score__c=10, Topics__c="A;B", Email="alpha@lead.example", Tier__c="Gold")
    desk.lead(LastName="beta", Country="SE", Score__c=2, Topics__c="C", Description="long text")
    desk.lead(LastName="Gamma_1", Score__c=33, DoNotCall=True)
    return desk


WHERE = {
    "LastName = 'ALPHA'": ["Alpha"],
    "LastName != 'alpha'": ["beta", "Gamma_1"],
    "LastName > 'alpha'": ["beta", "Gamma_1"],
    "Score__c >= 10": ["Alpha", "Gamma_1"],
    "Score__c < 10.5": ["Alpha", "beta"],
    "Score__c IN (2, 33)": ["beta", "Gamma_1"],
    "Score__c NOT IN (2, 33)": ["Alpha"],
    "Country = null": ["Gamma_1"],
    "Country != NULL": ["Alpha", "beta"],
    "Country = ''": ["Gamma_1"],
    "Country != 'NO'": ["beta", "Gamma_1"],
    "NOT Country = 'NO'": ["beta", "Gamma_1"],
    "Country IN ('NO', null)": ["Alpha", "Gamma_1"],
    "LastName LIKE 'a%'": ["Alpha"],
    "LastName LIKE '%ta'": ["beta"],
    "LastName LIKE '_eta'": ["beta"],
    "LastName LIKE 'Gamma\\_1'": ["Gamma_1"],
    "LastName LIKE 'Gamma__'": ["Gamma_1"],
    "(NOT LastName LIKE 'a%')": ["beta", "Gamma_1"],
    "Topics__c INCLUDES ('A;B', 'C')": ["Alpha", "beta"],
    "Topics__c INCLUDES ('A')": ["Alpha"],
    "Topics__c EXCLUDES ('A')": ["beta", "Gamma_1"],
    "Topics__c = 'B;A'": ["Alpha"],
    "DoNotCall = true": ["Gamma_1"],
    "DoNotCall = false": ["Alpha", "beta"],
    "IsConverted = false AND (Score__c = 2 OR Score__c = 10)": ["Alpha", "beta"],
    "CreatedDate = TODAY": ["Alpha", "beta", "Gamma_1"],
    "CreatedDate = YESTERDAY": [],
    "CreatedDate >= LAST_N_DAYS:3": ["Alpha", "beta", "Gamma_1"],
    "CreatedDate > 2026-03-02T00:00:00Z": ["Alpha", "beta", "Gamma_1"],
    "CreatedDate < 2026-03-02T10:00:00+01:00": [],
    "CALENDAR_YEAR(CreatedDate) = 2026": ["Alpha", "beta", "Gamma_1"],
    "Owner.Username = 'kari.c'": ["Alpha"],
    "Owner.Name LIKE 'sy%'": ["beta", "Gamma_1"],
    "CreatedBy.Username = 'sync' AND Email != null": ["Alpha"],
    "Tier__c = 'gold'": ["Alpha"],
    "Name = 'Gamma_1'": ["Gamma_1"],
}


@pytest.mark.parametrize(("where", "names"), WHERE.items(), ids=WHERE.keys())
def test_where(desk: Desk, where: str, names: list[str]) -> None:
    """Each operator, each type, blanks, letter case, date literals, relationships."""
    assert desk.values(f"SELECT LastName FROM Lead WHERE {where} ORDER BY LastName") == names


ORDER = {
    "LastName": ["Alpha", "beta", "Gamma_1"],
    "LastName DESC": ["Gamma_1", "beta", "Alpha"],
    "Score__c": ["beta", "Alpha", "Gamma_1"],
    "Country": ["Gamma_1", "Alpha", "beta"],
    "Country NULLS LAST": ["Alpha", "beta", "Gamma_1"],
    "Country DESC": ["Gamma_1", "beta", "Alpha"],
    "Country DESC NULLS LAST": ["beta", "Alpha", "Gamma_1"],
    "Owner.Name, LastName DESC": ["Alpha", "Gamma_1", "beta"],
    "LastName LIMIT 1": ["Alpha"],
    "LastName LIMIT 1 OFFSET 1": ["beta"],
}


@pytest.mark.parametrize(("order", "names"), ORDER.items(), ids=ORDER.keys())
def test_order(desk: Desk, order: str, names: list[str]) -> None:
    """Directions, blanks first unless said otherwise, limits and offsets."""
    assert desk.values(f"SELECT LastName FROM Lead ORDER BY {order}") == names


def test_children_and_parents(desk: Desk) -> None:
    """Relationships down, with a condition and an order of their own, and up."""
    accounts = desk.rows(
        "select name, (select LastName, Account.Name from Contacts order by LastName desc), "
        "(SELECT Id FROM Opportunities WHERE Amount > 5000) from account ORDER BY Name"
    )
    assert [one["LastName"] for one in accounts[0]["Contacts"]["records"]] == ["Lund", "Berg"]
    assert accounts[0]["Contacts"]["records"][0]["Account"]["Name"] == "Acme"
    assert accounts[0]["Opportunities"]["totalSize"] == 1
    assert (accounts[1]["Contacts"], accounts[1]["Opportunities"]) == (None, None)
    assert desk.values("SELECT Name FROM Opportunity WHERE Account.Industry = 'Energy' ORDER BY Amount") == [
        "Small",
        "Big",
    ]


def test_semi_joins(desk: Desk) -> None:
    """IN and NOT IN a query."""
    with_contacts = "SELECT Name FROM Account WHERE Id {} (SELECT AccountId FROM Contact WHERE LastName != 'x')"
    assert desk.values(with_contacts.format("IN")) == ["Acme"]
    assert desk.values(with_contacts.format("NOT IN")) == ["zeta"]


def test_groups(desk: Desk) -> None:
    """Aggregates, with and without groups, aliases, HAVING, order."""
    [row] = desk.rows("SELECT COUNT(Id), SUM(Amount), MIN(CloseDate) first, AVG(Amount) FROM Opportunity")
    assert row == {"expr0": 3, "expr1": 9100.5, "first": "2026-03-15", "expr2": 4550.25}
    groups = desk.rows("SELECT Account.Name, COUNT(Id) n FROM Opportunity GROUP BY Account.Name HAVING COUNT(Id) > 1")
    assert groups == [{"Name": "Acme", "n": 2}]
    months = desk.rows(
        "SELECT CALENDAR_MONTH(CloseDate) m, COUNT(Id) FROM Opportunity GROUP BY CALENDAR_MONTH(CloseDate) ORDER BY "
        "CALENDAR_MONTH(CloseDate) DESC"
    )
    assert months == [{"m": 5, "expr0": 1}, {"m": 4, "expr0": 1}, {"m": 3, "expr0": 1}]
    assert desk.query("SELECT COUNT() FROM Lead WHERE Score__c > 5") == {"totalSize": 2, "done": True, "records": []}
    assert desk.rows("SELECT COUNT_DISTINCT(Country) c FROM Lead") == [{"c": 2}]


def test_fields_function(desk: Desk) -> None:
    """FIELDS(ALL) needs a limit, FIELDS(CUSTOM) gives the org's own fields."""
    [row] = desk.rows("SELECT FIELDS(CUSTOM) FROM Lead WHERE LastName = 'alpha' LIMIT 200")
    assert row == {"Score__c": 10.0, "Key__c": None, "Loose__c": None, "Topics__c": "A;B", "Tier__c": "Gold"}
    assert len(desk.rows("SELECT FIELDS(ALL) FROM Lead LIMIT 1")[0]) > 40
    assert desk.refused("SELECT FIELDS(ALL) FROM Lead")[0] == "MALFORMED_QUERY"


LOOK = "Please reference your WSDL or the describe call for the appropriate names."
REFUSED = {
    "SELECT Id, FROM Account": (
        "MALFORMED_QUERY",
        "\nSELECT Id, FROM Account\n          ^\nERROR at Row:1:Column:11\nunexpected token: 'FROM'",
    ),
    "SELECT Id, Foo FROM User": (
        "INVALID_FIELD",
        (
            "\nSELECT Id, Foo FROM User\n           ^\nERROR at Row:1:Column:12\nNo such column 'Foo' on entity "
            "'User'. If you "
            f"are attempting to use a custom field, be sure to append the '__c' after the custom field name. {LOOK}"
        ),
    ),
    "SELECT Id,Invalid__x FROM Contact LIMIT 1": (
        "INVALID_FIELD",
        (
            "\nSELECT Id,Invalid__x FROM Contact LIMIT 1\n          ^\nERROR at Row:1:Column:11\nNo such column "
            "'Invalid__x' on entity 'Contact'. If you are attempting to use a custom field, be sure to append "
            f"the '__c' after the custom field name. {LOOK}"
        ),
    ),
    "SELECT Id FROM Accountz LIMIT 2": (
        "INVALID_TYPE",
        (
            "\nSELECT Id FROM Accountz LIMIT 2\n               ^\nERROR at Row:1:Column:16\nsObject type 'Accountz' is "
            f"not supported. If you are attempting to use a custom object, be sure to append the '__c' after the "
            f"entity name. {LOOK}"
        ),
    ),
    "SELECT Id, Name, HG_Insights__HG_Match_Status__c, From Account LIMIT 10": (
        "MALFORMED_QUERY",
        (
            "\nHG_Insights__HG_Match_Status__c, From Account LIMIT 10\n                                ^\n"
            "ERROR at Row:1:Column:50\nunexpected token: 'From'"
        ),
    ),
    "SELECT Id\nFROM Nope__c": (
        "INVALID_TYPE",
        (
            "\nFROM Nope__c\n     ^\nERROR at Row:2:Column:6\nsObject type 'Nope__c' is not supported. If you are "
            "attempting to "
            f"use a custom object, be sure to append the '__c' after the entity name. {LOOK}"
        ),
    ),
}


@pytest.mark.parametrize(("soql", "refusal"), REFUSED.items(), ids=REFUSED.keys())
def test_recorded_refusals(desk: Desk, soql: str, refusal: tuple[str, str]) -> None:
    """Answers as real orgs gave them, to the letter: clients read names out of them."""
    assert desk.refused(soql) == refusal


CODES = {
    "SELECT Id FROM Lead WHERE": "MALFORMED_QUERY",
    "SELECT Id FROM Lead WHERE A = 'x' AND B = 'y' OR C = 'z'": "MALFORMED_QUERY",
    "SELECT Id FROM Lead WHERE LastName = 'O'Brien'": "MALFORMED_QUERY",
    "SELECT LastName n FROM Lead": "MALFORMED_QUERY",
    "SELECT Id, COUNT(LastName) FROM Lead": "MALFORMED_QUERY",
    "SELECT Id, Id FROM Lead": "INVALID_FIELD",
    "SELECT Id FROM Lead WHERE Score__c = 'x'": "INVALID_FIELD",
    "SELECT Id FROM Lead WHERE LastName = 5": "INVALID_FIELD",
    "SELECT Id FROM Lead WHERE CreatedDate = '2026-01-01'": "INVALID_FIELD",
    "SELECT Id FROM Lead WHERE CreatedDate = 2026-01-01": "INVALID_FIELD",
    "SELECT Id FROM Lead WHERE CreatedDate = SOMEDAY": "INVALID_FIELD",
    "SELECT Id FROM Lead WHERE Id = 'abc'": "INVALID_QUERY_FILTER_OPERATOR",
    "SELECT Id FROM Lead WHERE Id LIKE '00Q%'": "INVALID_QUERY_FILTER_OPERATOR",
    "SELECT Id FROM Lead WHERE DoNotCall > true": "INVALID_QUERY_FILTER_OPERATOR",
    "SELECT Id FROM Lead WHERE Description = 'x'": "INVALID_FIELD",
    "SELECT Id FROM Lead ORDER BY Description": "INVALID_FIELD",
    "SELECT Description FROM Lead GROUP BY Description": "INVALID_FIELD",
    "SELECT SUM(LastName) FROM Lead": "INVALID_FIELD",
    "SELECT Foo.Name FROM Lead": "INVALID_FIELD",
    "SELECT Owner.Nope FROM Lead": "INVALID_FIELD",
    "SELECT Id, (SELECT Id FROM Nopes) FROM Lead": "INVALID_TYPE",
    "SELECT Id FROM Lead LIMIT 5 OFFSET 2001": "NUMBER_OUTSIDE_VALID_RANGE",
    "SELECT Id FROM Account WHERE Id IN (SELECT Id FROM Contact)": "MALFORMED_QUERY",
    "SELECT Id FROM Account WHERE Name = 'x' OR Id IN (SELECT AccountId FROM Contact)": "MALFORMED_QUERY",
    "SELECT Id FROM Lead WHERE CreatedDate = LAST_N_YEARS:99999": "INVALID_FIELD",
    "": "MALFORMED_QUERY",
    "SELECT TYPEOF Owner FROM Lead": "NOT_SIMULATED",
    "SELECT Id FROM Lead USING SCOPE mine": "NOT_SIMULATED",
    "SELECT Id FROM Lead FOR VIEW": "NOT_SIMULATED",
    "SELECT Id FROM Lead WITH SECURITY_ENFORCED": "NOT_SIMULATED",
    "SELECT convertCurrency(AnnualRevenue) FROM Lead": "NOT_SIMULATED",
    "SELECT Country FROM Lead GROUP BY ROLLUP(Country)": "NOT_SIMULATED",
}


@pytest.mark.parametrize(("soql", "code"), CODES.items(), ids=CODES.keys())
def test_refusals(desk: Desk, soql: str, code: str) -> None:
    """What can't be run is refused by the vendor's code, or by name; nothing is ignored."""
    assert desk.refused(soql)[0] == code


def test_setup_objects(desk: Desk) -> None:
    """What connectors ask of an org beside its records."""
    assert desk.values("SELECT CreatedDate FROM Organization") == ["2026-03-02T09:00:00.000+0000"]
    assert "Closed - Converted" in desk.values("SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true")
    assert desk.values("SELECT MasterLabel FROM OpportunityStage WHERE IsWon = true") == ["Closed Won"]
    statuses = (
        "SELECT Label, HasResponded FROM CampaignMemberStatus WHERE Campaign.Name = 'Spring test' ORDER BY SortOrder"
    )
    assert desk.rows(statuses) == [
        {"Label": "Sent", "HasResponded": False},
        {"Label": "Responded", "HasResponded": True},
    ]
    assert desk.values("SELECT Name FROM Group WHERE Type = 'Queue'") == ["inbound"]
    assert desk.values("SELECT Queue.Name FROM QueueSobject WHERE SobjectType = 'Lead'")[0]["Name"] == "inbound"
    assert desk.values("SELECT SobjectType FROM AssignmentRule WHERE Active = true") == ["Lead"]


def test_paging(desk: Desk) -> None:
    """A page of the size that was asked for, then the rest; a page that was not given is refused."""
    own = Desk()
    for start in range(0, 450, 150):
        records = [
            {"attributes": {"type": "Lead"}, "LastName": f"L{n:03d}", "Company": "A"} for n in range(start, start + 150)
        ]
        assert own.send("POST", "/composite/sobjects", {"records": records}).status == 200
    first = own.query("SELECT LastName FROM Lead ORDER BY LastName", headers={"Sforce-Query-Options": "batchSize=200"})
    assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)
    url = first["nextRecordsUrl"].removeprefix("/services/data/v59.0")
    names = [one["LastName"] for one in first["records"]]
    while url:
        page = own.send("GET", url, headers={"Sforce-Query-Options": "batchSize=200"}).json
        names += [one["LastName"] for one in page["records"]]
        url = page.get("nextRecordsUrl", "").removeprefix("/services/data/v59.0")
    assert names == [f"L{n:03d}" for n in range(450)]
    assert own.send("GET", "/query/01gxx0000000000AAA-200").json[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_ids_differ_by_the_case_of_a_letter(desk: Desk) -> None:
    """Order and comparison of ids agree, so a query can go on behind the last id of a page; and an id is equal to
    itself alone. Among a hundred records, ids differ in nothing but the case of one letter."""
    leads = [desk.lead() for _ in range(100)]
    assert len({id.casefold()[:15] for id in leads}) < 100, "the records are too few to show it"
    seen, last = [], ""
    while True:
        where = f"WHERE Id > '{last}'" if last else ""
        page = [row["Id"] for row in desk.query(f"SELECT Id FROM Lead {where} ORDER BY Id LIMIT 7")["records"]]
        seen += page
        if len(page) < 7:
            break
        last = page[-1]
    assert [id for id in seen if id in leads] == sorted(leads)
    for id in leads[:70]:
        assert [row["Id"] for row in desk.query(f"SELECT Id FROM Lead WHERE Id = '{id}'")["records"]] == [id]
        assert [row["Id"] for row in desk.query(f"SELECT Id FROM Lead WHERE Id IN ('{id}')")["records"]] == [id]
