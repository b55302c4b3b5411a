"""What the connector did against the contract: each violation that concerns the check, called by its name.

The oracle says which row ended wrong and by which rule; who wrote what stands in the histories.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from leadproof.diagnosis.advice import advice, mapping_of
from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.subject import lives, people_of, wanted
from leadproof.findings import Evidence, Finding, find
from leadproof.oracle import Violation
from leadproof.oracle.agreement import Row
from leadproof.oracle.histories import FOREVER
from leadproof.oracle.law import REASONS
from leadproof.oracle.standing import SideName, other
from leadproof.oracle.timelines import Edit, Life, typed
from leadproof.oracle.values import text_of
from leadproof.scenario.checks.answers import CheckAnswers
from leadproof.scenario.checks.members import CheckMember
from leadproof.scenario.checks.owners import CheckOwner
from leadproof.scenario.checks.quiet import CheckOracle, CheckQuiet
from leadproof.scenario.checks.reports import CheckReport
from leadterms.fieldtypes import same
from leadterms.refusals import ConversionRefused

SIDES: tuple[SideName, SideName] = ("crm", "marketing")
VALUES = ("oracle.value", "oracle.changed_back", "oracle.account", "oracle.opportunity")
PEOPLE = ("oracle.delivered", "oracle.single", "oracle.link", "oracle.deletes")
OF_CHECK: dict[type, tuple[str, ...]] = {
    CheckOwner: ("oracle.owner", *PEOPLE),
    CheckMember: ("oracle.member", *PEOPLE),
    CheckAnswers: ("oracle.answers",),
    CheckReport: ("oracle.report", "oracle.member", "oracle.source", *PEOPLE),
    CheckQuiet: ("oracle.no_echo", "oracle.silent", *VALUES),
}
"""Which of the oracle's checks can be why a check of this type failed; others by the people that they are about."""
PLAIN = {
    "oracle.consent": "OWN308",
    "oracle.source": "OWN315",
    "oracle.answers": "CYC635",
    "oracle.deletes": "CYC608",
    "oracle.report": "RPT501",
    "oracle.no_echo": "CYC624",
    "oracle.silent": "CYC624",
}
AS_THEY_ARE = {"refused_clear": "OWN304", "accepted": "OWN333", "filled": "OWN330", "guarded": "OWN331"}
"""The oracle's reasons that need no second look."""
SILENCE = ("oracle.no_echo", "oracle.silent")


def look_at_contract(case: Case) -> Iterator[Cause]:
    """The connector's own faults. Each kind is told once, at its first place, with how often it is seen."""
    told: dict[str, list[Violation]] = {}
    for violation in concerning(case):
        told.setdefault(name_of(case, violation), []).append(violation)
    for code, found in told.items():
        yield Cause(_finding(case, code, found), Proof.FITTING)


def concerning(case: Case) -> list[Violation]:
    """The violations that can be why the check failed; of an echo there are many, so what else is wrong comes first."""
    found = list(case.violations)
    step = case.step
    if not isinstance(step, CheckOracle):
        fields = {(want.life.id, want.field) for want in wanted(case)}
        ids = {
            life.id for person in people_of(case) for side in ("crm", "marketing") for life in lives(case, side, person)
        }
        checks = OF_CHECK.get(type(step))
        if fields:
            near = [one for one in found if (one.place.record, one.place.field) in fields]
            found = near or [one for one in found if one.check in PEOPLE]
        elif checks is not None:
            found = [one for one in found if one.check in checks]
        elif ids:
            found = [one for one in found if one.place.record in ids or not one.place.record] or found
    return sorted(found, key=lambda one: one.check in SILENCE)


def name_of(case: Case, violation: Violation) -> str:
    """The finding code that a violation is."""
    if violation.check in PLAIN:
        return PLAIN[violation.check]
    row = _Row(case, violation)
    if violation.check in VALUES:
        return row.code()
    if violation.check == "oracle.single":
        return "DUP403"
    if violation.check == "oracle.owner":
        return "CYC634" if "an update never assigns" in violation.because else "CYC629"
    if violation.check == "oracle.link":
        return "DUP412" if _several(case, violation) else "CYC603"
    if violation.check == "oracle.member":
        return "CYC630" if violation.place.record else "RPT503"
    return "CYC601"


def _several(case: Case, violation: Violation) -> bool:
    """Whether the wrong link, or the missing one, is about a person whom several records of a side match."""
    place = violation.place
    life = case.life(place.system, place.object, place.record)
    if life is None or "match key" not in violation.because:
        return False
    link = case.link_of(place.system, life)
    for seeker, one in ((place.system, life), *((side, link.begin(side)) for side in SIDES if link is not None)):
        side: SideName = "marketing" if seeker == "crm" else "crm"
        for key in case.agreement.keys_at("crm" if seeker == "crm" else "marketing", one, FOREVER):
            if len({id(held) for held in case.matching.holders(side, key)}) > 1:
                return True
    return False


