"""Certificates that a recipe names: the key inside, read once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey


@lru_cache(maxsize=64)
def rsa_key(certificate: str) -> RSAPublicKey:
    """The RSA key of an X.509 certificate in PEM. ValueError where it is none, or has a key of another kind."""
    # Loading cryptography costs more than building a small world, and few recipes need it.
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import load_pem_x509_certificate

    try:
        key = load_pem_x509_certificate(certificate.encode()).public_key()
    except ValueError:
        raise ValueError("this is no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----") from None
    if not isinstance(key, RSAPublicKey):
        raise ValueError("this certificate's key is no RSA key, which signatures of RS256 need")
    return key
