"""Where people and secrets could hide from redaction: each place that a reader found once, and its neighbours."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadproof.cases.har import Recorded
from leadproof.cases.redaction import Pseudonyms, Redactor
from leadproof.cases.redaction.bodies import changed
from leadproof.transports.exchange import Exchange
from leadproof.transports.protocol import Request, Response, TransportFailed

KEY = b"holes are mended by this key, and by no other"
JSON = {"content-type": "application/json"}
CSV = {"content-type": "text/csv"}
XML = {"content-type": "text/xml"}
TEXT = {"content-type": "text/plain"}
ORIGIN = "https://crm.example"


def sent(
    body: bytes = b"",
    headers: Mapping[str, str] = JSON,
    query: tuple[tuple[str, str], ...] = (),
    origin: str = ORIGIN,
    path: str = "/services/data/v60.0/sobjects/Lead",
) -> Recorded:
    return Recorded(Exchange(Request("POST", path, query, dict(headers), body), Response(200, JSON, b"{}")), origin)


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


KNOWN = (
    sent(as_json({"Description": "wrote: password token"})),
    sent(as_json({"FirstName": "Annelise", "LastName": "Zwyrtek", "Phone": "+47 22 14 35 56"})),
    sent(as_json({"LastName": "李伟", "FirstName": "Åselill", "MobilePhone": "41 23 98 76"})),
    sent(as_json({"FirstName": "Bo", "LastName": "Ng", "ip_address": "84.211.3.77"})),
)


def redacted(one: Recorded, *before: Recorded) -> Recorded:
    """The exchange as it is written, after people of other exchanges are known."""
    redactor = Redactor(Pseudonyms(KEY))
    redactor.learn([*KNOWN, *before, one])
    return redactor.redacted(one)


def written(one: Recorded) -> str:
    """All that the redacted exchange says; UTF-16 read as such."""
    told = redacted(one)
    body = told.request.body
    plain = body.decode("utf-16") if body[:2] == b"\xff\xfe" else body.replace(b"\0", b"").decode("utf-8", "replace")
    answer = told.response.body.decode() if told.response is not None else str(told.exchange.failure)
    return "\n".join((told.origin, told.request.path, repr(told.request.query), plain, answer))


def part(head: str, content: str) -> bytes:
    return f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n--b--\r\n".encode()


def soql(where: str, table: str = "Lead") -> Recorded:
    return sent(query=(("q", f"SELECT Id FROM {table} WHERE {where}"),), path="/services/data/v60.0/query")


MULTIPART = {"content-type": "multipart/form-data; boundary=b"}
RECORD = '<sObjects xsi:type="urn:Lead"><Name>Quentia Wobbel</Name></sObjects>'
TYPED = "<r><sf:type>Contact</sf:type><sf:Name>Quentia Wobbel</sf:Name></r>"
SPOKEN = ("letmein2024", "HunterSecretWord", "A1B2C3", "Zx9-Qw8", "abcdefghijklmnop", "HUNTER_SECRET_WORD", "ABC123")
HIDING = {
    "numbers that are secrets": (
        sent(as_json({"otp": 918273, "deep": [{"pin": 77123}], "access_token": 123456789012, "code": 605544})),
        ("918273", "77123", "123456789012", "605544"),
    ),
    "a code of OAuth": (
        sent(as_json({"code": "aPrxsmIEeqM9.uW4", "key": "4f0c61ad9b2e"}), query=(("code", "x7Zq81kLmmP0"),)),
        ("aprxsmieeqm9", "4f0c61ad9b2e", "x7zq81klmmp0"),
    ),
    "short and spoken secrets under a code's name": (
        sent(as_json([{"code": one} for one in SPOKEN])), tuple(one.lower() for one in SPOKEN),
    ),
    "short and spoken secrets under a key's name": (
        sent(as_json([{"key": one} for one in SPOKEN])), tuple(one.lower() for one in SPOKEN),
    ),
    "a short code and key in a query": (
        sent(query=(("code", "A1B2C3"), ("key", "letmein2024"))), ("a1b2c3", "letmein2024"),
    ),
    "what would be an error's code, in a query": (sent(query=(("code", "REF702"),)), ("ref702",)),
    "what would be an error's code, in a form": (
        sent(b"state=1&code=INVALID_FIELD", {"content-type": "application/x-www-form-urlencoded"}),
        ("invalid_field",),
    ),
    "a secret below its name": (sent(as_json({"password": {"value": "hunter2secret"}})), ("hunter2secret",)),
    "an address as key": (sent(as_json({"anneq@kunde.com": {"status": "x"}})), ("anneq", "kunde")),
    "a name as key": (sent(as_json({"Zwyrtek": {"status": "x"}})), ("zwyrtek",)),
    "a phone as key": (sent(as_json({"+47 41 55 66 77": 1})), ("55 66",)),
    "a query's key": (sent(query=(("anneq@kunde.com", "1"),)), ("anneq", "kunde")),
    "a form's key": (
        sent(b"Zwyrtek=1", {"content-type": "application/x-www-form-urlencoded"}), ("zwyrtek",),
    ),
    "a comment": (
        sent(b"<a><!-- Zwyrtek a.b@kunde.com password=hunter2secret <LastName>Wobbel</LastName> --><b>1</b></a>", XML),
        ("zwyrtek", "kunde", "hunter2secret", "wobbel"),
    ),
    "an instruction": (sent(b"<?app user='Zwyrtek'?><a/>", XML), ("zwyrtek",)),
    "a document type": (sent(b'<!DOCTYPE a [<!ENTITY n "Zwyrtek">]><a>&n;</a>', XML), ("zwyrtek",)),
    "character data with an angle": (sent(b"<LastName><![CDATA[Wob > Quentia]]></LastName>", XML), ("wob", "quentia")),
    "a file's name": (sent(part('name="file"; filename="Zwyrtek anneq@kunde.com.txt"', "x"), MULTIPART),
                      ("zwyrtek", "anneq", "kunde")),
    "a table of no names": (sent(b"Zwyrtek,anneq@kunde.com\nWobbel,q@kunde.com\n", CSV),
                            ("zwyrtek", "kunde", "wobbel")),
    "phone_number": (sent(as_json({"phone_number": "22 98 76 54", "mobileNumber": "98765432", "PhoneNo": 41556677})),
                     ("98 76", "98765432", "41556677")),
    "ids of people": (
        sent(as_json({"tax_id": "NO998877665", "ssn_number": "01017012345", "Facebook_ID__c": "wobbelface",
                      "national_id": "01017012399", "passport_number": "P99887766", "vat_number": "DE136695976"})),
        ("998877665", "01017012345", "wobbelface", "01017012399", "p99887766", "136695976"),
    ),
    "a customer's origin": (sent(origin="https://wobbelcorp.my.salesforce.com"), ("wobbelcorp",)),
    "a customer's own host": (sent(as_json({"next": "see crm.wobbel-verk.no/x"}), origin="https://crm.wobbel-verk.no"),
                              ("wobbel", "verk")),
    "instance_url": (sent(as_json({"instance_url": "https://wobbelcorp--uat.my.salesforce.com"})), ("wobbelcorp",)),
    "HubSpot's fields": (
        sent(as_json({"fields": [{"name": "firstname", "value": "Quentia"}, {"name": "phone", "value": "22987654"}]})),
        ("quentia", "22987654"),
    ),
    "HubSpot's properties": (sent(as_json({"properties": {"lastname": {"value": "Wobbel"}}})), ("wobbel",)),
    "SugarCRM's lists": (sent(as_json({"name_value_list": {"last_name": {"name": "last_name", "value": "Wobbel"}}})),
                         ("wobbel",)),
    "columns and rows": (sent(as_json({"columns": ["Id", "LastName"], "rows": [["1", "Wobbel"]]})), ("wobbel",)),
    "a SOAP record's name": (sent(f"<e>{RECORD}</e>".encode(), XML), ("quentia", "wobbel")),
    "a SOAP record told by its type": (sent(TYPED.encode(), XML), ("quentia", "wobbel")),
    "Name in SOQL": (soql("Name = 'Quentia Wobbel'"), ("quentia", "wobbel")),
    "a relation's name in SOQL": (soql("Owner.Name LIKE '%Wobbel%'", "Case"), ("wobbel",)),
    "a day in SOQL": (soql("Birthdate = 1960-02-11 LIMIT 1"), ("1960-02-11",)),
    "SOSL": (sent(query=(("q", "FIND {Wobbel* OR Quentia} IN ALL FIELDS RETURNING Lead"),)), ("wobbel", "quentia")),
    "a parameterised search": (sent(query=(("q", "Wobbel"),), path="/services/data/v60.0/parameterizedSearch/"),
                               ("wobbel",)),
    "a Chinese name in a sentence": (sent("您好李伟先生".encode(), TEXT), ("李伟",)),
    "a Chinese name alone": (sent(as_json({"t": "李伟"})), ("李伟",)),
    "two letters": (sent(as_json({"t": "Dear Bo Ng, Bo!"})), ("bo ng", "bo!")),
    "accents apart": (sent(as_json({"t": unicodedata.normalize("NFD", "Dear Åselill")})), ("selill",)),
    "a national phone": (sent(as_json({"t": "call 22 14 35 56 now"})), ("22 14 35 56",)),
    "a national phone in one": (sent(as_json({"t": "call 22143556 now, or 41239876"})), ("22143556", "41239876")),
    "a national phone with a trunk zero": (sent(as_json({"t": "call 022-143556"})), ("143556",)),
    "UTF-16 with a mark": (sent(json.dumps({"LastName": "Wobbel"}).encode("utf-16")), ("wobbel",)),
    "UTF-16 without": (sent("Dear Zwyrtek".encode("utf-16-le"), TEXT), ("zwyrtek",)),
    "UTF-8 with a mark": (sent(b'\xef\xbb\xbf{"LastName": "Wobbel"}', TEXT), ("wobbel",)),
    "Latin-1": (sent('{"LastName": "Wöbbel"}'.encode("latin-1")), ("bbel",)),
    "NDJSON": (sent(b'{"LastName":"Wobbel"}\n{"LastName":"Quentia"}\n', {"content-type": "application/x-ndjson"}),
               ("wobbel", "quentia")),
    "JSONP": (sent(b'callback({"LastName":"Wobbel"})', {"content-type": "application/javascript"}), ("wobbel",)),
    "YAML": (sent(b"LastName: Wobbel\npassword: hunter2secret\n", {"content-type": "application/yaml"}),
             ("wobbel", "hunter2secret")),
    "a visitor's address": (sent(as_json({"sourceIp": "84.211.3.77", "t": "from 84.211.3.77.", "ip": "2a01:79c::7"})),
                            ("84.211.3.77", "2a01:79c::7")),
    "where somebody is": (sent(as_json({"Latitude": 59.91273, "Longitude": 10.74609})), ("91273", "74609")),
    "a name in a compound": (
        sent(as_json({"t": "Die Zwyrtekgruppe, xZwyrtek, ZWYRTEKS, zwyrtek-bo, user_zwyrtek, at www.zwyrtek24.no"})),
        ("zwyrtek",),
    ),
    "two names in one word": (sent(as_json({"t": "annelisezwyrtek"})), ("annelise", "zwyrtek")),
    "a compound as key": (sent(as_json({"Zwyrtekgruppe": 1})), ("zwyrtek",)),
    "a compound in a path": (sent(path="/x/Zwyrtekgruppe/token"), ("zwyrtek",)),
    "a title": (sent(as_json({"attributes": {"type": "Lead"}, "Title": "Wobbelmaster"})), ("wobbelmaster",)),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HIDING))
def test_nothing_hides_in(name: str) -> None:
    """None of the planted texts is in the redacted exchange."""
    one, planted = HIDING[name]
    told = written(one).lower()
    assert [text for text in planted if text in told] == []


@pytest.mark.parametrize("delimiter", list(",;\t|^`"))
def test_a_table_with_any_delimiter(delimiter: str) -> None:
    """The six of Bulk API 2.0: the cells are replaced, the names of the columns and the delimiter stay."""
    rows = [["Id", "LastName", "LeadSource"], ["00Q1", "Wobbel", "Web"]]
    told = redacted(sent("\n".join(map(delimiter.join, rows)).encode(), CSV)).request.body.decode().splitlines()
    assert told[0] == delimiter.join(rows[0])
    first, name, source = told[1].split(delimiter)
    assert (first, source, len(name)) == ("00Q1", "Web", 6)
    assert name != "Wobbel"


def test_a_failure_says_nothing_about_people() -> None:
    """The kind of a failure stays; its detail, which may name hosts and people, does not."""
    failed = TransportFailed("reset", "could not reach Zwyrtek at anneq@kunde.com")
    told = redacted(Recorded(Exchange(Request("GET", "/x", (), {}, b""), failure=failed), ORIGIN)).exchange.failure
    assert told is not None
    assert (told.kind, told.definite) == (failed.kind, failed.definite)
    assert "Zwyrtek" not in str(told)
    assert "kunde" not in str(told)


STAYS = {
    "errors' codes": {
        "errors": [
            {"code": "REF702"},
            {"code": "DUPLICATES_DETECTED"},
            {"code": "0x80040333"},
            {"code": "ERR_API_2_UNKNOWN"},
            {"code": "REQUEST_LIMIT_EXCEEDED"},
            {"code": "invalid_grant"},
            {"code": "slow_down"},
            {"code": "InvalidFieldValue"},
            {"code": "-32600"},
            {"code": "timeout"},
        ]
    },
    "keys that are fields": [{"key": "email"}, {"key": "LegacyId__c"}, {"key": "first_name"}, {"key": "MobilePhone"}],
    "an error's number": {"code": 109, "message": "too many"},
    "names of fields": {"fields": [{"name": "lastname", "value": ""}, {"name": "status", "value": "open"}]},
    "campaigns": {"object": "Campaign", "title": "Spring", "name": "Autumn"},
    "ids of records": {"user_id": 7, "account_id": "001xx", "has_phone_number": True, "phone_type": "mobile"},
    "vendors' hosts": {"a": "https://login.salesforce.com/x", "b": "https://pi.pardot.com/api", "c": "www.pardot.com"},
    "allowed ranges": {"ip_range": "84.211.0.0", "ip": "10.20.0.7"},
    "words that begin and end like names, and ids": {"t": "bolt along 00QAnnelise00000MAA", "id": "a1ZwyrtekB2c3D4"},
    "words of interfaces that stand in a comment": {"grant_type": "password", "t": "POST /oauth/token"},
    "small words": {"t": "bo is no name here; 12 34 56 78 is no phone"},
}


@pytest.mark.parametrize("name", sorted(STAYS))
def test_what_is_about_nobody_stays(name: str) -> None:
    """What a replay needs and no person is in."""
    assert json.loads(redacted(sent(as_json(STAYS[name]))).request.body) == STAYS[name]


def test_numbers_stay_numbers_and_encodings_stay() -> None:
    """A coordinate is a JSON number of the same degrees, a UTF-16 body is UTF-16, an address is a public address."""
    told = json.loads(redacted(sent(as_json({"Latitude": 59.91273, "Phone": 41556677}))).request.body)
    assert isinstance(told["Latitude"], float)
    assert int(told["Latitude"]) == 59
    wide = redacted(sent(json.dumps({"LastName": "Wobbel"}).encode("utf-16"))).request.body
    assert len(json.loads(wide.decode("utf-16"))["LastName"]) == 6


def test_one_number_is_one_number_in_every_spelling() -> None:
    """The national spelling of a number that is known with its country has the same pseudonym's digits."""
    one = sent(as_json({"Phone": "+4722143556", "t": "call 22 14 35 56", "HomePhone": "22143556"}))
    told = json.loads(redacted(one).request.body)
    assert told["Phone"].startswith("+47")
    assert told["t"].removeprefix("call ").replace(" ", "") == told["HomePhone"] == told["Phone"][3:]


