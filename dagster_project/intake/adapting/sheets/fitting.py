"""How well one column of a sender's sheet fits one column of a contract, with the reasons in words and the terms that would map it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dagster_project.contracts.identifiers import is_valid
from dagster_project.intake.adapting.language.model import ColumnMapping
from dagster_project.intake.adapting.language.styles import WEEK
from dagster_project.intake.adapting.language.units import header_unit, other_unit, step
from dagster_project.intake.adapting.sheets.looks import Dates, Values, dates, decimal_sign, is_number, shown, words_for_nothing
from dagster_project.intake.adapting.sheets.words import alike, nearest_word

if TYPE_CHECKING:
    from dagster_project.contracts import Column

BY_NAME, BY_VALUES = 0.6, 0.4
# Below this share of fitting values the column is none of that type, whatever it is called.
LEAST_FIT = 0.2
PLAIN_TEXT = 0.5
MOST_WORDS = 60


@dataclass(frozen=True)
class Fit:
    """A column of the sheet for a column of the contract. `confidence` is between 0 and 1; `doubts` are what a person should look at."""

    header: str
    mapping: ColumnMapping
    confidence: float
    evidence: tuple[str, ...]
    doubts: tuple[str, ...] = ()


@dataclass
class _Look:
    """What the values say: the share that fits, and terms, evidence and doubts that come of it."""

    share: float
    terms: dict[str, object] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def fit(values: Values, column: Column) -> Fit | None:
    """The fit of a sheet's column, or None when its values cannot be what the contract wants."""
    look = _look(values, column)
    if values.filled and look.share < LEAST_FIT:
        return None
    name = alike(values.header, column)
    is_telling = bool(column.identifier or column.allowed) and look.share > 0.9
    confidence = max(BY_NAME * name + BY_VALUES * look.share, 0.55 * look.share if is_telling else 0.0)
    evidence = ["the same name" if name == 1 else f"the names are {'much' if name > 0.6 else 'somewhat'} alike"] if name > 0.3 else []
    if (
        column.is_key
        and column.type == "string"
        and len(values.counts)
        and max(values.counts.values()) == 1
        and values.filled == values.rows
    ):
        confidence, evidence = confidence + 0.1, [*evidence, "every value stands there once"]
    if column.required and values.filled < values.rows:
        look.doubts.append(f"{values.rows - values.filled:,} of {values.rows:,} rows are empty here")
    mapping = ColumnMapping(column.name, (values.header,), **look.terms)  # type: ignore[arg-type]
    return Fit(values.header, mapping, min(confidence, 1.0), tuple(evidence + look.evidence), tuple(look.doubts))


def _look(values: Values, column: Column) -> _Look:
    if not values.filled:
        return _Look(PLAIN_TEXT, evidence=["no values"])
    if column.type in ("date", "timestamp"):
        return _as_dates(values, column)
    if column.type in ("number", "integer"):
        return _as_numbers(values, column)
    if column.allowed:
        return _as_words(values, column)
    if column.identifier:
        return _as_identifiers(values, column.identifier)
    return _Look(PLAIN_TEXT if values.share(lambda text: len(text) <= (column.max_length or len(text))) > 0.9 else 0.0)


def _as_dates(values: Values, column: Column) -> _Look:
    is_time = column.type == "timestamp"
    read: Dates = dates(values, with_times=is_time, with_weeks=column.identifier == "iso_week")
    if read.share < LEAST_FIT:
        # Words for nothing alone make no column of dates.
        return _Look(0.0)
    nothing = words_for_nothing(read.unread, sum(values.counts.values()))
    look = _Look(read.share + _share(nothing, values), evidence=[f"{read.share:.0%} are {'times' if is_time else 'dates'}"])
    if read.styles:
        look.terms["dates"] = read.styles
        look.evidence[0] += f" such as {shown(_examples(values, read)[:1])} ({' or '.join(read.styles)})"
    if read.is_in_doubt:
        which = "a week from a month: check what is meant" if WEEK in read.styles else "day from month: check which comes first"
        look.doubts.append(f"no value tells {which}")
    if is_time and read.styles and not any("%z" in style for style in read.styles):
        look.doubts.append("the times do not say their zone: add `zone: …`")
    _add_nothing(look, nothing, values)
    return look


def _as_numbers(values: Values, column: Column) -> _Look:
    decimal, share = decimal_sign(values)
    if share < LEAST_FIT:
        return _Look(0.0)
    nothing = words_for_nothing(
        {text: count for text, count in values.counts.items() if not is_number(text, decimal)}, sum(values.counts.values())
    )
    look = _Look(share + _share(nothing, values), evidence=[f"{share:.0%} are numbers"])
    if decimal:
        look.terms["decimal"] = decimal
        look.evidence[0] += f" with a {'comma' if decimal == ',' else 'point'} before decimals"
    unit, other = header_unit(values.header), other_unit(values.header, column.unit)
    if other and step(other, str(column.unit)) is None:
        # Euros are no dollars, whatever the headers are called.
        return _Look(0.0)
    if unit and column.unit and step(unit, column.unit):
        look.terms["unit"] = unit
        look.evidence.append(f"the header names the unit {unit}")
    elif column.unit and not unit and step(column.unit, column.unit):
        look.doubts.append(f"the header names no unit: the contract wants {column.unit}")
    _add_nothing(look, nothing, values)
    return look


def _as_words(values: Values, column: Column) -> _Look:
    near = {text: nearest_word(text, column.allowed) for text in values.counts if len(values.counts) <= MOST_WORDS}
    found = {text: word for text, word in near.items() if word}
    look = _Look(_share({text: values.counts[text] for text in found}, values))
    renamed = {text: word for text, word in found.items() if text != word}
    if renamed:
        look.terms["values"] = renamed
        look.evidence.append(f"its words are near the contract's: {shown([f'{text} = {word}' for text, word in renamed.items()])}")
    elif found:
        look.evidence.append("its words are the contract's")
    rest = [text for text in near if text not in found]
    if rest and found:
        look.doubts.append(f"no word of the contract for {shown(rest)}")
    return look


def _as_identifiers(values: Values, kind: str) -> _Look:
    share = values.share(lambda text: is_valid(kind, text))
    words = (
        f"{share:.0%} are {kind.upper()}s whose check digit is right"
        if kind in ("gln", "gtin", "sscc", "din")
        else f"{share:.0%} have the form of {kind}"
    )
    return _Look(share, evidence=[words] if share else [])


def _add_nothing(look: _Look, nothing: dict[str, int], values: Values) -> None:
    if nothing:
        look.terms["not_captured"] = tuple(nothing)
        look.evidence.append(f"{shown(nothing)} stand for no value in {_share(nothing, values):.0%}")


def _share(counts: dict[str, int], values: Values) -> float:
    return sum(counts.values()) / sum(values.counts.values())


def _examples(values: Values, read: Dates) -> list[str]:
    return [text for text in values.counts if text not in read.unread]
