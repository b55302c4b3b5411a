"""P4, P6: reading stays as fast when an org grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.measure import best
from tests.benchmarks.orgs import CRM, Caller, connection, lead, multiply, sandbox


def single_reads(sizes: Sizes) -> Iterator[Figure]:
    """P4: GET by id among many records and of the only one; in process, CPU of the whole call."""
    with sandbox() as one, sandbox() as many:
        works = []
        for box, held in ((one, 1), (many, sizes.many)):
            caller = Caller.of(box)
            ids = caller.create("Lead", [lead(number) for number in range(held)])
            works.append(_gets(caller, ids, sizes.requests))
        alone, among = best(sizes.rounds, *works)
    yield Figure(
        "P4",
        f"GET rate at {sizes.many:,} records / at 1",
        alone / among,
        0.8,
        0.95,
        "higher",
        f"{among / sizes.requests * 1e6:.0f} us / {alone / sizes.requests * 1e6:.0f} us a request, in process",
    )


def _gets(caller: Caller, ids: list[str], count: int) -> Callable[[], None]:
    step = max(1, len(ids) // count)
    asked = [caller.request("GET", f"records/Lead/{id}") for id in ids[::step][:count]]
    asked = (asked * (count // len(asked) + 1))[:count]

    def work() -> None:
        for request in asked:
            caller.send(request)

    return work


def changes(sizes: Sizes) -> Iterator[Figure]:
    """P6: the last page of the change feed of a deep org and of a shallow one."""
    with sandbox() as deep, sandbox() as shallow:
        works = []
        for box, held in ((deep, sizes.deep), (shallow, sizes.shallow)):
            caller = Caller.of(box)
            caller.create("Lead", [lead(number) for number in range(min(held, 1000))])
            multiply(box, "Lead", held)
            last = connection(box, CRM).execute("SELECT max(mod) FROM record").fetchone()[0]
            query = (("since", str(last - sizes.page)), ("limit", str(sizes.page)), ("fields", "Email,Phone"))
            works.append(_page(caller, query))
        at_deep, at_shallow = best(sizes.rounds, *works)
    yield Figure(
        "P6",
        f"page of {sizes.page:,} changes at {sizes.deep:,} rows / at {sizes.shallow:,}",
        at_deep / at_shallow,
        1.5,
        1.1,
        "lower",
        f"{at_deep * 1e3 / PAGES:.1f} ms / {at_shallow * 1e3 / PAGES:.1f} ms a page, in process",
    )


PAGES = 5


def _page(caller: Caller, query: tuple[tuple[str, str], ...]) -> Callable[[], None]:
    asked = caller.request("GET", "changes/Lead", query=query)

    def work() -> None:
        for _ in range(PAGES):
            caller.send(asked)

    return work
