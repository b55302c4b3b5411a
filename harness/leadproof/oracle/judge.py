"""The oracle: all judgements over one integration, one pair of histories and what both systems report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from leadproof.integration import Integration
from leadproof.oracle.agreement import Agreement
from leadproof.oracle.answers import Answers
from leadproof.oracle.companies import Companies
from leadproof.oracle.deletes import Deletes
from leadproof.oracle.histories import Histories
from leadproof.oracle.judged import Judged
from leadproof.oracle.links import Links
from leadproof.oracle.matching import Matching
from leadproof.oracle.members import Members
from leadproof.oracle.owners import Owners
from leadproof.oracle.people import People
from leadproof.oracle.reports import Reports
from leadproof.oracle.silence import Silence
from leadproof.oracle.standing import SideName
from leadproof.oracle.values import Values
from leadproof.oracle.violations import Violation
from leadproof.systems.campaigns import Report, ReportName
from leadproof.systems.failures import NotSimulated
from leadproof.systems.ports import Capability, Crm, Marketing

REPORTS: tuple[ReportName, ...] = ("lead-source", "campaign", "hand-over", "closed-loop")


@dataclass(frozen=True, slots=True)
class State:
    """What cannot be derived from the histories: the reports as both systems compute them."""

    reports: Mapping[tuple[SideName, ReportName], Report] = field(default_factory=dict)

    @classmethod
    def read(cls, crm: Crm, marketing: Marketing) -> State:
        """Ask both systems for every report that they have. May raise a CallFailed."""
        reports: dict[tuple[SideName, ReportName], Report] = {}
        sides: tuple[tuple[SideName, Crm | Marketing], ...] = (("crm", crm), ("marketing", marketing))
        for side, system in sides:
            if Capability.REPORTS not in system.can:
                continue
            for name in REPORTS:
                try:
                    reports[side, name] = system.report(name)
                except NotSimulated:
                    continue
        return cls(reports)


class Oracle:
    """Judges a connector, whoever wrote it, at a quiet point. `judged`: how much the last judgement looked at."""

    def __init__(self, integration: Integration, histories: Histories) -> None:
        self.judged = Judged()
        self._histories = histories
        self._agreement = Agreement(integration, histories)
        self._links = Links(
            histories,
            self._agreement.crm_objects,
            self._agreement.marketing_object,
            self._agreement.link_fields,
        )
        self._matching = Matching(self._agreement, histories, self._links)
        self._people = People(self._agreement, histories, self._links, self._matching)

    def judge(self, state: State | None = None) -> list[Violation]:
        """Everything that is not as it must be, in a fixed order; [] when the connector did right.

        `state` adds the reports; without it they are not judged. How much was looked at is told by `judged`."""
        parts = (self._agreement, self._histories, self._links, self._matching)
        values, owners, members, answers = Values(*parts), Owners(*parts), Members(*parts), Answers(*parts)
        silence, companies = Silence(*parts), Companies(self._agreement, self._histories, self._links)
        reports = Reports(self._histories)
        standing = self._people.standing()
        found: list[Violation] = []
        for link in standing:
            for judge in (values.judge, owners.judge, members.judge, answers.judge, silence.echoes):
                found += judge(link)
        found += [*members.unmapped(), *silence.silent(), *self._people.judge()]
        found += [*Deletes(*parts, self._matching.outlived).judge(), *companies.judge()]
        if state is not None:
            found += reports.judge(state.reports)
        self.judged = Judged(
            people=self._people.judged,
            ended=len(self._links.all) - len(standing),
            values=values.judged,
            owners=owners.judged,
            members=members.judged,
            answers=answers.judged,
            accounts=companies.judged["oracle.account"],
            opportunities=companies.judged["oracle.opportunity"],
            figures=reports.judged,
        )
        return sorted(dict.fromkeys(found), key=lambda violation: violation.order)
