"""What a sender probably meant: the one value close to a refused one that would pass. A guess is offered as a question and never applied.

Only what the file and the contract tell, so that a receipt does not depend on what others sent; `answering/suggestions.py` adds known values.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from itertools import islice, product
from typing import TYPE_CHECKING

import pyarrow as pa

from dagster_project.contracts.identifiers import DIN_PATTERN, is_valid, parse_iso_week

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import duckdb

    from dagster_project.contracts import Column, Contract

# Each sign with those that it is mistaken for, by eye or by a text scanner.
LOOKS_LIKE = {"0": "OQD", "O": "0", "Q": "0", "D": "0", "1": "IL", "I": "1", "L": "1", "5": "S", "S": "5", "8": "B", "B": "8", "2": "Z", "Z": "2", "6": "G", "G": "6"}  # fmt: skip
SEPARATORS = re.compile(r"[\s\u00a0.\u2010-\u2015-]+")
MOST_VALUES = 1_000
MOST_READINGS = 256
CLOSE_ENOUGH = 0.75
DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](20\d\d)")
WEEK = re.compile(
    r"(?:(20\d\d)[ ./-]?(?:W|KW|CW|WK|WEEK)[ ./-]?(\d{1,2})|(?:W|KW|CW|WK|WEEK)[ ./-]?(\d{1,2})[ ./-](20\d\d))", re.IGNORECASE
)
DECIMAL_COMMA = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})*,\d{1,2}|[-+]?\d+,\d+")
YES, NO = ("y", "ja", "oui", "si", "wahr", "vrai", "x"), ("n", "nein", "non", "falsch", "faux")


def add_near_misses(connection: duckdb.DuckDBPyConnection, contract: Contract, *, finding: str) -> None:
    """Put "Did you mean …?" before the hint of every finding (the table of that name) whose value has exactly one likely reading."""
    query = (
        f"SELECT column_name, found FROM {finding} WHERE column_name IS NOT NULL AND length(found) <= 60"
        f" GROUP BY ALL ORDER BY min(row_number), column_name, found LIMIT {MOST_VALUES}"
    )
    columns = {column.name: column for column in contract.columns}
    meant = [
        (name, found, likely)
        for name, found in connection.execute(query).fetchall()
        if name in columns and (likely := near_miss(found, columns[name])) is not None
    ]
    if not meant:
        return
    names, found, near = (list(part) for part in zip(*meant, strict=True))
    connection.register("near_miss", pa.table({"column_name": names, "found": found, "near": near}))
    connection.execute(
        f"UPDATE {finding} SET hint = 'Did you mean ' || near || '? ' || hint FROM near_miss"
        f" WHERE {finding}.column_name = near_miss.column_name AND {finding}.found = near_miss.found"
        f" AND NOT starts_with(hint, 'This looks like a total')"
    )
    connection.unregister("near_miss")


def near_miss(text: str, column: Column) -> str | None:
    """The value that `text` was probably meant to be, or None when there is none or more than one."""
    text = text.strip()
    if not text or text.startswith("(text of "):
        return None
    if column.allowed:
        return in_list(text, column.allowed)
    if column.type != "string":
        return _typed(text, column)
    if column.identifier:
        return _identifier(text, column.identifier)
    return _by_pattern(text, column.pattern) if column.pattern else None


def in_list(text: str, allowed: Iterable[str]) -> str | None:
    """The word of a list that differs only in its writing, or the one that is clearly closest."""
    plain = {_plain(word): word for word in allowed}
    if text in plain.values():
        return None
    if _plain(text) in plain:
        return plain[_plain(text)]
    scores = sorted(((difflib.SequenceMatcher(None, _plain(text), word).ratio(), word) for word in plain), reverse=True)
    best = scores[0]
    is_clear = best[0] >= CLOSE_ENOUGH and (len(scores) == 1 or scores[1][0] < best[0])
    return plain[best[1]] if is_clear else None


def readings(text: str) -> Iterator[str]:
    """The text with one or more signs read as one that looks like them; never more than a few hundred."""
    choices = [sign + LOOKS_LIKE.get(sign, "") for sign in text]
    yield from ("".join(signs) for signs in islice(product(*choices), 1, MOST_READINGS))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _only(candidates: Iterable[str], text: str) -> str | None:
    different = set(candidates) - {text}
    return different.pop() if len(different) == 1 else None


def _identifier(text: str, kind: str) -> str | None:
    """The likeliest mistakes first: how it is written, letters for digits, a lost zero.

    Swapped digits are not tried: some swap makes every third wrong number right by chance. Known values tell them apart.
    """
    if is_valid(kind, text):
        return None
    bare = SEPARATORS.sub("", text).upper()
    attempts = (
        [bare],
        _digits_only(bare) if kind not in ("din", "coi", "sec") else _in_form(bare, kind),
        [bare.rjust(13, "0")] if kind in ("gln", "gtin") and len(bare) == 12 else [],
    )
    for attempt in attempts:
        valid = {candidate for candidate in attempt if is_valid(kind, candidate)}
        if valid:
            return _only(valid, text)
    return None


def _digits_only(text: str) -> Iterator[str]:
    """Every letter read as the digit it looks like."""
    digits = (next((like for like in LOOKS_LIKE.get(sign, "") if like.isdigit()), sign) if not sign.isdigit() else sign for sign in text)
    yield "".join(digits)


def _in_form(text: str, kind: str) -> Iterator[str]:
    """Readings in which only signs that cannot stand where they do were read differently, then all readings."""
    if kind == "din" and re.fullmatch(DIN_PATTERN, text[:13]):
        yield from readings(text)
        return
    head = {"din": 3, "coi": 5, "sec": 2}[kind]
    numbers = {"din": 13, "coi": 9, "sec": 2}[kind]
    start = text[:head].replace("O", "0")
    yield start + next(_digits_only(text[head:numbers])) + text[numbers:]


def _by_pattern(text: str, pattern: str) -> str | None:
    if re.fullmatch(pattern, text):
        return None
    written = (text.upper(), text.lower(), SEPARATORS.sub("-", text), SEPARATORS.sub("", text), SEPARATORS.sub("-", text.upper()))
    return next((candidate for candidate in written if re.fullmatch(pattern, candidate)), None)


def _typed(text: str, column: Column) -> str | None:
    match column.type:
        case "number" | "integer":
            return _number(text)
        case "date":
            meant = _week(text) if column.identifier == "iso_week" and WEEK.fullmatch(text) else _day(text)
            return meant if meant is None or column.identifier is None or is_valid(column.identifier, meant) else None
        case "boolean":
            return "true" if text.lower() in YES else "false" if text.lower() in NO else None
        case _:
            return None


def _number(text: str) -> str | None:
    """`2,5` and `1.234,5`: a comma that can only be a decimal one. `1,234` could be either and stays a question."""
    if not DECIMAL_COMMA.fullmatch(text):
        return None
    whole, _, part = text.partition(",")
    return None if len(part) == 3 and "." not in whole else f"{whole.replace('.', '')}.{part}"


def _day(text: str) -> str | None:
    """A day written in another order, when only one order gives a day."""
    match = DAY.fullmatch(text)
    if not match:
        return None
    first, second, year = (int(part) for part in match.groups())
    days = set()
    for month, day in ((second, first), (first, second)):
        try:
            days.add(dt.date(year, month, day).isoformat())
        except ValueError:
            continue
    return days.pop() if len(days) == 1 else None


def _week(text: str) -> str | None:
    match = WEEK.fullmatch(text)
    if not match:
        return None
    year, week = (match[1], match[2]) if match[1] else (match[4], match[3])
    meant = f"{year}-W{int(week):02d}"
    return meant if meant != text and parse_iso_week(meant) else None
