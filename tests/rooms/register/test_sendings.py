"""That something came is on record each time, also when its bytes were here before; and the ledger finds any change of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from dagster_project import intake, register

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine import Engine

MONDAY = dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC)
TUESDAY = MONDAY + dt.timedelta(days=1)
FILE = b"hospital_id,therapy_code,week_start_date,category,patients,basis\n9501101530003,CART-101,2026-W48,commercial,3,pipeline\n"


@pytest.fixture(autouse=True)
def _partner(state: Path) -> None:
    del state
    register.add_partner("north-hospital", "hospital")


def send(as_of: dt.datetime | None, name: str = "plan.csv") -> intake.Receipt:
    return intake.submit(FILE, partner="north-hospital", feed="demand_forecast", file_name=name, as_of=as_of)


def came() -> list[tuple[dt.datetime, str]]:
    return [(row["sent_at"], row["file_name"]) for row in register.sendings()]


def test_the_same_bytes_again_are_one_submission_and_another_sending() -> None:
    first, again = send(MONDAY), send(TUESDAY, "the same.csv")
    assert (again, again.is_repeat) == (first, True)
    assert len(register.submissions()) == 1
    assert came() == [(MONDAY, "plan.csv"), (TUESDAY, "the same.csv")]
    assert register.verify() == []


def test_a_replay_run_again_adds_no_sending() -> None:
    for _ in range(3):
        send(MONDAY)
    assert came() == [(MONDAY, "plan.csv")]
    assert register.verify() == []


def test_a_file_that_waited_came_when_it_came() -> None:
    earlier = dt.datetime.now(dt.UTC) - dt.timedelta(hours=3)
    receipt = intake.submit(FILE, partner="north-hospital", feed="demand_forecast", way_in="drop", sent_at=earlier)
    [sending] = register.sendings()
    assert (sending["sent_at"], sending["way_in"]) == (earlier, "drop")
    assert sending["received_at"] == dt.datetime.fromisoformat(receipt.received_at)
    assert register.verify() == []


def test_nothing_came_later_than_now() -> None:
    receipt = intake.submit(FILE, partner="north-hospital", feed="demand_forecast", sent_at=dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
    assert came()[0][0] == dt.datetime.fromisoformat(receipt.received_at)


def test_a_stranger_leaves_no_sending() -> None:
    intake.submit(FILE, partner="stranger", feed="demand_forecast")
    assert came() == []


def test_a_submission_from_before_sendings_were_kept_came_once(engine: Engine) -> None:
    send(MONDAY)
    with register.writing(engine) as connection:
        connection.execute(text("DELETE FROM sending"))
    assert came() == [(MONDAY, "plan.csv")]
    assert register.verify() == []


def test_only_what_came_before_a_moment_is_told() -> None:
    send(MONDAY)
    send(TUESDAY)
    assert len(register.sendings(before=TUESDAY)) == 1
    assert register.sendings(partner="somebody-else") == []


def test_a_replay_is_told_from_the_present() -> None:
    send(MONDAY)
    assert register.is_replayed(TUESDAY)
    assert not register.is_replayed(MONDAY)
    intake.submit(FILE.replace(b",3,", b",4,"), partner="north-hospital", feed="demand_forecast")
    assert not register.is_replayed(dt.datetime.now(dt.UTC) + dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("DELETE FROM sending WHERE file_name = 'the same.csv'", "was removed"),
        ("UPDATE sending SET way_in = 'api' WHERE file_name = 'the same.csv'", "was changed"),
        ("UPDATE sending SET sent_at = '2026-11-10T08:00:00.000000Z' WHERE file_name = 'the same.csv'", "has no entry in the ledger"),
        (
            "INSERT INTO sending SELECT submission_id, '2026-11-09T08:00:00.000000Z', received_at, file_name, way_in FROM sending LIMIT 1",
            "has no entry in the ledger",
        ),
    ],
)
def test_a_changed_sending_is_found(engine: Engine, sql: str, problem: str) -> None:
    send(MONDAY)
    send(TUESDAY, "the same.csv")
    with register.writing(engine) as connection:
        connection.execute(text(sql))
    assert [finding for finding in register.verify() if problem in finding.problem]
