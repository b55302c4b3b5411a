"""How each kind of mapping decides a row: by the law of values, by consent, or as a lead source.

All three see typed values and convert by the pair of field types; a value that cannot be converted is refused and
leaves the row undecided (sync-semantics.md "Memory", "Types").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from leadproof.oracle.law import REASONS, Clears, Direction, Overwrite, Rights, Sight, rule
from leadproof.oracle.standing import SideName, Standing, other
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import FIELD_TYPES, blank, convert, same
from leadterms.refusals import ConversionRefused
from leadterms.values import Value

Master = Literal["crm", "marketing", "latest"]
NAMES: Mapping[str, str] = {"crm": "the CRM", "marketing": "marketing"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """The two fields of a mapping and how a value gets from one to the other.

    `zones` are the orgs' time zones; days are those of the org that holds the date field."""

    crm: FieldSpec
    marketing: FieldSpec
    to_crm: Mapping[str, str] | None = None
    to_marketing: Mapping[str, str] | None = None
    zones: tuple[str, str] = ("UTC", "UTC")

    def spec(self, side: SideName) -> FieldSpec:
        """The field of one side."""
        return self.crm if side == "crm" else self.marketing

    def carried(self, to: SideName, value: Value) -> Value:
        """The value as `to` holds it; None for a blank. Raises ConversionRefused."""
        source, target = self.spec(other(to)), self.spec(to)
        days_of = 1 if self.marketing.type == "date" and self.crm.type != "date" else 0
        partners = self.to_crm if to == "crm" else self.to_marketing
        carried = convert(value, source, target, time_zone=self.zones[days_of], values=partners)
        return None if blank(carried) else carried

    def alike(self, row: Standing) -> bool:
        """Whether both sides hold the same, compared after conversion either way."""
        if blank(row.crm) and blank(row.marketing):
            return True
        return self._reaches("marketing", row) or self._reaches("crm", row)

    def _reaches(self, to: SideName, row: Standing) -> bool:
        try:
            carried = self.carried(to, row.of(other(to)))
        except ConversionRefused:
            return False
        return same(self.spec(to), carried, row.of(to))

    def news(self, side: SideName, row: Standing) -> bool:
        """Whether a side changed since the row was settled; before the first link both count as changed."""
        if row.pair is None:
            return True
        return not same(self.spec(side), row.of(side), row.pair[0 if side == "crm" else 1])

    def empty(self, side: SideName) -> Value:
        """What a new record holds in this field when nothing is written to it."""
        spec = self.spec(side)
        if not blank(spec.default):
            return spec.default
        return False if FIELD_TYPES[spec.type].kind == "checkbox" else None


def _write(exchange: Exchange, row: Standing, to: SideName, reason: str, said: str) -> Standing:
    try:
        carried = exchange.carried(to, row.of(other(to)))
    except ConversionRefused as refused:
        return _undecided(row, refused)
    return row.written(to, carried).settled(reason, said)


def _undecided(row: Standing, refused: ConversionRefused) -> Standing:
    """A refused write stores nothing: the row is decided again next time."""
    said = f"the value cannot be converted ({refused.code}), so nothing is written"
    return replace(row, reason="refused", said=said)


def _created(exchange: Exchange, row: Standing, made: SideName, allowed: bool) -> Iterable[Standing]:
    """A record created by the sync receives every non-blank value that direction allows. Where it receives none,
    the field's own default stands in it, and the row may be settled with it read back or without it."""
    source = row.of(other(made))
    if allowed and not blank(source):
        said = f"a record created by the sync receives every value: {NAMES[made]} gets {NAMES[other(made)]}'s"
        yield _write(exchange, row, made, "created", said)
        return
    said = "there was no value to write to the new record"
    if not blank(source):
        said = f"nothing may be written to this field of the new record in {NAMES[made]}"
    stands = exchange.empty(made) if blank(row.given) else row.given
    yield row.written(made, stands).settled("created", said)
    if not blank(stands) and stands is not False:
        yield row.written(made, None).settled("created", said).edited(made, stands, None)


