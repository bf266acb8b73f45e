"""Which rows break which rule of the contract: one cheap look at a clean file, a closer one only where something is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dagster_project.contracts.rules import Check, checks, expected_type, quoted
from dagster_project.intake import limits
from dagster_project.intake.judging.near_misses import add_near_misses
from dagster_project.intake.judging.privacy import FREE, closeness
from dagster_project.intake.judging.repeating import found_sql
from dagster_project.intake.judging.staging import FAILURES, failure_bit, text_sql
from dagster_project.intake.reading.telltale import TOTAL, TOTAL_HINT, header_again_sql, hints_sql, unfitting
from dagster_project.intake.receipt import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from dagster_project.contracts import Contract
    from dagster_project.intake.judging.staging import Staged
    from dagster_project.intake.reading.sheet import Sheet

MOST_HASHES = 8_000_000
# In the order of Refusal's fields.
TOLD = "row_number, column_name, rule, found, expected, hint, source_column, source_place"
FINDING_COLUMNS = (
    "row_number BIGINT, column_name VARCHAR, rule VARCHAR, found VARCHAR, expected VARCHAR, hint VARCHAR,"
    " source_column VARCHAR, source_place VARCHAR, place INTEGER, severity VARCHAR"
)


@dataclass(frozen=True)
class Verdicts:
    """How many rows are refused and how many only warned about.

    When there are any, the temporary views `refusal` and `warning` have one row per reason; the first of them are here.
    """

    rows_refused: int = 0
    first: tuple[Refusal, ...] = ()
    rows_warned: int = 0
    warnings: tuple[Refusal, ...] = ()


def judge(connection: duckdb.DuckDBPyConnection, sheet: Sheet, contract: Contract, staged: Staged) -> Verdicts:
    """Apply every check of the contract to `staged`; the variable `as_of` must be set."""
    tests = _tests(contract)
    broken = _count_broken(connection, tests, contract, staged)
    if not broken and not sheet.ragged and not sheet.remarks and not sheet.faults:
        return Verdicts()
    connection.execute(f"CREATE TEMP TABLE finding ({FINDING_COLUMNS})")
    for view, severity in (("refusal", "error"), ("warning", "warning")):
        connection.execute(f"CREATE TEMP VIEW {view} AS SELECT * FROM finding WHERE severity = '{severity}'")
    if broken:
        _explain(connection, sheet, contract, tests)
        add_near_misses(connection, contract, finding="finding")
    _add_faults(connection, sheet)
    _add_ragged(connection, sheet)
    _add_remarks(connection, sheet)
    return Verdicts(*_told(connection, "refusal"), *_told(connection, "warning"))


def _told(connection: duckdb.DuckDBPyConnection, view: str) -> tuple[int, tuple[Refusal, ...]]:
    rows = connection.execute(f"SELECT count(DISTINCT row_number) FROM {view}").fetchall()[0][0]
    query = f"SELECT {TOLD} FROM {view} ORDER BY row_number, place LIMIT {limits.MAX_RECEIPT_REFUSALS}"
    return int(rows), tuple(Refusal(*row) for row in connection.execute(query).fetchall())


def _tests(contract: Contract) -> tuple[Check, ...]:
    """The contract's checks, and before them whether each column could be read as its type."""
    types = [
        Check(
            "type",
            column.name,
            f"({FAILURES} & {failure_bit(contract, column)}) <> 0",
            expected_type(column),
            "Write the value in this form.",
            "error",
            False,
        )
        for column in contract.columns
        if column.type != "string"
    ]
    return (*types, *checks(contract))


