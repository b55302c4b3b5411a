"""Sessions that one vendor's org takes from another's: Pardot logs nobody in, Salesforce does it for it.

The dialect that takes them presents `Elsewhere(dialect, token)`; the gateway then asks the orgs of that dialect, which
alone know their tokens, and the holder comes in as the user who is the same person in this org.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, cast

from leadsim.gateway.credentials import Bearer, Elsewhere, Login
from leadsim.gateway.refusal import LoginRefused, TokenExpired

if TYPE_CHECKING:
    from leadsim.engine.users import User
    from leadsim.gateway.site import Site


class Issuer(Protocol):
    """A dialect whose orgs' sessions are taken elsewhere."""

    def bare_token(self, token: str) -> str:
        """What the org's credentials know of a token, without what the vendor writes around it."""
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """A session that an org of another dialect holds: the org, and whose it is there."""

    site: Site
    login: Login
    token: str
    """As the org's credentials know it."""


def session_elsewhere(sites: Mapping[str, Site], given: Elsewhere, now: datetime) -> Session:
    """The org that issued the token, and its holder. Raises `TokenExpired`, and `LoginRefused` where none did."""
    for site in sites.values():
        if site.dialect.name != given.dialect:
            continue
        token = Bearer(cast("Issuer", site.dialect).bare_token(given.token))
        try:
            return Session(site, site.credentials.check(token, now), token.token)
        except TokenExpired:
            raise
        except LoginRefused:
            continue
    raise LoginRefused(
        f"no {given.dialect} org of this sandbox holds this session",
        fix=f"Log in at a {given.dialect} org and send the token that it answers",
        reason="invalid_token",
    )


def same_person(session: Session, site: Site) -> Login:
    """The login that the holder of a session has in another org: the user of the same id, else the only one with the
    same user name or e-mail address. Raises `LoginRefused`."""
    user = session.login.user
    known = session.site.org.users.get(user)
    login = site.login_of(user)
    if login is None and known is not None:
        alike = [one.id for one in _people(site.org.users) if _names(one) & _names(known)]
        login = site.login_of(alike[0]) if len(alike) == 1 else None
    if login is None:
        raise LoginRefused(
            f"user {user} of org {session.site.name} is no user of org {site.name}",
            fix=f"Give org {site.name} a user with the same id, user name or e-mail address",
        )
    if not login.active:
        raise LoginRefused(f"user {login.user} is inactive", fix="Activate the user, or log in as another one")
    return login


def _people(users: Iterable[User]) -> Iterable[User]:
    return (one for one in users if not one.queue)


def _names(user: User) -> set[str]:
    return {name.casefold() for name in (user.user_name, user.email) if name}
