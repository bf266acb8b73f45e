"""Workers: whatever a parser does, its worker is replaced, the door answers, and the next piece of work is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import wait
from pathlib import Path

import pytest
import workshop_jobs as jobs
from door_files import AS_OF, forecast, week

from dagster_project import intake, register
from dagster_project.home import PROJECT_ROOT
from dagster_project.intake import engine, limits, workshop
from dagster_project.intake.workshop import UnfinishedError, run

SECRET = "Jane Doe, 14 March 1961"
LONG = 60.0

pytestmark = pytest.mark.usefixtures("workers")


@pytest.fixture(autouse=True)
def _own_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that find the jobs of these tests, also where the tests' own process has threads and so cannot fork."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    for worker in workshop.BENCHES.pop(os.getpid(), workshop._Bench(threading.Semaphore())).waiting:
        worker.stop()


@pytest.fixture(params=["forked", "launched"])
def _started(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of both kinds: of a command, and of a program with threads."""
    monkeypatch.setattr(workshop, "_may_fork", lambda: request.param == "forked")


def test_a_program_that_holds_much_can_still_fork_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "_may_fork", lambda: True)
    monkeypatch.setattr(limits, "WORKER_EXTRA_BYTES", 256 * limits.MEGABYTE)
    monkeypatch.setenv("VEINWAY_WORKERS", "1000")
    held = bytearray(os.urandom(1)) * (1_024 * limits.MEGABYTE)
    assert run(jobs.echo, "ready", seconds=LONG) == "ready"
    assert len(held)


@pytest.mark.usefixtures("_started")
@pytest.mark.parametrize(
    ("work", "arguments", "why"),
    [
        (jobs.hang_deaf, (), "time"),
        (jobs.crash, (), "crash"),
        (jobs.leave, (), "crash"),
        (jobs.hoard, (), "memory"),
        (jobs.hoard_natively, (), "memory"),
        (jobs.stumble, (SECRET,), "crash"),
        (jobs.panic, (SECRET,), "crash"),
        (jobs.unpicklable, (), "crash"),
    ],
)
def test_work_that_goes_wrong_is_stopped_and_the_next_is_done(work, arguments, why, monkeypatch: pytest.MonkeyPatch) -> None:
    # A limit that a parser reaches at once, and that is far enough for the memory of the test's own process, which a fork takes along.
    monkeypatch.setattr(limits, "WORKER_EXTRA_BYTES", 1_024 * limits.MEGABYTE)
    monkeypatch.setenv("VEINWAY_WORKERS", "1000")
    assert run(jobs.echo, "ready", seconds=LONG) == "ready"
    with pytest.raises(UnfinishedError) as stopped:
        run(work, *arguments, seconds=0.2 if why == "time" else LONG)
    assert stopped.value.why == why
    assert SECRET not in str(stopped.value)
    assert run(jobs.echo, "still there", seconds=LONG) == "still there"


def test_where_it_stumbled_is_told_without_the_value() -> None:
    with pytest.raises(UnfinishedError, match=r"KeyError at tests/rooms/intake/workshop_jobs.py:\d+") as stopped:
        run(jobs.stumble, SECRET, seconds=LONG)
    assert SECRET not in str(stopped.value)


def test_what_is_found_out_meanwhile_reaches_the_work() -> None:
    assert run(jobs.echo_word, "first", seconds=LONG, meanwhile=os.getpid) == ("first", os.getpid())


def test_a_word_that_nobody_asked_for_is_not_taken_for_work() -> None:
    for turn in range(3):
        assert run(jobs.deaf, turn, seconds=LONG, meanwhile=lambda: "unheard") == turn


def test_trouble_meanwhile_ends_the_work_and_is_passed_on() -> None:
    def trouble() -> object:
        raise OSError(28, "No space left on device")

    first = run(jobs.pid, seconds=LONG)
    with pytest.raises(OSError, match="No space left"):
        run(jobs.echo_word, "first", seconds=LONG, meanwhile=trouble)
    assert run(jobs.pid, seconds=LONG) != first


def test_without_workers_what_is_found_out_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEINWAY_WORKERS", "0")
    assert run(jobs.echo_word, "first", seconds=LONG, meanwhile=lambda: "word") == ("first", "word")


def test_trouble_with_the_disk_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as trouble:
        run(jobs.no_room, tmp_path, seconds=LONG)
    assert (trouble.value.errno, trouble.value.filename) == (28, str(tmp_path))


