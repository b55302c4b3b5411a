"""Where the shipped scenarios are: in the wheel beside this module, or in the checkout's `scenarios` folder."""

from __future__ import annotations

from pathlib import Path


def scenarios_folder() -> Path:
    """The folder with `checklist` and the others. Raises FileNotFoundError if the installation lost it.

    A wheel holds it as `leadproof/library/scenarios` (pyproject.toml "force-include"); an editable installation
    leaves it where it is written."""
    here = Path(__file__).resolve().parent
    for folder in (here / "library" / "scenarios", here.parents[1] / "scenarios"):
        if (folder / "checklist").is_dir():
            return folder
    raise FileNotFoundError("the shipped scenarios are missing: install leadproof again")


def checklist() -> Path:
    """The shipped checklist: leadproof.yaml, recipe.yaml, data and the scenarios."""
    return scenarios_folder() / "checklist"


def starter() -> Path:
    """What `leadproof init` puts into a folder; a folder in it holds what a pair of other dialects starts from."""
    return scenarios_folder() / "starter"


def starter_pairs() -> list[str]:
    """The pairs that have a starter of their own, as CRM-MARKETING, sorted."""
    return sorted(one.name for one in starter().iterdir() if one.is_dir())
