"""What the values of a column look like: which date styles, which decimal sign, which words stand among numbers for nothing."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.contracts.rules import NOTHING as EVERYWHERE_NOTHING
from dagster_project.intake.adapting.language.styles import WEEK, WEEK_FIRST, YEAR_FIRST
from dagster_project.intake.judging.privacy import FREE, value_class

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DAYS = (
    "%Y-%m-%d", "%d-%b-%y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y",
    "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d",
)  # fmt: skip
CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p")
ISO_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)")
ISO_WEEK = re.compile(r"20\d\d-W\d\d")
ISO_DAY = "%Y-%m-%d"
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
WITH_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:[. '\u00a0]\d{3})+|\d+)(?:,\d+)?")
WITH_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[,' \u00a0]\d{3})+(?:\.\d+)?")
# Beside what the door takes for nothing everywhere.
NOTHING = frozenset(EVERYWHERE_NOTHING) | {"unknown", "not available", "not applicable"}
# The least share of values that a style, or a word for nothing, must explain to be more than a slip.
LEAST_SHARE = 0.002
MOST_STYLES = 3


@dataclass(frozen=True)
class Values:
    """The values of one column: how often each text stands there (the most frequent ones), how many cells are filled, of how many rows."""

    header: str
    counts: dict[str, int]
    filled: int
    rows: int

    def share(self, fits: Callable[[str], bool]) -> float:
        """The share of filled cells, among the texts at hand, that fit."""
        known = sum(self.counts.values())
        return sum(count for text, count in self.counts.items() if fits(text)) / known if known else 0.0


@dataclass(frozen=True)
class Dates:
    """The styles that read most of a column: none where it is ISO already. `is_in_doubt`: day and month could be the other way round."""

    styles: tuple[str, ...]
    share: float
    is_in_doubt: bool
    unread: dict[str, int]


def dates(values: Values, *, with_times: bool, with_weeks: bool = False) -> Dates:
    """Read the values as days, as times, or as days and weeks, by the fewest styles that explain them."""
    candidates = (
        [*(f"{day} {clock}" for day in DAYS for clock in CLOCKS), *DAYS] if with_times else [*DAYS, *([WEEK] if with_weeks else [])]
    )
    plain = ISO_TIME if with_times else ISO_WEEK if with_weeks else None
    left = {text: count for text, count in values.counts.items() if not (plain and plain.fullmatch(text))}
    chosen: list[str] = []
    known, is_in_doubt = sum(values.counts.values()), False
    while left and len(chosen) < MOST_STYLES:
        reads = {style: sum(count for text, count in left.items() if _is_date(text, style)) for style in candidates}
        best = max(candidates, key=lambda style: reads[style])
        if reads[best] < max(1, LEAST_SHARE * known):
            break
        is_in_doubt = is_in_doubt or (reads.get(_swapped(best), 0) == reads[best] and _swapped(best) != best)
        if best == WEEK:
            is_in_doubt = is_in_doubt or not any(_is_only_a_week(text) for text in left)
        chosen.append(best)
        left = {text: count for text, count in left.items() if not _is_date(text, best)}
    share = 1 - sum(left.values()) / known if known else 0.0
    styles = tuple(style for style in chosen if style != ISO_DAY)
    return Dates(styles, share, is_in_doubt, left)


def _swapped(style: str) -> str:
    return style.replace("%d", "%#").replace("%m", "%d").replace("%#", "%m") if "%m" in style and not style.startswith("%Y") else style


def _is_only_a_week(text: str) -> bool:
    """Whether the text is a week and no month: it says so, or its number is above 12."""
    return any(sign.isalpha() for sign in text) or any(12 < int(number) <= 53 for number in re.findall(r"\d+", text))


def _is_date(text: str, style: str) -> bool:
    if style == WEEK:
        return any(re.fullmatch(form, text) for form in (WEEK_FIRST, YEAR_FIRST))
    try:
        year = dt.datetime.strptime(text, style).year  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return 1900 <= year <= 2199


def decimal_sign(values: Values) -> tuple[str | None, float]:
    """The decimal sign to declare (None for plain numbers) and the share of values that are numbers then."""
    plain = values.share(lambda text: NUMBER.fullmatch(text) is not None)
    comma = values.share(lambda text: WITH_COMMA.fullmatch(text) is not None)
    grouped = values.share(lambda text: NUMBER.fullmatch(text) is not None or WITH_THOUSANDS.fullmatch(text) is not None)
    best = max(plain, comma, grouped)
    if best == plain:
        return None, plain
    return (",", comma) if best == comma else (".", grouped)


def is_number(text: str, decimal: str | None) -> bool:
    """Whether the text is a number, written with that decimal sign."""
    if NUMBER.fullmatch(text):
        return True
    return bool((WITH_COMMA if decimal == "," else WITH_THOUSANDS).fullmatch(text)) if decimal else False


def words_for_nothing(unread: dict[str, int], known: int) -> dict[str, int]:
    """Texts among dates or numbers that say there is none, with how often; what differs only in its numbers is told once, with a *."""
    found: dict[str, int] = {}
    for text, count in unread.items():
        word = _word_for_nothing(text)
        if word:
            found[word] = found.get(word, 0) + count
    least = max(2, LEAST_SHARE * known)
    return {word: count for word, count in found.items() if count >= least or word.casefold() in NOTHING}


def _word_for_nothing(text: str) -> str | None:
    if text.casefold() in NOTHING:
        return text
    before = re.split(r"\d", text, maxsplit=1)[0]
    # A text that begins with a number is a number gone wrong, and a person's name is never repeated.
    if sum(letter.isalpha() for letter in before) < 3 or value_class(text, FREE):
        return None
    return text if before == text else f"{before.split(' ')[0]} *" if " " in before else f"{before}*"


def shown(texts: Iterable[str], most: int = 3) -> str:
    """A few texts in quotation marks."""
    listed = list(texts)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(f"“{text}”" for text in listed[:most]) + more
