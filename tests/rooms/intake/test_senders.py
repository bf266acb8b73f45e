"""Fifty senders at once: each file is one submission, however many send it, and the ledger is one chain."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from door_files import AS_OF, forecast, week
from sqlalchemy import func, select

from dagster_project import intake, register
from dagster_project.register.tables import LEDGER_ENTRY

if TYPE_CHECKING:
    from pathlib import Path

SENDERS = 50
PROCESSES = 4
pytestmark = pytest.mark.usefixtures("workers")


def file_of(number: int) -> bytes:
    """Good and bad files, each of its own content."""
    return forecast(week(48, comment=f"site {number}"), week(49, patients="many" if number % 3 else "3"), week(50))


def send(number: int) -> tuple[str, str, bool]:
    receipt = intake.submit(file_of(number), partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
    return receipt.submission_id, receipt.status, receipt.is_repeat


def require_one_submission_each(state: Path, count: int) -> None:
    assert len(register.submissions()) == count
    assert register.verify() == []
    with register.reading(register.open_register()) as connection:
        assert connection.execute(select(func.count()).where(LEDGER_ENTRY.c.kind == "receipt")).scalar_one() == count
    assert len([path for path in (state / "landing").rglob("*") if path.is_file()]) == count
    assert not list((state / "pending").iterdir())


def test_fifty_threads_with_files_of_their_own(state: Path) -> None:
    starts = threading.Barrier(SENDERS)

    def at_once(number: int) -> tuple[str, str, bool]:
        starts.wait()
        return send(number)

    with ThreadPoolExecutor(SENDERS) as senders:
        answers = list(senders.map(at_once, range(SENDERS)))
    assert [status for _, status, _ in answers] == ["partly_accepted" if number % 3 else "accepted" for number in range(SENDERS)]
    assert len({submission_id for submission_id, _, _ in answers}) == SENDERS
    require_one_submission_each(state, SENDERS)


def test_fifty_threads_with_one_file(state: Path) -> None:
    starts = threading.Barrier(SENDERS)

    def at_once(_: int) -> dict[str, object]:
        starts.wait()
        return intake.submit(file_of(1), partner="north-hospital", feed="demand_forecast", as_of=AS_OF).to_dict()

    with ThreadPoolExecutor(SENDERS) as senders:
        answers = list(senders.map(at_once, range(SENDERS)))
    assert all(answer == answers[0] for answer in answers)
    require_one_submission_each(state, 1)


def test_processes_with_files_that_overlap(state: Path) -> None:
    """Every file is sent by two processes."""
    context = multiprocessing.get_context("fork")
    starts, answers = context.Barrier(PROCESSES), context.Queue()

    def send_some(first: int) -> None:
        starts.wait()
        answers.put([send(number) for number in range(first, first + 6)])

    started = [context.Process(target=send_some, args=(place // 2 * 6,)) for place in range(PROCESSES)]
    for process in started:
        process.start()
    told = [answer for _ in started for answer in answers.get(timeout=120)]
    for process in started:
        process.join(timeout=60)
    assert [process.exitcode for process in started] == [0] * PROCESSES
    assert len({submission_id for submission_id, _, _ in told}) == PROCESSES // 2 * 6
    assert {status for _, status, _ in told} == {"accepted", "partly_accepted"}
    require_one_submission_each(state, PROCESSES // 2 * 6)
