"""Clean runs: valid files, some of them edited in ways that are right, with other seeds. Nothing may be found.

A doctor that cries wolf is switched off, so every finding of level error in one of these runs counts against it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from leadproof.mutation.ground import Changed, Ground, Tree, crm_names
from leadproof.mutation.kind import Kind, Site
from leadproof.mutation.mutants import Mutant, Part, Planted
from leadproof.scenario.checks.evidence import CheckNoFindings
from leadproof.scenario.document import Loaded
from leadproof.scenario.registry import Step
from leadproof.scenario.runner import Options, run_scenario
from leadterms.refusals import Place

Edit: TypeAlias = Callable[[Changed], None]
EVENTFUL = ("set_", "fault", "check_finding", "restart", "advance_clock", "import_")
"""A scenario with a step that begins so makes something go wrong, or waits for a finding: it is none of these runs."""
MOST_EDITS = 4
LONGEST = 20
"""Steps; longer scenarios say nothing more about false alarms."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A clean run in which something was found, or that did not pass."""

    scenario: str
    seed: str
    edits: tuple[str, ...]
    said: str


def quiet_scenarios(scenarios: Sequence[Loaded]) -> list[Loaded]:
    """Those in which nothing goes wrong on purpose."""
    return [one for one in scenarios if len(one.steps) <= LONGEST and not any(_eventful(step) for step in one.steps)]


def _eventful(step: Step) -> bool:
    return step.step.startswith(EVENTFUL) or bool(getattr(step, "allow_duplicates", False)) or step.step == "merge"


class Watched(Loaded):
    """A scenario that ends with one more check: nothing was found."""

    @property
    def steps(self) -> list[Step]:
        return [*super().steps, CheckNoFindings()]

    def place(self, number: int) -> Place:
        last = len(super().steps)
        return super().place(number) if number < last else Place(self.file, 1, 1)


def run_clean(ground: Ground, scenarios: Sequence[Loaded], number: int) -> Alarm | None:
    """Clean run `number`: its scenario, seed and edits follow from the number. None: nothing was found."""
    drawn = sha256(f"clean {number}".encode()).digest()
    quiet = quiet_scenarios(scenarios)
    loaded = quiet[drawn[0] % len(quiet)]
    names = sorted(EDITS, key=lambda name: sha256(f"{number} {name}".encode()).digest())[: drawn[1] % (MOST_EDITS + 1)]
    said = _said(ground, loaded, names, str(number))
    return Alarm(loaded.id, str(number), tuple(names), said) if said else None


def _said(ground: Ground, loaded: Loaded, names: Sequence[str], seed: str) -> str:
    def plant(changed: Changed) -> None:
        for name in names:
            EDITS[name](changed)

    kind = Kind("valid_edit", "ids", "", frozenset(), lambda _: (), "")
    planted = Planted(ground, Mutant((Part(kind, Site("edits", plant)),)))
    watched = Watched(loaded.id, loaded.path, loaded.document)
    outcome = run_scenario(watched, Options(seed, sources=planted))
    errors = [
        f"{event.data['finding']['code']} {event.data['finding']['cause']}"
        for event in outcome.events
        if event.kind == "finding" and event.data["finding"]["level"] == "error"
    ]
    return errors[0] if errors else "" if outcome.verdict == "passed" else outcome.reason


def _of(changed: Changed, marketing: str) -> Tree:
    """The mapping of a marketing field, wherever it stands by now."""
    found: Tree = next(one for one in changed.integration["fields"] if one.get("marketing") == marketing)
    return found


# --- edits that are right ------------------------------------------------------------------------------------------


def _new_field(changed: Changed) -> None:
    """One more field on both sides, mapped."""
    for object in changed.ground.people.get("crm") or ["Lead", "Contact"]:
        changed.org("crm").setdefault("fields", []).append(
            {"object": object, "id": "Hobby__c", "label": "Hobby", "type": "single_line", "length": "80"}
        )
    changed.org("marketing").setdefault("fields", []).append(
        {"object": changed.ground.prospect, "id": "hobby", "label": "Likes", "type": "single_line", "length": "80"}
    )
    changed.integration["fields"].append({"crm": "Hobby__c", "marketing": "hobby", "used_by": ["segmentation"]})