@dataclass(frozen=True)
class _Row:
    """One row of the value table that ended wrong."""

    case: Case
    violation: Violation

    @cached_property
    def life(self) -> Life | None:
        place = self.violation.place
        return self.case.life(place.system, place.object, place.record)

    @cached_property
    def edits(self) -> Sequence[Edit]:
        """The changes of the field, oldest first."""
        field = self.violation.place.field
        return [edit for edit in self.life.edits if field in edit.fields] if self.life is not None else []

    @property
    def written(self) -> bool:
        """Whether the connector wrote what stands there."""
        return bool(self.edits) and self.edits[-1].own

    @cached_property
    def master(self) -> str:
        """The side that is master of the row."""
        mapping = mapping_of(self.case, self.violation)
        return mapping.master if mapping is not None else "crm"

    @cached_property
    def row(self) -> Row | None:
        """The mapping of the field, for the CRM object that the person is."""
        place = self.violation.place
        link = self.case.link_of(place.system, self.life) if self.life is not None else None
        if link is None:
            return None
        rows = self.case.agreement.rows.get(link.crm_end.object, {})
        wanted = _side(place.system)
        return next((one for one in rows.values() if one.exchange.spec(wanted).id == place.field), None)

    def _against_direction(self) -> bool:
        if self.row is None:
            return False
        return self.row.terms.direction not in (
            "both",
            "to_crm" if self.violation.place.system == "crm" else "to_marketing",
        )

    def _altered(self) -> bool:
        """Whether the connector wrote what neither side ever held by anybody else's hand."""
        place, row, life = self.violation.place, self.row, self.life
        link = self.case.link_of(place.system, life) if life is not None else None
        if (
            row is None
            or link is None
            or life is None
            or text_of(typed(row.exchange.spec(_side(place.system)), self.edits[-1].fields[place.field][1]))
            == "nothing"
        ):
            return False
        here, there = _side(place.system), other(_side(place.system))
        held = [
            typed(row.exchange.spec(there), edit.fields[row.exchange.spec(there).id][1])
            for edit in link.end(there).edits
            if row.exchange.spec(there).id in edit.fields
        ]
        mine = [typed(row.exchange.spec(here), edit.fields[place.field][1]) for edit in self.edits if not edit.own]
        wrote = typed(row.exchange.spec(here), self.edits[-1].fields[place.field][1])
        for value in held:
            try:
                mine.append(row.exchange.carried(here, value))
            except ConversionRefused:
                continue
        return not any(same(row.exchange.spec(here), wrote, one) for one in mine)

    def _master_written(self) -> bool:
        """Whether the connector also wrote the master's half of this row, and wrongly."""
        place, row = self.violation.place, self.row
        link = self.case.link_of(place.system, self.life) if self.life is not None else None
        if row is None or link is None:
            return False
        there = other(_side(place.system))
        field, life = row.exchange.spec(there).id, link.end(there)
        wrong = any((one.place.record, one.place.field) == (life.id, field) for one in self.case.violations)
        edits = [edit for edit in life.edits if field in edit.fields]
        return wrong and bool(edits) and edits[-1].own

    def reason(self) -> str:
        """The key of the oracle's reason."""
        said = self.violation.because
        for key, text in REASONS.items():
            parts = [part.strip() for part in _split(text) if len(part.strip()) > 8]
            if parts and all(part in said for part in parts):
                return key
        return "alike" if "both sides held the same" in said else ""

    def code(self) -> str:
        """What the connector did to the row, by whose value ended where."""
        reason, on_master = self.reason(), self.violation.place.system == self.master
        if self.written and self._against_direction():
            return "OWN336"
        if self.written and self._altered():
            return "CYC633"
        if reason == "alike":
            return "OWN335"
        if reason == "settled":
            return "OWN334"
        cleared = self.violation.found == "nothing" and self.written
        if reason in ("changed_back", "erased_back"):
            entered = self.written if on_master else self._master_written()
            return "OWN302" if not entered else "OWN337" if reason == "changed_back" else "OWN331"
        if reason == "cleared" or (reason == "accepted" and self.violation.expected == "nothing"):
            return "OWN332"
        if cleared and reason in ("guarded", "refused_clear", "filled"):
            return "OWN304"
        if reason in AS_THEY_ARE:
            return AS_THEY_ARE[reason]
        if reason in ("first", "changed"):
            return "OWN337" if on_master and self.written else "OWN301"
        return "OWN301" if self.violation.found == "nothing" else "CYC605"


def _side(name: str) -> SideName:
    return "crm" if name == "crm" else "marketing"


def _split(text: str) -> list[str]:
    return text.replace("{master}", "|").replace("{replica}", "|").split("|")


def _finding(case: Case, code: str, found: Sequence[Violation]) -> Finding:
    first = found[0]
    place = first.place
    more = f" ({len(found)} such places)" if len(found) > 1 else ""
    text = (
        f"{place}: expected {first.expected}, found {first.found}{more}: {first.because or 'the contract'}."
        f" The connector did not obey the integration here [{first.check}]."
    )
    at = case.at(place.system, place.object, place.record, place.field)
    life = case.life(place.system, place.object, place.record) if place.record else None
    proofs = [Evidence(f"{first.check}: {first.because}")]
    if life is not None:
        proofs += [
            Evidence(
                f"{edit.user} {edit.op}: {place.field} = {edit.fields[place.field][1]}", case.org(place.system), edit.n
            )
            for edit in life.edits[-4:]
            if place.field in edit.fields
        ]
    return find(code, text, places=[at], evidence=proofs, fix=advice(case, code, found))
