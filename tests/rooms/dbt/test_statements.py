"""Which rows of a plan are in force after files with refused rows and files that came again: the SQL against a plain loop over statements."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

import pytest
from compiled import Compiled, open_memory
from hypothesis import given, settings
from hypothesis import strategies as st
from test_scenarios import HERE, send_all

from dagster_project import intake, register
from dagster_project.home import home
from dagster_project.landing import load_landing, load_sendings
from dagster_project.landing.warehouse import create_tables

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

NOON = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
MONDAY = dt.date(2026, 11, 16)
Row = tuple[str, str, int]  # site, thing (a therapy, or a slot), week


@dataclass(frozen=True)
class Sent:
    """A file: its rows, how many rows of it were refused, and the hours at which it came, the first of them when it was taken."""

    submission_id: str
    rows: tuple[Row, ...]
    refused: int
    hours: tuple[int, ...]


@st.composite
def histories(draw: st.DrawFn) -> list[Sent]:
    """Up to six files of two sites, each sent one to three times, in any order."""
    hours = iter(draw(st.permutations(range(18))))
    row = st.tuples(st.sampled_from("HG"), st.sampled_from("TU"), st.integers(0, 3))
    files = st.lists(st.tuples(st.sets(row, min_size=1, max_size=6), st.sampled_from((0, 0, 1)), st.integers(1, 3)), max_size=6, min_size=1)
    numbers = count(1)
    return [
        Sent(f"s{next(numbers)}", tuple(sorted(rows)), refused, tuple(sorted(next(hours) for _ in range(times))))
        for rows, refused, times in draw(files)
    ]


def in_force(files: list[Sent], *, key_has_week: bool) -> dict[int, dict[Any, tuple[str, Row]]]:
    """After each statement, in their order: the row of each key that holds, and the file that it is from."""
    held: dict[Any, tuple[str, Row]] = {}
    after = {}
    told = sorted(((hour, file) for file in files for hour in file.hours), key=lambda each: each[0])
    for hour, file in told:
        for site in {row[0] for row in file.rows} if not file.refused else ():
            weeks = [row[2] for row in file.rows if row[0] == site]
            held = {key: (source, row) for key, (source, row) in held.items() if row[0] != site or not min(weeks) <= row[2] <= max(weeks)}
        held |= {row if key_has_week else row[1]: (file.submission_id, row) for row in file.rows}
        after[hour] = dict(held)
    return after


def land(con: duckdb.DuckDBPyConnection, feed: str, files: list[Sent], columns: str) -> None:
    """The tables that the loader leaves, and nobody's list of sites."""
    create_tables(con)
    con.execute("CREATE SCHEMA staging; CREATE TABLE staging.stg_site (site_id VARCHAR, partner_id VARCHAR, is_current BOOLEAN)")
    for file in files:
        submission = (file.submission_id, feed, "p", "partly_accepted" if file.refused else "accepted", file.refused, at(file.hours[0]))
        con.execute(
            "INSERT INTO landing.submission BY NAME SELECT $1 submission_id, $2 feed, $3 partner_id, $4 status, $5 rows_refused, $6 as_of",
            submission,
        )
        for hour in file.hours:
            con.execute("INSERT INTO landing.sending BY NAME SELECT $1 submission_id, $2 sent_at", (file.submission_id, at(hour)))
        for number, (site, thing, week) in enumerate(file.rows, start=2):
            con.execute(
                f"INSERT INTO landing.{feed} BY NAME SELECT $1 submission_id, $2 row_number, {columns}",
                (file.submission_id, number, site, thing, MONDAY + dt.timedelta(weeks=week)),
            )


def at(hour: int) -> dt.datetime:
    return NOON + dt.timedelta(hours=hour)


def rows_of(files: list[Sent]) -> dict[tuple[str, int], Row]:
    return {(file.submission_id, number): row for file in files for number, row in enumerate(file.rows, start=2)}


@settings(max_examples=15, deadline=None)
@given(files=histories())
def test_a_slot_is_one_slot_wherever_it_moves(compiled: Compiled, files: list[Sent]) -> None:
    """The key does not name the week, so one file holds each slot once."""
    once = [Sent(file.submission_id, tuple({row[1]: row for row in file.rows}.values()), file.refused, file.hours) for file in files]
    last = max(hour for file in once for hour in file.hours)
    known = rows_of(once)
    with open_memory() as con:
        land(con, "slot_plan", once, "$3 site_id, $4 slot_id, $5 start_window_open_date")
        compiled.build(con, "stg_slot_plan", given=frozenset({"stg_site"}))
        found = con.execute("SELECT submission_id, row_number FROM staging.stg_slot_plan WHERE is_current").fetchall()
    assert {(sid, known[sid, number]) for sid, number in found} == set(in_force(once, key_has_week=False)[last].values())


