"""The register on PostgreSQL gives what it gives on SQLite: one submission per file, one chain, every change found."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from dagster_project import intake, register
from dagster_project.register import RegisterUnavailableError
from dagster_project.register.tables import METADATA

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC)
ROWS = "hospital_id,therapy_code,week_start_date,category,patients,basis\n9501101530003,CART-101,2026-W48,commercial,{},pipeline\n"
SENDERS = 50

# The test server is started once for all tests of a worker.
pytestmark = [pytest.mark.usefixtures("on_postgresql"), pytest.mark.xdist_group("postgresql")]


def send(patients: object) -> intake.Receipt:
    register.open_register()
    return intake.submit(ROWS.format(patients).encode(), partner="north-hospital", feed="demand_forecast", as_of=AS_OF)


def at_once(work) -> list:
    starts = threading.Barrier(SENDERS)

    def start(number: int) -> object:
        starts.wait()
        return work(number)

    with ThreadPoolExecutor(SENDERS) as senders:
        return list(senders.map(start, range(SENDERS)))


def test_it_is_postgresql_that_is_asked() -> None:
    assert register.open_register().dialect.name == "postgresql"
    with register.reading(register.open_register()) as connection:
        found = connection.execute(text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")).scalar_one()
    assert found == len(METADATA.tables)


def test_a_submission_its_version_and_its_repeat(state: Path) -> None:
    register.add_partner("north-hospital", "hospital")
    first, second, refused, again = send(3), send(4), send("many"), send(3)
    assert (first.status, second.supersedes, refused.status) == ("accepted", first.submission_id, "refused")
    assert (again, again.is_repeat) == (first, True)
    assert [row["submission_id"] for row in register.submissions(statuses=["refused"])] == [refused.submission_id]
    assert register.submissions()[0]["as_of"] == AS_OF
    assert register.verify() == []


def test_tables_made_by_many_at_once() -> None:
    assert at_once(lambda _: register.partners()) == [{}] * SENDERS


def test_fifty_senders_with_files_of_their_own_and_with_one(state: Path) -> None:
    register.add_partner("north-hospital", "hospital")
    assert {receipt.status for receipt in at_once(lambda number: send(number + 1))} == {"accepted"}
    same = at_once(lambda _: send(1_000))
    assert all(receipt == same[0] for receipt in same)
    assert len(register.submissions()) == SENDERS + 1
    assert register.verify() == []


def test_a_changed_row_is_found(state: Path) -> None:
    register.add_partner("north-hospital", "hospital")
    receipt = send(3)
    with register.writing(register.open_register()) as connection:
        connection.execute(text("UPDATE submission SET rows_accepted = 2"))
    (finding,) = register.verify()
    assert (finding.subject, "rows_accepted was changed" in finding.problem) == (f"submission {receipt.submission_id}", True)


def test_a_server_that_stops_in_between_is_said_and_a_retry_is_whole(state: Path) -> None:
    register.add_partner("north-hospital", "hospital")
    stop = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with (
        pytest.raises(RegisterUnavailableError, match="send the same file again"),
        register.writing(register.open_register()) as connection,
    ):
        connection.execute(stop)
    assert send(3).status == "accepted"
    assert register.verify() == []


def test_connections_that_a_restart_cut_are_made_anew(state: Path, postgresql: str) -> None:
    import psycopg  # noqa: PLC0415 - only where there is a server

    register.add_partner("north-hospital", "hospital")
    with psycopg.connect(postgresql.format("postgres").replace("+psycopg", ""), autocommit=True) as other:
        cut = other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'register%'").fetchall()
    assert cut
    assert register.partners() == {"north-hospital": "hospital"}


def test_what_a_file_holds_is_purged(state: Path) -> None:
    register.add_partner("north-hospital", "hospital")
    refused = send("-7")
    assert register.purge(refused.submission_id, reason="a test", remove=lambda _: None) == 1
    assert register.verify() == []
