"""What a program needs in its environment to reach the sandbox: proxy and authority, addresses and credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadproof.serving.running import Running, RunningSystem

DIRECT = "127.0.0.1,localhost,::1"
"""What is not asked of the proxy: the sandbox's own ports."""


def proxied(proxy: str, ca: str) -> dict[str, str]:
    """The variables by which curl, requests, OpenSSL's users and Node take a proxy and an authority.

    The proxy's in both spellings: curl reads `http_proxy` only, and where both stand the small one wins.
    """
    proxies = {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "NO_PROXY": DIRECT}
    authorities = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    return {**proxies, **{name.lower(): value for name, value in proxies.items()}, **dict.fromkeys(authorities, ca)}


def environment(running: Running) -> dict[str, str]:
    """`LEADPROOF_CRM_URL`, `LEADPROOF_CRM_USERNAME` ... for each key of `Running.to_json`, and the proxy's."""
    told = running.to_json()
    found = dict(told.get("env", {}))
    found |= system_environment("crm", running.crm) | system_environment("marketing", running.marketing)
    for service in ("connector", "control"):
        found |= _named(service, told[service] or {})
    found["LEADPROOF_SEED"] = str(running.seed)
    return found


def system_environment(side: str, system: RunningSystem) -> dict[str, str]:
    """`LEADPROOF_CRM_URL`, `LEADPROOF_CRM_USERNAME` ...: the address and the credentials of one side."""
    told = system.to_json()
    credentials = told.pop("credentials")
    return _named(side, {**told, **credentials})


def _named(what: str, values: Mapping[str, str]) -> dict[str, str]:
    return {f"LEADPROOF_{what}_{name}".upper(): value for name, value in values.items()}
