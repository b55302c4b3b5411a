"""P7, P8: what a cycle of the reference connector costs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import orjson

from leadproof.connector import Connector
from leadproof.integration import parse_text
from leadproof.sandbox import Sandbox
from leadproof.systems.ports import Write
from leadterms.fieldtypes import convert, parse
from leadterms.values import plain
from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.measure import best, cpu
from tests.benchmarks.orgs import CRM, MARKETING, Caller, lead, prospect, sandbox

INTEGRATION = """
leadproof: 1
systems:
  crm: {dialect: native, org: b-crm}
  marketing: {dialect: native, org: b-marketing}
people:
  crm: [Lead, Contact]
  marketing: prospect
  link: {crm_id_in_marketing: crm_id, marketing_id_in_crm: MarketingId__c}
  deliver: {when: all}
  import: none
fields:
  - {crm: Email, marketing: email}
  - {crm: FirstName, marketing: first_name}
  - {crm: LastName, marketing: last_name}
  - {crm: {Lead: Company}, marketing: company}
  - {crm: Phone, marketing: phone, master: marketing, overwrite: always}
  - {crm: {Lead: City}, marketing: city}
  - {crm: {Lead: Country}, marketing: country}
"""
CHANGED = 100
PAIRS = (
    ("Email", "email"),
    ("FirstName", "first_name"),
    ("LastName", "last_name"),
    ("Company", "company"),
    ("Phone", "phone"),
    ("City", "city"),
    ("Country", "country"),
)


def connector(box: Sandbox) -> Connector:
    """The reference connector, with its memory in memory."""
    return Connector(parse_text(INTEGRATION), box.crm(CRM), box.marketing(MARKETING), None)


def few_changes(sizes: Sizes) -> Iterator[Figure]:
    """P7: one cycle that carries 100 changed prospects, in an org of many records and in a small one."""
    changed = min(CHANGED, sizes.small_org // 2)
    with sandbox() as large, sandbox() as small:
        at_large = _changing(large, sizes.org, changed)
        at_small = _changing(small, sizes.small_org, changed)
        cycles: list[list[float]] = [[], []]
        for number in range(sizes.rounds):
            cycles[0].append(at_large(number))
            cycles[1].append(at_small(number))
    grown, few = min(cycles[0]), min(cycles[1])
    yield Figure(
        "P7",
        f"sync of {changed} changes in an org of {sizes.org:,} / of {sizes.small_org:,}",
        grown / few,
        1.5,
        1.1,
        "lower",
        f"{grown * 1e3:.0f} ms / {few * 1e3:.0f} ms a cycle",
    )


def _changing(box: Sandbox, held: int, changed: int) -> Callable[[int], float]:
    """Fill both orgs; gives a function that changes some prospects and measures the cycle that carries them."""
    Caller.of(box).create("Lead", [lead(10_000_000 + number) for number in range(held - changed)])
    marketing = Caller.of(box, MARKETING)
    ids = marketing.create("prospect", [prospect(number) for number in range(changed)])
    syncing = connector(box)
    for _ in range(3):
        report = syncing.cycle()
        if report.stopped is not None:
            raise RuntimeError(report.stopped.cause)
    writer = box.marketing(MARKETING)

    def measured(number: int) -> float:
        writer.write([Write("update", "prospect", id=id, values={"phone": f"+47 33 00 {number:02} 00"}) for id in ids])
        spent = cpu(syncing.cycle)
        leads = (
            {record.values["Phone"] for record in box.crm(CRM).find("Lead", None, ["Phone"])} if held < 5000 else None
        )
        if leads is not None and f"+47 33 00 {number:02} 00" not in leads:
            raise RuntimeError("the cycle did not carry the changes")
        return spent

    return measured


def per_record(sizes: Sizes) -> Iterator[Figure]:
    """P8: CPU of delivering new prospects as leads, both systems and the connector included, against what cannot
    be saved: for the lead and for the link that is written back, JSON read, values converted and validated, JSON
    written, one row stored in SQLite; and one row of the connector's memory."""
    syncs = []
    for _ in range(sizes.rounds):
        with sandbox() as box:
            Caller.of(box, MARKETING).create("prospect", [prospect(number) for number in range(sizes.synced)])
            syncing = connector(box)
            syncs.append(cpu(syncing.cycle))
            delivered = sum(1 for _ in box.crm(CRM).find("Lead", None, ["Email"]))
            if delivered != sizes.synced:
                raise RuntimeError(f"{delivered} of {sizes.synced} prospects were delivered")
            crm, marketing = box.crm(CRM).describe(), box.marketing(MARKETING).describe()
    source, target = marketing["prospect"].fields, crm["Lead"].fields
    bodies = [orjson.dumps({"id": f"p{n}", "values": prospect(n)}) for n in range(sizes.synced)]

    def parts() -> None:
        database = sqlite3.connect(":memory:", isolation_level=None)
        for name in ("crm", "marketing", "connector"):
            database.execute(f"CREATE TABLE {name} (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, data TEXT)")
        database.execute("BEGIN")
        for body in bodies:
            read = orjson.loads(body)
            lead_values = {
                to: plain(convert(parse(source[of], read["values"][of]), source[of], target[to])) for to, of in PAIRS
            }
            link = {"crm_id": read["id"]}
            for name, table, fields, values in (
                ("l", "crm", target, lead_values),
                ("p", "marketing", source, link),
            ):
                received = orjson.loads(orjson.dumps(values))
                checked = {id: plain(parse(fields[id], raw)) for id, raw in received.items()}
                text = orjson.dumps(checked).decode()
                database.execute(f"INSERT INTO {table} (id, data) VALUES (?, ?)", (name + read["id"], text))
                orjson.loads(orjson.dumps(checked))
            database.execute("INSERT INTO connector (id, data) VALUES (?, ?)", (read["id"], body.decode()))
        database.execute("COMMIT")
        database.close()

    whole, (needed,) = min(syncs), best(sizes.rounds, parts)
    yield Figure(
        "P8",
        "CPU per synced record / its parts alone",
        whole / needed,
        4,
        1.7,
        "lower",
        f"{whole / sizes.synced * 1e6:.0f} us / {needed / sizes.synced * 1e6:.0f} us a record, both systems included",
    )
