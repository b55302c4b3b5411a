"""The APIs under Schemathesis: one application for all of them, started over before each example."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import schemathesis
from schemathesis.checks import CHECKS, load_all_checks

from leadsim.app import Sandbox
from tests.gateway.caller import basic, build

load_all_checks()

DOCUMENTS = {
    "crm": "/acme-crm/crm/v1/openapi.json",
    "marketing": "/acme-marketing/marketing/v1/openapi.json",
    "lab": "/_lab/openapi.json",
}

# The checks that don't run, each with its reason; quality.md R9 wants all others.
EXCLUDED = {
    "positive_data_acceptance": (
        "an org's fields, records and ids are known at run time only: a body that fits the document may name a field "
        "or a record that this org doesn't have, and is then refused on purpose"
    ),
}


EXCLUDED_AT = {
    "negative_data_rejection": {
        "lab:addOrg": "a recipe is strings first (formats.md): text that reads as a number or a truth value is one",
        "lab:setOrg": "its rules, forms and logins are a recipe's, and read as one",
    },
}


def excluded_checks(name: str) -> list[Any]:
    """The functions of the checks that don't run on an operation."""
    names = [*EXCLUDED, *(check for check, operations in EXCLUDED_AT.items() if name in operations)]
    return [CHECKS.get_one(check) for check in names]


class Served:
    """A sandbox as an ASGI application whose calls all come from the connector, whatever client sends them."""

    def __init__(self) -> None:
        self.sandbox: Sandbox
        self.sandbox, caller = build()
        self._app = caller.app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope = {**scope, "client": None, "extensions": {"leadsim": {"actor": "connector"}}}
        await self._app(scope, receive, send)

    def start_over(self) -> None:
        """Back to what the recipe says, so that an example depends on nothing but itself."""
        for fork in list(self.sandbox.forks):
            self.sandbox.drop_fork(fork)
        self.sandbox.reset(7)


SERVED = Served()


def schema(api: str) -> Any:
    """The API's own document, fetched from the API."""
    return schemathesis.openapi.from_asgi(DOCUMENTS[api], SERVED, headers=basic())


def operations() -> Iterator[tuple[str, Any]]:
    """Every operation of every API, with its name."""
    for api in DOCUMENTS:
        for found in schema(api).get_all_operations():
            operation = found.ok()
            yield f"{api}:{operation.definition.raw['operationId']}", operation


def check(case: Any, name: str, *, start_over: bool = True) -> Any:
    """Call it as the connector's user; every check that isn't excluded must hold. Gives the response."""
    if start_over:
        SERVED.start_over()
    headers = {} if name.startswith("lab:") else {"Authorization": basic()["authorization"]}
    return case.call_and_validate(headers=headers, excluded_checks=excluded_checks(name))
