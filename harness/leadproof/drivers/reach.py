"""What a program of yours is told to reach the fake systems: the same variables as `leadproof up --exec` gives."""

from __future__ import annotations

from pathlib import Path

from leadproof.drivers.driven import Place
from leadproof.sandbox import Sandbox

CA = "ca.pem"
STATE = "state"
NATIVE = "native"


def reach(place: Place) -> dict[str, str]:
    """What `systems_environment` tells, and `LEADPROOF_STATE_DIR`: an empty folder that lasts for the scenario."""
    found = systems_environment(place.sandbox, place.crm, place.marketing, place.folder / CA)
    state = place.folder / f"{place.name}-{STATE}"
    state.mkdir(exist_ok=True)
    found["LEADPROOF_STATE_DIR"] = str(state)
    return found


def systems_environment(sandbox: Sandbox, crm: str, marketing: str, ca: Path) -> dict[str, str]:
    """`LEADPROOF_CRM_URL`, `LEADPROOF_CRM_USERNAME` ... of two orgs of a sandbox on sockets. For vendors' dialects also
    the proxy and the authority, by which an unmodified client reaches the vendor's own hosts; `ca` is the file that
    the authority is written into, once a sandbox."""
    from leadproof.serving.environment import proxied, system_environment  # only here: in process nobody is served
    from leadproof.serving.served import served

    found: dict[str, str] = {}
    if any(sandbox.org(org).dialect != NATIVE for org in (crm, marketing)):
        found = proxied(sandbox.proxy_url or sandbox.open_proxy(ca), str(ca))
    found |= system_environment("crm", served(sandbox, "crm", crm))
    return found | system_environment("marketing", served(sandbox, "marketing", marketing))
