"""Which names mean secrets, and which mean something about a person: of fields, headers, form and query keys."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "phone", "date"]


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(text.split())


_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_SECRET_WORDS = words(
    "password passwd pwd passphrase secret token apikey hapikey signature sig hmac assertion cookie jwt bearer "
    "authorization credential credentials otp pin "
)
_SECRET_PAIRS = frozenset(
    {("api", "key"), ("private", "key"), ("access", "key"), ("secret", "key"), ("auth", "key"), ("session", "id"),
     ("client", "assertion"), ("signing", "key"), ("encryption", "key"), ("auth", "code"), ("one", "time")}
)  # fmt: skip
_SECRET_ALONE = (("sid",), ("sessionid",), ("key",), ("code",), ("nonce",))
_NO_SECRETS = frozenset({"type", "expires", "expiry", "lifetime", "url", "uri", "endpoint", "count", "method", "in"})
"""`token_type`, `token_url`: about a secret, and none."""

HEADERS = words(
    "accept accept-charset accept-encoding accept-language allow content-disposition content-language content-type "
    "date etag x-prettyprint "
    "expires idempotency-key if-match if-modified-since if-none-match if-unmodified-since last-modified link "
    "location retry-after soapaction sforce-auto-assign sforce-call-options sforce-duplicate-rule-header "
    "sforce-limit-info sforce-query-options user-agent vary www-authenticate x-http-method-override x-quota "
    "x-time x-request-id x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset pardot-business-unit-id "
    "content-encoding mscrm.suppressduplicatedetection odata-version prefer preference-applied "
)
"""The headers that are kept, redacted like any text; of all others only the name is."""

_PHONES = words("phone mobile fax tel telephone cell cellphone msisdn whatsapp handy")
_DATES = words("birthdate birthday dob birth")
_NAMED = words(
    "first last middle nick full sur given family maiden fore display user login contact person customer lead "
    "prospect sender recipient member owner alias account company "
)
_TEXTS = words(
    "email mail emailaddress surname forename firstname lastname fullname nickname username displayname "
    "salutation street address addressline city town zip postal postcode zipcode postalcode company organisation "
    "organization employer messenger handle social linkedin twitter facebook instagram skype website homepage "
    "blog comments comment notes note remarks remark description biography bio recipient passport ssn "
    "iban vat taxid question answer "
)
_NO_PEOPLE = words("id ids count type label status format template error source number uri list opted opt has is ")


_NUMBERED = _PHONES | words("passport ssn iban vat")


@lru_cache(maxsize=8192)
def words_of(name: str) -> tuple[str, ...]:
    """`MailingPostalCode__c` -> mailing, postal, code, c."""
    return tuple(part.lower() for part in _PARTS.findall(name))


@lru_cache(maxsize=8192)
def is_secret(name: str) -> bool:
    """Whether what stands under this name is a secret."""
    parts = words_of(name)
    if not parts or parts[-1] in _NO_SECRETS:
        return False
    if any(part in _SECRET_WORDS for part in parts) or any(pair in _SECRET_PAIRS for pair in pairwise(parts)):
        return True
    return parts in _SECRET_ALONE


@lru_cache(maxsize=8192)
def kind_of(name: str) -> Kind | None:
    """What sort of personal value a field of this name holds; None for fields that say nothing about who it is."""
    parts = tuple(part for part in words_of(name.rpartition(".")[2]) if part != "c" or len(name) == 1)
    if parts[-1:] == ("number",) and any(part in _NUMBERED for part in parts):
        parts = parts[:-1]  # `phone_number` is a phone
    if not parts or any(part in _NO_PEOPLE for part in parts):
        return None
    if any(part in _PHONES for part in parts):
        return "phone"
    if any(part in _DATES for part in parts):
        return "date"
    if any(part in _TEXTS for part in parts):
        return "text"
    return "text" if parts[-1] == "name" and len(parts) > 1 and parts[-2] in _NAMED else None
