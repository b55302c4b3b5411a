"""A key, its certificate and signed assertions, made by libraries that the sandbox does not use to check them."""

from __future__ import annotations

import base64
import datetime as dt
from functools import cache
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
MADE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Signer:
    """A program with a private key; `certificate` is what it gave to the org's administrator."""

    def __init__(self, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sync.acme.example")])
        made = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(MADE).not_valid_after(MADE + dt.timedelta(days=3650))
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        self.certificate = made.public_bytes(serialization.Encoding.PEM).decode()
        self.private_key = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def assertion(self, algorithm: str = "RS256", **claims: Any) -> str:
        """Claims, signed."""
        return jwt.encode(claims, self.private_key, algorithm=algorithm)


@cache
def signer(which: str = "") -> Signer:
    """A program's key; another one for another name."""
    return Signer(rsa.generate_private_key(65537, 2048))


def ec_certificate() -> str:
    """A certificate that RS256 can do nothing with."""
    return Signer(ec.generate_private_key(ec.SECP256R1())).certificate


def unsigned(claims: bytes) -> str:
    """An assertion that nobody signed: the algorithm is `none`."""
    header, body = (base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in (b'{"alg":"none"}', claims))
    return f"{header}.{body}."
