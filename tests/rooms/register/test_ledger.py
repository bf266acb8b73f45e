"""The ledger finds every change, and says which."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from dagster_project import intake, register

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine import Engine

NOW = dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC)
ROWS = "hospital_id,therapy_code,week_start_date,category,patients,basis\n9501101530003,CART-101,2026-W48,commercial,{},pipeline\n"


@pytest.fixture
def sent(state: Path, engine: Engine) -> list[intake.Receipt]:
    """Three submissions: two accepted, the last refused."""
    del state
    register.add_partner("north-hospital", "hospital", engine=engine)
    return [
        intake.submit(
            ROWS.format(patients).encode(), partner="north-hospital", feed="demand_forecast", as_of=NOW + dt.timedelta(seconds=place)
        )
        for place, patients in enumerate(("3", "4", "many"))
    ]


def change(engine: Engine, sql: str) -> list[str]:
    with register.writing(engine) as connection:
        connection.execute(text(sql))
    return problems()


def problems() -> list[str]:
    return [f"{finding.subject}: {finding.problem}" for finding in register.verify()]


def test_an_untouched_ledger_verifies(sent: list[intake.Receipt]) -> None:
    assert [receipt.status for receipt in sent] == ["accepted", "accepted", "refused"]
    assert problems() == []


def test_a_changed_entry_is_named(sent: list[intake.Receipt], engine: Engine) -> None:
    found = change(engine, "UPDATE ledger_entry SET body_json = replace(body_json, 'north', 'south') WHERE number = 2")
    assert f"ledger entry 2 (receipt {sent[1].submission_id}): was changed after it was written" in found


def test_a_removed_entry_is_named(sent: list[intake.Receipt], engine: Engine) -> None:
    found = change(engine, "DELETE FROM ledger_entry WHERE number = 2")
    assert any("entries 2 to 2 are missing" in problem for problem in found)
    assert f"submission {sent[1].submission_id}: is in the register but has no entry in the ledger" in found


def test_a_cut_off_end_is_noticed(sent: list[intake.Receipt], engine: Engine) -> None:
    del sent
    assert "ledger: should end with entry 3 but ends with entry 2" in change(engine, "DELETE FROM ledger_entry WHERE number = 3")


def test_a_changed_fact_is_shown_with_both_values(sent: list[intake.Receipt], engine: Engine) -> None:
    found = change(engine, f"UPDATE submission SET rows_accepted = 9 WHERE submission_id = '{sent[0].submission_id}'")
    assert found == [f"submission {sent[0].submission_id}: rows_accepted was changed: the ledger says 1, the register 9"]


def test_a_changed_receipt_is_named(sent: list[intake.Receipt], engine: Engine) -> None:
    found = change(engine, f"UPDATE submission SET receipt_json = '{{}}' WHERE submission_id = '{sent[0].submission_id}'")
    assert found == [f"submission {sent[0].submission_id}: receipt text was changed"]


def test_a_removed_submission_is_named(sent: list[intake.Receipt], engine: Engine) -> None:
    found = change(engine, f"DELETE FROM submission WHERE submission_id = '{sent[0].submission_id}'")
    assert found == [f"submission {sent[0].submission_id}: is in the ledger but was removed from the register"]


@pytest.mark.parametrize(("folder", "which"), [("raw", 0), ("landing", 0), ("refused", 2)])
@pytest.mark.parametrize("is_removed", [True, False])
def test_a_touched_file_is_named(sent: list[intake.Receipt], state: Path, folder: str, which: int, *, is_removed: bool) -> None:
    mark = sent[which].sha256 if folder == "raw" else sent[which].submission_id
    path = next(path for path in (state / folder).rglob("*") if path.is_file() and mark in path.name)
    if is_removed:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    found = problems()
    assert len(found) == 1
    assert found[0].startswith(
        f"submission {sent[which].submission_id}: {folder} file {path.relative_to(state)} {'is missing' if is_removed else 'was changed'}"
    )


def append_many(url: str, name: str) -> None:
    engine = register.open_register(url)
    for place in range(25):
        register.append("decision", f"{name}-{place}", {"name": name}, NOW, engine=engine)


def test_writers_at_the_same_time_queue_up_in_one_chain(state: Path, engine: Engine) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=append_many, args=(f"sqlite:///{state / 'register.sqlite'}", name)) for name in ("a", "b", "c")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert register.verify(engine=engine) == []
    with register.reading(engine) as connection:
        assert connection.execute(text("SELECT count(*), max(number) FROM ledger_entry")).one() == (75, 75)


def change_and_fail(engine: Engine) -> None:
    with register.writing(engine) as connection:
        connection.execute(text("UPDATE ledger_entry SET kind = 'changed'"))
        raise RuntimeError


def test_what_fails_halfway_leaves_nothing(engine: Engine) -> None:
    register.append("decision", "first", {}, NOW, engine=engine)
    with pytest.raises(RuntimeError):
        change_and_fail(engine)
    assert register.verify(engine=engine) == []


def test_an_edition_is_recorded_once_with_its_entry(engine: Engine) -> None:
    for _ in range(2):
        register.record_edition("e1", {"rows": 3}, planning_date="2026-11-16", published_at=NOW, engine=engine)
    assert [edition["edition_id"] for edition in register.editions(engine=engine)] == ["e1"]
    with register.reading(engine) as connection:
        assert connection.execute(text("SELECT kind, subject_id FROM ledger_entry")).all() == [("edition", "e1")]


def test_a_time_without_its_zone_is_not_taken(engine: Engine) -> None:
    with pytest.raises(ValueError, match="does not say its zone"):
        register.append("decision", "d", {}, NOW.replace(tzinfo=None), engine=engine)


@pytest.mark.parametrize("name", ["../etc", "North", "a", "a/b", "-a", ""])
def test_a_partner_name_that_is_no_folder_name_is_not_taken(engine: Engine, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a partner"):
        register.add_partner(name, "hospital", engine=engine)


def test_the_register_is_durable_and_waits_for_others(engine: Engine) -> None:
    with register.reading(engine) as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "synchronous", "busy_timeout")
        }
    assert (pragmas["journal_mode"], pragmas["synchronous"]) == ("wal", 2)
    assert pragmas["busy_timeout"] > 0
