"""How alike two names are: a header and a column, or a sender's word and one of a list; by the words of `partner_feeds/header_words.csv`."""

from __future__ import annotations

import csv
import difflib
import re
from functools import cache
from typing import TYPE_CHECKING

from dagster_project.home import PROJECT_ROOT
from dagster_project.intake.adapting.language.units import called
from dagster_project.intake.reading.headers import normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.contracts import Column

WORDS_FILE = PROJECT_ROOT / "partner_feeds" / "header_words.csv"
UNHEARD = frozenset({"the", "of", "in", "per", "a", "an", "and", "for", "by", "is", "de", "la", "der", "die", "das"})
CLOSE = 0.78


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with WORDS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def _same() -> dict[str, str]:
    """The one word that stands for each of those that mean the same."""
    return {normalised(word): row["word"] for row in _rows() for word in (row["word"], *filter(None, row["same"].split("|")))}


@cache
def _weights() -> dict[str, float]:
    """How much a word counts: those that say what kind of thing a column holds, rather than which, count little."""
    return {row["word"]: float(row["weight"]) for row in _rows()}


def alike(header: str, column: Column) -> float:
    """Between 0 and 1: how much a header says what the column is called."""
    names = {normalised(column.name), *map(normalised, column.synonyms)}
    bare = re.sub(r"[(\[][^)\]]*[)\]]", " ", header)
    if normalised(header) in names or normalised(bare) in names:
        return 1.0
    theirs = _words(normalised(bare or header))
    return max(_overlap(theirs, _words(_without_unit(name, column))) for name in names)


def _without_unit(name: str, column: Column) -> str:
    words = name.split("_")
    unit = normalised(column.unit or "")
    return "_".join(words[:-1]) if len(words) > 1 and (words[-1] == unit or called(words[-1])) else name


def _words(name: str) -> dict[str, float]:
    found = {_same().get(word, word) for word in name.split("_") if word and word not in UNHEARD}
    return {word: _weights().get(word, 1.0) for word in found}


def _overlap(theirs: dict[str, float], ours: dict[str, float]) -> float:
    both = sum(weight for word, weight in theirs.items() if word in ours)
    every = sum({**theirs, **ours}.values())
    return both / every if every else 0.0


def nearest_word(text: str, allowed: Sequence[str]) -> str | None:
    """The word of a list that a sender's word stands for, or None when none is near."""
    plain = normalised(text)
    by_name = {normalised(word): word for word in allowed}
    candidates = [plain, _same().get(plain, ""), *(_same().get(word, word) for word in plain.split("_"))]
    found = next((by_name[name] for name in candidates if name in by_name), None)
    if found is not None:
        return found
    near = difflib.get_close_matches(plain, by_name, n=1, cutoff=CLOSE)
    return by_name[near[0]] if near else None
