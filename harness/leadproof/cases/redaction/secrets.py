"""Secrets: known by their names, by their form, and from then on by their text.

A secret becomes `{secret-1}`, the same one the same, so that a replay can put its own in the same places.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote

from leadproof.cases.redaction.fields import is_secret, words

SHORTEST = 5
_ATTRIBUTES = frozenset({"expires", "max-age", "domain", "path", "samesite", "priority"})
PLACEHOLDER = re.compile(r"\{secret(?:-\d+)?\}")
_FORMS = (
    re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*){0,3}"),  # JWT and JWE (RFC 7519, RFC 7516)
    re.compile(r"(?<![\w])00D[A-Za-z0-9]{9,15}![\w.]{10,}"),  # Salesforce's session ids
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"(?<![\w])(?:sk|pk|rk|ghp|gho|xox[abpr]|pat|shpat|whsec)[_-][A-Za-z0-9_-]{12,}"),
    re.compile(r"(?<![\w])AKIA[0-9A-Z]{16}(?![\w])"),
    re.compile(r"(?<![\w])AIza[\w-]{30,}"),
)
_SCHEME = re.compile(
    r"(?i)\b(bearer|basic|token|oauth|digest|hmac|aws4-hmac-sha256)\s+((?=\S*[\d=._])[A-Za-z0-9+/=._~!-]{8,}[^\s\"'<]*)"
)
_ASSIGNED = re.compile(
    r"(?i)(?<![\w.-])((?:[\w.-]{0,40}?(?:password|passwd|secret|token|api[_-]?key|signature|assertion|session[_-]?id|sid))"
    r"[\"']?\s*[=:]\s*[\"']?)([^\s\"'&,;<>{}]{4,})"
)
_IN_URL = re.compile(r"(?<=://)([^/\s:@]+):([^/\s@]+)(?=@)")
_PAIR = re.compile(r"[?&#;]\s*([\w.-]+)=([^&\s\"'<>#;]+)")
_WORDS = words("true false null none bearer basic required invalid missing expired")


class Secrets:
    """The secrets met so far, numbered in the order in which they were met."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._pattern: re.Pattern[str] | None = None

    def placeholder(self, secret: str) -> str:
        """What stands in its place; also for parts of a Basic header, each."""
        if PLACEHOLDER.fullmatch(secret) or not secret:
            return secret
        if secret not in self._numbers:
            self._numbers[secret] = len(self._numbers) + 1
            self._pattern = None
        return f"{{secret-{self._numbers[secret]}}}"

    def learn(self, secret: str) -> None:
        """Know it wherever it stands from now on."""
        for one in (secret, *_basic(secret), *_cookies(secret)):
            if one and not PLACEHOLDER.fullmatch(one):
                self.placeholder(one)

    def learn_forms(self, text: str) -> None:
        """Know what looks like a secret in any text."""
        for form in _FORMS:
            for found in form.finditer(text):
                self.learn(found[0])
        for pattern in (_SCHEME, _ASSIGNED):
            for found in pattern.finditer(text):
                if found[2].lower() not in _WORDS and not PLACEHOLDER.search(found[0]):
                    self.learn(found[2])
        for found in _IN_URL.finditer(text):
            self.learn(found[2])
        for found in _PAIR.finditer(text):
            if is_secret(found[1]) and len(found[2]) >= SHORTEST and found[2].lower() not in _WORDS:
                self.learn(unquote(found[2]))
                self.learn(found[2])

    def hide(self, text: str) -> str:
        """The text without any known secret."""
        if self._pattern is None:
            longest = sorted((one for one in self._numbers if len(one) >= SHORTEST), key=lambda one: (-len(one), one))
            self._pattern = re.compile("|".join(map(re.escape, longest)) if longest else r"(?!)")
        return self._pattern.sub(lambda found: self.placeholder(found[0]), text)

    def __len__(self) -> int:
        return len(self._numbers)


def _cookies(value: str) -> list[str]:
    """The values in a Cookie or Set-Cookie header (RFC 6265), without its attributes."""
    if "=" not in value or " " in value.partition("=")[0]:
        return []
    pairs = [part.strip().partition("=") for part in value.split(";")]
    return [told for name, _, told in pairs if len(told) >= SHORTEST and name.lower() not in _ATTRIBUTES]


def _basic(value: str) -> tuple[str, ...]:
    """The password in what stands behind `Basic` (RFC 7617)."""
    try:
        plain = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ()
    user, colon, password = plain.partition(":")
    return (password,) if colon and user and password.isprintable() else ()
