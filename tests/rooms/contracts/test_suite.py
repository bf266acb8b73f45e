"""The Great Expectations suite of a contract finds what breaks it, and agrees with the compiled SQL on fuzzed rows."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest
from fuzzed_files import other_value

from dagster_project.contracts import Column, Contract, contract, feeds
from dagster_project.contracts.arrow import arrow_schema
from dagster_project.contracts.data_docs import write_data_docs
from dagster_project.contracts.forms import NEEDS_SENDER
from dagster_project.contracts.rules import checks
from dagster_project.contracts.suite import NEEDS_REFUSED_ROWS, not_covered, validate

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
# One feed of every mixture of types and rule forms; the others differ in names only.
FAMILIES = [
    "apheresis_schedule",
    "batch_milestone",
    "case_order",
    "collection",
    "demand_forecast",
    "infusion_capacity",
    "shipment_booking",
    "slot_plan",
    "temperature_reading",
    "treatment_event",
    "vector_inventory",
]
ROUNDS = 4


@pytest.mark.parametrize("feed", feeds())
def test_an_empty_table_keeps_every_rule(feed: str) -> None:
    result = validate(contract(feed), arrow_schema(contract(feed)).empty_table(), as_of=AS_OF)
    assert (result.success, result.failures) == (True, [])
    assert result.statistics["evaluated_expectations"] == len(result.details) > 0


def test_a_missing_column_is_told_before_anything_else() -> None:
    table = arrow_schema(contract("demand_forecast")).empty_table().drop_columns(["patients"])
    assert validate(contract("demand_forecast"), table).failures == ["column patients is missing"]


def test_a_failure_names_rule_columns_and_rows() -> None:
    held = contract("demand_forecast")
    row = _example_row(held) | {"patients_p10": 4.0, "patients": 3.0}
    result = validate(held, pa.Table.from_pylist([row], schema=arrow_schema(held)), as_of=AS_OF)
    assert result.failures == ["forecast_range_in_order (patients, patients_p10): 1 of 1 rows break it"]


def test_the_same_row_in_two_submissions_is_no_duplicate() -> None:
    held = contract("demand_forecast")
    table = pa.Table.from_pylist([_example_row(held)] * 2, schema=arrow_schema(held))
    twice = table.append_column("submission_id", pa.array(["one", "two"]))
    assert validate(held, twice, as_of=AS_OF).failures == []
    assert [failure.split()[0] for failure in validate(held, table, as_of=AS_OF).failures] == ["key"]


def test_every_submission_is_held_to_its_own_time() -> None:
    held = contract("demand_forecast")
    times = pa.array([AS_OF, AS_OF + dt.timedelta(weeks=2)], pa.timestamp("us", tz="UTC"))
    table = pa.Table.from_pylist([_example_row(held)] * 2, schema=arrow_schema(held))
    landed = table.append_column("submission_id", pa.array(["one", "two"])).append_column("as_of", times)
    assert validate(held, landed).failures == ["week_not_past (week_start_date, submission_id, as_of): 1 of 2 rows break it"]


def test_what_the_suite_leaves_to_the_door_is_stated() -> None:
    left = {rule.form for feed in feeds() for rule, _ in not_covered(contract(feed))}
    assert left == NEEDS_REFUSED_ROWS | NEEDS_SENDER
    assert "week_not_past" in {rule.name for rule, _ in not_covered(contract("demand_forecast"), with_as_of=False)}


def test_data_docs_need_no_internet_and_name_what_broke(tmp_path: Path) -> None:
    held = contract("temperature_reading")
    row = _example_row(held) | {"celsius": 999.0}
    results = [validate(held, pa.Table.from_pylist([row], schema=arrow_schema(held)), as_of=AS_OF + dt.timedelta(days=30))]
    index = write_data_docs(results, tmp_path)
    page = (tmp_path / "temperature_reading.html").read_text(encoding="utf-8")
    assert "temperature_reading.html" in index.read_text(encoding="utf-8")
    assert '<td>range</td><td>celsius</td><td>expect_column_values_to_be_between</td><td>1</td><td>1</td><td><span class="broken">' in page
    assert "http" not in page


@pytest.mark.parametrize("feed", FAMILIES)
def test_suite_and_compiled_rules_agree_on_fuzzed_rows(feed: str) -> None:
    held = contract(feed)
    found = []
    for seed in range(ROUNDS):
        table = _fuzzed(held, random.Random(f"{feed}-{seed}"))
        found.append((_broken_by_sql(held, table), _broken_by_suite(held, table)))
    assert [by_sql for by_sql, _ in found] == [by_suite for _, by_suite in found]
    assert any(by_sql for by_sql, _ in found), "no round broke a rule: the fuzz is too tame"


def _broken_by_suite(held: Contract, table: pa.Table) -> set[str]:
    result = validate(held, table, as_of=AS_OF)
    assert [detail for detail in result.details if detail["error"]] == []
    return {f"{detail['rule']}" for detail in result.details if not detail["success"]}


def _broken_by_sql(held: Contract, table: pa.Table) -> set[str]:
    left_out = {rule.name for rule, _ in not_covered(held)}
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET VARIABLE as_of = CAST(? AS TIMESTAMPTZ)", [AS_OF.isoformat()])
        connection.register("rows", table.append_column("row_number", pa.array(range(2, 2 + len(table)), pa.int64())))
        return {
            check.rule
            for check in checks(held)
            if check.rule not in left_out
            and connection.execute(f"SELECT count(*) FROM (SELECT ({check.violation_sql}) AS broken FROM rows) WHERE broken").fetchall()
            != [(0,)]
        }


def _fuzzed(held: Contract, rng: random.Random) -> pa.Table:
    rows = [_example_row(held) for _ in range(rng.randint(1, 6))]
    for number, row in enumerate(rows):
        for column in held.columns:
            # Half of the rounds stay close to clean, so that single rules break alone.
            if rng.random() < rng.choice((0.05, 0.5)):
                row[column.name] = _odd_value(column, rng)
        if rng.random() < 0.7:
            row[held.key[0]] = _another(held.column(held.key[0]), row[held.key[0]], number)
    loose = pa.schema([field.with_nullable(True) for field in arrow_schema(held)])
    return pa.Table.from_pylist(rows, schema=loose)


def _another(column: Column, value: Any, number: int) -> Any:
    return f"{value}{number}" if column.type == "string" and isinstance(value, str) else value


def _odd_value(column: Column, rng: random.Random) -> Any:
    usual = _typed(column, column.examples[0])
    if rng.random() < 0.15:
        return None
    if column.type == "string":
        choices = [
            *column.allowed,
            "done",
            "",
            usual,
            usual[:-1],
            usual + "\n",
            usual.lower(),
            usual + "O",
            "É" * ((column.max_length or 5) + rng.randint(0, 1)),
        ]
        return rng.choice(choices)
    return other_value(column, usual, rng)


def _example_row(held: Contract) -> dict[str, Any]:
    row = {column.name: _typed(column, column.examples[0]) for column in held.columns}
    for rule in held.rules:
        # The examples of a contract show every column filled; a rule may want one of them empty.
        if rule.form == "empty_when" and all(row[name] in values for name, values in rule.arguments["when"].items()):
            row[rule.arguments["column"]] = None
        if rule.form == "not_after_submission":
            row[rule.arguments["column"]] = min(row[rule.arguments["column"]], _past(held.column(rule.arguments["column"])))
    return row


def _past(column: Column) -> Any:
    return AS_OF.date() if column.type == "date" else AS_OF


def _typed(column: Column, value: Any) -> Any:
    if column.type == "date":
        return dt.date.fromisoformat(str(value))
    if column.type == "timestamp":
        return dt.datetime.fromisoformat(str(value)).astimezone(dt.UTC)
    return float(value) if column.type == "number" else value
