"""Campaign members: keyed (campaign link, person link), status by a map with its own master.

sync-semantics.md "Campaigns and reports". A membership waits for its lead and is written in the same cycle after
it; a change of status is synced even when no field of the lead changed; removal follows `deletes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from leadproof.connector.cycle import Cycle, chunks, describe_refusal
from leadproof.connector.kinds import Kind
from leadproof.connector.links import Gone, Link
from leadproof.connector.memberships import Seen, Settled
from leadproof.connector.refusals import policy_of
from leadproof.connector.set_aside import Aside, Policy
from leadproof.connector.value_table import OTHER, Reading, Rights, Side, judge
from leadproof.connector.values import HALF
from leadproof.findings import At
from leadproof.integration import CampaignMapping
from leadproof.systems.campaigns import Campaign, MemberWrite
from leadproof.systems.ports import WriteResult

MEMBER = "member"
_PAGE = 2000
_TRIES = 2


@dataclass(frozen=True, slots=True)
class CampaignLink:
    """A mapped campaign on both sides. `key` names it in the store."""

    key: str
    crm: Campaign
    marketing: Campaign
    rule: CampaignMapping
    position: int

    def on(self, side: Side) -> Campaign:
        return self.crm if side == "crm" else self.marketing


@dataclass(slots=True)
class _Case:
    """One membership: what each side holds ("" for none), and what was settled."""

    campaign: CampaignLink
    link: Link
    seen: dict[Side, Seen | None]
    settled: Settled | None

    def status(self, side: Side) -> str:
        seen = self.seen[side]
        return "" if seen is None or seen.removed else seen.status

    def removed(self, side: Side) -> bool:
        seen = self.seen[side]
        return seen is not None and seen.removed


def person_key(object: str, id: str) -> str:
    return f"{object}:{id}"


def link_campaigns(cycle: Cycle) -> list[CampaignLink]:
    """The campaigns that the integration maps, found by name or id; what is missing is a finding."""
    if not cycle.integration.campaigns:
        return []
    known = {side: _by_name(cycle.system(side).campaigns()) for side in HALF}
    found = []
    for position, rule in enumerate(cycle.integration.campaigns):
        pair: dict[Side, Campaign | None] = {
            "crm": known["crm"].get(_fold(rule.crm)),
            "marketing": known["marketing"].get(_fold(rule.marketing)),
        }
        for side, campaign in pair.items():
            if campaign is None:
                place = cycle.integration.place("campaigns", position)
                cycle.find(
                    "RPT506",
                    f"{cycle.system(side).name} has no campaign {getattr(rule, side)!r}; its members are not synced.",
                    *([place] if place else []),
                    At(side, cycle.system(side).name, "Campaign"),
                )
        crm, marketing = pair["crm"], pair["marketing"]
        if crm is not None and marketing is not None:
            found.append(CampaignLink(f"{crm.id}:{marketing.id}", crm, marketing, rule, position))
            cycle.campaign_ids["crm", marketing.id] = crm.id
            cycle.campaign_ids["marketing", crm.id] = marketing.id
    return found


def sync_members(cycle: Cycle, kind: Kind, campaigns: Sequence[CampaignLink]) -> None:
    """Read both feeds, then settle every membership that they, a new link or the queue name."""
    if not campaigns:
        return
    cursors, touched = _read_feeds(cycle, campaigns)
    links = _touched_links(cycle, kind, touched)
    for chunk in chunks(links):
        cases = _cases(cycle, kind, campaigns, chunk)
        for _ in range(_TRIES):
            cases = _settle(cycle, kind, cases)
            if not cases:
                break
        else:
            for case in cases:
                _set_aside(cycle, case, "marketing", "CYC604", "The answer was lost.", "soon")
    if cursors:
        with cycle.store.transaction():
            for feed, cursor in cursors.items():
                cycle.store.set_cursor(feed, cursor)


def _read_feeds(cycle: Cycle, campaigns: Sequence[CampaignLink]) -> tuple[dict[str, str], dict[Side, list[str]]]:
    """Keep what the feeds tell of mapped campaigns; answers the cursors and the persons they named."""
    cursors: dict[str, str] = {}
    touched: dict[Side, list[str]] = {"crm": [], "marketing": []}
    for side in HALF:
        mapped = {one.on(side).id for one in campaigns}
        feed = f"{MEMBER}:{side}"
        cursor = since = cycle.store.cursor(feed)
        more = True
        while more:
            page = cycle.system(side).members(cursor, _PAGE)
            seen = [
                Seen(side, one.campaign, person_key(one.person_object, one.person), one.status, one.deleted)
                for one in page.items
                if one.campaign in mapped
            ]
            if seen:
                with cycle.store.transaction():
                    cycle.store.memberships.see(seen)
            touched[side] += [one.person for one in seen]
            cursor, more = page.next, page.more
        if cursor and cursor != since:
            cursors[feed] = cursor
    return cursors, touched


def _touched_links(cycle: Cycle, kind: Kind, touched: dict[Side, list[str]]) -> list[Link]:
    found: dict[int, Link] = {}
    links = cycle.store.links
    for object in kind.crm_objects:
        ids = [key.partition(":")[2] for key in touched["crm"] if key.partition(":")[0] == object]
        found.update((link.id, link) for link in links.by_crm(kind.name, object, ids).values())
    ids = [key.partition(":")[2] for key in touched["marketing"]]
    found.update((link.id, link) for link in links.by_marketing(kind.name, ids).values())
    due = cycle.store.set_aside.due(MEMBER, cycle.number, users_changed=False, rules_changed=cycle.rules_changed)
    for number in [*cycle.linked_now, *(int(one.record) for one in due)]:
        link = found.get(number) or links.get(number)
        if link is not None:
            found[number] = link
    return [found[number] for number in sorted(found) if not found[number].gone]


def _cases(cycle: Cycle, kind: Kind, campaigns: Sequence[CampaignLink], links: Sequence[Link]) -> list[_Case]:
    persons: dict[Side, dict[int, str]] = {
        "crm": {link.id: person_key(link.crm_object, link.crm_id) for link in links},
        "marketing": {link.id: person_key(kind.marketing_object, link.marketing_id) for link in links},
    }
    seen = {side: cycle.store.memberships.seen_of(side, persons[side].values()) for side in HALF}
    settled = cycle.store.memberships.settled([link.id for link in links])
    cases = []
    for link in links:
        for campaign in campaigns:
            known: dict[Side, Seen | None] = {
                side: seen[side].get((campaign.on(side).id, persons[side][link.id])) for side in HALF
            }
            if any(known.values()):
                cases.append(_Case(campaign, link, known, settled.get((campaign.key, link.id))))
    return cases


def _settle(cycle: Cycle, kind: Kind, cases: Sequence[_Case]) -> list[_Case]:
    """Decide and write; answers the cases whose answer was lost (setting a status twice is setting it once)."""
    out: dict[Side, list[tuple[_Case, MemberWrite]]] = {"crm": [], "marketing": []}
    done: list[Settled] = []
    for case in cases:
        write = _decide(cycle, kind, case, done)
        if write is not None:
            out[write[0]].append((case, write[1]))
    lost: list[_Case] = []
    for side, writes in out.items():
        if not writes:
            continue
        cycle.report.count(side, len(writes))
        results = cycle.system(side).set_members([write for _, write in writes])
        for (case, told), result in zip(writes, results, strict=True):
            if result.outcome == "unknown":
                lost.append(case)
            elif result.refusal is not None:
                _refused(cycle, case, side, result)
            else:
                done.append(_applied(cycle, case, side, told))
    with cycle.store.transaction():
        cycle.store.memberships.settle(done)
        for one in done:
            cycle.store.set_aside.drop(MEMBER, "marketing", one.campaign, str(one.link))
    return lost


def _decide(cycle: Cycle, kind: Kind, case: _Case, done: list[Settled]) -> tuple[Side, MemberWrite] | None:
    """The one write a membership needs; what needs none is `done`."""
    settled = case.settled
    crm, marketing = case.status("crm"), case.status("marketing")
    if settled is not None and (settled.gone or not (crm and marketing)):
        handled, removal = _removal(cycle, kind, case, settled, done)
        if handled:
            return removal
    first = settled is None or bool(settled.gone)
    reading = Reading(
        same=bool(crm) == bool(marketing) and (not crm or _agree(case, crm, marketing)),
        crm_blank=not crm,
        marketing_blank=not marketing,
        crm_changed=settled is not None and _fold(settled.crm_status) != _fold(crm),
        marketing_changed=settled is not None and _fold(settled.marketing_status) != _fold(marketing),
        first=first,
    )
    rights = Rights(master=case.campaign.rule.master, overwrite="if_blank")
    verdict = judge(rights, reading, lambda: "crm", cycle.rows)
    if verdict.target is None:
        if settled is None or (settled.crm_status, settled.marketing_status, settled.gone) != (crm, marketing, ""):
            done.append(Settled(case.campaign.key, case.link.id, crm, marketing))
        return None
    status = _translate(cycle, case, verdict.target)
    return None if status is None else (verdict.target, _write(kind, case, verdict.target, "set", status))


def _removal(
    cycle: Cycle, kind: Kind, case: _Case, settled: Settled, done: list[Settled]
) -> tuple[bool, tuple[Side, MemberWrite] | None]:
    """Whether a removal settles the case, and the removal that it asks of the other side.

    A tombstone stands until the removed side has a membership again; that one is new.
    """
    removed = case.removed("crm"), case.removed("marketing")
    gone: Gone = "both" if all(removed) else "crm" if removed[0] else "marketing" if removed[1] else ""
    if settled.gone:
        back = not gone if settled.gone == "both" else gone not in ("both", settled.gone)
        return not back, None
    if not gone:
        return False, None
    if gone == "both" or cycle.deletes == "ignore":
        done.append(Settled(case.campaign.key, case.link.id, settled.crm_status, settled.marketing_status, gone))
        return True, None
    return True, (OTHER[gone], _write(kind, case, OTHER[gone], "remove", ""))


def _write(kind: Kind, case: _Case, side: Side, op: Literal["set", "remove"], status: str) -> MemberWrite:
    link = case.link
    return MemberWrite(
        op=op,
        campaign=case.campaign.on(side).id,
        person_object=link.crm_object if side == "crm" else kind.marketing_object,
        person=link.id_on(side),
        status=status,
    )


def _applied(cycle: Cycle, case: _Case, side: Side, write: MemberWrite) -> Settled:
    removed = write.op == "remove"
    seen = Seen(side, write.campaign, person_key(write.person_object, write.person), write.status, removed)
    with cycle.store.transaction():
        cycle.store.memberships.see([seen])
    statuses = {one: case.status(one) for one in HALF}
    statuses[side] = write.status
    cycle.decided_member(case.link, case.campaign.key, "member_removed" if removed else "member_status", side)
    return Settled(
        case.campaign.key,
        case.link.id,
        statuses["crm"],
        statuses["marketing"],
        "both" if removed else "",
    )


def _translate(cycle: Cycle, case: _Case, target: Side) -> str | None:
    """The other side's status in the target's words; one without a partner is refused with both lists."""
    campaign, status = case.campaign, case.status(OTHER[target])
    statuses = campaign.rule.statuses
    if statuses:
        forth = {_fold(here): there for here, there in statuses.items()}
        back: dict[str, str] = {}
        for here, there in statuses.items():
            back.setdefault(_fold(there), here)
        translated = (forth if target == "crm" else back).get(_fold(status))
    else:
        translated = status
    known = {_fold(one.name): one.name for one in campaign.on(target).statuses}
    if translated is not None and (not known or _fold(translated) in known):
        return known.get(_fold(translated), translated)
    place = cycle.integration.place("campaigns", campaign.position)
    theirs = ", ".join(one.name for one in campaign.on(OTHER[target]).statuses)
    ours = ", ".join(one.name for one in campaign.on(target).statuses)
    text = (
        f"The status {status!r} of {OTHER[target]} has no partner in the campaign {campaign.on(target).name!r} of "
        f"{target}. Statuses there: {theirs or 'none'}; here: {ours or 'none'}."
    )
    cycle.find("RPT504", text, *([place] if place else []), At(target, cycle.system(target).name, "CampaignMember"))
    _set_aside(cycle, case, "marketing", "RPT504", text, "on_change")
    return None


def _agree(case: _Case, crm: str, marketing: str) -> bool:
    statuses = {_fold(here): _fold(there) for here, there in case.campaign.rule.statuses.items()}
    wanted = statuses.get(_fold(marketing)) if statuses else _fold(marketing)
    return wanted == _fold(crm)


def _refused(cycle: Cycle, case: _Case, side: Side, result: WriteResult) -> None:
    assert result.refusal is not None
    text = f"{case.link.id_on(side)} in {case.campaign.on(side).name!r}: {describe_refusal(result.refusal)}"
    cycle.find("REF701", text, At(side, cycle.system(side).name, "CampaignMember", case.link.id_on(side)))
    _set_aside(cycle, case, "marketing", "REF701", text, policy_of(result.refusal))


def _set_aside(cycle: Cycle, case: _Case, side: Side, code: str, reason: str, policy: Policy) -> None:
    aside = Aside(MEMBER, side, case.campaign.key, str(case.link.id), code, reason, policy)
    with cycle.store.transaction():
        cycle.store.set_aside.put(aside, cycle.number)


def _by_name(campaigns: Sequence[Campaign]) -> dict[str, Campaign]:
    found = {_fold(one.name): one for one in reversed(campaigns)}
    found.update((_fold(one.id), one) for one in campaigns)
    return found


def _fold(text: str) -> str:
    return text.strip().casefold()