def _count_broken(connection: duckdb.DuckDBPyConnection, tests: Sequence[Check], contract: Contract, staged: Staged) -> int:
    """Make the temporary table `broken` (row_number, place of the test) when there is any; returns how many there are."""
    in_question = [test for test in tests if test.crosses_rows and _may_be_broken(connection, test, contract, staged)]
    of_one_row = [test for test in tests if not test.crosses_rows]
    if _any_broken(connection, of_one_row, contract, staged):
        in_question += of_one_row
    if not in_question:
        return 0
    places = ", ".join(str(tests.index(test)) for test in in_question)
    flags = ", ".join(_flag(test, contract) for test in in_question)
    found = connection.execute(
        f"CREATE TEMP TABLE broken AS SELECT row_number, unnest(list_where([{places}], flags)) AS place"
        f" FROM (SELECT row_number, [{flags}] AS flags FROM staged) WHERE list_contains(flags, true)"
    )
    return int(found.fetchall()[0][0])


def _any_broken(connection: duckdb.DuckDBPyConnection, tests: Sequence[Check], contract: Contract, staged: Staged) -> bool:
    """Whether any row breaks any of these tests of single rows. Tests of a column whose values repeat look at each value once."""
    of_rows = {rule.name for rule in contract.rules}
    by_table: dict[str, list[str]] = {}
    for test in tests:
        table = staged.values_of(test.column) if test.rule not in of_rows else "staged"
        by_table.setdefault(table, []).append(f"({test.violation_sql})")
    queries = (f"SELECT 1 FROM {table} WHERE {' OR '.join(conditions)} LIMIT 1" for table, conditions in by_table.items())
    return any(connection.execute(query).fetchall() for query in queries)


def _flag(test: Check, contract: Contract) -> str:
    """True where the test is broken; a value that could not be read is told once, as a matter of type."""
    if test.rule == "type" or not test.column:
        return f"coalesce({test.violation_sql}, false)"
    bit = failure_bit(contract, contract.column(test.column))
    return f"(coalesce({test.violation_sql}, false) AND ({FAILURES} & {bit}) = 0)"


def _may_be_broken(connection: duckdb.DuckDBPyConnection, test: Check, contract: Contract, staged: Staged) -> bool:
    """False only when a cheap look proves that no row breaks the test."""
    columns = {"key": contract.key, "unique": (test.column,)}.get(test.rule)
    return not (test.crosses_rows and columns and _all_different(connection, columns, staged.rows))


def _all_different(connection: duckdb.DuckDBPyConnection, columns: Sequence[str], rows: int) -> bool:
    """Whether the hashes of the columns differ in every row. Then the values do, too; the other way round it takes a closer look."""
    names = ", ".join(map(quoted, columns))
    # A share of the hashes at a time, so that those of any file find room beside its rows.
    shares = rows // MOST_HASHES + 1
    queries = (f"SELECT h FROM (SELECT hash({names}) AS h FROM staged) WHERE h % {shares} = {share}" for share in range(shares))
    return not any(_has_twice(connection, query) for query in queries)


