"""A contract's compiled rules: each form finds exactly the rows that break it; text is read as its type or not at all."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from dagster_project.contracts import contract, contracts
from dagster_project.contracts.arrow import SQL_TYPES, arrow_schema
from dagster_project.contracts.forms import FORMS
from dagster_project.contracts.model import Column
from dagster_project.contracts.rules import cast_sql, checks


@pytest.fixture(scope="module")
def con():
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET VARIABLE as_of = TIMESTAMPTZ '2026-11-18 10:00:00+00'")
    return connection


def column(kind: str, identifier: str | None = None) -> Column:
    return Column("c", kind, "", False, False, False, identifier, None, None, None, None, None, (), (), None, "internal", ())


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "12", 12),
        ("integer", "3.7", None),
        ("integer", "twelve", None),
        ("number", "2.5", 2.5),
        ("number", "nan", None),
        ("number", "inf", None),
        ("number", "2,5", None),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("boolean", "maybe", None),
        ("date", "2026-11-24", dt.date(2026, 11, 24)),
        ("date", "2026-02-30", None),
        ("date", "24.11.2026", None),
        ("date", "infinity", None),
        ("string", "as it is", "as it is"),
    ],
)
def test_text_becomes_its_type_or_nothing(con, kind, text, value):
    assert con.execute(f"SELECT {cast_sql(column(kind), 'x')} FROM (SELECT ? AS x)", [text]).fetchone()[0] == value


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-24T08:00:00+01:00", "2026-11-24 07:00:00"),
        ("2026-11-24T08:00Z", "2026-11-24 08:00:00"),
        ("2026-11-24 08:00-0500", "2026-11-24 13:00:00"),
        ("2026-11-24T08:00:00", None),
        ("2026-11-24", None),
        ("2026-11-24T25:00:00Z", None),
    ],
)
def test_a_time_needs_its_offset(con, text, utc):
    sql = f"SELECT strftime({cast_sql(column('timestamp'), 'x')}, '%Y-%m-%d %H:%M:%S') FROM (SELECT ? AS x)"
    assert con.execute(sql, [text]).fetchone()[0] == utc


@pytest.mark.parametrize(
    ("text", "monday"), [("2026-W48", dt.date(2026, 11, 23)), ("2025-W53", None), ("2026-11-23", dt.date(2026, 11, 23))]
)
def test_a_week_is_read_in_both_forms(con, text, monday):
    assert con.execute(f"SELECT {cast_sql(column('date', 'iso_week'), 'x')} FROM (SELECT ? AS x)", [text]).fetchone()[0] == monday


ADJOINING = {"group": ["g"], "order": "n", "from": "f", "to": "t"}
# form, arguments, options, columns, rows, numbers of the rows that break it
CASES = [
    ("ascending", ["a", "b", "c"], {}, "a, b, c", [(1, 2, 3), (1, None, 0), (2, 2, 2), (3, 2, 9)], [2, 4]),
    ("ascending", ["a", "b"], {"strictly": True}, "a, b", [(1, 2), (2, 2), (None, 2)], [2]),
    ("required_when", {"column": "a", "when": {"s": ["busy"]}}, {}, "a, s", [(None, "busy"), (1, "busy"), (None, "free"), (None, None)], [1]),
    ("empty_when", {"column": "a", "when": {"s": ["free"]}}, {}, "a, s", [(1, "free"), (None, "free"), (1, "busy")], [1]),
    ("unique", ["a", "b"], {}, "a, b", [(1, 1), (1, 2), (1, 1), (None, 1), (None, 1)], [3]),
    ("no_gap", {"group": ["g"], "column": "n"}, {}, "g, n", [("x", 3), ("x", 1), ("x", 2), ("y", 7), ("y", 9)], [5]),
    ("increasing", {"group": ["g"], "order": "n", "column": "v"}, {}, "g, n, v", [("x", 2, 5), ("x", 1, 9), ("y", 1, 1)], [1]),
    ("decreasing", {"group": ["g"], "order": "n", "column": "v"}, {}, "g, n, v", [("x", 14, 50), ("x", 0, 90), ("x", 30, 60), ("y", 1, 1)], [3]),
    ("adjoining", ADJOINING, {}, "g, n, f, t", [("x", 2, 3, 4), ("x", 1, 1, 2), ("x", 3, 5, None), ("y", 1, 1, None)], []),
    ("adjoining", ADJOINING, {}, "g, n, f, t", [("gap", 1, 1, 2), ("gap", 2, 4, None), ("overlap", 1, 1, 2), ("overlap", 2, 2, None)], [2, 4]),
    ("adjoining", ADJOINING, {}, "g, n, f, t", [("late", 1, 2, None), ("open", 1, 1, None), ("open", 2, 3, None), ("ends", 1, 1, 9)], [1, 3]),
    ("follows", {"group": ["g"], "order": "n", "from": "f", "to": "t"}, {}, "g, n, f, t", [("x", 1, "a", "b"), ("x", 2, "b", "c"), ("x", 3, "b", "d")], [3]),
    ("same_within", {"group": ["g"], "column": "v"}, {}, "g, v", [("x", 1), ("x", 1), ("x", 2), ("y", 2)], [3]),
    ("in_step_order", {"group": ["g"], "step": "s", "at": "v", "order": ["p", "q", "r"]}, {}, "g, s, v", [("x", "r", 5), ("x", "p", 6), ("x", "q", None)], [1]),
    ("sql", "a + b <= c", {}, "a, b, c", [(1, 1, 2), (1, 2, 2), (None, 9, 2)], [2]),
]  # fmt: skip


@pytest.mark.parametrize(("form", "arguments", "options", "columns", "rows", "broken"), CASES, ids=[case[0] for case in CASES])
def test_a_form_finds_exactly_the_rows_that_break_it(con, form, arguments, options, columns, rows, broken):
    violation, _ = FORMS[form](arguments, options)
    marks = ", ".join("(" + ", ".join("?" for _ in row) + f", {number})" for number, row in enumerate(rows, start=1))
    sql = f"SELECT row_number FROM (SELECT *, {violation} AS broken FROM (VALUES {marks}) AS staged ({columns}, row_number)) WHERE broken ORDER BY 1"
    assert [number for (number,) in con.execute(sql, [value for row in rows for value in row]).fetchall()] == broken


DATE_CASES = [
    ("longest", {"from": "a", "to": "b", "hours": 24}, "TIMESTAMPTZ", ("2026-11-24 08:00:00+00", "2026-11-25 09:00:00+00"), True),
    ("longest", {"from": "a", "to": "b", "hours": 24}, "TIMESTAMPTZ", ("2026-11-24 08:00:00+00", "2026-11-25 08:00:00+00"), False),
    ("not_before_week_of_submission", {"column": "a"}, "DATE", ("2026-11-16", None), False),
    ("not_before_week_of_submission", {"column": "a"}, "DATE", ("2026-11-09", None), True),
    ("not_after_submission", {"column": "a"}, "TIMESTAMPTZ", ("2026-11-18 10:00:00+00", None), False),
    ("not_after_submission", {"column": "a"}, "TIMESTAMPTZ", ("2026-11-18 10:00:01+00", None), True),
    ("not_after_submission", {"column": "a"}, "DATE", ("2026-11-19", None), False),
    ("not_after_submission", {"column": "a"}, "DATE", ("2026-11-20", None), True),
    ("no_overlap", {"group": ["g"], "start": "a", "end": "b"}, "DATE", ("2026-11-18", "2026-11-19"), False),
]


@pytest.mark.parametrize(("form", "arguments", "kind", "values", "broken"), DATE_CASES)
def test_a_form_over_times(con, form, arguments, kind, values, broken):
    violation, _ = FORMS[form](arguments, {})
    sql = f"SELECT {violation} FROM (SELECT ?::{kind} AS a, ?::{kind} AS b, 'x' AS g, 1 AS row_number) AS staged"
    assert bool(con.execute(sql, list(values)).fetchone()[0]) is broken


def test_two_slots_overlap_on_a_line_and_a_touching_day_counts(con):
    violation, _ = FORMS["no_overlap"]({"group": ["g"], "start": "a", "end": "b"}, {})
    rows = "('L1', DATE '2026-11-16', DATE '2026-11-20', 1), ('L1', DATE '2026-11-20', DATE '2026-11-21', 2), ('L2', DATE '2026-11-20', DATE '2026-11-21', 3)"
    sql = f"SELECT row_number FROM (SELECT *, {violation} AS broken FROM (VALUES {rows}) AS staged (g, a, b, row_number)) WHERE broken"
    assert con.execute(sql).fetchall() == [(2,)]


@pytest.mark.parametrize("feed", sorted(contracts()))
def test_every_contract_compiles_and_its_schema_matches(con, feed):
    terms = contract(feed)
    columns = ", ".join(f'NULL::{SQL_TYPES[item.type]} AS "{item.name}"' for item in terms.columns)
    for check in checks(terms):
        assert con.execute(f"SELECT {check.violation_sql} FROM (SELECT {columns}, 1 AS row_number) AS staged").fetchone() is not None
    assert arrow_schema(terms).names == [item.name for item in terms.columns]


def test_an_unknown_feed_is_answered_with_the_feeds_there_are():
    with pytest.raises(LookupError, match="demand_forecast"):
        contract("demnd_forecast")
