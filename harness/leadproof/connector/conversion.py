"""A converted lead goes on as its contact (sync-semantics.md "Conversion, deletes, merges")."""

from __future__ import annotations

from collections.abc import Sequence

from leadproof.connector import deletes
from leadproof.connector.cycle import Cycle, Marks
from leadproof.connector.kinds import Kind
from leadproof.connector.links import Link
from leadproof.systems.ports import Record
from leadterms.values import moment_text

_CONTACT = "Contact"


def follow(cycle: Cycle, kind: Kind, leads: Sequence[Record], marks: Marks) -> None:
    """The links of converted leads move to the contacts; pairs carry over by marketing field."""
    links = cycle.links_of(kind, "crm", leads)
    for lead in leads:
        link = links.get((lead.object, lead.id))
        if link is None or link.gone:
            continue
        if _CONTACT not in kind.crm_objects:
            cycle.find(
                "MAP315",
                f"{lead.object} {lead.id} was converted, and the integration does not sync contacts: it ends here.",
                cycle.at("crm", lead),
            )
            deletes.bury(cycle, kind, "crm", link, moment_text(lead.modified), marks)
            continue
        contact = str(lead.converted_to)
        taken = cycle.store.links.by_crm(kind.name, _CONTACT, [contact]).get(contact)
        if taken is not None and not taken.gone:
            _refuse(cycle, kind, lead, taken, marks)
            continue
        _move(cycle, kind, lead, link, contact, marks)
        marks.commit(cycle)


def _move(cycle: Cycle, kind: Kind, lead: Record, link: Link, contact: str, marks: Marks) -> None:
    kept = {twin.id for twin in kind.twins.get(_CONTACT, ())}
    for twin in kind.twins.get(lead.object, ()):
        if twin.id not in kept:
            link.pairs.pop(twin.id, None)
            cycle.find(
                "MAP315",
                f"{twin.crm.object}.{twin.crm.id} <-> {twin.marketing.id} names no field of the contact: after a "
                "conversion it stops syncing.",
                *([twin.place] if twin.place else []),
            )
    link.crm_object, link.crm_id = _CONTACT, contact
    marks.save(link)
    marks.settle(kind, "crm", lead)
    with cycle.store.transaction():
        cycle.store.memberships.move("crm", f"{lead.object}:{lead.id}", f"{_CONTACT}:{contact}")
    cycle.wake(kind, "crm", _CONTACT, contact)


def _refuse(cycle: Cycle, kind: Kind, lead: Record, taken: Link, marks: Marks) -> None:
    text = f"{lead.object} {lead.id} was converted into contact {taken.crm_id}, which is linked to {taken.marketing_id}"
    cycle.find("DUP401", f"{text}; the link stays as it is.", cycle.at("crm", lead))
    marks.set_aside(kind, "crm", lead, "DUP401", text, "each_cycle")
