"""Whatever is asked in SOQL: never a 5xx but the named 501, never an answer to what can't be asked."""

from __future__ import annotations

from functools import cache

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.dialects.salesforce.desk import Desk

FIELDS = ("Id", "LastName", "Score__c", "CreatedDate", "CloseDate", "Owner.Name", "Owner.Nope", "Nope", "Description",
          "DoNotCall", "Topics__c", "Address", "OwnerId", "COUNT(Id)", "CALENDAR_YEAR(CreatedDate)",
          "FIELDS(ALL)")  # fmt: skip
OPERATORS = ("=", "!=", "<>", "<", ">=", "LIKE", "IN", "NOT IN", "INCLUDES", "EXCLUDES", "==", "IS")
LITERALS = ("'x'", "''", "null", "5", "-1.5e3", "1e999", "true", "2026-01-01", "2026-13-40",
"2026-01-01T00:00:00Z", "TODAY",
            "LAST_N_DAYS:3", "LAST_N_DAYS:99999999", "NEXT_N_YEARS:99999", "('a','b')", "(1, null)", "()",
            "NOPE", ":x", "'\\'",
            "'%_\\\\%'", "'00Q5g0000000001AAA'", "(SELECT OwnerId FROM Account)", "(SELECT Id FROM Lead)")  # fmt: skip
CLAUSES = ("ORDER BY {f}", "ORDER BY {f} DESC NULLS LAST", "GROUP BY {f}", "LIMIT 3", "LIMIT x", "OFFSET 1",
"OFFSET 9999",
           "HAVING COUNT(Id) > 1", "ALL ROWS", "FOR VIEW", "WITH x = 'y'", "USING SCOPE mine")  # fmt: skip
OBJECTS = ("Lead", "lead", "Opportunity", "LeadHistory", "CampaignMemberStatus", "User", "Nope", "Group")


@cache
def _desk() -> Desk:
    desk = Desk()
    desk.lead(LastName="x", Score__c=5, Topics__c="A", Country="NO")
    desk.lead(LastName="y%", DoNotCall=True)
    return desk


@st.composite
def _queries(draw: st.DrawFn) -> str:
    field = st.sampled_from(FIELDS)
    parts = [f"SELECT {', '.join(draw(st.lists(field, min_size=1, max_size=3)))} FROM {draw(st.sampled_from(OBJECTS))}"]
    conditions = draw(st.lists(st.tuples(field, st.sampled_from(OPERATORS), st.sampled_from(LITERALS)), max_size=3))
    if conditions:
        word = draw(st.sampled_from((" AND ", " OR ")))
        parts.append(
            "WHERE " + word.join(f"{draw(st.sampled_from(('', 'NOT ')))}{' '.join(one)}" for one in conditions)
        )
    parts += [clause.format(f=draw(field)) for clause in draw(st.lists(st.sampled_from(CLAUSES), max_size=3))]
    return " ".join(parts)


def _check(soql: str) -> None:
    reply = _desk().send("GET", "/query", query={"q": soql})
    assert reply.status in (200, 400, 501), (soql, reply.status, reply.body)
    if reply.status == 200:
        assert set(reply.json) <= {"totalSize", "done", "records", "nextRecordsUrl"}
        assert "Nope" not in soql.replace("'Nope'", ""), soql
        assert not any(word in soql for word in ("==", " IS ", "FOR VIEW", "USING SCOPE", "LIMIT x", ":x")), soql
    else:
        assert reply.json[0]["message"]
        assert (reply.json[0]["errorCode"] == "NOT_SIMULATED") == (reply.status == 501)


@settings(max_examples=150)
@given(_queries())
@example("SELECT Id FROM Lead WHERE LastName LIKE '%%%%%%%%%%%%%%%%%%%%x%%%%%%%%%%%%%%%%%%%%%%%%y'")
@example("SELECT Id FROM Lead WHERE CreatedDate = 2026-02-30T00:00:00Z")
@example("SELECT Id FROM Lead WHERE Score__c > 1e999")
def test_queries_that_are_nearly_right(soql: str) -> None:
    """Made of the language's own words, in any combination."""
    _check(soql)


@settings(max_examples=80)
@given(st.text(st.sampled_from("SELECT FROM Lead WHERE Id='x()\n\t,.:;\"\\%é\u0000<>!123"), max_size=60))
def test_texts_that_are_no_queries(soql: str) -> None:
    """Any text at all."""
    _check(soql)


@settings(max_examples=30)
@given(st.integers(1, 400), st.sampled_from(("(", "NOT ", "(SELECT Id FROM ")))
def test_deep_queries(depth: int, opening: str) -> None:
    """Nesting of any depth is answered or refused."""
    _check("SELECT Id FROM Lead WHERE " + opening * depth + "Id = null" + ")" * depth)
