"""What may be wrong with a mapping or adapter file: each problem as one sentence with its place, what was found and what is expected."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import zoneinfo
from typing import TYPE_CHECKING, Any

from dagster_project.intake.adapting.language.converters import CONVERTERS
from dagster_project.intake.adapting.language.styles import NAMED_STYLES
from dagster_project.intake.adapting.language.units import called, step
from dagster_project.intake.judging.privacy import name_class

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from dagster_project.contracts import Column, Contract

TOP = ("version", "feed", "about", "source", "each", "only", "drops", "ignored", "columns")
OF_A_COLUMN = ("from", "constant", "dates", "zone", "values", "not_captured", "decimal", "unit", "unit_from", "convert", "agree")
OF_A_CONDITION = ("of", "path", "says", "fix", "taken", "codes", "expected", "warns")
DECIMALS = (".", ",")
VERSION = re.compile(r"\d+\.\d+\.\d+")


def problems(document: Any, *, feed: str, known_feeds: Collection[str], contract_of: Callable[[str], Contract]) -> list[str]:
    """Every problem of the document, in its order; empty when it can be used."""
    if not isinstance(document, dict):
        return ["the whole file: found no terms; expected version, feed and columns. Begin with `version: 1.0.0`."]
    found = [*_unknown(document, TOP, ""), *_head_problems(document, feed, known_feeds), *_shape_problems(document)]
    if found:
        return found
    return list(_columns_problems(document, contract_of(document["feed"])))


def _say(place: str, found: str, expected: str, fix: str) -> str:
    return f"{place}: found {found}; expected {expected}. {fix}"


def _unknown(terms: dict[str, Any], known: Collection[str], place: str) -> Iterator[str]:
    for name in terms:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            fix = f"Did you mean {near[0]}?" if near else "Remove it."
            yield _say(f"{place}{name}", "an unknown term", f"one of: {', '.join(known)}", fix)


def _head_problems(document: dict[str, Any], feed: str, known_feeds: Collection[str]) -> Iterator[str]:
    version = document.get("version")
    if not isinstance(version, str) or not VERSION.fullmatch(version):
        yield _say("version", repr(version) if version else "none", "three numbers such as 1.0.0", "Add it; raise it with every change.")
    named = document.get("feed")
    if named not in known_feeds:
        yield _say("feed", repr(named) if named else "none", f"one of: {', '.join(sorted(known_feeds))}", "Name the feed.")
    elif named != feed:
        yield _say("feed", repr(named), f"{feed!r}, as the file is called", "Rename the file or correct the feed.")


def _shape_problems(document: dict[str, Any]) -> Iterator[str]:
    for name in ("ignored", "drops"):
        if not _is_texts(document.get(name, [])):
            yield _say(name, "something else", "a list of texts", f"Write `{name}: [one, another]`.")
    levels = document.get("each", [])
    is_levels = isinstance(levels, list) and all(
        isinstance(level, dict) and len(level) == 1 and all(isinstance(path, str) for path in level.values()) for level in levels
    )
    if not is_levels:
        yield _say("each", "something else", "a list of levels, each `- name: path`", "Write one name and one path per line.")
    if is_levels:
        yield from _condition_problems(document.get("only", []), [name for level in levels for name in level])
    if not isinstance(document.get("source") or {}, dict):
        yield _say("source", "something else", "terms such as {format: csv}", "Write `source: {format: csv}` or leave it out.")
    columns = document.get("columns")
    if not isinstance(columns, dict) or not columns:
        yield _say("columns", "none", "at least one column of the contract", "Write `columns:` and below it `name: {from: header}`.")
        return
    for name, item in columns.items():
        if not isinstance(item, dict):
            yield _say(f"columns.{name}", repr(item), "terms such as {from: header}", f"Write `{name}: {{from: {item or 'header'}}}`.")


def _condition_problems(conditions: Any, levels: list[str]) -> Iterator[str]:
    if not isinstance(conditions, list) or not all(isinstance(item, dict) for item in conditions):
        yield _say("only", "something else", "a list of conditions, each with of, path, says and fix", "Write one condition per entry.")
        return
    for number, item in enumerate(conditions, start=1):
        place = f"only.{number}."
        yield from _unknown(item, OF_A_CONDITION, place)
        for name in ("of", "path", "says", "fix"):
            if not isinstance(item.get(name), str):
                yield _say(f"{place}{name}", "none", "one text", f"Write `{name}: text`.")
        if item.get("of") not in levels:
            yield _say(f"{place}of", repr(item.get("of")), f"a level of this file: {', '.join(levels)}", "Name one of them.")
        if not _is_texts(item.get("taken", [])) or not isinstance(item.get("codes", {}), dict):
            yield _say(f"{place}taken", "something else", "a list of codes, and codes as pairs `code: meaning`", "Write `taken: ['00']`.")


def _columns_problems(document: dict[str, Any], contract: Contract) -> Iterator[str]:
    columns = {column.name: column for column in contract.columns}
    for name, item in document["columns"].items():
        place = f"columns.{name}"
        if name not in columns:
            near = difflib.get_close_matches(name, columns, n=1)
            fix = f"Did you mean {near[0]}?" if near else "Remove it."
            yield _say(place, "no column of the contract", f"a column of {contract.feed} {contract.version}", fix)
            continue
        found = [*_unknown(item, OF_A_COLUMN, f"{place}."), *_text_problems(item, place)]
        yield from found or _column_problems(item, columns[name], place)
    missing = [column.name for column in contract.columns if column.required and column.name not in document["columns"]]
    for name in missing:
        yield _say(f"columns.{name}", "nothing", "a source or a constant, because the contract requires it", f"Add `{name}: {{from: …}}`.")
    yield from _header_problems(document)


def _text_problems(item: dict[str, Any], place: str) -> Iterator[str]:
    for name in ("from", "dates", "not_captured", "convert"):
        if name in item and not (isinstance(item[name], str) or _is_texts(item[name])):
            yield _say(
                f"{place}.{name}", "something else", "a text or a list of texts", f"Write `{name}: text` or `{name}: [one, another]`."
            )
    for name in ("constant", "zone", "decimal", "unit", "unit_from"):
        if name in item and not isinstance(item[name], str):
            yield _say(f"{place}.{name}", "something else", "one text", f"Write `{name}: text`.")
    values = item.get("values", {})
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        yield _say(f"{place}.values", "something else", "pairs `their word: our word`", "Write `values: {Truck: road}`.")


def _column_problems(item: dict[str, Any], column: Column, place: str) -> Iterator[str]:
    if ("from" in item) == ("constant" in item):
        both = "both from and constant" if "from" in item else "neither from nor constant"
        yield _say(place, both, "one of the two", "Say where the value comes from, or what it always is.")
    if "decimal" in item and item["decimal"] not in DECIMALS:
        yield _say(f"{place}.decimal", repr(item["decimal"]), "a point or a comma", "Write `decimal: ','`.")
    if item.get("agree", "true") != "true":
        yield _say(f"{place}.agree", repr(item["agree"]), "true, or nothing", "Write `agree: true` or leave it out.")
    for name in _texts(item.get("convert")):
        if name not in CONVERTERS:
            yield _say(f"{place}.convert", repr(name), f"one of: {', '.join(CONVERTERS)}", "Choose one of them.")
    if column.allowed:
        for theirs, ours in item.get("values", {}).items():
            if ours not in column.allowed:
                yield _say(
                    f"{place}.values.{theirs}", repr(ours), f"one of: {', '.join(column.allowed)}", "Use one of the contract's words."
                )
    yield from _time_problems(item, column, place)
    yield from _unit_problems(item, column, place)


def _time_problems(item: dict[str, Any], column: Column, place: str) -> Iterator[str]:
    if "zone" in item and item["zone"] not in zoneinfo.available_timezones():
        yield _say(f"{place}.zone", repr(item["zone"]), "a zone such as Europe/Paris", "Take the name from the IANA list.")
    for name in ("dates", "zone"):
        if name in item and column.type not in ("date", "timestamp"):
            yield _say(f"{place}.{name}", f"it on a column of type {column.type}", "a column of dates or times", "Remove it.")
    for style in _texts(item.get("dates")):
        if style not in NAMED_STYLES and not _tells_day(style):
            expected = f"a strptime style that tells day, month and year, such as %d.%m.%Y, or one of: {', '.join(NAMED_STYLES)}"
            yield _say(f"{place}.dates", repr(style), expected, "Correct the style.")


def _tells_day(style: str) -> bool:
    day = dt.datetime(2006, 11, 24, tzinfo=dt.UTC)
    try:
        return dt.datetime.strptime(day.strftime(style), style).date() == day.date()  # noqa: DTZ007 - only the day is compared
    except ValueError:
        return False


def _unit_problems(item: dict[str, Any], column: Column, place: str) -> Iterator[str]:
    if "unit" not in item and "unit_from" not in item:
        return
    if not column.unit or not called(column.unit):
        target = f"the unit {column.unit}, which nothing converts to" if column.unit else "a column without a unit"
        yield _say(f"{place}.unit", target, "a column with a unit of partner_feeds/units.csv", "Remove it; the values enter as they are.")
    elif "unit" in item and step(item["unit"], column.unit) is None:
        expected = f"a unit that converts to {column.unit} (partner_feeds/units.csv)"
        yield _say(f"{place}.unit", repr(item["unit"]), expected, "Use a code or word of that table.")


def _header_problems(document: dict[str, Any]) -> Iterator[str]:
    if "each" in document:
        return
    read = [source for item in document["columns"].values() if isinstance(item, dict) for source in _texts(item.get("from"))]
    for header in [*read, *_texts(document.get("ignored"))]:
        if kind := name_class(header):
            yield _say(
                f"the header {header!r}", f"a column for: {kind}", "no direct identifier of a person", "Have it left out of the export."
            )
    for header in document.get("ignored", []):
        if header in read:
            yield _say("ignored", repr(header), "headers that no column reads", "Remove it from the list.")


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
