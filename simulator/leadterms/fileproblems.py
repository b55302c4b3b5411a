"""What pydantic found wrong with a file, in words for people: place, cause, and what probably was meant."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from leadterms.refusals import Place, Problem
from leadterms.yamltree import Mark

UNKNOWN_KEY = "CFG805"
MISSING_KEY = "CFG806"
WRONG_VALUE = "CFG807"


def describe(failure: ValidationError, model: type[BaseModel], marks: Mark, name: str) -> list[Problem]:
    """One Problem for each error, without the echoes that a union gives of the same place. A validator that
    raises a PydanticCustomError whose type begins with a code (`CFG841`, `MAP301`) keeps that code; its `fix`
    in the context becomes the suggestion."""
    problems: dict[tuple[Place, str], Problem] = {}
    errors = failure.errors(include_url=False)
    paths = [marks.path(error["loc"]) for error in errors]
    for error, path in zip(errors, paths, strict=True):
        in_union = len(path) < len(error["loc"]) and error["type"] != "missing"
        if in_union and any(len(other) > len(path) and other[: len(path)] == path for other in paths):
            continue  # another branch of the union went further into the file: that one was meant
        problem = _problem(error, model, marks, name)
        problems.setdefault((problem.place, problem.code), problem)
    return list(problems.values())


def _problem(error: ErrorDetails, model: type[BaseModel], marks: Mark, name: str) -> Problem:
    loc, kind = error["loc"], error["type"]
    context = error.get("ctx") or {}
    if kind == "extra_forbidden":
        parent, key = marks.at(loc[:-1]), str(loc[-1])
        line, column = parent.keys.get(key, (parent.line, parent.column))
        return Problem(Place(name, line, column), UNKNOWN_KEY, f"Unknown key {key!r}.", _near_key(model, loc))
    mark = marks.at(loc)
    place = Place(name, mark.line, mark.column)
    if kind == "missing":
        return Problem(place, MISSING_KEY, f"The key {str(loc[-1])!r} is missing.", "Add it.")
    if kind in ("literal_error", "enum"):
        allowed = _allowed(str(context.get("expected", "")))
        text = f"{_shown(error['input'])} is not allowed here; allowed: {', '.join(allowed)}."
        return Problem(place, WRONG_VALUE, text, _near(error["input"], allowed))
    code, _, rest = kind.partition(" ")
    if rest == "" and len(code) == 6 and code[:3].isupper() and code[3:].isdigit():
        return Problem(place, code, error["msg"], str(context.get("fix", "")))
    message = error["msg"].removeprefix("Value error, ").rstrip(".")
    return Problem(place, WRONG_VALUE, f"{_sentence(message)}: {_shown(error['input'])}.")


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:]


def _shown(raw: object) -> str:
    text = repr(raw)
    return text if len(text) <= 60 else text[:57] + "..."


def _allowed(expected: str) -> list[str]:
    """pydantic writes the choices as "'a', 'b' or 'c'"."""
    return expected.replace(" or ", ", ").replace("'", "").split(", ")


def _near(raw: object, known: Sequence[str]) -> str:
    from rapidfuzz.process import extractOne

    if not isinstance(raw, str):
        return ""
    found = extractOne(raw.casefold(), [one.casefold() for one in known], score_cutoff=60)
    return f"Did you mean {known[found[2]]!r}?" if found else ""


def _near_key(model: type[BaseModel], loc: tuple[str | int, ...]) -> str:
    known: list[str] = []
    for found in _models(model, loc[:-1]):
        known.extend(_key(name, field) for name, field in found.model_fields.items())
    known = list(dict.fromkeys(known))
    near = _near(str(loc[-1]), known)
    return near or (f"Known keys: {', '.join(known)}." if known else "Remove it.")


def _key(name: str, field: Any) -> str:
    return str(field.alias or name)


def _models(annotation: Any, loc: tuple[str | int, ...]) -> Iterator[type[BaseModel]]:
    """The models that may stand at `loc` under an annotation; steps that name a union's branch are
    skipped."""
    for option in _options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            yield from _below(option, loc)
        elif loc:
            parts = get_args(option)
            origin = get_origin(option)
            if origin in (list, tuple, set, frozenset) or (origin is not None and len(parts) == 1):
                yield from _models(parts[0], loc[1:] if isinstance(loc[0], int) else loc)
            elif len(parts) == 2:
                yield from _models(parts[1], loc[1:])


def _below(model: type[BaseModel], loc: tuple[str | int, ...]) -> Iterator[type[BaseModel]]:
    if not loc:
        yield model
        return
    for name, field in model.model_fields.items():
        if loc[0] in (name, field.alias):
            yield from _models(field.annotation, loc[1:])
            return
    yield from _below(model, loc[1:])


def _options(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _options(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _options(part)
    else:
        yield annotation
