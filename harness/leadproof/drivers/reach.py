"""What a program of yours is told to reach the fake systems: the same variables as `leadproof up --exec` gives."""

from __future__ import annotations

from leadproof.drivers.driven import Place
from leadproof.sandbox import Sandbox
from leadproof.serving.environment import proxied, system_environment
from leadproof.serving.served import served

CA = "ca.pem"
STATE = "state"


def reach(place: Place) -> dict[str, str]:
    """`LEADPROOF_CRM_URL`, `LEADPROOF_CRM_USERNAME` ..., `LEADPROOF_STATE_DIR`: an empty folder that lasts for the
    scenario. For vendors' dialects also the proxy and the authority, by which an unmodified client reaches the
    vendor's own hosts."""
    found = _vendor_hosts(place)
    for side, org in (("crm", place.crm), ("marketing", place.marketing)):
        found |= system_environment(side, served(place.sandbox, side, org))  # type: ignore[arg-type]
    state = place.folder / f"{place.name}-{STATE}"
    state.mkdir(exist_ok=True)
    found["LEADPROOF_STATE_DIR"] = str(state)
    return found


def _vendor_hosts(place: Place) -> dict[str, str]:
    if all(place.sandbox.org(org).dialect == "native" for org in (place.crm, place.marketing)):
        return {}
    ca = place.folder / CA
    return proxied(_proxy(place.sandbox, place), str(ca))


def _proxy(sandbox: Sandbox, place: Place) -> str:
    return sandbox.proxy_url or sandbox.open_proxy(place.folder / CA)
