"""The second check: new rows only, every row once, and a closed gate stays closed."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from landing_rows import forecast

from dagster_project.contracts.suite import SuiteResult
from dagster_project.landing import load_landing, open_warehouse, second_check

MONDAY = date(2026, 11, 16)


@pytest.fixture
def seen(monkeypatch) -> list[tuple[str, int, list[str]]]:
    """What the suites were given; rows of 13 patients fail. GX itself is tested with the contracts."""
    calls: list[tuple[str, int, list[str]]] = []

    def validate(terms, table):
        calls.append((terms.feed, table.num_rows, sorted(set(table["submission_id"].to_pylist()))))
        is_good = 13.0 not in table["patients"].to_pylist()
        return SuiteResult(terms.feed, is_good, [] if is_good else ["range (patients): 1 of 1 rows break it"], {}, [])

    fake = SimpleNamespace(validate=validate, write_data_docs=lambda *_: None)
    monkeypatch.setattr(second_check, "_suites", lambda: fake)
    return calls


def test_each_row_is_checked_once(state, land, seen):
    first, second = (land("demand_forecast", [forecast(MONDAY, 1)], number=number) for number in (1, 2))
    with open_warehouse(state) as con:
        load_landing(con, [first], state)
        assert second_check.second_check(con, state)["demand_forecast"].success
        load_landing(con, [first, second], state)
        second_check.second_check(con, state)
        assert second_check.second_check(con, state) == {}
    assert seen == [("demand_forecast", 1, [first["submission_id"]]), ("demand_forecast", 1, [second["submission_id"]])]


def test_rows_that_fail_are_found_again_by_the_next_run(state, land, seen):
    with open_warehouse(state) as con:
        load_landing(con, [land("demand_forecast", [forecast(MONDAY, 13)])], state)
        for _ in range(2):
            result = second_check.second_check(con, state)["demand_forecast"]
            assert (result.success, result.failures) == (False, ["range (patients): 1 of 1 rows break it"])
    assert len(seen) == 2


def test_many_rows_are_checked_in_parts_and_one_bad_part_fails_the_feed(state, land, seen):
    receipts = [land("demand_forecast", [forecast(MONDAY, patients)] * 2, number=number) for number, patients in enumerate((1, 13, 2, 3))]
    with open_warehouse(state) as con:
        load_landing(con, receipts, state)
        result = second_check.second_check(con, state, rows_at_once=4)["demand_forecast"]
        assert (result.success, len(result.failures)) == (False, 1)
        passed = {row[0] for row in con.execute("SELECT submission_id FROM landing.second_check").fetchall()}
    assert [rows for _, rows, _ in seen] == [4, 4]
    assert passed == {receipt["submission_id"] for receipt in receipts[2:]}
