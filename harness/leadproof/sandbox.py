"""Starts a sandbox, in this process or as a server, and hands out clients of its orgs.

The only module that imports leadsim (architecture.md "The rules of the house", 1), and only when a sandbox is
started: `leadproof --help` must not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import quote

from leadproof.collector import ease_collector
from leadproof.lab import Lab
from leadproof.names import Names
from leadproof.systems.credentials import Credentials
from leadproof.systems.organization import Side
from leadproof.systems.ports import Crm, Marketing
from leadproof.systems.registry import open_system
from leadproof.transports.in_process import InProcess
from leadproof.transports.prefixed import Prefixed
from leadproof.transports.protocol import Transport
from leadterms.documents import Document, Edit, load, parse_text
from leadterms.fields import Schema
from leadterms.refusals import DocumentRefused, Problem

if TYPE_CHECKING:
    from leadsim.app import Sandbox as World
    from leadsim.gateway.credentials import Login
    from leadsim.gateway.site import Site
    from leadsim.listen import Listening
    from leadsim.recipe import Recipe

Over: TypeAlias = Literal["process", "http"]
Through: TypeAlias = Callable[[Transport], Transport]
"""Puts a transport around another: recording, faulty."""

CONNECTOR = "connector"
CONTROL = "lab"
NOT_BUILT = "CFG837"
NO_DIALECT = "CFG870"
NATIVE = "native"
SALESFORCE = "salesforce"
PARDOT = "pardot"
LOGIN_PATHS = "/services/"
"""Where Salesforce logs in, also those who then call Pardot."""


_SOUND: set[str] = set()
"""Texts of recipe files in which nothing was wrong: all scenarios of a folder name the same one."""


def ready() -> None:
    """Import what a sandbox needs, for workers that are about to be forked from this process."""
    from leadsim.app import build_app  # noqa: F401  # a worker's first sandbox would import it
    from leadsim.control.application import application

    application()


def load_recipe(path: Path, edit: Edit | None = None) -> Document[Recipe]:
    """The recipe file, changed by `edit`; raises DocumentRefused with the place of everything that is wrong in it."""
    from leadsim.recipe import Recipe

    document = load(path, Recipe, edit)
    if edit is None and document.text in _SOUND:
        return document
    _checked(document)
    if edit is None:
        _SOUND.add(document.text)
    return document


def read_recipe(text: str, file: str) -> Document[Recipe]:
    """A recipe's text, as `load_recipe` reads the file."""
    from leadsim.recipe import Recipe

    return _checked(parse_text(text, Recipe, file=file))


def _checked(document: Document[Recipe]) -> Document[Recipe]:
    from leadsim.recipeproblems import problems

    found = problems(document)
    if found:
        raise DocumentRefused(found)
    return document


def standard_schema(dialect: str) -> Schema:
    """What every CRM org of this dialect has from the start, custom fields aside; KeyError for no dialect."""
    from leadsim.building import standard_of
    from leadsim.dialects import dialects
    from leadsim.engine.schema import OrgSchema

    if dialect not in dialects():
        raise KeyError(dialect)
    return OrgSchema("crm", standard_of(dialect)).objects


def recipe_schema() -> Mapping[str, Any]:
    """The JSON Schema (draft-07) of recipe files."""
    from leadproof.integration import json_schema
    from leadsim.recipe import Recipe

    return json_schema(Recipe)


def _not_built(document: Document[Any], refused: Exception) -> Problem:
    """What the engine refused of a recipe, at the part of the file that asked for it."""
    loc = getattr(refused, "loc", None)
    if loc is None:
        return Problem(document.place("orgs"), NO_DIALECT, f"{refused}.", "Correct `dialect`, or install its package.")
    return Problem(document.place(*loc), NOT_BUILT, str(refused), "Correct the recipe where it says this.")


def simulated(side: Side) -> list[str]:
    """The dialects that an org of this side can speak, sorted; a client of ours need not exist for each."""
    from leadsim.building import KIND_OF_DIALECT
    from leadsim.dialects import dialects

    return sorted(name for name in dialects() if KIND_OF_DIALECT.get(name, side) == side)


def vendor_names(side: Side, dialect: str) -> Names:
    """What a vendor calls the engine's objects and fields, before any org is looked at: custom fields are not among
    them. Raises DocumentRefused for a dialect that is not simulated."""
    from leadsim.recipe import Recipe

    if dialect == NATIVE:
        return Names()
    text = f"recipe: 1\norgs: {{an-org: {{kind: {side}, dialect: {dialect}}}}}\n"
    with Sandbox.start(parse_text(text, Recipe, file=f"an empty {dialect} org"), seed=0) as sandbox:
        told = sandbox.lab.names("an-org")
    return Names(told.objects, told.fields)


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports that are wanted: by (org, actor), and the control API's. Not named, or 0: a free one."""

    orgs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    control: int = 0


