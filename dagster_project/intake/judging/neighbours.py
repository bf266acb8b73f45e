"""What cells, or values of a list, say side by side and none of them says alone: a name in two parts, a label and its number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dagster_project.intake.judging.privacy import FREE, patient_class, value_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# What stands beside a label: a number or a day, and at most three words that begin with capitals.
NUMBER_SAID = re.compile(r"(?:\d[-./ ]?){4}")
NAME_SAID = re.compile(r"[^\W\d_a-z][\w.'-]*(?:[ ,]{1,2}[^\W\d_a-z][\w.'-]*){0,2}")


def joined_class(cells: Iterable[str]) -> str | None:
    """A name or an address that is spread over neighbouring cells, or None. Numbers of neighbouring cells would only seem to be one."""
    kind = value_class(" ".join(cell for cell in cells if cell), FREE)
    return kind if kind in ("name of a person", "street address") else None


def labelled_class(cells: Sequence[str]) -> str | None:
    """What a label beside its value says that it is, as on a cover sheet (`MRN`, `00451234`), or what several headers of persons ask for; or None."""
    asked = [patient_class(cell) for cell in cells]
    if sum(kind is not None for kind in asked) > 1:
        return next(filter(None, asked))
    for kind, value in zip(asked, cells[1:], strict=False):
        is_said = NAME_SAID.fullmatch(value) if kind == "name of a person" else NUMBER_SAID.search(value)
        if kind and is_said:
            return kind
    return None


def siblings_class(node: Any) -> str | None:
    """The same of the values of a JSON list or object, such as ["mrn", "00451234"]; None when one of them holds others."""
    values = node if isinstance(node, list) else list(node.values()) if isinstance(node, dict) else []
    return None if any(isinstance(each, dict | list) for each in values) else labelled_class(list(map(str, values)))
