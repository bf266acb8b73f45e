"""Known values near an unknown one: therapy codes, sites, bookings. Offered as a question, never applied.

A suggestion comes only from what the operator published or the sender itself sent: nobody learns of other partners' rows. For values that
stand for a patient's material it mends the writing alone, and for the identifiers on a label there is none.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from dagster_project import register
from dagster_project.contracts import contract as contract_of
from dagster_project.intake.answering import known
from dagster_project.intake.engine import cursor
from dagster_project.intake.judging.near_misses import SEPARATORS, readings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import duckdb

    from dagster_project.contracts import Column
    from dagster_project.intake.receipt import Refusal

# Identifiers of a person's cells: which one is meant is read off a label, never guessed.
OF_A_PERSON = frozenset({"coi", "din", "sec", "gsrn"})
PSEUDONYM = "pseudonym"
RULE_OF_REFERENCES = "reference"
PUBLISHER = "operator"
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. abcdefghijklmnopqrstuvwxyz"
SHORTEST = 4


def may_be_suggested(column: Column) -> bool:
    """Whether values near an unknown one may be named for this column."""
    return column.reference is not None and column.identifier not in OF_A_PERSON


def nearest(
    connection: duckdb.DuckDBPyConnection,
    values: Collection[str],
    column: Column,
    *,
    publishers: Collection[str],
    digits_differ: bool = False,
) -> dict[str, str]:
    """For each value the one known value that is clearly nearest, where there is one."""
    if column.reference is None or not may_be_suggested(column) or not values:
        return {}
    feed, name = column.reference
    candidates = known.held(connection, feed=feed, column=name, partners=publishers)
    slips = column.classification != PSEUDONYM
    return {value: near for value in values if (near := near_among(value, candidates, slips=slips, digits_differ=digits_differ))}


def near_among(value: str, candidates: Collection[str], *, slips: bool = True, digits_differ: bool = False) -> str | None:
    """The one candidate that differs only in its writing or in signs that look alike; else, with `slips`, the one that is a single slip away.

    A digit in place of another digit is no slip but the next number of the series, unless `digits_differ`: then a check digit has shown that
    the value is wrong. None when there are two.
    """
    if len(value) < SHORTEST:
        return None
    known_values = set(candidates) if not isinstance(candidates, set) else candidates
    for level in (_written(value), readings(value.upper()), _slips(value, digits_differ=digits_differ) if slips else ()):
        found = known_values.intersection(level) - {value}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _written(value: str) -> Iterator[str]:
    bare = SEPARATORS.sub("", value)
    for text in (value, bare, SEPARATORS.sub("-", value), SEPARATORS.sub("_", value)):
        yield from (text, text.upper(), text.lower())


def _slips(value: str, *, digits_differ: bool) -> Iterator[str]:
    """One sign too many, too few, another one, or two in the wrong order."""
    for place in range(len(value) + 1):
        before, after = value[:place], value[place:]
        yield from (before + sign + after for sign in SIGNS)
        if not after:
            continue
        yield before + after[1:]
        yield from (before + sign + after[1:] for sign in SIGNS if digits_differ or not (sign.isdigit() and after[0].isdigit()))
        yield before + after[1:2] + after[0] + after[2:]


def better_hints(refusals: Sequence[Refusal], *, feed: str, partner: str) -> list[Refusal]:
    """The refusals, where a known value was probably meant with the question in their hint: a site's number with one wrong digit."""
    columns = {column.name: column for column in contract_of(feed).columns if may_be_suggested(column)}
    wanted: dict[str, set[str]] = {}
    for refusal in refusals:
        if refusal.column in columns and refusal.found and refusal.rule != RULE_OF_REFERENCES:
            wanted.setdefault(refusal.column, set()).add(refusal.found)
    if not wanted:
        return list(refusals)
    publishers = publishers_for(partner)
    with cursor() as connection:
        near = {
            name: nearest(connection, values, columns[name], publishers=publishers, digits_differ=columns[name].identifier is not None)
            for name, values in wanted.items()
        }
    return [_with_question(refusal, near.get(refusal.column or "", {}).get(refusal.found or "")) for refusal in refusals]


def _with_question(refusal: Refusal, near: str | None) -> Refusal:
    if near is None:
        return refusal
    hint = re.sub(r"^Did you mean [^?]*\? ", "", refusal.hint)
    return replace(refusal, hint=f"Did you mean {near}? {hint}")


def publishers_for(partner: str) -> list[str]:
    """Whose values a partner may be told: the operator's and its own."""
    return [*(name for name, role in register.partners().items() if role == PUBLISHER), partner]
