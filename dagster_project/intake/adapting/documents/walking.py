"""From a nested document to rows: the levels of an adapter are walked, and what no row was made of is named, so that nothing vanishes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from jmespath import exceptions, parser, visitor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dagster_project.intake.adapting.language.model import Level

Ast = dict[str, Any]
# It keeps no state between two visits.
INTERPRETER = visitor.TreeInterpreter()
SEVERAL = "(several values)"


class Several(str):
    """A cell for which the document has values that differ. The text stands for them; `values` are they."""

    __slots__ = ("values",)
    values: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[str]) -> Several:
        """The cell of these values."""
        cell = cls(SEVERAL)
        cell.values = tuple(values)
        return cell


@dataclass(frozen=True)
class Row:
    """One row: the innermost nodes by name of their level, and where they stand in the document."""

    nodes: Mapping[str, Any]
    place: str


@dataclass(frozen=True)
class Unread:
    """A node of which no row was made: `kind` is its type, if it says one."""

    level: Level
    kind: str
    place: str
    node: Any


@dataclass
class Walk:
    """What walking a document gave."""

    rows: list[Row] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


def words(level: Level) -> str:
    """A level as a sender reads it: sensor_report as "sensor report"."""
    return level.name.replace("_", " ")


def walk(document: Any, levels: Sequence[Level]) -> Walk:
    """Every row of the document, in its order. Nodes that a filter leaves out, or that have no row below them, are in `unread`."""
    found = Walk()
    _descend(document, tuple(levels), {}, [], found)
    return found


def _descend(node: Any, levels: tuple[Level, ...], nodes: dict[str, Any], place: list[str], found: Walk) -> int:
    """Add the rows below `node`; returns how many."""
    if not levels:
        found.rows.append(Row(dict(nodes), place_of(node) or ", ".join(place)))
        return 1
    level, rows = levels[0], 0
    for number, child, is_taken in _children(node, level.path):
        here = _place(child, level, number, place)
        told = len(found.unread)
        below = _descend(child, levels[1:], {**nodes, level.name: child}, here, found) if is_taken else 0
        rows += below
        # Where something below was told already, the node itself needs no words.
        if not below and len(found.unread) == told:
            found.unread.append(Unread(level, kind_of(child), place_of(child) or ", ".join(here), child))
    return rows


def _place(node: Any, level: Level, number: int | None, above: list[str]) -> list[str]:
    """Where a node stands: what its reader says (a segment of X12), or its number among its like."""
    said = getattr(node, "place", None)
    if said is not None:
        return [said]
    return above if number is None else [*above, f"{words(level)} {number}"]


def _children(node: Any, path: str) -> Iterator[tuple[int | None, Any, bool]]:
    """The nodes at a path with their number among all of them, and whether the path's filters take them."""
    everything = evaluate(unfiltered(path), node)
    if not isinstance(everything, list):
        if everything is not None:
            yield None, everything, evaluate(path, node) is not None
        return
    if unfiltered(path) == path:
        taken = None
    else:
        selected = evaluate(path, node)
        taken = {id(child) for child in (selected if isinstance(selected, list) else [selected])}
    for number, child in enumerate(everything, start=1):
        yield number, child, taken is None or id(child) in taken


def place_of(node: Any) -> str:
    """Where a node says it stands, when its format numbers what it is made of: "segment 14 (FST)"."""
    place = getattr(node, "place", "")
    return place if isinstance(place, str) else ""


def kind_of(node: Any) -> str:
    """What a node says it is: an EPCIS type, a FHIR resource type; nothing when it says none that is one plain word."""
    if not isinstance(node, dict):
        return ""
    inner = node.get("resource")
    named = inner.get("resourceType") if isinstance(inner, dict) else node.get("type")
    return named if isinstance(named, str) and re.fullmatch(r"(?:[a-z]{1,20}:)?[A-Za-z][A-Za-z_]{0,39}", named) else ""