def test_one_host_is_one_host() -> None:
    """An origin, a link to it and its name in a text stay the same host, below the vendor's own."""
    one = sent(
        as_json({"instance_url": "https://wobbel-as.my.salesforce.com", "t": "at wobbel-as.my.salesforce.com."}),
        origin="https://wobbel-as.my.salesforce.com",
    )
    told = redacted(one)
    host = urlsplit(told.origin).hostname or ""
    assert host.endswith(".my.salesforce.com")
    assert "wobbel" not in host
    body = json.loads(told.request.body)
    assert (body["instance_url"], body["t"]) == (told.origin, f"at {host}.")


def test_another_reader_with_the_key_knows_all_of_it_again() -> None:
    """The vocabulary of a case carries short names, Chinese ones and numbers, and tells none of them."""
    first = Redactor(Pseudonyms(KEY))
    first.learn(KNOWN)
    vocabulary = first.vocabulary()
    second = Redactor(Pseudonyms(KEY))
    second.know_pseudonyms(vocabulary)
    text = "您好李伟先生, Bo Ng and Zwyrtek of the Zwyrtekgruppe and AnneliseZwyrtek, call 22 14 35 56 or 41239876"
    assert second.text(text) == first.text(text)
    held = " ".join(vocabulary).lower()
    assert [one for one in ("zwyrtek", "李伟", "22143556", "41239876", "bo ") if one in held] == []


