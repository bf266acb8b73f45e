"""A mapping (a partner's own sheet) or an adapter (a standard's documents) in memory, read from its YAML file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from dagster_project.contracts import contract as contract_of
from dagster_project.contracts import feeds
from dagster_project.home import PROJECT_ROOT
from dagster_project.intake.adapting.language.checking import problems

if TYPE_CHECKING:
    from pathlib import Path

MAPPINGS_FOLDER = PROJECT_ROOT / "partner_feeds" / "mappings"
ADAPTERS_FOLDER = PROJECT_ROOT / "partner_feeds" / "adapters"


class MappingError(ValueError):
    """A mapping or adapter file that cannot be used: one line per problem, each with place, what was found and what is expected."""


@dataclass(frozen=True)
class Level:
    """One nested level of a document: `path` is walked from the level above, and each item found is called `name`."""

    name: str
    path: str


@dataclass(frozen=True)
class Condition:
    """What a node of the level `of` must say at `path` for its rows to be taken: nothing, or one of the codes in `taken`.

    `says` is what the place tells, in words; `codes` are the meanings of codes, for the answer; `expected` stands for the list of codes.
    With `warns` the rows are taken, and a warning says what was not.
    """

    of: str
    path: str
    says: str
    fix: str
    taken: tuple[str, ...] = ()
    codes: dict[str, str] = field(default_factory=dict)
    expected: str | None = None
    warns: bool = False


@dataclass(frozen=True)
class ColumnMapping:
    """Where one column of the contract comes from and how its text becomes what the contract expects.

    `sources` are headers of a sheet, or JMESPath expressions; the first that is not empty counts. Without any, `constant` is the value.
    With `agree` a document's other sources must say the same as the first.
    """

    column: str
    sources: tuple[str, ...] = ()
    constant: str | None = None
    dates: tuple[str, ...] = ()
    zone: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    not_captured: tuple[str, ...] = ()
    decimal: str | None = None
    unit: str | None = None
    unit_from: str | None = None
    convert: tuple[str, ...] = ()
    agree: bool = False


@dataclass(frozen=True, eq=False)
class Mapping:
    """One file of `partner_feeds/mappings` or `partner_feeds/adapters`, compared by identity: each is read once.

    `each`, `only` and `drops` are empty for a sheet, `ignored` for documents.
    """

    name: str
    version: str
    feed: str
    columns: tuple[ColumnMapping, ...]
    source: dict[str, str]
    each: tuple[Level, ...]
    drops: tuple[str, ...]
    ignored: tuple[str, ...]
    only: tuple[Condition, ...] = ()

    @property
    def title(self) -> str:
        """Name and version, as a receipt tells them."""
        return f"{self.name} {self.version}"

    def sources(self) -> list[str]:
        """Every header or path that is read, each once, in the order of the columns."""
        named = [[*column.sources, *([column.unit_from] if column.unit_from else [])] for column in self.columns]
        return list(dict.fromkeys(source for sources in named for source in sources))


def read_mapping(path: Path) -> Mapping:
    """The mapping or adapter in a file. MappingError, naming file and places, when it cannot be used."""
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _read(path: Path, changed: int, size: int) -> Mapping:
    # The time and size are arguments so that an edited file is read anew.
    del changed, size
    return parse_mapping(path.read_text(encoding="utf-8"), name=f"{path.parent.name}/{path.stem}")


def parse_mapping(text: str, *, name: str) -> Mapping:
    """The mapping or adapter written in `text`; `name` is `<partner or format>/<feed>`. MappingError when it cannot be used."""
    try:
        # Every scalar stays text: a version is no number, and `No: …` among the values is no truth value.
        document = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506
    except yaml.YAMLError as error:
        raise MappingError(f"{name}: this is not YAML: {_where(error)}. Look at that line.") from error
    found = problems(document, feed=name.rpartition("/")[2], known_feeds=feeds(), contract_of=contract_of)
    if found:
        raise MappingError("\n".join(f"{name}, {problem}" for problem in found))
    return _mapping(document, name)


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    words = getattr(error, "problem", None) or "it cannot be read"
    return f"line {mark.line + 1}, column {mark.column + 1}: {words}" if mark else str(words)


def _mapping(document: dict[str, Any], name: str) -> Mapping:
    levels = [item for entry in document.get("each", []) for item in entry.items()]
    return Mapping(
        name=name,
        version=document["version"],
        feed=document["feed"],
        columns=tuple(_column(column, item) for column, item in document["columns"].items()),
        source=dict(document.get("source") or {}),
        each=tuple(Level(*level) for level in levels),
        drops=tuple(document.get("drops") or ()),
        ignored=tuple(document.get("ignored") or ()),
        only=tuple(_condition(item) for item in document.get("only") or ()),
    )


def _condition(item: dict[str, Any]) -> Condition:
    taken, codes = as_list(item.get("taken")), dict(item.get("codes") or {})
    return Condition(**{**item, "taken": taken, "codes": codes, "warns": item.get("warns") == "true"})


def _column(column: str, item: dict[str, Any]) -> ColumnMapping:
    return ColumnMapping(
        column=column,
        sources=as_list(item.get("from")),
        constant=item.get("constant"),
        dates=as_list(item.get("dates")),
        zone=item.get("zone"),
        values=dict(item.get("values") or {}),
        not_captured=as_list(item.get("not_captured")),
        decimal=item.get("decimal"),
        unit=item.get("unit"),
        unit_from=item.get("unit_from"),
        convert=as_list(item.get("convert")),
        agree=item.get("agree") == "true",
    )


def as_list(value: str | list[str] | None) -> tuple[str, ...]:
    """One text or a list of them, as a tuple."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
