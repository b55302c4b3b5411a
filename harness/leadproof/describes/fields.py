"""The custom fields of a describe as fields of a recipe, and a finding for whatever does not carry over whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from leadproof.describes.formulas import translate
from leadproof.describes.reading import DescribedObject
from leadproof.findings import At, Finding, find
from leadterms.fields import FieldSpec, Schema
from leadterms.fieldtypes import FIELD_TYPES, parse
from leadterms.refusals import ValueRefused
from leadterms.values import Value

TYPE = "MAP340"
FORMULA = "MAP341"
TRAIT = "MAP342"
REFERENCE = "MAP343"

# The describe's type -> the sandbox's. `reference` is decided by what it points at.
TYPES: Mapping[str, str] = {
    "string": "single_line", "textarea": "multi_line", "picklist": "dropdown", "multipicklist": "multi_select",
    "phone": "phone", "email": "email", "url": "url", "boolean": "checkbox", "currency": "currency",
    "percent": "percent", "double": "number", "int": "number", "long": "number", "date": "date",
    "datetime": "date_time",
}  # fmt: skip
# Types that the sandbox has not: the nearest one, "" where there is none, and what is lost.
FOREIGN: Mapping[str, tuple[str, str]] = {
    "combobox": ("dropdown", "its list is taken, and any other text too"),
    "encryptedstring": ("single_line", "the text is neither encrypted nor masked"),
    "time": ("single_line", "a time of day is kept as it is written"),
    "location": ("", "its latitude and longitude are fields of their own and are taken"),
    "address": ("", "its street, city and the rest are fields of their own and are taken"),
    "base64": ("", "files are not kept"),
    "anyType": ("", "a value of any type cannot be checked"),
    "complexvalue": ("", "it has parts of its own"),
    "json": ("", "it has parts of its own"),
}
MOST_CHARACTERS = 131_072
_ID_LENGTH = 18
_QUOTED = re.compile(r"""(["'])((?:(?!\1)[^\\]|\\.)*)\1\Z""", re.DOTALL)
_Read: TypeAlias = tuple[Mapping[str, Any], FieldSpec]
_USERS = frozenset({"User", "Group"})


@dataclass
class Imported:
    """What a recipe gets. `objects`: custom objects that it must have, (id, label)."""

    fields: list[FieldSpec] = field(default_factory=list)
    objects: list[tuple[str, str]] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


def recipe_fields(objects: Sequence[DescribedObject], sandbox: Schema) -> Imported:
    """The custom fields of the objects, in the order in which a recipe may name them, and the custom objects.

    `sandbox`: what an org of the sandbox has from the start.
    """
    imported = Imported()
    named = {one.name for one in objects}
    known = {*sandbox, *named}
    for one in objects:
        if one.name not in sandbox:
            imported.objects.append((one.name, one.label))
        standing = sandbox[one.name].fields if one.name in sandbox else {}
        reader = _Reader(one.name, known, imported.notes)
        read = [(raw, reader.read(raw)) for raw in one.fields if raw.get("custom") is True]
        plain = [spec for raw, spec in read if spec is not None and not raw.get("calculated")]
        computed = [(raw, spec) for raw, spec in read if spec is not None and raw.get("calculated")]
        imported.fields += [*plain, *reader.formulas(computed, [*standing, *(spec.id for spec in plain)])]
    return imported


class _Reader:
    """Reads the fields of one object."""

    def __init__(self, object: str, known: set[str], notes: list[Finding]) -> None:
        self._object = object
        self._known = known
        self._notes = notes

    def read(self, raw: Mapping[str, Any]) -> FieldSpec | None:
        """One custom field; None where the sandbox can hold nothing like it."""
        told, id = raw["type"], raw["name"]
        type = TYPES.get(told, "")
        refers_to = None
        if told == "reference":
            type, refers_to = self._reference(raw)
        elif not type:
            type, lost = FOREIGN.get(told, ("", "it is not known"))
            becomes = f"it becomes {type}" if type else "it is left out"
            self._note(
                TYPE, id, f"{self._name(id)} has the type {told}, which the sandbox does not have: {becomes}; {lost}."
            )
        if not type:
            return None
        if raw.get("autoNumber"):
            type = "auto_number"
        spec = FieldSpec(
            self._object, id, str(raw.get("label") or id), type,
            required=self._required(raw, type), unique=raw.get("unique") is True,
            external_id=raw.get("externalId") is True, length=self._length(raw, type), scale=_scale(raw, type),
            read_only=type != "auto_number" and raw.get("createable") is False and raw.get("updateable") is False,
            refers_to=refers_to,
        )  # fmt: skip
        spec = self._with_choices(spec, raw)
        self._tell_traits(spec, raw)
        return replace(spec, default=self._default(spec, raw))

    def formulas(self, computed: Sequence[_Read], known: Iterable[str]) -> list[FieldSpec]:
        """The computed fields, each behind those that it is computed from."""
        fields, waiting, done = list(known), list(computed), []
        while waiting:
            later = []
            for raw, spec in waiting:
                formula = translate(str(raw.get("calculatedFormula") or ""), raw["type"], fields)
                if formula is None:
                    later.append((raw, spec))
                else:
                    done.append(_computed(spec, formula))
                    fields.append(spec.id)
            if len(later) == len(waiting):
                break
            waiting = later
        return [*done, *(self._uncomputed(raw, spec) for raw, spec in waiting)]

    def _uncomputed(self, raw: Mapping[str, Any], spec: FieldSpec) -> FieldSpec:
        told = raw.get("calculatedFormula")
        what = f"its formula is {told!r}" if told else "the describe does not tell its formula, or it is a roll-up"
        self._note(
            FORMULA,
            spec.id,
            f"{self._name(spec.id)} is computed by the CRM, and {what}: "
            f"the sandbox keeps it as a read-only {spec.type} that stays blank.",
        )
        return replace(spec, read_only=True, required=False, default=None)

    def _reference(self, raw: Mapping[str, Any]) -> tuple[str, str | None]:
        targets = [str(one) for one in raw.get("referenceTo") or ()]
        if targets and _USERS.issuperset(targets):
            return "user", None
        held = next((one for one in targets if one in self._known), None)
        if held is not None and len(targets) == 1:
            return "reference", held
        self._note(
            REFERENCE,
            raw["name"],
            f"{self._name(raw['name'])} points at {' or '.join(targets) or 'nothing'}, "
            f"{'which a reference of the sandbox cannot' if held else 'which the sandbox does not have'}: "
            f"it becomes a text of {_ID_LENGTH} characters.",
        )
        return "single_line", None

    def _required(self, raw: Mapping[str, Any], type: str) -> bool:
        fillable = raw.get("createable") is not False and not FIELD_TYPES[type].computed
        return fillable and type != "checkbox" and raw.get("nillable") is False and not raw.get("defaultedOnCreate")

    def _length(self, raw: Mapping[str, Any], type: str) -> int | None:
        length = raw.get("length")
        if raw["type"] == "reference":
            return _ID_LENGTH if type == "single_line" else None
        if FIELD_TYPES[type].chosen or not FIELD_TYPES[type].longest or not isinstance(length, int) or length < 1:
            return None
        return min(length, MOST_CHARACTERS)

    def _with_choices(self, spec: FieldSpec, raw: Mapping[str, Any]) -> FieldSpec:
        if not FIELD_TYPES[spec.type].chosen:
            return spec
        active = [str(one.get("value")) for one in raw.get("picklistValues") or () if one.get("active") is not False]
        choices = tuple(choice for choice in dict.fromkeys(active) if choice.strip())
        restricted = raw.get("restrictedPicklist") is True and raw["type"] != "combobox"
        if restricted and not choices:
            self._note(TRAIT, spec.id, f"{self._name(spec.id)} has no active value, so the sandbox takes any.")
        return replace(spec, choices=choices, restricted=restricted and bool(choices))

    def _default(self, spec: FieldSpec, raw: Mapping[str, Any]) -> Value:
        if FIELD_TYPES[spec.type].computed or raw.get("calculated"):
            return None
        told: object = raw.get("defaultValue")
        formula = raw.get("defaultValueFormula")
        marked = [one["value"] for one in raw.get("picklistValues") or () if one.get("defaultValue") and "value" in one]
        if spec.type == "checkbox":
            return told is True or str(told).lower() == "true"
        if marked and spec.type == "dropdown":
            told = marked[0]
        elif told is None and isinstance(formula, str) and formula.strip():
            told = _literal(formula.strip())
            if told is None:
                text = f"{self._name(spec.id)} gets its default from {formula!r}, which the sandbox does not compute."
                self._note(TRAIT, spec.id, text)
        try:
            return parse(spec, told) if told is not None else None
        except ValueRefused:
            self._note(TRAIT, spec.id, f"{self._name(spec.id)} has the default {told!r}, which is no {spec.type}.")
            return None

    def _tell_traits(self, spec: FieldSpec, raw: Mapping[str, Any]) -> None:
        """What the type has, and the sandbox does not do."""
        if raw.get("dependentPicklist"):
            governor = raw.get("controllerName") or "another field"
            text = f"{self._name(spec.id)} depends on {governor}: the sandbox takes every value at any time."
            self._note(TRAIT, spec.id, text)
        if raw.get("htmlFormatted"):
            self._note(TRAIT, spec.id, f"{self._name(spec.id)} is rich text: the sandbox keeps its HTML as text.")
        if spec.read_only and not raw.get("calculated"):
            text = "cannot be written by the user who asked for the describe: it is read-only in the sandbox"
            self._note(TRAIT, spec.id, f"{self._name(spec.id)} {text}.")

    def _name(self, id: str) -> str:
        return f"{self._object}.{id}"

    def _note(self, code: str, id: str, cause: str) -> None:
        self._notes.append(find(code, cause, places=[At(system="crm", object=self._object, field=id)]))


def _computed(spec: FieldSpec, formula: Mapping[str, Any]) -> FieldSpec:
    return FieldSpec(spec.object, spec.id, spec.label, "formula", formula=formula)


def _scale(raw: Mapping[str, Any], type: str) -> int | None:
    if FIELD_TYPES[type].kind != "number":
        return None
    scale = raw.get("scale")
    return scale if isinstance(scale, int) and 0 <= scale <= 18 else None


def _literal(formula: str) -> object:
    """The value of a default that is a quoted text or a number; None for a formula."""
    quoted = _QUOTED.match(formula)
    if quoted:
        return re.sub(r"\\(.)", r"\1", quoted[2])
    return formula if re.match(r"-?\d+(\.\d+)?\Z", formula) else None