@dataclass(frozen=True, slots=True)
class OrgInfo:
    """What a recipe says of one org."""

    name: str
    side: Side
    dialect: str


class Sandbox:
    """A running sandbox. Start one with `Sandbox.start`; `close` it, or use it in a `with`."""

    def __init__(self, world: World, app: Any, listening: Listening | None, token: str) -> None:
        self._world = world
        self._app = app
        self._listening = listening
        self._opened: list[Transport] = []
        self.proxy_url = ""
        self.token = token
        self.lab = Lab(self._control(), token=token)

    @classmethod
    def start(
        cls,
        recipe: Path | Document[Any],
        *,
        seed: int | str,
        scenario: str = "",
        over: Over = "process",
        data: Path | None = None,
        ports: Ports | None = None,
        token: str = "",
    ) -> Sandbox:
        """Build the orgs that the recipe says and make them callable.

        `scenario` (its id) gives each scenario draws of its own. `over` "http" opens a port for every org and
        actor on loopback, those of `ports` where it says so. With `data` the orgs are files in that folder.
        `token` opens the control API to callers that loopback alone doesn't prove.
        Raises DocumentRefused, also for records that break the orgs' own rules, and OSError for a port that is taken.
        """
        ease_collector()
        from leadsim.app import Sandbox as World
        from leadsim.app import build_app
        from leadsim.building import RecipeRefused
        from leadsim.dialects import UnknownDialect

        document = load_recipe(recipe) if isinstance(recipe, Path) else recipe
        try:
            world = World.build(document.model, seed, scenario=scenario, data=data)
        except (RecipeRefused, UnknownDialect) as refused:
            raise DocumentRefused([_not_built(document, refused)]) from None
        app = build_app(world, token=token)
        if over == "process":
            return cls(world, app, None, token)
        from leadsim.listen import listen

        try:
            wanted = ports or Ports()
            return cls(world, app, listen(world, app, ports=wanted.orgs, control_port=wanted.control), token)
        except BaseException:  # nobody else knows the world yet, so nobody else can close it
            world.close()
            raise

    # --- clients ---------------------------------------------------------------------------------

    def crm(self, org: str, actor: str = CONNECTOR, user: str | None = None, *, through: Through | None = None) -> Crm:
        """A client of a CRM org, logged in as `user`: by default the actor's own (`credentials`)."""
        return open_system(
            "crm",
            self.org(org).dialect,
            self._wire(org, actor, through),
            org,
            self.credentials(org, actor, user),
        )

    def marketing(
        self, org: str, actor: str = CONNECTOR, user: str | None = None, *, through: Through | None = None
    ) -> Marketing:
        """A client of a marketing org, logged in as `user`: by default the actor's own."""
        return open_system(
            "marketing",
            self.org(org).dialect,
            self._wire(org, actor, through),
            org,
            self.credentials(org, actor, user),
        )

    def transport(self, org: str, actor: str, through: Through | None = None) -> Transport:
        """The wire from an actor to an org; closed with the sandbox."""
        wire: Transport
        wire = InProcess(self._app, actor=actor) if self._listening is None else _http(self._listening.url(org, actor))
        wire = through(wire) if through is not None else wire
        self._opened.append(wire)
        return wire

    def _wire(self, org: str, actor: str, through: Through | None) -> Transport:
        """The wire for a vendor's client. Vendors know no org in a path, and in process all orgs are one app's; so
        that paths and digests are equal in process and over HTTP, it is put in front in both."""
        wire = self.transport(org, actor, through)
        dialect = self.org(org).dialect
        if dialect == NATIVE:
            return wire
        login = self._login_org(org) if dialect == PARDOT else None
        others = {LOGIN_PATHS: f"/{quote(login, safe='')}"} if login is not None else {}
        return Prefixed(wire, f"/{quote(org, safe='')}", others)

    def _login_org(self, org: str) -> str | None:
        """The Salesforce org that logs in the users of a Pardot org: the first one of the recipe; None without one."""
        sites = self._world.gateway.sites.values()
        return next((site.name for site in sites if site.recipe.dialect == SALESFORCE), None)

    def credentials(self, org: str, actor: str = CONNECTOR, user: str | None = None) -> Credentials:
        """What logs `user` in; without one the login that the recipe gives the actor, else the org's first.

        Raises KeyError for an org or a user that does not exist.
        """
        site = self._world.gateway.sites[org]
        name = user or next(
            (login.user for login in site.recipe.logins if login.actor == actor), next(iter(site.logins))
        )
        login = site.login_of(name)
        if login is None:
            raise KeyError(f"{org} has no user {name!r}")
        known = Credentials(name, login.password, name, login.password)
        if site.recipe.dialect == PARDOT:
            return self._pardot(site, login, known, actor)
        if site.recipe.dialect != SALESFORCE:
            return known
        own_host = f"https://{org}.my.salesforce.com"
        return _salesforce(known, site, login, own_host if self.proxy_url else self.url(org, actor))

    def _pardot(self, site: Site, login: Login, known: Credentials, actor: str) -> Credentials:
        """The login that the same person has at Salesforce, which logs in for Pardot, and the business unit's id."""
        from leadsim.dialects.pardot.ids import business_unit_id

        issuer = self._login_org(site.name)
        if issuer is not None:
            same = _same_person(site, login.user, self._world.gateway.sites[issuer])
            known = self.credentials(issuer, actor, same)
        return replace(known, business_unit_id=business_unit_id(site.name))

    # --- the orgs --------------------------------------------------------------------------------

    def org(self, name: str) -> OrgInfo:
        """What there is to know of an org before it is called; KeyError where there is none."""
        site = self._world.gateway.sites[name]
        return OrgInfo(name, site.org.kind, site.recipe.dialect)

    def orgs(self) -> list[OrgInfo]:
        """All orgs, in the recipe's order."""
        return [self.org(name) for name in self._world.gateway.sites]

    def url(self, org: str, actor: str = CONNECTOR) -> str:
        """Where the actor reaches the org; "" in process."""
        return self._listening.url(org, actor) if self._listening is not None else ""

    def open_proxy(self, ca: Path) -> str:
        """Open the forward proxy to the vendors' hosts, and write the authority to trust into `ca`; its URL.
        From now on credentials name those hosts. Raises RuntimeError in process, where there is nothing to connect to.
        """
        from leadsim.proxy import Authority

        if self._listening is None:
            raise RuntimeError("a sandbox in this process has no ports: start it over http")
        authority = Authority()
        ca.parent.mkdir(parents=True, exist_ok=True)
        ca.write_bytes(authority.pem)
        self.proxy_url = self._listening.open_proxy(authority)
        return self.proxy_url

    @property
    def control_url(self) -> str:
        """Where the control API is served; "" in process."""
        return self._listening.control_url if self._listening is not None else ""

    def digest(self) -> str:
        """The digest of everything that happened so far (formats.md "The digest")."""
        return self.lab.digest()

    def schema(self, org: str) -> Schema:
        """The org's objects and fields, seen without a call: nothing is journalled and no time passes."""
        return self._world.gateway.sites[org].org.schema.objects

    # --- the end ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Close clients, sockets and databases; files of a data folder stay."""
        for transport in self._opened:
            transport.close()
        self.lab.close()
        if self._listening is not None:
            self._listening.close()
        self._world.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _control(self) -> Transport:
        if self._listening is None:
            return InProcess(self._app, actor=CONTROL)
        return _http(self._listening.control_url)


