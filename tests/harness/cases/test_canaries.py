"""Secrets and people planted wherever traffic and scenarios can hold them: none is found in what is written."""

from __future__ import annotations

import base64
import gzip
import html
import json
import quopri
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import pytest

from leadproof.cases.capturing import case_of_traffic
from leadproof.cases.har import Recorded
from leadproof.cases.redaction.pseudonyms import Pseudonyms
from leadproof.cases.redaction.traffic import Redactor
from leadproof.cli import main
from leadproof.transports.exchange import Exchange
from leadproof.transports.protocol import Request, Response
from tests.harness.cases.canaries import KEY, Someone, artefacts, must_hold_none, people, secrets, spellings

ORIGIN = "https://acme.my.salesforce.com"
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def one(
    method: str = "POST",
    path: str = "/services/data/v60.0/sobjects/Lead",
    query: tuple[tuple[str, str], ...] = (),
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    status: int = 200,
    answer: bytes = b"{}",
    answered: dict[str, str] | None = None,
) -> Recorded:
    request = Request(method, path, query, headers or JSON, body)
    return Recorded(Exchange(request, Response(status, answered or JSON, answer)), ORIGIN)


def jwt(secret: str) -> str:
    head, claims = (
        base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b'{"alg":"HS256"}', b'{"sub":"x"}')
    )
    return f"{head}.{claims}.{secret}"


def secret_traffic(told: list[str]) -> Iterator[Recorded]:
    """Fifty secrets: headers, cookies, queries, forms, JSON, XML, multipart, compressed and wrapped, and repeated."""
    it = iter(told)
    header = ("authorization", "cookie", "x-api-key", "x-hub-signature-256", "proxy-authorization", "x-auth-token",
              "x-amz-security-token", "x-custom", "x-lab-token", "private-token")  # fmt: skip
    for name in header:
        secret = next(it)
        value = (
            f"Bearer {secret}" if "authorization" in name else f"sid={secret}; path=/" if name == "cookie" else secret
        )
        yield one(
            headers={**JSON, name: value}, answer=json.dumps({"message": f"your credential was {secret}"}).encode()
        )
    yield one(headers={"authorization": "Basic " + base64.b64encode(f"user:{(secret := next(it))}".encode()).decode()},
              answer=f"denied for {secret}".encode(), answered={"content-type": "text/plain"})  # fmt: skip
    yield one(answered={**JSON, "set-cookie": f"session={next(it)}; HttpOnly"})
    for key in ("access_token", "api_key", "hapikey", "sig", "signature", "token", "client_secret", "code"):
        yield one("GET", query=((key, next(it)), ("limit", "20")))
    for key in ("password", "client_secret", "refresh_token", "assertion", "passwd"):
        secret = next(it)
        yield one(headers=FORM, body=urlencode({"grant_type": "x", key: secret}).encode())
        yield one("GET", f"/echo/{secret}/x")
    for key in ("accessToken", "secretKey", "private_key", "apiKey", "sessionId", "webhookSecret", "otp"):
        body = json.dumps({"settings": [{"deep": {key: (secret := next(it))}}], "note": f"uses {secret} now"})
        yield one(
            body=body.encode(), answer=gzip.compress(body.encode()), answered={**JSON, "content-encoding": "gzip"}
        )
    for tag in ("password", "sessionId", "n1:token", "urn:clientSecret"):
        name = tag.partition(":")[0]
        space = f' xmlns:{name}="urn:x"' if ":" in tag else ""
        yield one(headers={"content-type": "text/xml"}, body=f"<a{space}><{tag}>{next(it)}</{tag}></a>".encode())
    yield one(body=json.dumps({"text": f"use {jwt(next(it))} for a day"}).encode())
    yield one(body=json.dumps({"inner": json.dumps({"password": next(it)})}).encode())
    yield one(body=json.dumps({"blob": base64.b64encode(f"password={next(it)}".encode()).decode()}).encode())
    pem = "-----BEGIN PRIVATE KEY-----\n" + next(it) + "\n-----END PRIVATE KEY-----"
    yield one(body=json.dumps({"pem": pem}).encode())
    yield one(body=zlib.compress(f"token={next(it)}".encode()), headers={**FORM, "content-encoding": "deflate"})
    part = f'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{next(it)}\r\n--b--\r\n'
    yield one(headers={"content-type": "multipart/form-data; boundary=b"}, body=part.encode())
    yield one("GET", "/next", answered={**JSON, "location": f"https://x.example/cb?code={next(it)}&state=1"})
    yield one(body=f'{{"url": "https://user:{next(it)}@host.example/x"}}'.encode())
    yield one(body=json.dumps({"session": f"00D000000000001!{next(it)}AQ"}).encode())
    for left in it:
        yield one(body=json.dumps({"credentials": left}).encode())


