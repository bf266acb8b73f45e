"""What a refused cell or row tells about how it came to be: the hint that helps more than the rule's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dagster_project.contracts.identifiers import valid_sql
from dagster_project.contracts.rules import literal
from dagster_project.intake.adapting.language.units import how_to_convert, others_of_the_kind
from dagster_project.intake.reading.headers import known_names
from dagster_project.intake.receipt import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dagster_project.contracts import Column, Contract
    from dagster_project.contracts.rules import Check
    from dagster_project.intake.reading.sheet import Ragged

TOTAL = r"(?i)(?:grand |sub-?)?(?:totals?|sums?|summe|gesamt|somme|totaal|suma)[ :.]*"
TOTAL_HINT = "This looks like a total: remove the row."
NOTE_HINT = "This looks like a remark below the table: remove the row."
RAGGED_HINT = "Look for a missing or extra delimiter, or for one inside a text that is not in quotes."
HEADER_AGAIN_HINT = "This is the header once more: remove the row."
NOTE = re.compile(r"(?:#|//|--|\*|(?:source|note|remark|exported|created|printed|page|end of|quelle|stand)\b)", re.IGNORECASE)

NUMBERS, DAYS, TIMES, TEXTS = ("number", "integer"), ("date",), ("timestamp",), ("string",)
# A number that can be a day, but no month.
DAY_ONLY = "(1[3-9]|2[0-9]|3[01])"
THOUSAND_OR_FRACTION = r"[-+]?[0-9]{1,3}[.,][0-9]{3}"
SCIENTIFIC = r"[0-9][.,]?[0-9]*E\+?[0-9]{1,2}"
NO_OFFSET = "((1[5-9]|[2-9][0-9])(:?[0-9]{2})?|14:?(0[1-9]|[1-9][0-9])|[0-9]{2}:?[6-9][0-9])"
# For which types of column, the form of the cell (whole, without regard to case), the hint.
TELLS = (
    (NUMBERS, r"[-+]?[0-9]{1,3}([.,][0-9]{3}){2,}", "Write the number without a separator of thousands, and decimals after a point."),
    (NUMBERS, r"[-+]?[0-9.]*,[0-9]+", "Write a decimal point instead of the comma."),
    (NUMBERS, r"[-+]?[0-9.,]+ ?[%A-Z°/²³]+", "Write the number alone; its unit is fixed by the contract."),
    (DAYS, r"[0-9]{5}([.][0-9]+)?", "This is a day as Excel counts it: format the column as a date, written 2026-11-24."),
    (DAYS, rf"({DAY_ONLY}[-/. ][0-9]{{1,2}}|[0-9]{{1,2}}[-/. ]{DAY_ONLY})[-/. ][0-9]{{2,4}}", "Write the year first, as in 2026-11-24."),
    (DAYS, r"[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{2,4}", "Day and month could be mixed up: write the year first, as in 2026-11-24."),
    (DAYS, r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].+", "Leave out the time of day: this column is a date."),
    (TIMES, r"[0-9]{5}[.][0-9]+", "This is a time as Excel counts it: write it as text, such as 2026-11-24T08:00:00+01:00."),
    (TIMES, r"[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{2,4}[T ].*", "Write the year first, then the month and the day, as in 2026-11-24T08:00:00+01:00."),
    (TIMES, rf".*[0-9]{{2}}:[0-9]{{2}}[^+-]*[+-]{NO_OFFSET}", "Look at the offset from UTC: no place on earth is further than 14 hours from it."),
    (TIMES, r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?", "Add the time of day and its offset from UTC, such as T08:00:00+01:00 or Z."),
    (TEXTS, SCIENTIFIC, "A spreadsheet has shortened the code to a rounded number: format the column as text and enter it again."),
    ((*NUMBERS, *DAYS, *TIMES, *TEXTS), r"#(REF|VALUE|DIV/0|NAME|NULL|NUM|N/A|SPILL|CALC)[!?]?", "A formula of the spreadsheet failed here: correct it, then send its value."),
)  # fmt: skip
# Codes that a spreadsheet takes for numbers, with their length: of some it has cut the zeros in front.
ZEROS_CUT = {"gln": 13, "sscc": 18}


def hints_sql(tests: Sequence[tuple[int, Check]], cells: dict[str, str], columns: dict[str, Column]) -> str:
    """WHEN clauses, over `place` and the cells as they were sent, that give a better hint than the test's own.

    `tests` come with their place; `cells` has the SQL of each column's cell.
    """
    clauses = []
    for place, test in tests:
        cell = cells.get(test.column)
        if cell is not None:
            tells = _tells(f"trim({cell})", test, columns[test.column])
            clauses += [f"WHEN place = {place} AND {condition} THEN {hint}" for condition, hint in tells]
    return " ".join(clauses)


def header_again_sql(columns: Sequence[str], contract: Contract) -> str:
    """A WHEN clause for a row that repeats the header, as joined exports do; nothing for a table of one column."""
    if len(columns) < 2 or not set(columns[:2]) <= {column.name for column in contract.columns}:
        return ""
    names = known_names(contract)
    meant = ["(" + ", ".join(literal(name) for name, column in names.items() if column == wanted) + ")" for wanted in columns[:2]]
    repeats = " AND ".join(f"regexp_replace(lower(trim(c{place})), '[^a-z0-9]+', '_', 'g') IN {words}" for place, words in enumerate(meant))
    return f"WHEN {repeats} THEN {literal(HEADER_AGAIN_HINT)}"


def unfitting(ragged: Ragged, width: int) -> Refusal:
    """Why a row with another number of cells than the header is refused."""
    count = len(ragged.cells)
    filled = [cell.strip() for cell in ragged.cells if cell.strip()]
    first = filled[0] if filled else ""
    hint = RAGGED_HINT
    if re.fullmatch(TOTAL, first):
        hint = TOTAL_HINT
    elif len(filled) == 1 and (NOTE.match(first) or width > 2):
        hint = NOTE_HINT
    return Refusal(ragged.row, None, "columns", f"{count} cell{'s' * (count != 1)}", f"{width} cells, like the header", hint)


def _tells(cell: str, test: Check, column: Column) -> Iterator[tuple[str, str]]:
    if test.rule in ZEROS_CUT:
        length = ZEROS_CUT[test.rule]
        whole = f"lpad({cell}, {length}, '0')"
        hint = f"With its {length} digits it would be right: a spreadsheet has cut the zeros in front. Format the column as text and enter it again."
        yield f"length({cell}) BETWEEN 6 AND {length - 1} AND {valid_sql(test.rule, whole)}", literal(hint)
    if test.rule == "iso_week" and column.type == "date":
        yield _of_weeks(cell)
    if test.rule == "type" and column.type in NUMBERS:
        yield from _of_numbers(cell, column)
    if test.rule == "type" or column.type == "string":
        for types, pattern, hint in TELLS:
            if column.type in types:
                yield f"regexp_full_match({cell}, '(?i){pattern}')", literal(hint)


def _of_weeks(cell: str) -> tuple[str, str]:
    """Another day than the Monday by which a week is called."""
    day = f"TRY_CAST({cell} AS DATE)"
    monday = f"strftime(date_trunc('week', {day}), '%Y-%m-%d')"
    return f"isodow({day}) > 1", f"'This is a ' || dayname({day}) || ': write the Monday of its week, ' || {monday} || '.'"


def _of_numbers(cell: str, column: Column) -> Iterator[tuple[str, str]]:
    """Two readings of one number, and a number with the unit it is in: 39F is no 39 of a column in Celsius."""
    # Written so that neither reading is in doubt again: with one zero more, or without those at the end.
    fraction = f"replace({cell}, ',', '.')"
    plainly = f"CASE WHEN ends_with({cell}, '0') THEN rtrim(rtrim({fraction}, '0'), '.') ELSE {fraction} || '0' END"
    readings = f"regexp_replace({cell}, '[.,]', '') || ' or ' || {plainly}"
    yield (
        f"regexp_full_match({cell}, '{THOUSAND_OR_FRACTION}')",
        f"'It may be ' || {readings} || ': write the one that is meant.'",
    )
    for unit in others_of_the_kind(str(column.unit)):
        words = "|".join(re.escape(name) for name in sorted((unit.code, *unit.words), key=len, reverse=True))
        form = rf"(?i)[-+]?[0-9][0-9.,]* ?({words})|({words}) ?[-+]?[0-9][0-9.,]*"
        yield f"regexp_full_match({cell}, {literal(form)})", literal(how_to_convert(unit.words[0], str(column.unit)))
