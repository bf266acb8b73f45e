"""Setting a file's header against the contract's columns: what is meant, missing, unknown or twice there."""

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from dagster_project.contracts import contracts
from dagster_project.intake import limits
from dagster_project.intake.adapting.language.units import how_to_convert, other_unit, step
from dagster_project.intake.judging.privacy import name_class, value_class
from dagster_project.intake.judging.repeating import has_words, withheld
from dagster_project.intake.receipt import FileRefusedError, Refusal, refuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.contracts import Column, Contract

PLAIN_NAME = re.compile(r"[^\W\d_][\w .%()/-]{0,60}")
WORD_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
MOST_LISTED = 10
TEMPLATE_HINT = "`veinway template {feed}` gives an empty file with the right header."


def normalised(name: str) -> str:
    """A header as it is compared: lower case without accents, words joined by one underscore; `siteId` is two words."""
    folded = name if name.isascii() else _without_accents(name)
    return re.sub(r"[^a-z0-9]+", "_", WORD_BORDER.sub("_", folded).lower()).strip("_")


def _without_accents(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ø", "o").replace("Ø", "O").replace("ł", "l"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@lru_cache(maxsize=256)
def known_names(contract: Contract) -> dict[str, str]:
    """Column by every normalised name it may go by. The same dictionary each time: not to be changed."""
    names = {normalised(synonym): column.name for column in contract.columns for synonym in column.synonyms}
    return {**names, **{normalised(column.name): column.name for column in contract.columns}}


def count_known(header: Sequence[str], contract: Contract) -> int:
    """How many of the header's cells name a column of the contract."""
    names = known_names(contract)
    # A wider header is refused anyhow.
    header = header[: limits.MAX_COLUMNS]
    return len({names[name] for cell in header if (name := normalised(cell)) in names})


def match_header(header: Sequence[str], contract: Contract, *, row: int = 1) -> list[str]:
    """The contract's column for each cell of the header, in order.

    FileRefusedError when a cell names a direct identifier, or nothing the contract knows, or a required column is not there.
    Cells that do not look like names are never repeated: without a header they would be somebody's data.
    """
    require_ordinary_width(len(header), row)
    names = known_names(contract)
    cells = [normalised(cell) for cell in header]
    unknown = [place for place, cell in enumerate(cells) if cell not in names]
    identifying = [(place, kind) for place in unknown if (kind := value_class(header[place], "free") or name_class(header[place]))]
    if identifying:
        raise _identifiers_refused(header, identifying, row)
    if len(unknown) == len(cells):
        hint = TEMPLATE_HINT.format(feed=contract.feed)
        expected = f"a header with the columns {', '.join(column.name for column in contract.columns)}"
        other = _other_feed(header, contract)
        refused = refuse("header", "none of the column names", expected, f"{hint}{_was_it_meant(other)}", row=row)
        refused.looks_like = other
        raise refused
    problems = [_unknown(header[place], place, contract, row) for place in unknown[:MOST_LISTED]]
    if len(unknown) > MOST_LISTED:
        problems.append(_more_unknown(len(unknown) - MOST_LISTED, contract, row))
    meant = [names.get(cell, "") for cell in cells]
    problems += [_twice(name, row) for name in dict.fromkeys(meant) if name and meant.count(name) > 1]
    missing = [column.name for column in contract.columns if column.required and column.name not in meant]
    repeatable = [header[place] for place in unknown if _may_repeat(header[place], contract)]
    problems += [_missing(contract.column(name), repeatable, row, contract.feed) for name in missing]
    if problems:
        other = _other_feed(header, contract)
        raise FileRefusedError(_sentence(problems) + _was_it_meant(other), problems, looks_like=other)
    return meant


def require_ordinary_width(columns: int, row: int) -> None:
    """FileRefusedError when a header has more columns than any table of partners."""
    if columns > limits.MAX_COLUMNS:
        hint = "Look for a missing line end, or for another sign between the cells; leave out columns that the feed does not need."
        raise refuse("header", f"{columns:,} columns", f"at most {limits.MAX_COLUMNS}", hint, row=row)


def _identifiers_refused(header: Sequence[str], identifying: list[tuple[int, str]], row: int) -> FileRefusedError:
    refusals = [
        Refusal(
            row,
            _shown(header[place], place) if value_class(header[place], "free") is None else f"column {place + 1}",
            "direct_identifier",
            f"a column for: {kind}",
            "no direct identifier of a person",
            "Remove the column from the file, also from hidden columns, and send it again.",
        )
        for place, kind in identifying
    ]
    words = "; ".join(f"{refusal.column}: {kind}" for refusal, (_, kind) in zip(refusals, identifying, strict=True))
    return FileRefusedError(f"The file has a column for direct identifiers and was not kept ({words}).", refusals)


def _shown(name: str, place: int) -> str:
    return name.strip() if PLAIN_NAME.fullmatch(name.strip()) else f"column {place + 1}"


def _unknown(name: str, place: int, contract: Contract, row: int) -> Refusal:
    near = _near(name, contract, 0.6)
    unit = contract.column(near[0]).unit if near else None
    other = other_unit(name, unit)
    hint = f"Did you mean {near[0]}? Rename the column." if near else "Remove the column: nothing is dropped silently."
    if other:
        hint = f"Is it {near[0]}? {_conversion(other, str(unit))}"
    expected = f"a column of the contract {contract.feed} {contract.version}"
    if _may_repeat(name, contract):
        return Refusal(row, name.strip(), "unknown_column", name.strip(), expected, hint)
    found = "an empty column name" if not name.strip() else withheld(name.strip())
    return Refusal(row, f"column {place + 1}", "unknown_column", found, expected, hint)


def _conversion(source: str, target: str) -> str:
    by_mapping = " A mapping can do it: `veinway map` proposes one." if step(source, target) else ""
    return how_to_convert(source, target) + by_mapping


def _more_unknown(count: int, contract: Contract, row: int) -> Refusal:
    hint = TEMPLATE_HINT.format(feed=contract.feed)
    return Refusal(row, f"and {count:,} more", "unknown_column", f"{count:,} more", f"columns of the contract {contract.feed}", hint)


def _may_repeat(name: str, contract: Contract) -> bool:
    """Whether a header is told to its sender as it is: one plain word, or nearly a column's name. Other words may be somebody's."""
    text = name.strip()
    return PLAIN_NAME.fullmatch(text) is not None and (not has_words(text) or bool(_near(text, contract, 0.8)))


def _near(name: str, contract: Contract, cutoff: float) -> list[str]:
    return difflib.get_close_matches(normalised(name), [column.name for column in contract.columns], n=1, cutoff=cutoff)


def _was_it_meant(feed: str | None) -> str:
    return f" These columns look like the feed {feed}: was that meant?" if feed else ""


def _other_feed(header: Sequence[str], contract: Contract) -> str | None:
    """The feed whose contract the header fits better, or None."""
    least = count_known(header, contract)
    fits = [
        (known, other) for other in contracts().values() if (known := count_known(header, other)) > least and _is_complete(header, other)
    ]
    return max(fits, key=lambda fit: (fit[0], -len(fit[1].columns)))[1].feed if fits else None


def _is_complete(header: Sequence[str], contract: Contract) -> bool:
    names = known_names(contract)
    there = {names.get(normalised(cell)) for cell in header}
    return all(column.name in there for column in contract.columns if column.required)


def _twice(name: str, row: int) -> Refusal:
    return Refusal(row, name, "column_twice", f"{name} more than once", "each column once", "Remove or rename one of them.")


def _missing(column: Column, unknown: list[str], row: int, feed: str) -> Refusal:
    by_name = {normalised(cell): cell for cell in unknown}
    near = difflib.get_close_matches(column.name, by_name, n=1, cutoff=0.6)
    hint = f"Is it the column {near[0]}? Rename it." if near else TEMPLATE_HINT.format(feed=feed)
    if near and (other := other_unit(by_name[near[0]], column.unit)):
        hint = f"Is it the column {near[0]}? {_conversion(other, str(column.unit))}"
    return Refusal(row, column.name, "missing_column", "no such column", f"the column {column.name}", hint)


def _sentence(problems: list[Refusal]) -> str:
    by_rule: dict[str, list[str]] = {}
    for problem in problems:
        by_rule.setdefault(problem.rule, []).append(problem.column or "")
    words = {"unknown_column": "unknown", "column_twice": "there twice", "missing_column": "missing"}
    return (
        "The header does not fit the contract: " + "; ".join(f"{words[rule]}: {', '.join(names)}" for rule, names in by_rule.items()) + "."
    )