def _has_twice(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    hashes = np.sort(np.asarray(connection.execute(query).fetchnumpy()["h"]))
    return bool(np.any(hashes[1:] == hashes[:-1]))


def _explain(connection: duckdb.DuckDBPyConnection, sheet: Sheet, contract: Contract, tests: Sequence[Check]) -> None:
    """Fill `refusal` from `broken`, with the text as it was sent."""
    meanings = {
        "place": list(range(len(tests))),
        "column_name": [test.column or None for test in tests],
        "rule": [test.rule for test in tests],
        "expected": [test.expected for test in tests],
        "hint": [test.hint for test in tests],
        "source_column": pa.array([sheet.own_names.get(test.column) for test in tests], pa.string()),
        "severity": [test.severity for test in tests],
    }
    connection.register("meaning", pa.table(meanings))
    # Only what is broken is put into words: preparing a pattern costs more than the few rows it is for.
    places = [int(place) for (place,) in connection.execute("SELECT DISTINCT place FROM broken").fetchall()]
    cases = " ".join(f"WHEN {place} THEN {_found_sql(tests[place], sheet, contract)}" for place in sorted(places))
    sent = {column.name: cell for column in contract.columns if (cell := sheet.original(column.name))}
    again = header_again_sql(sheet.columns, contract)
    better = hints_sql([(place, tests[place]) for place in places], sent, {column.name: column for column in contract.columns})
    cells = f"(SELECT * FROM {sheet.numbered_relation()} WHERE row_number IN (SELECT row_number FROM broken))"
    connection.execute(
        f"INSERT INTO finding SELECT row_number, column_name, rule, CASE place {cases} END, expected,"
        f" CASE WHEN regexp_full_match(trim(c0), '{TOTAL}') THEN '{TOTAL_HINT}' {again} {better} ELSE hint END,"
        f" source_column, {'source_place' if sheet.has_places else 'NULL'}, place, severity"
        f" FROM broken JOIN {cells} USING (row_number) JOIN meaning USING (place)"
    )


def _found_sql(test: Check, sheet: Sheet, contract: Contract) -> str:
    """What the sender wrote: the cell, or for a rule over several columns each of them by name."""
    words = set(re.findall(r"\w+", re.sub(r"'[^']*'", "", test.violation_sql)))
    concerned = [column.name for column in contract.columns if column.name in words] if test.rule != "type" else []
    names = concerned if len(concerned) > 1 or not test.column else [test.column]
    cells = {name: sheet.original(name) for name in names}
    if len(names) == 1:
        cell = cells[names[0]]
        return _repeated(names[0], cell, contract) if cell else "NULL"
    return " || ', ' || ".join(
        f"'{name} = ' || coalesce({_repeated(name, cell, contract)}, '(empty)')" if cell else f"'{name} = (empty)'"
        for name, cell in cells.items()
    )


def _repeated(name: str, cell: str, contract: Contract) -> str:
    column = contract.column(name)
    return found_sql(f"({text_sql(cell)})", takes_words=column.type == "string" and closeness(column) == FREE)


def _add_ragged(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> None:
    if not sheet.ragged:
        return
    width = len(sheet.sent_columns)
    _add_problems(connection, [ragged.problem or unfitting(ragged, width) for ragged in sheet.ragged])


def _add_faults(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> None:
    """The faults of cells, in place of what rules say of these."""
    if not sheet.faults:
        return
    cells = pa.table({"row_number": [fault.row for fault in sheet.faults], "column_name": [fault.column for fault in sheet.faults]})
    connection.register("faults", cells)
    connection.execute("DELETE FROM finding WHERE (row_number, column_name) IN (SELECT row_number, column_name FROM faults)")
    _add_problems(connection, sheet.faults)


def _add_problems(connection: duckdb.DuckDBPyConnection, problems: Sequence[Refusal]) -> None:
    rows = {
        "row_number": [problem.row for problem in problems],
        "column_name": pa.array([problem.column for problem in problems], pa.string()),
        "rule": [problem.rule for problem in problems],
        "found": [problem.found for problem in problems],
        "expected": [problem.expected for problem in problems],
        "hint": [problem.hint for problem in problems],
        "source_place": pa.array([problem.source_place for problem in problems], pa.string()),
        "place": [-1] * len(problems),
        "severity": ["error"] * len(problems),
    }
    connection.register("problems", pa.table(rows))
    connection.execute("INSERT INTO finding BY NAME SELECT * FROM problems")


def _add_remarks(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> None:
    if not sheet.remarks:
        return
    told = ("rule", "found", "expected", "hint", "source_column", "source_place")
    rows = {
        "column_name": pa.array([remark.column for remark in sheet.remarks], pa.string()),
        **{name: pa.array([getattr(remark, name) for remark in sheet.remarks], pa.string()) for name in told},
        "place": [-1] * len(sheet.remarks),
        "severity": ["warning"] * len(sheet.remarks),
    }
    connection.register("remarks", pa.table(rows))
    connection.execute("INSERT INTO finding BY NAME SELECT * FROM remarks")