@dataclass(frozen=True, slots=True)
class FieldRule:
    """The law of values (law.py) for one mapping on one CRM object."""

    exchange: Exchange
    master: Master
    overwrite: Overwrite
    direction: Direction
    clears: Clears

    def permits(self, to: SideName) -> bool:
        """Whether direction lets this side be written."""
        return self.direction in ("both", f"to_{to}")

    def decide(self, row: Standing) -> Iterable[Standing]:
        if row.pair is None and row.made is not None:
            return tuple(_created(self.exchange, row, row.made, self.permits(row.made)))
        if row.reason and row.pair == (row.crm, row.marketing):
            return (row,)  # decided, and it stands as it was settled: nobody has news to speak of
        return (self._decided(row),)

    def _decided(self, row: Standing) -> Standing:
        master = self._master(row)
        replica = other(master)
        overwrite: Overwrite = "always" if self.master == "latest" else self.overwrite
        rights = Rights.of(
            overwrite, self.clears, writes_master=self.permits(master), writes_replica=self.permits(replica)
        )
        sight = Sight(
            alike=self.exchange.alike(row),
            master_holds=not blank(row.of(master)),
            replica_holds=not blank(row.of(replica)),
            master_news=self.exchange.news(master, row),
            replica_news=self.exchange.news(replica, row),
            first=row.pair is None,
        )
        ruling = rule(sight, rights)
        said = self._sentence(ruling.reason, master, heard=ruling.heard)
        if ruling.speaker == "nobody" or not ruling.heard:
            return row.left(ruling.reason, said)
        target = replica if ruling.speaker == "master" else master
        return _write(self.exchange, row, target, ruling.reason, said)

    def _sentence(self, reason: str, master: SideName, *, heard: bool) -> str:
        overwrite = "" if self.master == "latest" else f", overwrite {self.overwrite}"
        terms = f"master {self.master}{overwrite}, clears {self.clears}, direction {self.direction}"
        text = REASONS[reason].format(master=NAMES[master], replica=NAMES[other(master)])
        unheard = "" if heard else f", but direction {self.direction} does not let {NAMES[other(master)]} be written"
        return f"{terms}: {text}{unheard}"

    def _master(self, row: Standing) -> SideName:
        """Under `latest`: the one side that changed; of two the later; of two at one moment the CRM. At a first
        link a side that holds something beats a blank one."""
        if self.master != "latest":
            return self.master
        if row.pair is None and blank(row.crm) != blank(row.marketing):
            return "marketing" if blank(row.crm) else "crm"
        crm, marketing = self.exchange.news("crm", row), self.exchange.news("marketing", row)
        if crm != marketing:
            return "crm" if crm else "marketing"
        if row.crm_at is None or row.marketing_at is None:
            return "marketing" if row.crm_at is None and row.marketing_at is not None else "crm"
        later = row.marketing_at.replace(microsecond=0) > row.crm_at.replace(microsecond=0)
        return "marketing" if later else "crm"


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """An opt-out: true on either side makes both true. False travels only as a change from a settled true, by the
    mapping's master, and not if the other side changed to true meanwhile (sync-semantics.md "Consent")."""

    exchange: Exchange
    master: Master
    direction: Direction

    def decide(self, row: Standing) -> Iterable[Standing]:
        row = row.written("crm", bool(row.crm)).written("marketing", bool(row.marketing))
        wanted, said = self._wanted(row)
        if row.crm == row.marketing == wanted:
            return (row.left("consent", said),)
        for side in ("crm", "marketing"):
            target: SideName = "crm" if side == "crm" else "marketing"
            if bool(row.of(target)) != wanted and self.direction in ("both", f"to_{target}"):
                row = row.written(target, wanted)
        return (row.settled("consent", said),)

    def _wanted(self, row: Standing) -> tuple[bool, str]:
        crm, marketing = bool(row.crm), bool(row.marketing)
        if crm == marketing:
            return crm, "both sides say the same"
        withdrawn: SideName = "marketing" if crm else "crm"
        if row.pair is not None and self._may_withdraw(withdrawn, row, row.pair):
            return False, f"{NAMES[withdrawn]} is the master and took its settled opt-out back"
        return True, "an opt-out on either side is an opt-out on both"

    def _may_withdraw(self, side: SideName, row: Standing, pair: tuple[Value, Value]) -> bool:
        mine, theirs = (pair[0], pair[1]) if side == "crm" else (pair[1], pair[0])
        other_changed = not bool(theirs)
        return bool(mine) and not other_changed and self.master in (side, "latest")


@dataclass(frozen=True, slots=True)
class SourceRule:
    """A lead source: a blank is filled from the other side, what is filled is never written."""

    exchange: Exchange
    direction: Direction

    def decide(self, row: Standing) -> Iterable[Standing]:
        for side in ("crm", "marketing"):
            target: SideName = "crm" if side == "crm" else "marketing"
            permitted = self.direction in ("both", f"to_{target}")
            if permitted and blank(row.of(target)) and not blank(row.of(other(target))):
                said = f"{NAMES[target]} had no lead source, so {NAMES[other(target)]}'s fills it"
                return (_write(self.exchange, row, target, "source", said),)
        if row.pair is None and row.made is not None and blank(row.of(row.made)):
            return tuple(_created(self.exchange, row, row.made, allowed=False))
        return (row.left("source", "a lead source that is filled is never written"),)