def _http(url: str) -> Transport:
    """Over a socket; in process nobody need wait for the library that does it."""
    from leadproof.transports.http import Http

    return Http(url)


def _same_person(site: Site, user: str, other: Site) -> str | None:
    """The user of another org who is the same person: the same id, else the same user name or e-mail address."""
    if other.login_of(user) is not None:
        return user
    mine = site.org.users.get(user)
    names = {name.casefold() for name in (mine.user_name, mine.email) if name} if mine is not None else set()
    people = (one for one in other.org.users if not one.queue)
    return next(
        (one.id for one in people if {name.casefold() for name in (one.user_name, one.email) if name} & names), None
    )


def _salesforce(known: Credentials, site: Site, login: Login, url: str) -> Credentials:
    """The same login as Salesforce's own clients are told it: the user name, the connected app's key and secret."""
    from leadsim.dialects.salesforce.apps import connected_app, security_token
    from leadsim.dialects.salesforce.versions import LAST

    user = site.org.users.get(login.user)
    app = connected_app(site.name, login)
    return replace(
        known,
        username=user.user_name if user is not None else login.user,
        client_id=app.client_id,
        client_secret=app.client_secret,
        security_token=security_token(site.name, login.user),
        instance_url=url,
        api_version=f"{LAST}.0",
    )