@given(st.binary(max_size=200), st.sampled_from(["text/csv", "text/xml", "application/json", "text/plain", ""]))
def test_a_body_that_nobody_changes_is_read_without_harm(body: bytes, mime: str) -> None:
    """Whatever the bytes are: no error, and a visitor that changes nothing leaves text as it is."""
    told = changed(body, mime, lambda name, text, people: text)
    assert mime in ("text/csv", "application/json", "") or told == body


@pytest.mark.parametrize("piece", ["<!--", "<![CDATA[", "<?", "<!DOCTYPE [", "<a ", "12 34 ", "a.b.", "李", "'= "])
def test_twice_the_text_takes_about_twice_the_work(piece: str) -> None:
    """Hostile repetitions of what patterns begin with: the leaves visited grow with the text, and all is read."""
    visited: list[int] = []
    for count in (2_000, 4_000):
        seen: list[str] = []
        redactor = Redactor(Pseudonyms(KEY))
        redactor.learn(KNOWN)
        redactor.redacted(sent((piece * count).encode(), XML if piece[0] == "<" else TEXT))
        changed((piece * count).encode(), "text/xml", lambda name, text, people, seen=seen: seen.append(text) or text)
        visited.append(sum(map(len, seen)))
    assert visited[1] <= 2 * visited[0] + 100
