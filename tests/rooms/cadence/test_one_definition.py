"""`due()` and the mart `fct_due` are two tellings of one rule: on a grid of zones, clocks, days and sendings they must agree."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest
from compiled import PLANNING_DATE, Compiled, open_memory

from dagster_project.cadence import due_of_all
from dagster_project.cadence.days import Day
from dagster_project.cadence.schedule import Schedule, around, weekly
from dagster_project.cadence.states import Deadline, Party, Sent, Term, deadlines
from dagster_project.contracts import contracts
from dagster_project.editions.inputs import end_of
from dagster_project.home import Home
from dagster_project.register import add_partner

if TYPE_CHECKING:
    from pathlib import Path

ZONES = ["UTC", "Europe/Paris", "America/New_York", "America/Los_Angeles", "Pacific/Honolulu", "Pacific/Auckland", "Asia/Kolkata"]
# The weeks in which clocks change in Europe and America, and a quiet one; every weekday.
DAYS = ["2026-03-08", "2026-03-10", "2026-03-30", "2026-10-25", "2026-10-27", "2026-11-01", "2026-11-06", "2026-11-11", "2026-11-19"]
CLOCKS = ["12:00", "02:30", "01:30", "00:00", "23:59"]
ROLES = ("hospital", "plant", "supplier", "courier")
FACTS = "partner_id, feed, which, due_at, is_owed, state, answered_at, answered_by"
Cadences = dict[str, tuple[tuple[str, ...], str | None]]
World = list[tuple[Party, list[Term], list[Sent], dict[str, Day]]]
TICK = dt.timedelta(microseconds=1)
SHAPES = {
    "int_feeds__due_days": "partner_id VARCHAR, feed VARCHAR, due_weekday INTEGER, due_clock VARCHAR, zone VARCHAR, submission_ids VARCHAR[]",
    "stg_partner": "partner_id VARCHAR, partner_name VARCHAR, role VARCHAR, time_zone VARCHAR, submission_id VARCHAR, is_current BOOLEAN",
    "int_feeds__terms": "partner_id VARCHAR, valid_from_date DATE, valid_to_date DATE, known_at TIMESTAMPTZ",
    "int_feeds__sendings": "submission_id VARCHAR, partner_id VARCHAR, feed VARCHAR, is_accepted BOOLEAN, sent_at TIMESTAMPTZ",
}


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("day", DAYS)
def test_mart_and_function_agree(compiled: Compiled, day: str, clock: str) -> None:
    now = end_of(dt.date.fromisoformat(day))
    hour, minute = map(int, clock.split(":"))
    cadences = {
        feed: (terms.senders, terms.cadence and terms.cadence.replace("0 12 ", f"{minute} {hour} ", 1))
        for feed, terms in contracts().items()
    }
    world = _world(random.Random(f"{day} {clock}"), cadences, now)
    expected = [
        one
        for party, terms, sent, days in world
        for one in deadlines(party, _owed(cadences, party), terms=terms, sent=sent, now=now, days=days)
    ]
    found = _mart(compiled, world, day, clock)
    assert found == {_facts(one) for one in expected}
    assert {"early", "on_time", "late", "missing", "not_due"} == {one.state for one in expected}


def test_the_loader_reads_what_the_marts_read(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEINWAY_HOME", str(installation))
    # Let in, and not yet on the operator's list of partners: it has no row in the plan, and can ask all the same.
    add_partner("newcomer", "courier")
    with duckdb.connect(str(Home(installation).warehouse), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        planned = con.execute("SELECT max(as_of) FROM landing.submission").fetchone()
        found = set(con.execute(f"SELECT {FACTS} FROM marts.fct_due").fetchall())
    assert planned
    expected = {_facts(one) for one in due_of_all(end_of(planned[0].date())) if one.partner_id != "newcomer"}
    assert found
    assert found == expected


def _owed(cadences: Cadences, party: Party) -> dict[str, str | None]:
    return {feed: cadence for feed, (senders, cadence) in cadences.items() if party.role in senders}


def _world(draw: random.Random, cadences: Cadences, now: dt.datetime) -> World:
    """One partner of each role in each zone, with agreements, days of their own and sendings of every kind, many right at a limit."""
    world = []
    for zone in ZONES:
        for role in ROLES:
            party = Party(f"{role}-{zone.replace('/', '-').lower()}", role, zone)
            owed = _owed(cadences, party)
            days = {feed: _day(draw) for feed in owed if draw.random() < 0.2}
            dated = {feed: Day(weekly(cadence), None) for feed, cadence in owed.items() if cadence} | days
            sent = [_sent(draw, party, feed, day, now, number) for feed, day in dated.items() for number in range(draw.randrange(4))]
            terms = [_term(draw, now) for _ in range(draw.choice([0, 0, 1, 2]))]
            world.append((party, terms, sent, days))
    return world


def _day(draw: random.Random) -> Day:
    clock = dt.time.fromisoformat(draw.choice(["00:30", "02:30", "09:00", "23:45"]))
    return Day(Schedule(draw.randrange(7), clock), draw.choice([None, *ZONES]))


def _sent(draw: random.Random, party: Party, feed: str, day: Day, now: dt.datetime, number: int) -> Sent:
    last, following = around(day.schedule, now, day.zone or party.time_zone)
    limits = [last.opens_at, last.due_at, following.opens_at, following.due_at, now]
    at = draw.choice([draw.choice(limits) + draw.choice([-TICK, 0 * TICK, TICK]), now - dt.timedelta(hours=draw.uniform(-12, 24 * 17))])
    return Sent(f"{party.partner_id} {feed} {number}", feed, at, draw.random() < 0.8)


def _term(draw: random.Random, now: dt.datetime) -> Term:
    first = now.date() + dt.timedelta(days=draw.randrange(-30, 10))
    last = draw.choice([None, first + dt.timedelta(days=draw.randrange(40))])
    return Term(first, last, now - dt.timedelta(days=draw.randrange(40)))


def _mart(compiled: Compiled, world: World, day: str, clock: str) -> set[tuple[Any, ...]]:
    con = open_memory()
    now = end_of(dt.date.fromisoformat(day))
    tables: dict[str, list[tuple[Any, ...]]] = {
        "stg_partner": [(party.partner_id, party.partner_id, party.role, party.time_zone, "p", True) for party, *_ in world],
        "int_feeds__due_days": [
            (party.partner_id, feed, agreed.schedule.weekday + 1, f"{agreed.schedule.clock:%H:%M:%S}", agreed.zone, [])
            for party, _, _, days in world
            for feed, agreed in days.items()
        ],
        "int_feeds__terms": [
            (party.partner_id, term.valid_from, term.valid_to, term.known_at) for party, terms, *_ in world for term in terms
        ],
        "int_feeds__sendings": [
            (one.submission_id, party.partner_id, one.feed, one.is_accepted, one.sent_at)
            for party, _, sent, _ in world
            for one in sent
            if one.sent_at < now
        ],
    }
    for name, rows in tables.items():
        schema = "staging" if name.startswith("stg_") else "intermediate"
        columns = [part.split()[0] for part in SHAPES[name].split(", ")]
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        con.execute(f"CREATE TABLE {schema}.{name} ({SHAPES[name]})")
        con.register("given", pa.table({column: [row[place] for row in rows] for place, column in enumerate(columns)}))
        con.execute(f"INSERT INTO {schema}.{name} BY NAME SELECT * FROM given")
    code = next(node["compiled_code"] for node in compiled.nodes.values() if node["name"] == "fct_due")
    # The day and the clock stand in the compiled text; a compilation for each would take minutes.
    assert PLANNING_DATE in code
    assert "'12:00:00'" in code
    return set(con.execute(f"SELECT {FACTS} FROM ({code.replace(PLANNING_DATE, day).replace('12:00:00', f'{clock}:00')})").fetchall())


def _facts(one: Deadline) -> tuple[Any, ...]:
    return (one.partner_id, one.feed, one.which, one.due_at, one.is_owed, one.state, one.answered_at, one.submission_id)