def personal_traffic(told: list[Someone]) -> Iterator[Recorded]:
    """Each person in both systems' words, and again in another place and wrapping."""
    for number, who in enumerate(told):
        lead = {
            "FirstName": who.first,
            "LastName": who.last,
            "Email": who.email,
            "Phone": who.phone,
            "Street": who.street,
            "Company": who.company,
            "Messenger__c": who.handle,
            "Birthdate": who.born,
        }
        prospect = {
            "first_name": who.first,
            "last_name": who.last,
            "email": who.email.upper(),
            "phone": who.phone,
            "address_one": who.street,
            "company": who.company,
            "social": who.handle,
            "birthday": who.born,
        }
        body = json.dumps(lead).encode()
        yield one(body=body, answer=gzip.compress(body), answered={**JSON, "content-encoding": "gzip"})
        yield one(headers=FORM, body=urlencode(prospect).encode(), path="/api/v5/objects/prospects")
        wanted = f"Email = '{who.email}' OR LastName IN ('{who.last}', 'x') AND Phone = '{who.phone}'"
        soql = f"SELECT Id FROM Lead WHERE {wanted}"
        yield one("GET", "/services/data/v60.0/query", query=(("q", soql),))
        yield one("GET", f"/services/data/v60.0/sobjects/Lead/Email/{quote(who.email, safe='')}")
        text = f"Dear {who.first} {who.last}, call {who.phone} or write to {who.email}"
        wrapped = (
            {"note_text": text},
            {"payload": base64.b64encode(text.encode()).decode()},
            {"payload": json.dumps({"inner": text})},
            {"payload": quote(text)},
            {"payload": quote_plus(text)},
            {"payload": html.escape(text).replace("@", "&#64;")},
            {"payload": quopri.encodestring(text.encode()).decode()},
            {"payload": text.encode().hex()},
            {"payload": base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()},
            {"payload": base64.urlsafe_b64encode(quote(text).encode()).decode().rstrip("=")},
        )[number % 10]
        yield one(body=json.dumps(wrapped).encode())
        xml = f"<Lead><LastName>{html.escape(who.last)}</LastName><Email>{who.email}</Email><Note>{text}</Note></Lead>"
        yield one(headers={"content-type": "text/xml"}, body=xml.encode())
        cells = f"First Name,Last Name,Email,Mobile\r\n{who.first},{who.last},{who.email},{who.phone}\r\n"
        yield one(headers={"content-type": "text/csv"}, body=cells.encode())
        error = [{"message": f"duplicate value found: {who.email} is {who.last}", "errorCode": "DUPLICATE_VALUE"}]
        yield one(status=400, answer=json.dumps(error, ensure_ascii=True).encode())
        history = {"changes": [{"field": "LastName", "from": who.last, "to": who.last.upper()}]}
        yield one("GET", answer=json.dumps(history).encode())


