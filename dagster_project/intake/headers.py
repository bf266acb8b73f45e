"""Setting a file's header against the contract's columns: what is meant, missing, unknown or twice there."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from dagster_project.intake.privacy import name_class, value_class
from dagster_project.intake.receipt import FileRefusedError, Refusal, refuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.contracts import Contract

PLAIN_NAME = re.compile(r"[^\W\d_][\w .%()/-]{0,60}")
TEMPLATE_HINT = "`veinway template {feed}` gives an empty file with the right header."


def normalised(name: str) -> str:
    """A header as it is compared: lower case, words joined by one underscore."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().strip("\ufeff").lower()).strip("_")


def known_names(contract: Contract) -> dict[str, str]:
    """Column by every normalised name it may go by."""
    names = {normalised(synonym): column.name for column in contract.columns for synonym in column.synonyms}
    return {**names, **{normalised(column.name): column.name for column in contract.columns}}


def count_known(header: Sequence[str], contract: Contract) -> int:
    """How many of the header's cells name a column of the contract."""
    names = known_names(contract)
    return len({names[name] for cell in header if (name := normalised(cell)) in names})


def match_header(header: Sequence[str], contract: Contract, *, row: int = 1) -> list[str]:
    """The contract's column for each cell of the header, in order.

    FileRefusedError when a cell names a direct identifier, or nothing the contract knows, or a required column is not there.
    Cells that do not look like names are never repeated: without a header they would be somebody's data.
    """
    names = known_names(contract)
    cells = [normalised(cell) for cell in header]
    unknown = [place for place, cell in enumerate(cells) if cell not in names]
    identifying = [(place, kind) for place in unknown if (kind := value_class(header[place], "free") or name_class(header[place]))]
    if identifying:
        raise _identifiers_refused(header, identifying, row)
    if len(unknown) == len(cells):
        hint = TEMPLATE_HINT.format(feed=contract.feed)
        expected = f"a header with the columns {', '.join(column.name for column in contract.columns)}"
        raise refuse("header", "none of the column names", expected, hint, row=row)
    problems = [_unknown(header[place], contract, row) for place in unknown]
    meant = [names.get(cell, "") for cell in cells]
    problems += [_twice(name, row) for name in dict.fromkeys(meant) if name and meant.count(name) > 1]
    missing = [column.name for column in contract.columns if column.required and column.name not in meant]
    problems += [_missing(name, [header[place] for place in unknown], row, contract.feed) for name in missing]
    if problems:
        raise FileRefusedError(_sentence(problems), problems)
    return meant


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


def _unknown(name: str, contract: Contract, row: int) -> Refusal:
    near = difflib.get_close_matches(normalised(name), [column.name for column in contract.columns], n=1, cutoff=0.6)
    shown = (
        name.strip()
        if PLAIN_NAME.fullmatch(name.strip())
        else ("an empty column name" if not name.strip() else "an unreadable column name")
    )
    hint = f"Did you mean {near[0]}? Rename the column." if near else "Remove the column: nothing is dropped silently."
    return Refusal(row, shown, "unknown_column", shown, f"a column of the contract {contract.feed} {contract.version}", hint)


def _twice(name: str, row: int) -> Refusal:
    return Refusal(row, name, "column_twice", f"{name} more than once", "each column once", "Remove or rename one of them.")


def _missing(name: str, unknown: list[str], row: int, feed: str) -> Refusal:
    near = difflib.get_close_matches(name, [normalised(cell) for cell in unknown], n=1, cutoff=0.6)
    hint = f"Is it the column {near[0]}? Rename it." if near else TEMPLATE_HINT.format(feed=feed)
    return Refusal(row, name, "missing_column", "no such column", f"the column {name}", hint)


def _sentence(problems: list[Refusal]) -> str:
    by_rule: dict[str, list[str]] = {}
    for problem in problems:
        by_rule.setdefault(problem.rule, []).append(problem.column or "")
    words = {"unknown_column": "unknown", "column_twice": "there twice", "missing_column": "missing"}
    return (
        "The header does not fit the contract: " + "; ".join(f"{words[rule]}: {', '.join(names)}" for rule, names in by_rule.items()) + "."
    )
