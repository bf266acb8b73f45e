"""The loader: every accepted row once, whatever happens; nothing changed on the way."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from landing_rows import forecast

from dagster_project.contracts import contracts
from dagster_project.home import PROJECT_ROOT
from dagster_project.landing import load_landing, load_sendings, newest_as_of, open_warehouse

if TYPE_CHECKING:
    import duckdb

    from dagster_project.home import Home

Receipt = dict[str, Any]
Land = Callable[..., Receipt]
MONDAY = date(2026, 11, 16)


@pytest.fixture
def con(state: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, open."""
    with open_warehouse(state) as connection:
        yield connection


def test_every_feed_has_its_table_with_the_contracts_columns_even_when_nothing_landed(con: duckdb.DuckDBPyConnection, state: Home) -> None:
    load_landing(con, [], state)
    for feed, terms in contracts().items():
        found = [row[0] for row in con.execute(f"DESCRIBE landing.{feed}").fetchall()]
        assert found == [column.name for column in terms.columns] + ["row_number", "submission_id"]
    assert newest_as_of(con) is None


def test_rows_land_with_their_submission_number_and_type(con: duckdb.DuckDBPyConnection, state: Home, land: Land) -> None:
    receipt = land("demand_forecast", [forecast(MONDAY, 2.5), forecast(MONDAY, 3.0)])
    loaded = load_landing(con, [receipt], state)["demand_forecast"]
    assert (loaded.submission_ids, loaded.rows_accepted) == ((receipt["submission_id"],), 2)
    rows = con.execute(
        "SELECT week_start_date, patients, row_number, submission_id FROM landing.demand_forecast ORDER BY row_number"
    ).fetchall()
    assert rows == [(MONDAY, 2.5, 2, receipt["submission_id"]), (MONDAY, 3.0, 3, receipt["submission_id"])]
    assert newest_as_of(con) == receipt["as_of"]


def test_every_sending_is_a_row_and_the_newest_says_what_day_it_is(con: duckdb.DuckDBPyConnection, state: Home, land: Land) -> None:
    receipt = land("demand_forecast", [forecast(MONDAY, 1)])
    load_landing(con, [receipt], state)
    first = {name: receipt[name] for name in ("submission_id", "received_at", "file_name")} | {"sent_at": receipt["as_of"], "way_in": ""}
    again = first | {"sent_at": receipt["as_of"] + timedelta(days=7), "way_in": "drop", "partner_id": "not a column of the table"}
    for sendings in ([first], [first, again], [first, again]):
        load_sendings(con, sendings)
    assert con.execute("SELECT sent_at, way_in FROM landing.sending ORDER BY 1").fetchall() == [
        (first["sent_at"], ""),
        (again["sent_at"], "drop"),
    ]
    assert newest_as_of(con) == again["sent_at"]
    load_sendings(con, [])
    assert newest_as_of(con) == receipt["as_of"]


def test_loading_again_adds_nothing_and_loading_more_adds_only_that(con: duckdb.DuckDBPyConnection, state: Home, land: Land) -> None:
    first, second = (land("demand_forecast", [forecast(MONDAY, 1)], number=number) for number in (1, 2))
    load_landing(con, [first], state)
    assert load_landing(con, [first], state)["demand_forecast"].submission_ids == ()
    assert load_landing(con, [second, first], state)["demand_forecast"].submission_ids == (second["submission_id"],)
    assert con.execute("SELECT count(*), count(DISTINCT submission_id) FROM landing.demand_forecast").fetchall() == [(2, 2)]


def test_a_column_that_a_newer_contract_adds_is_empty_in_older_rows(con: duckdb.DuckDBPyConnection, state: Home, land: Land) -> None:
    old = land("demand_forecast", [forecast(MONDAY, 1)])
    load_landing(con, [old], state)
    con.execute("ALTER TABLE landing.demand_forecast DROP COLUMN comment")
    load_landing(con, [land("demand_forecast", [forecast(MONDAY, 2) | {"comment": "new"}], number=2)], state)
    assert con.execute("SELECT comment FROM landing.demand_forecast ORDER BY patients").fetchall() == [(None,), ("new",)]


