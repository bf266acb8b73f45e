"""Whatever the disk or the register does, nothing is half accepted, the sender reads a sentence, and sending again makes one submission."""

from __future__ import annotations

import errno
import os
import resource
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from door_files import AS_OF, forecast, week
from sqlalchemy import event

from dagster_project import intake, register
from dagster_project.intake.keeping import files, landing
from dagster_project.intake.keeping.files import NotKeptError
from dagster_project.register import RegisterUnavailableError, store

FILE = forecast(week(48), week(49, patients="many"), week(50))
VEINWAY = Path(sys.executable).with_name("veinway")


def send() -> intake.Receipt:
    return intake.submit(FILE, partner="north-hospital", feed="demand_forecast", as_of=AS_OF)


def require_nothing_half_accepted_and_a_whole_retry(state: Path) -> None:
    assert register.submissions() == []
    assert register.verify() == []
    assert not list(state.glob("pending/*"))
    assert send().status == "partly_accepted"
    assert send().is_repeat
    assert len(register.submissions()) == 1
    assert register.verify() == []
    assert sum(path.is_file() for folder in ("landing", "refused", "raw") for path in (state / folder).rglob("*")) == 3


def failing(real, number: int, call: int):
    """The same function, whose call of this number meets a trouble with the disk."""
    calls = 0

    def meets(*arguments, **options):
        nonlocal calls
        calls += 1
        if calls == call:
            raise OSError(number, os.strerror(number), str(arguments[0]))
        return real(*arguments, **options)

    return meets


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO], ids=errno.errorcode.get)
@pytest.mark.parametrize(
    ("owner", "name", "call"),
    [(os, "mkdir", 1), (os, "mkdir", 3), (landing, "write_chunks", 1), (landing, "seal", 1), (landing, "seal", 2), (os, "fsync", 1)]
    + [(os, "replace", call) for call in (1, 2, 3)],
    ids=lambda value: str(getattr(value, "__name__", value)).rpartition(".")[2],
)
def test_a_disk_that_does_not_take_it(state: Path, monkeypatch: pytest.MonkeyPatch, owner, name: str, call: int, number: int) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, failing(getattr(owner, name), number, call))
        with pytest.raises(NotKeptError, match=f"could not be kept: {os.strerror(number)} .*send the same file again"):
            send()
    require_nothing_half_accepted_and_a_whole_retry(state)


def test_duckdb_without_room_is_trouble_with_the_disk(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_, **__):
        raise duckdb.IOException('IO Error: Could not write file "/somewhere": No space left on device')

    with monkeypatch.context() as patch:
        patch.setattr(landing, "_copy", full)
        with pytest.raises(NotKeptError, match="No space left on device"):
            send()
    require_nothing_half_accepted_and_a_whole_retry(state)


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize("most_bytes", [1_000, 120_000])
def test_the_command_says_it_in_a_sentence(state: Path, tmp_path: Path, most_bytes: int) -> None:
    """The kernel refuses every file above a size, first the register's own, then the raw bytes: as a full disk does."""
    path = tmp_path / "forecast.csv"
    path.write_bytes(forecast(*(week(48, comment=f"site {number} of many") for number in range(4_000))))
    command = [str(VEINWAY), "submit", str(path), "--partner", "north-hospital", "--feed", "demand_forecast"]
    limited = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes,) * 2),
    )
    assert limited.returncode == 1
    assert "Usage" not in limited.stderr
    assert "send the same file again" in limited.stderr
    assert "Traceback" not in limited.stderr + limited.stdout
    assert register.submissions() == []
    assert subprocess.run(command, capture_output=True, check=False).returncode in (3, 4)
    assert len(register.submissions()) == 1
    assert register.verify() == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch):
    """A register that waits for nobody, so that no test has to."""
    monkeypatch.setattr(store, "BUSY_SECONDS", 0)
    register.close_registers()
    yield
    register.close_registers()


@pytest.mark.usefixtures("impatient")
def test_a_register_locked_by_another(state: Path) -> None:
    with closing(sqlite3.connect(state / "register.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RegisterUnavailableError, match=r"does not answer: database is locked.*send the same file again"):
            send()
    require_nothing_half_accepted_and_a_whole_retry(state)


def test_a_register_that_may_not_be_written_is_said_at_once(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register.open_register()
    register.close_registers()
    with closing(sqlite3.connect(state / "other.sqlite")) as other:
        other.execute("CREATE TABLE one (number)")
    start = time.monotonic()
    with closing(sqlite3.connect(f"file:{state}/other.sqlite?mode=ro", uri=True)) as other, pytest.raises(sqlite3.OperationalError):
        store._switch_to_wal(other)
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != state)
    with pytest.raises(RegisterUnavailableError, match=rf"this user may not write {state}\. Nothing was changed\. .*VEINWAY_HOME"):
        send()
    assert time.monotonic() - start < 5
    monkeypatch.undo()


def test_a_server_that_does_not_answer_is_waited_for_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.setattr(store, "CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        with pytest.raises(RegisterUnavailableError, match=r"does not answer: .*timeout"):
            register.open_register(f"postgresql+psycopg://veinway@127.0.0.1:{silent.getsockname()[1]}/register")
        assert time.monotonic() - start < 30


def test_a_register_that_fails_after_the_files_are_in_place(state: Path) -> None:
    """As when the disk is full exactly then: the files wait for the retry, and no submission names them."""

    def full(_, __, statement: str, *___) -> None:
        if statement.startswith("INSERT INTO submission"):
            raise sqlite3.OperationalError("database or disk is full")

    event.listen(register.open_register(), "before_cursor_execute", full)
    with pytest.raises(RegisterUnavailableError, match=r"database or disk is full.*send the same file again"):
        send()
    event.remove(register.open_register(), "before_cursor_execute", full)
    require_nothing_half_accepted_and_a_whole_retry(state)


def test_a_damaged_register_is_said_to_be(state: Path) -> None:
    send()
    register.open_register().dispose()
    with (state / "register.sqlite").open("r+b") as file:
        file.write(b"nothing that SQLite knows")
    register.close_registers()
    with pytest.raises(RegisterUnavailableError, match=r"register.sqlite does not answer: file is not a database"):
        send()


def test_a_register_that_is_not_there(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.setenv("VEINWAY_REGISTER_URL", "postgresql+psycopg://veinway:hunter2@127.0.0.1:1/register")
    with pytest.raises(RegisterUnavailableError, match=r"does not answer: .*refused") as told:
        send()
    assert "hunter2" not in str(told.value)
    monkeypatch.delenv("VEINWAY_REGISTER_URL")
    assert send().status == "partly_accepted"


def test_a_state_folder_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path / "file" / "state"))
    with pytest.raises(OSError, match="Not a directory"):
        send()


def test_what_a_killed_process_left_is_removed_by_the_next(state: Path) -> None:
    left = state / "pending" / "0123"
    left.mkdir(parents=True)
    (left / "rows").write_bytes(b"half a file")
    files._clear_once.cache_clear()
    assert files.abandoned() == [left]
    send()
    assert not left.exists()


def test_what_a_living_process_is_writing_is_left_alone(state: Path) -> None:
    with files.pending() as mine:
        mine.new(state / "landing" / "x").touch()
        assert files.abandoned() == []
        assert files.clear_abandoned() == 0
        assert mine.folder.is_dir()
