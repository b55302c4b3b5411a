"""A4: what the reports count: answers, sources, marketing's share, deals."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from leadproof.mutation.ground import Changed, Ground, Tree
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import MEMBERS, assignees


@kind(
    "status_does_not_count",
    "reports",
    "The CRM's status for an answer does not count as one",
    "RPT508",
    steps=MEMBERS,
)
def status_does_not_count(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(ground.org("crm").get("campaigns") or []):
        answered = [status["name"] for status in one.get("statuses") or [] if status.get("responded")]
        if answered:

            def plant(changed: Changed, number: int = number) -> None:
                for status in changed.org("crm")["campaigns"][number]["statuses"]:
                    status.pop("responded", None)

            yield Site(str(one["values"].get("Name")), plant, tuple(answered))


@kind(
    "form_without_source",
    "reports",
    "A form no longer says where its leads come from",
    "RPT509",
    steps="check_report submit_form",
)
def form_without_source(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(ground.org("marketing").get("forms") or []):
        if one.get("source"):
            yield Site(
                str(one["id"]),
                lambda changed, n=number: changed.org("marketing")["forms"][n].pop("source"),  # type: ignore[misc]
                (str(one["id"]), str(one["source"])),
            )


@kind(
    "connector_not_known",
    "reports",
    "The CRM does not know that the connector's user is marketing",
    "RPT510",
    steps="check_report",
)
def connector_not_known(ground: Ground) -> Iterator[Site]:
    yield Site(ground.crm_name, lambda changed: changed.org("crm").update(connector_users=[]), ("marketing", "closed"))


@kind(
    "form_of_another_source",
    "reports",
    "A form calls its leads' source by another name than agreed",
    "RPT509",
    steps="check_report submit_form",
)
def form_of_another_source(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(ground.org("marketing").get("forms") or []):
        if one.get("source"):
            yield Site(
                str(one["id"]),
                lambda changed, n=number: changed.org("marketing")["forms"][n].update(source="Trade show"),  # type: ignore[misc]
                (str(one["id"]), "Trade show"),
            )


# --- whose work it was -----------------------------------------------------------------------------------------------


def _logins(org: Tree, actor: str) -> list[Tree]:
    return [one for one in org.get("logins") or [] if one["actor"] == actor]


@kind(
    "connector_as_salesperson",
    "reports",
    "The connector was set up with a salesperson's own login",
    "RPT510",
    steps="check_report",
)
def connector_as_salesperson(ground: Ground) -> Iterator[Site]:
    known = ground.org("crm").get("connector_users") or []
    for sales in dict.fromkeys(name for rule in ground.rules for name in assignees(rule)):

        def plant(changed: Changed, sales: str = sales) -> None:
            for login in _logins(changed.org("crm"), "connector"):
                login["user"] = sales

        if known and sales not in known:
            yield Site(sales, plant, (sales,))


@kind(
    "sales_counted_as_marketing",
    "reports",
    "The CRM takes the sales desk for one of the connector's users",
    "RPT510",
    steps="check_report",
)
def sales_counted_as_marketing(ground: Ground) -> Iterator[Site]:
    known = ground.org("crm").get("connector_users") or []
    for login in _logins(ground.org("crm"), "tester"):
        if known and login["user"] not in known:
            user = str(login["user"])
            yield Site(
                user,
                lambda changed, user=user: changed.org("crm")["connector_users"].append(user),  # type: ignore[misc]
                (user,),
            )


# --- deals ----------------------------------------------------------------------------------------------------------


def _deal_fields(ground: Ground) -> list[Tree]:
    return list((ground.integration.get("opportunities") or {}).get("fields") or [])


@kind(
    "deal_closed_is_won",
    "reports",
    "A deal that is closed counts as won in marketing, and a won one as closed",
    "MAP351",
    steps="check_report convert",
)
def deal_closed_is_won(ground: Ground) -> Iterator[Site]:
    fields = _deal_fields(ground)
    for number, (one, other) in enumerate(pairwise(fields)):
        if (one["crm"], other["crm"]) != ("IsWon", "IsClosed"):
            continue

        def plant(changed: Changed, number: int = number) -> None:
            first, second = changed.integration["opportunities"]["fields"][number : number + 2]
            first["crm"], second["crm"] = second["crm"], first["crm"]

        yield Site("IsWon/IsClosed", plant, ("IsWon", "IsClosed", str(one["marketing"]), str(other["marketing"])))


@kind(
    "deal_amount_not_mapped",
    "reports",
    "Marketing does not learn what a deal is worth",
    "MAP350",
    steps="check_report convert",
)
def deal_amount_not_mapped(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(_deal_fields(ground)):
        if one["crm"] == "Amount":
            yield Site(
                "Amount",
                lambda changed, n=number: changed.integration["opportunities"]["fields"].pop(n),  # type: ignore[misc]
                ("Amount", str(one["marketing"])),
            )
