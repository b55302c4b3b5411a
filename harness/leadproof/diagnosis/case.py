"""What is known about one failed check: the check, both systems' histories, the files. Read once, and only if asked.

Everything here comes from the journal, the systems' own answers and the files; nothing from the connector's report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadproof.diagnosis.calls import Calls, Fact
from leadproof.doctor import diagnose, in_vendors_names
from leadproof.doctor.connection import failed_call
from leadproof.findings import At, Finding
from leadproof.oracle import Histories, Oracle, State, Violation
from leadproof.oracle.agreement import Agreement
from leadproof.oracle.links import Link, Links
from leadproof.oracle.matching import Matching
from leadproof.oracle.timelines import Life
from leadproof.scenario.document import shown_path
from leadproof.systems.failures import CallFailed
from leadterms.refusals import Place

if TYPE_CHECKING:
    from leadproof.integration import Integration
    from leadproof.oracle.translation import RuleBook
    from leadproof.scenario.connected import Connected
    from leadproof.scenario.registry import Result, Step
    from leadproof.scenario.stage import Stage
    from leadterms.documents import Document


@dataclass(frozen=True)
class Case:
    """One failed check (or step that could not be done) of one connection."""

    stage: Stage
    step: Step
    result: Result
    connected: Connected

    @property
    def integration(self) -> Integration:
        """What the connection is meant to do, in the names of the journal."""
        return self.connected.judged_by or self.connected.integration

    def org(self, side: str) -> str:
        """The org of this side."""
        return self.connected.system(side).name

    @cached_property
    def facts(self) -> Sequence[Fact]:
        """The whole journal; () on a target that has none."""
        return self.stage.lab.facts() if self.stage.lab is not None else ()

    @cached_property
    def calls(self) -> Calls:
        """The connector's calls in this connection's cycles."""
        orgs = frozenset({self.org("crm"), self.org("marketing")})
        return Calls.read(self.facts, self.stage.spans.get(self.connected.name, []), orgs)

    @cached_property
    def histories(self) -> Histories:
        """Both systems' histories, as the oracle reads them."""
        connected = self.connected
        return Histories.read(
            self.facts,
            connected.crm,
            connected.marketing,
            cycles=self.stage.spans.get(connected.name, []),
            crm_names=connected.names["crm"].to_engine,
            marketing_names=connected.names["marketing"].to_engine,
            rules=self.stage.rule_book(connected),
        )

    @cached_property
    def agreement(self) -> Agreement:
        """The integration over the fields that both systems have."""
        return Agreement(self.integration, self.histories)

    @cached_property
    def links(self) -> Links:
        """Who is linked with whom."""
        agreed = self.agreement
        return Links(self.histories, agreed.crm_objects, agreed.marketing_object, agreed.link_fields)

    @cached_property
    def matching(self) -> Matching:
        """Whose record is it."""
        return Matching(self.agreement, self.histories, self.links)

    @cached_property
    def violations(self) -> Sequence[Violation]:
        """What breaks the contract now, in the journal's names; () where there is no journal to judge by, or no
        cycle has run."""
        if not self.facts or not self.calls.cycles:
            return ()
        oracle = Oracle(self.integration, self.histories)
        return oracle.judge(State.read(self.connected.crm, self.connected.marketing))

    def life(self, side: str, object: str, id: str) -> Life | None:
        """One record's history."""
        lives = self.histories.crm.lives if side == "crm" else self.histories.marketing.lives
        return lives.get(object, id)

    def link_of(self, side: str, life: Life) -> Link | None:
        """The link that a record stands in, the latest; None where it is linked with nobody."""
        found = self.links.of("crm" if side == "crm" else "marketing", life)
        return found[-1] if found else None

    @cached_property
    def seen(self) -> Sequence[Finding]:
        """What the doctor sees of the connection with the connector's own login, the likeliest first."""
        crm, marketing = self.connected.eyes()
        try:
            return diagnose(self.connected.integration, crm, marketing, self._told_rules)
        except CallFailed as failure:
            return [failed_call("", failure)]

    @property
    def _told_rules(self) -> RuleBook | None:
        """The CRM's rules in its own names, where its API does not tell them and the sandbox does."""
        book = self.stage.rule_book(self.connected)
        if book is None:
            return None
        names = self.connected.names["crm"]
        return in_vendors_names(book, names, self.connected.integration.people.crm[0])

    def in_recipe(self, org: str, *loc: str | int) -> Place | None:
        """Where the recipe says this of the org; None once a step of the scenario has changed the org."""
        recipe = self.recipe
        return recipe.place("orgs", org, *loc) if recipe is not None and self.as_written(org) else None

    @cached_property
    def recipe(self) -> Document[Any] | None:
        """The recipe's file, by the name that people see."""
        recipe = self.stage.recipe
        return None if recipe is None else replace(recipe, name=shown_path(Path(recipe.name)))

    def as_written(self, org: str) -> bool:
        """Whether the org is still what the recipe says of it: no step of the scenario has changed it."""
        if self.recipe is None or org not in self.recipe.model.orgs:
            return False
        return not any(one.get("actor") == "lab" and one["org"] == org and one["kind"] == "note" for one in self.facts)

    def at(self, side: str, object: str = "", record: str = "", field: str = "") -> At:
        """A place in one of the two systems."""
        return At(side, self.org(side), object, record, field)
