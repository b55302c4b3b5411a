"""Tokens of a running sandbox: real secrets, drawn anew at each start."""

from __future__ import annotations

import secrets


def new_token() -> str:
    """256 bits, safe in a URL and a header."""
    return secrets.token_urlsafe(32)


def same(given: str, token: str) -> bool:
    """Whether they are equal, in a time that tells nothing."""
    return secrets.compare_digest(given.encode(), token.encode())
