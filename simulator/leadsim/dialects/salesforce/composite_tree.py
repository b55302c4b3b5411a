"""/composite/tree: records with the records below them, made in one call, all or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leadsim.dialects.salesforce.catalog import SField, SObject
from leadsim.dialects.salesforce.errors import ApiError, refused
from leadsim.dialects.salesforce.rows import Row, Wishes, create_row, save_rows
from leadsim.dialects.salesforce.session import Session, check_keys, object_body
from leadsim.gateway.messages import Answer

MOST_RECORDS, MOST_LEVELS, MOST_TYPES = 200, 5, 5


@dataclass(slots=True)
class _Node:
    """One record of a tree. `link`: the field that points at the record above it."""

    name: str
    object: SObject
    raw: dict[str, Any]
    level: int
    parent: _Node | None = None
    link: SField | None = None
    row: Row | None = None


class _Failed(Exception):
    """A record could not be made, so none is."""


def create(session: Session) -> Answer:
    """POST /composite/tree/{object}"""
    object = session.object(session.call.params["object"])
    body = object_body(session.json())
    check_keys(body, ("records",))
    nodes = _levels(session, object, body.get("records"))
    _check(nodes)
    wishes = Wishes.of(session)
    try:
        with session.call.org.together():
            for level in range(MOST_LEVELS):
                _save(session, [node for node in nodes if node.level == level], wishes)
    except _Failed:
        session.view.forget()
        failed = [_failure(node.name, node.row.errors) for node in nodes if node.row is not None and node.row.errors]
        return session.answer(400, {"hasErrors": True, "results": failed})
    made = [{"referenceId": node.name, "id": node.row.id} for node in nodes if node.row is not None]
    return session.answer(201, {"hasErrors": False, "results": made})


def _failure(name: str, errors: list[ApiError]) -> dict[str, Any]:
    return {"referenceId": name, "errors": [error.row() for error in errors]}


def _levels(session: Session, object: SObject, records: Any) -> list[_Node]:
    """All records, level by level, as the answer lists them."""
    nodes = _nodes(session, object, records, None, None)
    for node in nodes:  # which grows: children stand behind all of their parents' level
        for name in [name for name, value in node.raw.items() if isinstance(value, dict) and "records" in value]:
            child = session.catalog.child(node.object.name, name)
            if child is None:
                raise refused("INVALID_FIELD", f"No such relation '{name}' on entity '{node.object.name}'")
            below = session.catalog.objects[child.object]
            nodes += _nodes(session, below, node.raw.pop(name)["records"], node, below.fields[child.field])
    return nodes


def _nodes(session: Session, object: SObject, records: Any, parent: _Node | None, link: SField | None) -> list[_Node]:
    if not isinstance(records, list) or not records or not all(isinstance(one, dict) for one in records):
        raise refused("JSON_PARSER_ERROR", "The records must be a list with at least one record")
    level = 0 if parent is None else parent.level + 1
    nodes = []
    for record in records:
        told = record.get("attributes")
        type, name = (told.get("type"), told.get("referenceId")) if isinstance(told, dict) else (None, None)
        if not isinstance(name, str) or not name.isalnum():
            raise refused("INVALID_INPUT", "Each record needs a referenceId of letters and digits in its attributes")
        if not isinstance(type, str) or session.catalog.get(type) is not object:
            raise refused("INVALID_INPUT", f"The type of record {name} must be {object.name}")
        raw = {key: value for key, value in record.items() if key != "attributes"}
        nodes.append(_Node(name, object, raw, level, parent, link))
    return nodes


def _check(nodes: list[_Node]) -> None:
    """What the vendor says of a tree's size. Raises ApiRefused."""
    names = [node.name for node in nodes]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise refused("INVALID_INPUT", f"Duplicate ReferenceId provided in the request: {double}")
    if len(nodes) > MOST_RECORDS:
        raise refused("EXCEEDED_ID_LIMIT", f"Cannot create more than {MOST_RECORDS} records in one call")
    if any(node.level >= MOST_LEVELS for node in nodes):
        raise refused("INVALID_INPUT", f"A tree can't be deeper than {MOST_LEVELS} levels")
    if len({node.object.name for node in nodes}) > MOST_TYPES:
        raise refused("INVALID_INPUT", f"A tree can't hold more than {MOST_TYPES} types of records")


def _save(session: Session, nodes: list[_Node], wishes: Wishes) -> None:
    for node in nodes:
        raw = dict(node.raw)
        if node.link is not None and node.parent is not None and node.parent.row is not None:
            raw[node.link.name] = node.parent.row.id
        node.row = create_row(session, node.object, raw, wishes)
    rows = [node.row for node in nodes if node.row is not None]
    save_rows(session, rows)
    if any(row.errors for row in rows):
        raise _Failed
