"""The kinds of mutants, one module for each part of product.md C, and a folder of those that are held out;
`load_all` registers them."""

from __future__ import annotations

from leadproof.mutation.kind import KINDS, Kind


def load_all() -> dict[str, Kind]:
    """Import every module of kinds once; answers KINDS."""
    from leadproof.mutation.kinds import (  # noqa: F401 (they register)
        campaigns,
        connection,
        connector,
        consent,
        fieldtypes,
        ids,
        people,
        picklists,
        reports,
        rules,
        terms,
        users,
    )
    from leadproof.mutation.kinds.held_out import connector as _connector  # noqa: F401
    from leadproof.mutation.kinds.held_out import fields as _fields  # noqa: F401
    from leadproof.mutation.kinds.held_out import people as _people  # noqa: F401

    return KINDS