def test_no_canary_of_the_traffic_is_in_the_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """50 secrets and 200 personal values in every place and wrapping: 0 found, compressed bodies included."""
    hidden, somebody = secrets(50), people(25)
    personal = [value for who in somebody for value in who.values()]
    assert (len(set(hidden)), len(set(personal))) == (50, 200)
    traffic = [*secret_traffic(hidden), *personal_traffic(somebody)]
    plain = b"\n".join(repr(one).encode() for one in traffic)
    assert all(any(form in plain.lower() for form in spellings(value)) for value in personal)
    case = case_of_traffic(traffic, title=f"{somebody[0].last} gets no mail", key=KEY)
    case.write(tmp_path / "x.case")
    with pytest.raises(SystemExit):
        main(["case", "inspect", str(tmp_path / "x.case")])
    console = "".join(capsys.readouterr())
    digits = [re.sub(r"\D", "", who.phone)[2:] for who in somebody]
    must_hold_none([*hidden, *personal, *digits], artefacts(tmp_path / "x.case", console))


def test_people_stay_the_same_people_in_both_systems(tmp_path: Path) -> None:
    """One pseudonym each, of the same shape, whatever the system, the letter case and the wrapping."""
    (who,) = people(1)
    traffic = list(personal_traffic([who]))
    case = case_of_traffic(traffic, title="x", key=KEY)
    lead = json.loads(case.traffic[0].request.body)
    prospect = dict(pair.split("=") for pair in case.traffic[1].request.body.decode().split("&"))
    assert lead["Email"].lower() == prospect["email"].replace("%40", "@").lower()
    assert lead["Email"] != who.email
    assert re.fullmatch(r"[\w.]+@[\w.]+\.example", lead["Email"])
    assert (lead["Phone"][:4], len(lead["Phone"])) == ("+47 ", len(who.phone))
    assert (lead["LastName"].istitle(), len(lead["LastName"])) == (who.last.istitle(), len(who.last))
    assert lead["Birthdate"][:4] == who.born[:4]
    assert lead["Email"] in dict(case.traffic[2].request.query)["q"]
    assert lead["LastName"] in case.traffic[5].request.body.decode()
    assert case.to_bytes() == case_of_traffic(traffic, title="x", key=KEY).to_bytes()
    assert case.to_bytes() != case_of_traffic(traffic, title="x", key=KEY[::-1]).to_bytes()


def test_what_stands_beside_the_values() -> None:
    """Secrets that are numbers, people in keys, in comments, in names of files, under names that end in `number`."""
    part = '--b\r\nContent-Disposition: form-data; name="f"; filename="Zwyrtek q@kunde.com.txt"\r\n\r\nx\r\n--b--\r\n'
    traffic = [
        one(body=json.dumps({"LastName": "Zwyrtek"}).encode()),
        one(body=json.dumps({"otp": 918273, "access_token": 123456789012}).encode()),
        one(body=json.dumps({"anne@kunde.com": {"status": "x"}, "Dear Zwyrtek": 1}).encode()),
        one(
            headers={"content-type": "text/xml"}, body=b"<a><!-- Zwyrtek > q@kunde.com token=hunter2secret --><b/></a>"
        ),
        one(headers={"content-type": "multipart/form-data; boundary=b"}, body=part.encode()),
        one(
            body=json.dumps(
                {"phone_number": "22 98 76 54", "mobileNumber": "98765432", "passport_number": "P998877"}
            ).encode()
        ),
    ]
    redactor = Redactor(Pseudonyms(KEY))
    redactor.learn(traffic)
    written = b"\n".join(redactor.redacted(each).request.body for each in traffic).decode()
    for canary in ("918273", "123456789012", "kunde", "zwyrtek", "hunter2", "22 98 76 54", "98765432", "p998877"):
        assert canary not in written.lower()
    assert json.loads(redactor.redacted(one(body=b'{"code": 180}')).request.body) == {"code": 180}


def test_a_sign_inside_cdata_ends_no_text() -> None:
    """What stands in CDATA is one text, whatever signs are in it."""
    redactor = Redactor(Pseudonyms(KEY))
    body = b"<a><![CDATA[1 > 0]]><b/></a>"
    assert redactor.redacted(one(headers={"content-type": "text/xml"}, body=body)).request.body == body
    hidden = redactor.redacted(one(headers={"content-type": "text/xml"}, body=body.replace(b"1 > 0", b"> q@kunde.com")))
    assert b"kunde" not in hidden.request.body
