"""Strict, strings-first YAML files read into pydantic models, with file:line:column of everything.

formats.md: YAML 1.2, every scalar is text until a field's type reads it (`NO`, `0123`, `12:30` stay as
written; an empty value, `~` and `null` are None); unknown and duplicate keys are refused with a suggestion.
quality.md "Security": aliases, depth and size are capped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

from leadterms.fileproblems import describe
from leadterms.refusals import DocumentRefused, Place, Problem
from leadterms.yamltree import Mark, Tree, read_tree

__all__ = ["Document", "DocumentRefused", "Place", "Problem", "load", "parse_text"]

M = TypeVar("M", bound=BaseModel)
Edit: TypeAlias = Callable[[Tree], Tree]
"""What is changed in a file's data before it is read as a model; places stay those of the file."""

NOT_READABLE = "CFG801"


@dataclass(frozen=True, slots=True)
class Document(Generic[M]):
    """A file as read: its text, its model and where each part of it stands."""

    path: Path | None
    text: str
    model: M
    marks: Mark
    name: str

    def place(self, *loc: str | int) -> Place:
        """Where the part at `loc` (keys and list positions from the root) stands; where the file has no such
        part, its nearest ancestor."""
        mark = self.marks.at(loc)
        return Place(self.name, mark.line, mark.column)


def load(path: str | Path, model: type[M], edit: Edit | None = None) -> Document[M]:
    """Read a UTF-8 file, changed by `edit`. Raises DocumentRefused: CFG801 unreadable, and what `parse_text` does."""
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as failure:
        reason = failure.strerror or str(failure)
        raise DocumentRefused(
            [
                Problem(
                    Place(str(path), 1, 1),
                    NOT_READABLE,
                    f"The file cannot be read: {reason}.",
                    "Check its path.",
                )
            ]
        ) from failure
    except UnicodeDecodeError as failure:
        line = failure.object.count(b"\n", 0, failure.start) + 1
        raise DocumentRefused(
            [Problem(Place(str(path), line, 1), NOT_READABLE, "The file is not UTF-8.", "Save it as UTF-8.")]
        ) from failure
    return _document(text, model, str(path), path, edit)


def parse_text(text: str, model: type[M], *, file: str = "<text>") -> Document[M]:
    """Read a text as the model. Raises DocumentRefused with every problem: CFG802 no YAML, CFG803 duplicate
    key, CFG804 too large, deep or aliased, CFG805 unknown key, CFG806 missing key, CFG807 wrong value."""
    return _document(text, model, file, None)


def _document(text: str, model: type[M], name: str, path: Path | None, edit: Edit | None = None) -> Document[M]:
    data, marks = read_tree(text, name)
    if edit is not None:
        data = edit(data)
    try:
        read = model.model_validate({} if data is None else data)
    except ValidationError as failure:
        raise DocumentRefused(describe(failure, model, marks, name)) from None
    return Document(path, text, read, marks, name)