def test_refused_rows_come_from_their_file_and_whole_refusals_from_the_receipt(
    con: duckdb.DuckDBPyConnection, state: Home, land: Land
) -> None:
    partly = land("demand_forecast", [forecast(MONDAY, 1)], refused=2)
    refusal = {"row": None, "column": "note", "rule": "no_identifiers", "found": None, "expected": "no name", "hint": "Remove it."}
    whole = partly | {
        "submission_id": "f" * 20,
        "status": "refused",
        "landing_path": None,
        "refused_path": None,
        "rows_accepted": 0,
        "receipt_json": json.dumps({"refusals": [refusal]}),
    }
    load_landing(con, [partly, whole], state)
    found = con.execute("SELECT submission_id, row_number, rule FROM landing.refusal ORDER BY ALL").fetchall()
    sent = partly["submission_id"]
    assert sorted(found, key=str) == sorted([(sent, 2, "range"), (sent, 3, "range"), ("f" * 20, None, "no_identifiers")], key=str)
    assert con.execute("SELECT DISTINCT feed, partner_id FROM landing.refusal").fetchall() == [("demand_forecast", "northgate-hospital")]
    assert con.execute("SELECT count(*) FROM landing.submission").fetchall() == [(2,)]


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_damaged_landing_file_is_named_and_its_feed_not_loaded(
    con: duckdb.DuckDBPyConnection, state: Home, land: Land, damage: str
) -> None:
    good, bad = (land("demand_forecast", [forecast(MONDAY, 1)], number=number) for number in (1, 2))
    path = state.root / bad["landing_path"]
    if damage == "changed":
        path.write_bytes(path.read_bytes() + b"x")
    else:
        path.unlink()
    with pytest.raises(ValueError, match=f"{bad['submission_id']}.*{damage}"):
        load_landing(con, [good, bad], state)
    assert con.execute("SELECT count(*) FROM landing.demand_forecast").fetchall() == [(0,)]
    assert con.execute("SELECT count(*) FROM landing.submission").fetchall() == [(0,)]


@pytest.mark.parametrize("moment", ["_insert_rows", "_insert_refusals", "_insert_submissions"])
def test_a_kill_during_loading_leaves_every_row_there_once_after_a_rerun(state: Home, land: Land, moment: str) -> None:
    """The child is killed right after one step of its second feed; the feed before it has landed."""
    receipts = [land(feed, [row]) for feed, row in (("container", {"container_id": "DS-1"}), ("demand_forecast", forecast(MONDAY, 1)))]
    assert _killed_child(state, receipts, moment) == -signal.SIGKILL
    with open_warehouse(state) as connection:
        assert _counts(connection) == [("container", 1)]
        load_landing(connection, receipts, state)
        assert _counts(connection) == [("container", 1), ("demand_forecast", 1)]
        assert connection.execute("SELECT count(*) FROM landing.container").fetchall() == [(1,)]
        assert connection.execute("SELECT count(*) FROM landing.demand_forecast").fetchall() == [(1,)]


def _counts(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT feed, count(*) FROM landing.submission GROUP BY feed ORDER BY feed").fetchall()


def _killed_child(state: Home, receipts: list[Receipt], moment: str) -> int:
    script = f"""
    import os, pickle, signal, sys
    from dagster_project.landing import load, open_warehouse
    from dagster_project.home import Home
    state, receipts = pickle.load(sys.stdin.buffer)
    step, calls = load.{moment}, []
    def last_step(*arguments):
        step(*arguments)
        calls.append(1)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
    load.{moment} = last_step
    load.load_landing(open_warehouse(state), receipts, state)
    """
    child = [sys.executable, "-c", textwrap.dedent(script)]
    environment = os.environ | {"PYTHONPATH": str(PROJECT_ROOT)}
    return subprocess.run(child, input=pickle.dumps((state, receipts)), env=environment, check=False).returncode
