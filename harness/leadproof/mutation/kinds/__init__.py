"""The kinds of mutants, one module for each part of product.md C; `load_all` registers them."""

from __future__ import annotations

from leadproof.mutation.kind import KINDS, Kind


def load_all() -> dict[str, Kind]:
    """Import every module of kinds once; answers KINDS."""
    from leadproof.mutation.kinds import connection, connector, fields, held_out, owners, people, terms  # noqa: F401 (they register)

    return KINDS