def evaluate(path: str | Ast, node: Any) -> Any:
    """What a JMESPath finds in `node`; None also where it asks a function for something that a malformed document has not."""
    if isinstance(path, str) and (names := _plain_names(path)):
        # Most paths are names with dots, and following them costs a tenth of interpreting them.
        for name in names:
            node = node.get(name) if isinstance(node, dict) else None
        return node
    ast: Any = path if isinstance(path, dict) else compiled(path)
    try:
        return INTERPRETER.visit(ast, node)
    except exceptions.JMESPathError:
        return None


@cache
def _plain_names(path: str) -> tuple[str, ...]:
    """The names of a path that is nothing but names; empty for any other."""
    names: list[str] = []
    stack = [compiled(path)]
    while stack:
        ast = stack.pop()
        if ast["type"] == "field":
            names.append(ast["value"])
        elif ast["type"] == "subexpression":
            stack += reversed(ast["children"])
        else:
            return ()
    return tuple(names)


@cache
def compiled(path: str) -> Ast:
    """The parsed path. ValueError (jmespath's ParseError is one) when it is none."""
    return dict(parser.Parser().parse(path).parsed)


@cache
def unfiltered(path: str) -> Any:
    """The same path without its filters, to see what they leave out; the path itself when it has none."""
    ast = compiled(path)
    plain = _without_filters(ast)
    return path if plain == ast else plain


def _without_filters(ast: Ast) -> Ast:
    children = [_without_filters(child) for child in ast["children"][:2]] if ast["type"] == "filter_projection" else None
    if children is not None:
        return {"type": "projection", "children": children}
    return {**ast, "children": [_without_filters(child) for child in ast["children"]]}


def literals(path: str) -> set[str]:
    """The texts a path compares with: the kinds of node it looks for."""
    found: set[str] = set()
    stack = [compiled(path)]
    while stack:
        ast = stack.pop()
        if ast["type"] == "literal" and isinstance(ast["value"], str):
            found.add(ast["value"])
        stack += ast["children"]
    return found


def text_of(value: Any) -> str | None:
    """A value as the text of a cell; a list whose values are all the same is that one, one of several is a `Several`."""
    if isinstance(value, list):
        texts = list(dict.fromkeys(text for item in value if (text := text_of(item)) is not None))
        if len(texts) > 1:
            return Several.of([inner for text in texts for inner in (text.values if isinstance(text, Several) else (text,))])
        return texts[0] if texts else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return None
    if isinstance(value, str | int | float):
        return str(value)
    return SEVERAL


def own_name(path: str, levels: Sequence[Level]) -> str:
    """A path as its sender knows it: names only, the last name of each level's own path in front.

    An element of a segment already says whose it is: it stands alone, as REF02, with the qualifiers that a filter asks for.
    """
    plain = re.sub(r"'[^']*'|`[^`]*`", "", re.sub(r"\[[^\]]*\]", "", path))
    by_name = {level.name: level for level in levels}
    found = re.findall(r"(?<![\w.\"])(\w+)((?:\.[\w\"@:-]+)*)", plain)
    named = [_named(last_name(by_name[level].path), rest.replace('"', "").strip("."), path) for level, rest in found if level in by_name]
    return " and ".join(dict.fromkeys(named)) or re.sub(r"[\"`()]|\s*\|.*$", "", plain).strip()


def _named(above: str, rest: str, path: str) -> str:
    parts = [above, *rest.split(".")] if rest else [above]
    if len(parts) < 2 or not parts[-1].startswith(parts[-2]):
        return ".".join(part for part in parts if part)
    qualifiers = re.findall(r"'([^']*)'", "".join(re.findall(r"\[\?[^\]]*\]", path)))
    return f"{parts[-1]} ({', '.join(qualifiers)})" if qualifiers else parts[-1]


def last_name(path: str) -> str:
    """The last name of a path: eventList of epcisBody.eventList[?type=='ObjectEvent']."""
    return re.sub(r"\[[^\]]*\]|\s*\|.*$", "", path).rsplit(".", 1)[-1].strip('" @')
