"""Which names mean secrets, and which mean something about a person: of fields, headers, form and query keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "phone", "date", "title", "ip", "place"]
Visit: TypeAlias = Callable[[str, str, bool], str]
KEY = "<name>"
"""Under this name the names themselves are visited."""


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
     ("client", "assertion"), ("signing", "key"), ("encryption", "key"), ("auth", "code"), ("one", "time"),
     ("sfdc", "session")}
)  # fmt: skip
_SECRET_ALONE = (("sid",), ("sessionid",), ("key",), ("code",), ("nonce",))
_NO_SECRETS = frozenset({"type", "expires", "expiry", "lifetime", "url", "uri", "endpoint", "count", "method", "in"})
"""`token_type`, `token_url`: about a secret, and none."""

HEADERS = words(
    "accept accept-charset accept-encoding accept-language allow content-disposition content-language content-type "
    "date etag x-prettyprint "
    "expires idempotency-key if-match if-modified-since if-none-match if-unmodified-since last-modified link "
    "location retry-after soapaction sforce-auto-assign sforce-call-options sforce-duplicate-rule-header "
    "sforce-limit-info sforce-locator sforce-numberofrecords sforce-query-options user-agent vary www-authenticate "
    "x-http-method-override x-quota "
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
_PROSE = words("comments comment notes note remarks remark description biography bio question answer text message body")
_NO_PEOPLE = words("count type label status format template error source uri list opted opt has is ")
_IDS = words("id ids number no nr")
"""No people, but for those of a phone (its number) and of a person (a passport's number, a tax id)."""
_PERSONS_IDS = words(
    "ssn passport tax national nationality identity security iban vat licence license personal fiscal cpf nif bsn "
    "pesel nino facebook twitter linkedin instagram skype"
)
_PLACES = words("latitude longitude lat lng lon geolatitude geolongitude")
_TITLES = frozenset({("title",), ("job", "title"), ("jobtitle",)})
_IPS = words("ip ips ipaddress ipv4 ipv6")
_RULES = words("range ranges allow allowed allowlist whitelist trusted cidr start end restriction restrictions")
PEOPLE = words("lead contact user prospect person account opportunitycontact submission member")
TERMS = words(
    "access account action actions active address after allowed api application asset attribute attributes base batch "
    "before body bulk campaign campaigns case changed changes child code column columns company config connected "
    "contact contacts content count country created criteria currency custom data date default deleted describe "
    "description detail details display done email end enabled encoding entity error errors event events expires "
    "external failed field fields file filter first for form format from full group has head header headers host href "
    "http id ids in index info input instance integration interval is item items job key kind label language last lead "
    "leads length level limit line link links list locale location lookup mail marketing max member message messages "
    "meta metadata method min mobile modified name names new next none not note null number object objects of offset "
    "old operation option options order org organization origin output owner page parent password path person phone "
    "picklist port previous priority process product profile property prospect prospects query queue rating reason "
    "record records reference ref refresh related request required response rest result results role row rows rule "
    "rules salesforce scope score search secret select server service session sf size sobject sobjects sort source "
    "stage start state status street string success sync system tag task test text time timestamp title to token total "
    "totalsize type types unique update updated uri url user username users uuid valid value values version view "
    "visible visit web x year zip"
)
"""Words that interfaces are made of: in the name of a field they are nobody's name."""


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
    if not parts or any(part in _NO_PEOPLE for part in parts):
        return None
    if any(part in _IDS for part in parts):
        return _kind_of_id(parts)
    if parts in _TITLES:
        return "title"
    if any(part in _IPS for part in parts):
        return None if any(part in _RULES for part in parts) else "ip"
    if any(part in _PLACES for part in parts):
        return "place"
    if any(part in _PHONES for part in parts):
        return "phone"
    if any(part in _DATES for part in parts):
        return "date"
    if any(part in _TEXTS for part in parts):
        return "text"
    return "text" if parts[-1] == "name" and len(parts) > 1 and parts[-2] in _NAMED else None


def _kind_of_id(parts: tuple[str, ...]) -> Kind | None:
    if any(part in _PERSONS_IDS for part in parts) or ("id", "number") in pairwise(parts):
        return "text"
    return "phone" if any(part in _PHONES for part in parts) and not {"id", "ids"} & set(parts) else None


@lru_cache(maxsize=8192)
def names_field(text: str) -> bool:
    """Whether a text is the name of a field, by a word that such names have."""
    if len(text) > 120 or not text.replace(".", "_").replace("-", "_").isidentifier():
        return False
    return kind_of(text) is not None or is_secret(text) or any(one in TERMS for one in words_of(text))


@lru_cache(maxsize=8192)
def is_term(text: str) -> bool:
    """Whether a text is made of nothing but words of interfaces: `oauth2/token` has none of a person."""
    return text.replace("-", "_").isidentifier() and all(one in TERMS for one in words_of(text))


@lru_cache(maxsize=8192)
def is_prose(name: str) -> bool:
    """Whether people write sentences into a field of this name: their words are not all somebody's names."""
    return any(part in _PROSE for part in words_of(name))


def field_like(text: str) -> bool:
    """The same, or at least a text that is spelled as only such names are."""
    return names_field(text) or ("_" in text and len(text) <= 120 and text.isidentifier())
