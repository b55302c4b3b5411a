"""Several answers to one record (`answers: append`): each answer is added once to what the target holds then.

sync-semantics.md "Several answers to one record". Answers are read from the source's submissions or history and
remembered by id; the target's text is only ever added to.
"""

from __future__ import annotations

from dataclasses import dataclass

from leadproof.connector.cycle import Cycle
from leadproof.connector.kinds import Twin
from leadproof.connector.value_table import OTHER, Side
from leadproof.systems.outreach import Answer
from leadproof.systems.ports import Capability, Record
from leadterms.fieldtypes import blank, length_limit
from leadterms.values import Value, moment_text


@dataclass(frozen=True, slots=True)
class Addition:
    """`text` is the target's whole new text, None if there is nothing to add; `refused`: why it cannot be."""

    text: str | None
    answers: tuple[str, ...]
    refused: str = ""


def target_of(twin: Twin) -> Side:
    return "crm" if twin.rights.direction == "to_crm" else "marketing"


def mark_of(record: Record) -> str:
    """What changes whenever the record does: as long as it stands, no answer was given."""
    return record.version or moment_text(record.modified)


def read_answers(cycle: Cycle, twin: Twin, source: Record) -> list[Answer]:
    """Every answer the source has kept for this field, oldest first; blanks are no answers."""
    side = OTHER[target_of(twin)]
    if source.created == source.modified and blank(source.values.get(twin.spec(side).id)):
        return []  # never touched since it was made without an answer: a call saved for each imported person
    if side == "marketing" and Capability.ANSWERS in cycle.marketing.can:
        found = cycle.marketing.answers(source.id, twin.marketing.id)
    else:
        field = twin.spec(side).id
        found = [
            Answer(str(change.seq), change.at, str(change.after))
            for change in cycle.system(side).history(source.object, source.id)
            if change.field == field and not blank(change.after)
        ]
    return [answer for answer in found if not blank(answer.text)]


def add_answers(twin: Twin, held: Value, answers: list[Answer], delivered: set[str]) -> Addition:
    """What the target must hold so that every undelivered answer is in it; too long is refused, never cut."""
    new = [answer for answer in answers if answer.id not in delivered]
    if not new:
        return Addition(None, ())
    spec = twin.spec(target_of(twin))
    before = [] if blank(held) else [str(held)]
    text = "\n".join([*before, *(f"[{moment_text(one.at)} #{one.id}] {one.text}" for one in new)])
    limit = length_limit(spec)
    if limit and len(text) > limit:
        refused = f"{spec.object}.{spec.id} holds {limit} characters; with the new answers it would need {len(text)}."
        return Addition(None, (), refused)
    return Addition(text, tuple(answer.id for answer in new))
