"""A Salesforce sandbox behind the shipped proxy, through which hosts that clients have built in lead to it.

The clients themselves are unmodified: they are given a proxy and a certificate authority, as any company's network
would give them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from leadsim.app import Sandbox, build_app
from leadsim.listen import listen
from leadsim.proxy import Authority
from leadsim.recipe import Recipe
from leadterms.documents import parse_text


@dataclass
class Wire:
    """The sandbox as clients reach it: `proxy` and `ca` are all they are told."""

    sandbox: Sandbox
    proxy: str
    ca: str

    @property
    def proxies(self) -> dict[str, str]:
        """As requests takes them."""
        return {"https": self.proxy, "http": self.proxy}


@contextmanager
def serving(recipe: str, folder: Path) -> Iterator[Wire]:
    """Serve the orgs of a recipe for the length of a with block."""
    sandbox = Sandbox.build(parse_text(recipe, Recipe).model, 7)
    authority, ca = Authority(), folder / "ca.pem"
    ca.write_bytes(authority.pem)
    listening = listen(sandbox, build_app(sandbox))
    try:
        yield Wire(sandbox, listening.open_proxy(authority), str(ca))
    finally:
        listening.close()
        sandbox.close()