def _new_user(changed: Changed) -> None:
    """A new colleague on both sides, with a pair in the map."""
    changed.org("crm").setdefault("users", []).append({"id": "new.c"})
    changed.org("marketing").setdefault("users", []).append({"id": "new.m"})
    changed.integration.setdefault("users", {}).setdefault("map", {})["new.m"] = "new.c"


def _left_user(changed: Changed) -> None:
    """Somebody who left long ago and owns nothing."""
    changed.org("crm").setdefault("users", []).append({"id": "gone.c", "active": "false"})


def _more_networks(changed: Changed) -> None:
    """The allowlist grows."""
    held = changed.org("crm").get("allowlist")
    if held is not None:
        held.append("198.51.100.0/24")


def _more_calls(changed: Changed) -> None:
    """A larger API contract."""
    changed.org("crm")["quota"] = {"calls_per_day": "250000"}


def _longer_fields(changed: Changed) -> None:
    """Both sides of every custom line of text grow alike."""
    for side in ("crm", "marketing"):
        for field in changed.org(side).get("fields") or []:
            if field["type"] == "single_line" and field.get("length"):
                field["length"] = "200"


def _said_defaults(changed: Changed) -> None:
    """A mapping says what is the default anyway."""
    for _, one in changed.ground.mapped():
        if not any(one.get(key) for key in ("master", "overwrite", "direction", "sticky", "only_on", "answers")):
            defaults = changed.ground.integration.get("defaults") or {}
            _of(changed, one["marketing"])["overwrite"] = defaults.get("overwrite", "if_blank")
            return


def _other_order(changed: Changed) -> None:
    """The mappings stand in another order."""
    changed.integration["fields"].reverse()


def _new_choice(changed: Changed) -> None:
    """A picklist grows on both sides, with a pair in the value map."""
    for _, one in changed.ground.mapped():
        values = one.get("values")
        fields = [field for side in ("crm", "marketing") for field in changed.org(side).get("fields") or []]
        mine = [
            field for field in fields if field["id"] in (*crm_names(one), one["marketing"]) and field.get("choices")
        ]
        if values and len({field["object"] for field in mine}) >= 2 and any(f["id"] == one["marketing"] for f in mine):
            for field in mine:
                field["choices"].append("extra" if field["id"] == one["marketing"] else "Extra")
            _of(changed, one["marketing"])["values"]["Extra"] = "extra"
            return


def _narrow_rule(changed: Changed) -> None:
    """A rule for a country of its own comes last."""
    users = changed.org("crm").get("users") or []
    if changed.ground.rules and users:
        changed.org("crm")["assignment_rules"].append(
            {"name": "Iceland", "criteria": {"rows": [["Country", "=", "IS"]]}, "assign": {"user": users[0]["id"]}}
        )


def _new_queue(changed: Changed) -> None:
    changed.org("crm").setdefault("queues", []).append({"id": "new-queue", "name": "New queue"})


def _reporting_rule(changed: Changed) -> None:
    """A duplicate rule that reports and lets pass."""
    changed.org("crm").setdefault("duplicate_rules", []).append(
        {"name": "Same phone", "object": "Lead", "match": ["MobilePhone"], "action": "report"}
    )


def _new_form(changed: Changed) -> None:
    changed.org("marketing").setdefault("forms", []).append(
        {"id": "newsletter", "name": "Newsletter", "fields": ["email", "last_name"], "required": ["email"]}
    )


def _more_people(changed: Changed) -> None:
    """Records that were there before, in the CRM alone, complete."""
    changed.org("crm").setdefault("records", []).append(
        {"object": "Account", "count": "3", "values": {"Name": {"fake": "company"}}}
    )


EDITS: dict[str, Edit] = {
    "a new field": _new_field,
    "a new user": _new_user,
    "a user who left": _left_user,
    "more networks": _more_networks,
    "more calls": _more_calls,
    "longer fields": _longer_fields,
    "defaults said": _said_defaults,
    "another order": _other_order,
    "a new choice": _new_choice,
    "a narrow rule": _narrow_rule,
    "a new queue": _new_queue,
    "a reporting rule": _reporting_rule,
    "a new form": _new_form,
    "more accounts": _more_people,
}
"""Edits that leave the files valid and every scenario as it was."""
