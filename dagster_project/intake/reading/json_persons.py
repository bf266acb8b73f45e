"""Which direct identifier a JSON value holds anywhere in it, by the names of its fields and the look of its texts; also a line that is no JSON."""

from __future__ import annotations

import json
import re
from typing import Any

from dagster_project.intake.judging.detectors import GOODS
from dagster_project.intake.judging.neighbours import labelled_class, siblings_class
from dagster_project.intake.judging.privacy import FREE, name_class, value_class

# A text, and the colon that makes it the name of a field.
TEXTS = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?')
# A table or a place may be called by its name; what it is called is then looked at as a name.
NAME = "name"


def json_class(value: Any) -> str | None:
    """Which direct identifier a parsed value holds, or None. A field is known by its own name, and by that of the object around it."""
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        name, node = stack.pop()
        if kind := siblings_class(node):
            return kind
        if isinstance(node, dict):
            for below, each in node.items():
                if kind := _class_of_field(name, below) if each not in (None, "", [], {}) else None:
                    return kind
                stack.append((below, each))
        elif isinstance(node, list):
            stack += [(name, each) for each in node]
        elif kind := _class_of_text(name, str(node)):
            return kind
    # Neighbours say together what none of them says alone.
    return value_class(json.dumps(value, ensure_ascii=False), FREE)


def line_class(line: str) -> str | None:
    """The same of a line that cannot be parsed, or says a name twice: its texts are read one by one, with what their escapes stand for."""
    name, values = "", []
    for match in TEXTS.finditer(line):
        text = _unescaped(match[1])
        kind = _class_of_field("", text) if match[2] else _class_of_text(name, text)
        if kind:
            return kind
        name = text if match[2] else ""
        values += [] if match[2] else [text]
    return labelled_class(values) or value_class(TEXTS.sub(" ", line), FREE)


def _class_of_field(around: str, name: str) -> str | None:
    own = None if name.strip().lower() == NAME else name_class(name)
    return own or value_class(name, FREE) or (name_class(f"{around}_{name}") if around else None)


def _class_of_text(name: str, text: str) -> str | None:
    if name.strip().lower() == NAME:
        return value_class(f"name: {text}", FREE)
    kind = value_class(text, FREE)
    # A number whose field is called after goods is that of goods: a parcel's has the form of a patient's.
    return value_class(f"{name} {text}", FREE) if kind and GOODS.fullmatch(name) else kind


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text
