"""Numbers as other countries write them: 2,5 and 1.234,50 and 1 234. Read only where the file itself shows what is meant.

1,234 alone may be 1234 or 1.234: it stays as it is, and the rule of the contract refuses it with a hint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dagster_project.contracts import Contract
    from dagster_project.intake.reading.sheet import Sheet

NUMBERS = frozenset({"number", "integer"})
GAP = r"[ ''\x{2019}\x{A0}\x{202F}]"
SIGNED = r"\s*[-+]?"
# What can only be a decimal comma, only a comma between thousands, only a decimal point.
COMMA_IS_DECIMAL = (
    rf"{SIGNED}(?:\d{{1,3}}(?:(?:\.|{GAP})\d{{3}})+,\d+|\d+,(?:\d{{1,2}}|\d{{4,}})|0,\d+|\d{{4,}},\d{{3}}|\d{{1,3}}(?:\.\d{{3}}){{2,}})\s*"
)
COMMA_IS_THOUSANDS = rf"{SIGNED}(?:\d{{1,3}}(?:,\d{{3}})+\.\d+|\d{{1,3}}(?:,\d{{3}}){{2,}})\s*"
POINT_IS_DECIMAL = rf"{SIGNED}(?:\d+\.(?:\d{{1,2}}|\d{{4,}})|0\d*\.\d+|\d{{4,}}\.\d{{3}})\s*"
# What is read, once that is known.
WITH_DECIMAL_COMMA = rf"{SIGNED}(?:\d+|\d{{1,3}}(?:(?:\.|{GAP})\d{{3}})+)(?:,\d+)?\s*"
WITH_THOUSANDS_COMMA = rf"{SIGNED}\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?\s*"
WITH_GAPS = rf"{SIGNED}\d{{1,3}}(?:{GAP}\d{{3}})+(?:\.\d+)?\s*"
POINT_MAY_BE_EITHER = rf"{SIGNED}[1-9]\d{{0,2}}\.\d{{3}}\s*"
IN_DOUBT = " (a thousand or a decimal point?)"
# A number that is no text has no sign that could mean thousands: with a zero more, nobody reads one into it.
ONLY_THREE_DECIMALS = r"^(-?\d{1,3}\.\d{3})$"
ONE_ZERO_MORE = r"\10"
# A cheap look at the beginning of a text: under a comma as delimiter only quoted numbers can have one.
LOOKS_FOREIGN = re.compile(r"\d[,' \u2019\u00a0\u202f]\d|\d\.\d+\.\d|(?<![\d.])[1-9]\d{0,2}\.\d{3}(?![\d.])")
LOOKS_FOREIGN_IN_QUOTES = re.compile(
    r"""["]\s*[-+]?\d[\d.' ]*,\d|(?:^|[,"])[-+]?\d{1,3}(?:[ '\u2019\u00a0\u202f]\d{3})+(?=[,"\r\n.])""", re.MULTILINE
)
# What each of those outside of quotes has.
GAP_BEFORE_THREE = re.compile(r"""[ '\u2019\u00a0\u202f]\d{3}[,"\r\n. '\u2019\u00a0\u202f]""")


@dataclass(frozen=True)
class _Evidence:
    decimal_comma: bool
    thousands_comma: bool
    decimal_point: bool
    in_doubt: bool


def may_have_foreign_numbers(text: str, delimiter: str) -> bool:
    """False when the text plainly has no such numbers."""
    if delimiter == "," and '"' not in text and GAP_BEFORE_THREE.search(text) is None:
        # Looked for first, because it is ten times quicker.
        return False
    return (LOOKS_FOREIGN_IN_QUOTES if delimiter == "," else LOOKS_FOREIGN).search(text) is not None


def plain_numbers(
    connection: duckdb.DuckDBPyConnection, sheet: Sheet, contract: Contract, *, delimiter: str | None = None, written: str | None = None
) -> Sheet:
    """The sheet with the numbers of its number columns written with a decimal point, as far as the file shows how they are meant.

    Any delimiter but a comma, or a number as text in a workbook (no delimiter), may come from where the comma is the decimal sign: there
    1.200 is in doubt until another number of the file proves the point. `written` is the relation with those cells of a workbook that are
    texts: only they can prove something.
    """
    cells = {name: f"c{place}" for place, name in enumerate(sheet.columns) if contract.column(name).type in NUMBERS}
    if not cells:
        return sheet
    try:
        evidence = _evidence(connection, written or sheet.relation, list(cells.values()), doubts_points=delimiter != ",")
    except duckdb.Error:
        # A row that does not fit: whoever stages the sheet meets it again and knows what to do.
        return sheet
    return sheet if evidence is None else _rewritten(sheet, cells, evidence)


def doubt_points(sheet: Sheet, columns: Iterable[str]) -> Sheet:
    """The sheet with 1.200 in doubt in these columns of numbers: nothing in the file proves what the point means."""
    cells = {name: str(sheet.cell(name)) for name in columns}
    doubt = _Evidence(decimal_comma=False, thousands_comma=False, decimal_point=False, in_doubt=True)
    return _rewritten(sheet, cells, doubt) if cells else sheet


def doubtful_points(connection: duckdb.DuckDBPyConnection, sheet: Sheet, written: Iterable[str]) -> Sheet:
    """The same for the columns of `written`, whose numbers are texts, unless another of these texts proves the point."""
    names = list(written)
    evidence = _evidence(connection, sheet.relation, [str(sheet.cell(name)) for name in names], doubts_points=True) if names else None
    return doubt_points(sheet, names) if evidence and evidence.in_doubt and not evidence.decimal_comma else sheet


def _rewritten(sheet: Sheet, cells: dict[str, str], evidence: _Evidence) -> Sheet:
    changed = ", ".join(f"{_plain_sql(cell, evidence)} AS {cell}" for cell in cells.values())
    kept = ", ".join(f"{cell} AS o{cell}" for cell in cells.values())
    relation = f"(SELECT * REPLACE ({changed}), {kept} FROM {sheet.relation})"
    originals = {**{name: f"o{cell}" for name, cell in cells.items()}, **sheet.originals}
    return replace(sheet, relation=relation, with_numbers=None, originals=originals)


def _evidence(connection: duckdb.DuckDBPyConnection, relation: str, cells: list[str], *, doubts_points: bool) -> _Evidence | None:
    """What the numbers of all columns show together; None when all of them are plain."""
    signs = (COMMA_IS_DECIMAL, COMMA_IS_THOUSANDS, POINT_IS_DECIMAL, WITH_GAPS, POINT_MAY_BE_EITHER)
    looks = ", ".join(
        f"coalesce(bool_or({' OR '.join(_matches(cell, sign) for cell in cells)}), false)" for sign in signs
    )  # fmt: skip
    decimal_comma, thousands_comma, decimal_point, gaps, either = connection.execute(f"SELECT {looks} FROM {relation}").fetchall()[0]
    in_doubt = doubts_points and either and not (decimal_point or thousands_comma)
    if not (decimal_comma or thousands_comma or gaps or in_doubt):
        return None
    return _Evidence(decimal_comma, thousands_comma, decimal_point, in_doubt)


def _plain_sql(cell: str, evidence: _Evidence) -> str:
    without_gaps = f"regexp_replace({cell}, '{GAP}', '', 'g')"
    without_dots = f"replace(regexp_replace({cell}, '[.]|{GAP}', '', 'g'), ',', '.')"
    if evidence.decimal_comma and not evidence.thousands_comma and not evidence.decimal_point:
        cases = [(POINT_MAY_BE_EITHER, f"{cell} || '{IN_DOUBT}'"), (WITH_DECIMAL_COMMA, without_dots)]
    elif evidence.thousands_comma and not evidence.decimal_comma:
        cases = [(WITH_THOUSANDS_COMMA, f"replace({cell}, ',', '')")]
    else:
        cases = [(COMMA_IS_DECIMAL, without_dots), (COMMA_IS_THOUSANDS, f"replace({cell}, ',', '')")]
    if evidence.in_doubt and not evidence.decimal_comma:
        cases.append((POINT_MAY_BE_EITHER, f"{cell} || '{IN_DOUBT}'"))
    cases.append((WITH_GAPS, without_gaps))
    return f"CASE {' '.join(f'WHEN {_matches(cell, pattern)} THEN {value}' for pattern, value in cases)} ELSE {cell} END"


def _matches(cell: str, pattern: str) -> str:
    return f"regexp_full_match({cell}, '{pattern}')"
