"""The stage of one running scenario: its sandbox, its connections, its people, and what has been found so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadproof.findings import At, Finding, find
from leadproof.scenario.connected import Connected
from leadproof.scenario.document import shown_path
from leadproof.scenario.filling import Identity, identity
from leadproof.scenario.people import Group, Person
from leadproof.scenario.registry import Entered, Need, Step, StepRefused
from leadproof.systems.organization import User
from leadproof.systems.ports import Capability, WriteResult
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import parse
from leadterms.refusals import Place, ValueRefused
from leadterms.values import Value

if TYPE_CHECKING:
    from leadproof.importer import ImportReport
    from leadproof.oracle import CycleSpan
    from leadproof.oracle.translation import RuleBook
    from leadproof.scenario.control import Control
    from leadproof.scenario.document import Loaded
    from leadproof.scenario.dummies import Dummies
    from leadterms.documents import Document


ADDRESS_REFUSED = "NET110"


@dataclass(slots=True)
class Removal:
    """What clean-up could not remove: product.md A5 lists it by id."""

    org: str
    object: str
    id: str
    reason: str


@dataclass(slots=True)
class Stage:
    """What steps and checks work on. `offers` says which needs this target meets; `at` is the current step's place;
    `excused`: the steps, by number, that the pair of systems cannot express, and why; `dummies`: on live systems, whom
    the scenario may touch; `absent`: the `$names` that a skipped step would have given."""

    loaded: Loaded
    seed: str
    connections: dict[str, Connected]
    lab: Control | None
    offers: frozenset[Need]
    at: Place
    recipe: Document[Any] | None = None
    cast: dict[str, Person | Group] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    spans: dict[str, list[CycleSpan]] = field(default_factory=dict)
    made: list[tuple[str, str, str]] = field(default_factory=list)
    imports: list[ImportReport] = field(default_factory=list)
    born: int = 0
    excused: dict[int, str] = field(default_factory=dict)
    dummies: Dummies | None = None
    absent: dict[str, None] = field(default_factory=dict)

    # --- connections and systems -------------------------------------------------------------------------------

    @property
    def main(self) -> Connected:
        """The first connection: what a step means that names none."""
        return next(iter(self.connections.values()))

    def connection(self, name: str | None) -> Connected:
        """The connection of this name (its integration file's name without ending); the first for None."""
        if name is None:
            return self.main
        if name not in self.connections:
            raise self.unknown("connection", name, self.connections)
        return self.connections[name]

    def located(self, where: str) -> tuple[Connected, str]:
        """The connection and side that `in:` means: crm, marketing, or an org's name."""
        if where in ("crm", "marketing"):
            return self.main, where
        orgs: dict[str, tuple[Connected, str]] = {}
        for one in self.connections.values():
            orgs.setdefault(one.crm.name, (one, "crm"))
            orgs.setdefault(one.marketing.name, (one, "marketing"))
        if where not in orgs:
            raise self.unknown("system", where, ["crm", "marketing", *orgs])
        return orgs[where]

    # --- people ------------------------------------------------------------------------------------------------

    def new_identity(self) -> Identity:
        """The next dummy person; the same for the same seed and scenario, and on live systems nobody else's."""
        self.born += 1
        return identity(self.seed, self.born, self.dummies.word if self.dummies is not None else "")

    def name(self, name: str, who: Person | Group) -> None:
        """Let later steps say `$name`."""
        self.cast[name.removeprefix("$")] = who

    def people(self, name: str) -> Group:
        """The person or the group that `$name` means, as a list."""
        who = self.cast.get(name.removeprefix("$"))
        if who is None:
            raise self.refused(
                "CFG830",
                f"{name} is used at {self.at} and no step before it has `as: {name.removeprefix('$')}`.",
                fix=f"Use one of the names given so far: {', '.join('$' + one for one in self.cast) or 'none'}.",
            )
        return who if isinstance(who, list) else [who]

    def lacking(self, step: Step) -> str:
        """Whom the step is about, if a skipped step would have made them, in words; "" where nobody is missing."""
        told = step.model_dump().values()
        said = [one for value in told for one in (value.values() if isinstance(value, dict) else [value])]
        missing = [one for one in self.absent if one in said and one[1:] not in self.cast]
        return f"needs {', '.join(missing)}, whom a skipped step would have made" if missing else ""

    def person(self, name: str) -> Person:
        """The one person that `$name` means."""
        group = self.people(name)
        if len(group) != 1:
            raise self.refused("CFG807", f"{name} is a group of {len(group)}; this step is about one person.")
        return group[0]

    # --- values ------------------------------------------------------------------------------------------------

    def spec(self, connected: Connected, side: str, object: str, field_id: str) -> FieldSpec:
        """The field's definition, by its own id or the engine's; an unknown one stops the scenario and names the
        fields there are."""
        specs = connected.specs(side, object)
        found = specs.get(field_id) or specs.get(connected.field_id(side, object, field_id))
        if found is None:
            raise self.unknown(f"field of {object} in {connected.system(side).name}", field_id, specs)
        return found

    def typed(self, connected: Connected, side: str, object: str, values: Mapping[str, Entered]) -> dict[str, Value]:
        """The values of a step by the fields' own ids, read by each field's type."""
        read: dict[str, Value] = {}
        for field_id, raw in values.items():
            spec = self.spec(connected, side, object, field_id)
            try:
                read[spec.id] = parse(spec, raw)
            except ValueRefused as refused:
                at = At(side, connected.system(side).name, object, "", spec.id)
                text = f"{object}.{field_id}: {refused.text}"
                raise self.refused("CFG807", text, fix=refused.fix, where=at) from None
        return read

    def rule_book(self, connected: Connected) -> RuleBook | None:
        """The CRM's rules from the sandbox's own set-up, where the CRM's API does not tell them; None where it does."""
        if Capability.ASSIGNMENT_RULES in connected.crm.can or self.lab is None:
            return None
        return self.lab.rule_book(connected.crm.name)

    def user_id(self, connected: Connected, side: str, name: str) -> str:
        """The id of the user or queue with this user name."""
        users = connected.system(side).users()
        for user in users:
            if same_name(user, name):
                return user.id
        raise self.unknown(f"user of {connected.system(side).name}", name, [one.user_name for one in users])

    # --- refusals ----------------------------------------------------------------------------------------------

    def refused(self, code: str, cause: str, *, fix: str = "", where: At | None = None) -> StepRefused:
        """The step cannot be done; raise what this answers."""
        places = (self.at,) if where is None else (self.at, where)
        return StepRefused(find(code, cause, places=places, fix=fix))

    def unknown(self, kind: str, name: str, known: Iterable[str]) -> StepRefused:
        """The scenario names something that does not exist."""
        from rapidfuzz.process import extractOne

        names = list(known)
        near = extractOne(name, names, score_cutoff=60)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names) or 'none'}."
        return self.refused("CFG833", f"There is no {kind} called {name}.", fix=hint)

    def settle(self, connected: Connected, side: str, result: WriteResult, object: str) -> str:
        """The id that a write of the scenario's own made or changed; a refusal stops the scenario."""
        if result.id is not None and result.outcome in ("created", "updated", "unchanged", "deleted"):
            return result.id
        told = result.refusal
        why = f"{told.text} [{told.code}]" if told is not None else "the answer was lost"
        org = connected.system(side).name
        at = At(side, org, object, result.id or "", (told.field or "") if told is not None else "")
        raise self.refused("RUN808", f"{org} refused the step: {why}", where=at)

    # --- findings ----------------------------------------------------------------------------------------------

    def note(self, findings: Iterable[Finding]) -> list[Finding]:
        """Keep what a cycle or a diagnosis found; answers those that are new."""
        known = {(one.fingerprint, one.cause) for one in self.findings}
        new = []
        for one in findings:
            if (one.fingerprint, one.cause) not in known:
                known.add((one.fingerprint, one.cause))
                self.findings.append(one)
                new.append(one)
        return new

    def diagnose(self, connected: Connected) -> list[Finding]:
        """What the doctor says now, looking with the connector's own login (product.md C)."""
        from leadproof.doctor import diagnose, in_vendors_names

        crm, marketing = connected.eyes()
        book = self.rule_book(connected)
        object = connected.integration.people.crm[0]
        told = in_vendors_names(book, connected.names["crm"], object) if book is not None else None
        return diagnose(connected.integration, crm, marketing, told)

    def placed(self, finding: Finding) -> Finding:
        """A refused address with the recipe's line that refuses it and what to write there, as long as no step has
        changed the list."""
        org = next((one.org or one.system for one in finding.places if isinstance(one, At)), "")
        if finding.code != ADDRESS_REFUSED or self.recipe is None or org not in self.recipe.model.orgs:
            return finding
        if self.lab is None or self.lab.allowlist(org) != self.recipe.model.orgs[org].allowlist:
            return finding
        place = self.recipe.place("orgs", org, "allowlist")
        where = Place(shown_path(Path(place.file)), place.line, place.column)
        from leadproof.doctor.mending import mended

        here = replace(finding, places=(where, *(one for one in finding.places if one != where)))
        actors = self.recipe.model.actors
        caller = next((name for name, actor in actors.items() if f" {actor.address} " in finding.cause), "")
        return mended([here], self.recipe, caller=caller)[0]

    def causes(self, *likely: Finding) -> tuple[Finding, ...]:
        """Known causes for a failed check: what a cycle reported as error, then what the check itself suspects."""
        errors = [one for one in self.findings if one.level == "error"]
        return (*errors, *likely)


def same_name(user: User, name: str) -> bool:
    """User names compare trimmed and casefolded (sync-semantics.md "Whose lead is it")."""
    wanted = name.strip().casefold()
    return wanted in (user.user_name.strip().casefold(), user.id.casefold())