@settings(max_examples=25, deadline=None)
@given(files=histories())
def test_the_plan_and_every_version_are_those_of_a_loop_over_the_statements(compiled: Compiled, files: list[Sent]) -> None:
    expected, known = in_force(files, key_has_week=True), rows_of(files)
    with open_memory() as con:
        land(con, "demand_forecast", files, "$3 hospital_id, $4 therapy_code, $5 week_start_date, 'commercial' category, 1 patients")
        compiled.build(con, "stg_demand_forecast", "int_versions__coverage", "int_versions__forecasts", given=frozenset({"stg_site"}))
        told = {
            hour: con.execute(
                "SELECT said.submission_id, hospital_id, therapy_code, (week_start_date - DATE '2026-11-16') // 7"
                " FROM intermediate.int_versions__coverage AS coverage"
                " INNER JOIN intermediate.int_versions__forecasts AS said USING (sender_partner_id, hospital_id, week_start_date, version_id)"
                " WHERE stated_at <= $1 AND (replaced_at IS NULL OR replaced_at > $1)",
                (at(hour),),
            ).fetchall()
            for hour in expected
        }
        current = con.execute("SELECT submission_id, row_number FROM staging.stg_demand_forecast WHERE is_current").fetchall()
        overlapping = con.execute(
            "SELECT list((stated_at, replaced_at) ORDER BY stated_at) FROM intermediate.int_versions__coverage"
            " GROUP BY sender_partner_id, hospital_id, week_start_date"
        ).fetchall()
    assert {(sid, known[sid, number]) for sid, number in current} == set(expected[max(expected)].values())
    for hour, held in expected.items():
        assert {(sid, (site, thing, week)) for sid, site, thing, week in told[hour]} == set(held.values())
    assert all(one[1] == other[0] for (periods,) in overlapping for one, other in pairwise(periods))


HEADER = "hospital_id,therapy_code,week_start_date,category,patients,basis"
NORTH = "9501101500112"


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hospital of the scenario sent on the 10th: 2 patients in W47 and in W48, and so on."""
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path))
    send_all(HERE / "two_plants" / "partner_files")


def send(day: int, **patients: str) -> intake.Receipt:
    rows = [f"{NORTH},CART-101,2026-{week.upper()},commercial,{number},pipeline" for week, number in patients.items()]
    moment = dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC)
    return intake.submit("\n".join([HEADER, *rows, ""]).encode(), partner="north-hospital", feed="demand_forecast", as_of=moment)


def planned(compiled: Compiled) -> dict[str, float]:
    """What the plan of 16 November takes as the forecast of each ISO week of collection."""
    con = open_memory()
    load_landing(con, register.submissions(), home())
    load_sendings(con, register.sendings())
    compiled.build(con, "fct_aligned_plan", "int_plan__forecasts")
    query = "SELECT strftime(collection_week_start_date, 'w%V'), forecast_gross FROM intermediate.int_plan__forecasts"
    return dict(con.execute(query).fetchall())


@pytest.mark.usefixtures("network")
def test_a_refused_cell_leaves_the_week_of_the_earlier_file_in_the_plan(compiled: Compiled) -> None:
    before = planned(compiled)
    receipt = send(12, w47="5", w48="many", w49="7")
    assert (receipt.status, before["w48"]) == ("partly_accepted", 2.0)
    assert planned(compiled) == before | {"w47": 5.0, "w49": 7.0}
    send(13, w47="5", w49="7")
    assert planned(compiled) == {week: number for week, number in before.items() if week != "w48"} | {"w47": 5.0, "w49": 7.0}


@pytest.mark.usefixtures("network")
def test_older_bytes_again_are_the_plan_again(compiled: Compiled) -> None:
    send(11, w47="3", w48="3")
    first = planned(compiled)
    send(12, w47="8", w48="8")
    assert planned(compiled) == first | {"w47": 8.0, "w48": 8.0}
    again = send(13, w47="3", w48="3")
    assert again.again is not None
    assert again.again.set_aside
    assert planned(compiled) == first
    # A retry, and bytes that come after the planning date, are no news for this plan.
    send(14, w47="3", w48="3")
    send(18, w47="8", w48="8")
    assert planned(compiled) == first