def test_a_worker_is_kept(state: Path) -> None:
    assert run(jobs.pid, seconds=LONG) == run(jobs.pid, seconds=LONG) != os.getpid()


def test_a_worker_that_died_while_it_waited_is_replaced() -> None:
    first = run(jobs.pid, seconds=LONG)
    worker = workshop._bench().waiting[-1]
    os.kill(first, signal.SIGKILL)
    wait([worker.line], timeout=60)
    assert run(jobs.pid, seconds=LONG) != first


def test_at_most_so_many_work_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "BENCHES", {})
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    with ThreadPoolExecutor(8) as senders:
        found = set(senders.map(lambda _: run(jobs.pid, seconds=LONG), range(40)))
    assert 1 <= len(found) <= 2


def test_a_worker_says_nothing_and_holds_nothing_of_its_parent(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / "held").open("wb"):
        run(jobs.speak, tmp_path / "spoke", seconds=LONG)
        held = run(jobs.open_files, seconds=LONG)
    assert (tmp_path / "spoke").exists()
    assert capfd.readouterr() == ("", "")
    assert str(tmp_path / "held") not in held


def test_with_threads_a_worker_is_no_fork() -> None:
    waits, goes = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: (goes.set(), waits.wait()))
    thread.start()
    goes.wait()
    assert not workshop._may_fork()
    waits.set()
    thread.join()


def test_a_main_script_is_not_run_again_by_its_workers(tmp_path: Path) -> None:
    script = tmp_path / "page.py"
    script.write_text(
        "import threading, os\n"
        "print('the page', flush=True)\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "from dagster_project.intake.workshop import run\n"
        "print(run(os.getpid, seconds=60) != os.getpid(), flush=True)\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT), "VEINWAY_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "the page\nTrue\n", "")


@pytest.mark.parametrize(
    ("work", "rule"), [(jobs.hang, "too_complex"), (jobs.hoard_natively, "too_complex"), (jobs.crash, "reader_failed")]
)
def test_the_sender_is_told_what_to_do_and_may_send_again(work, rule, state: Path, monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    data = forecast(week(48))
    with monkeypatch.context() as patch:
        patch.setattr(limits, "READ_SECONDS", 0.2 if work is jobs.hang else 60)
        patch.setattr(intake.door, "run", lambda _, *__, seconds, **___: run(work, seconds=seconds))
        refused = intake.submit(data, partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
        assert intake.check(data, feed="demand_forecast", as_of=AS_OF).refusals == refused.refusals
    assert (refused.status, [refusal.rule for refusal in refused.refusals]) == ("refused", [rule])
    assert "CSV" in refused.message
    assert refused.submission_id in caplog.text
    assert register.submissions() == []
    assert intake.submit(data, partner="north-hospital", feed="demand_forecast", as_of=AS_OF).status == "accepted"


def test_a_receipt_is_the_same_from_a_worker_and_from_this_process(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = forecast(week(48), week(49, patients="many"), week(50))
    told = [intake.check(data, feed="demand_forecast", as_of=AS_OF)]
    monkeypatch.setenv("VEINWAY_WORKERS", "0")
    told.append(intake.check(data, feed="demand_forecast", as_of=AS_OF))
    assert len({(one.status, one.message, one.refusals, one.format) for one in told}) == 1


def test_a_worker_uses_the_state_folder_of_whoever_asks(state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    intake.submit(forecast(week(48)), partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path / "other"))
    register.add_partner("north-hospital", "hospital")
    assert not intake.submit(forecast(week(48)), partner="north-hospital", feed="demand_forecast", as_of=AS_OF).is_repeat
    assert len(list((tmp_path / "other" / "landing").rglob("*.parquet"))) == 1


def test_the_number_of_workers_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEINWAY_WORKERS", "many")
    with pytest.raises(ValueError, match="VEINWAY_WORKERS is 'many'; write a whole number"):
        engine.workers()
    monkeypatch.delenv("VEINWAY_WORKERS")
    assert engine.workers() == os.cpu_count()


@pytest.mark.parametrize("size", ["small", "large"])
def test_nothing_is_written_for_a_file_that_names_a_person(state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    if size == "large":
        monkeypatch.setattr(limits, "SMALL_FILE_BYTES", 0)
    path = tmp_path / "forecast.csv"
    path.write_bytes(forecast(week(48, comment="jane.doe@example.org")))
    receipt = intake.submit(path, partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
    assert receipt.status == "refused"
    assert not [file for file in state.rglob("*") if file.is_file() and not file.name.startswith("register")]
