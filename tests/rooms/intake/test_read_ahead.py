"""A large table of text is staged while its bytes are hashed and copied: the answer is the one that reading it afterwards would give."""

from __future__ import annotations

import os
import time
from dataclasses import astuple, replace
from typing import TYPE_CHECKING

import pytest
from door_files import AS_OF, HEADER, forecast, week
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_project import intake, register
from dagster_project.intake import first_pass, handling, limits
from dagster_project.intake.judging import verdicts
from dagster_project.intake.reading.content import look_at
from tests.fuzzing import examples

if TYPE_CHECKING:
    from pathlib import Path

GOOD = forecast(week(48), week(49, comment="a b"), week(50))
ODD = {
    "good": GOOD,
    "no last line feed": GOOD.rstrip(),
    "returns alone": GOOD.replace(b"\n", b"\r"),
    "returns and line feeds": GOOD.replace(b"\n", b"\r\n"),
    "a return in a cell": GOOD.replace(b"a b", b'"a \r b"'),
    "a line feed in a cell": GOOD.replace(b"a b", b'"a \n b"'),
    "a lone quotation mark": GOOD.replace(b"a b", b'a " b'),
    "cells in quotation marks": GOOD.replace(b"a b", b'"a b"'),
    "a NUL": GOOD.replace(b"a b", b"a \0 b"),
    "a cell too many": GOOD.replace(b"a b", b"a,b"),
    "blank lines": GOOD.replace(b"\n", b"\n\n"),
    "no number": forecast(week(48), week(49, patients="many")),
    "twice the same key": forecast(week(48), week(49), week(48)),
    "another header": GOOD.replace(b"hospital_id", b"patient_name"),
    "a header alone": HEADER.encode(),
    "a title above": b"Forecast of the north\n" + GOOD,
    "letters of Windows": GOOD.replace(b"a b", b"\xe9t\xe9"),
}


@pytest.fixture
def _all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEINWAY_WORKERS", "0")
    monkeypatch.setattr(limits, "SMALL_FILE_BYTES", 0)
    monkeypatch.setattr(limits, "SCAN_FROM_BYTES", 0)
    monkeypatch.setattr(limits, "MAX_HEADER_BYTES", len(HEADER) + 30)


def _told(path: Path) -> tuple[object, ...]:
    return astuple(replace(intake.check(path, feed="demand_forecast", as_of=AS_OF), received_at=""))


def _require_same_answer(path: Path) -> None:
    ahead = _told(path)
    with pytest.MonkeyPatch.context() as patch:
        for module in (first_pass, handling):
            patch.setattr(module, "reads_ahead", lambda _: False)
        assert ahead == _told(path)


@pytest.mark.usefixtures("_all_are_large")
@pytest.mark.parametrize("name", ODD)
def test_the_answer_is_that_of_reading_it_afterwards(state: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "forecast.csv"
    path.write_bytes(ODD[name])
    _require_same_answer(path)


@pytest.mark.fuzz(reader="text")
@pytest.mark.usefixtures("_all_are_large")
def test_whatever_is_changed_in_it_the_answer_is_the_same(state: Path, tmp_path: Path) -> None:
    path = tmp_path / "forecast.csv"
    places = st.integers(0, len(GOOD))
    pieces = st.sampled_from([b'"', b"\0", b"\r", b"\n", b",", b";", b"\xff", b" ", b""])

    @given(changes=st.lists(st.tuples(places, st.integers(0, 3), pieces), min_size=1, max_size=4))
    @settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
    def holds(changes: list[tuple[int, int, bytes]]) -> None:
        data = GOOD
        for place, length, piece in changes:
            data = data[:place] + piece + data[place + length :]
        path.write_bytes(data or b"x")
        _require_same_answer(path)

    holds()


@pytest.mark.usefixtures("_all_are_large")
@pytest.mark.parametrize("has_nameless", [True, False])
def test_a_large_file_is_kept_as_it_was_sent_and_known_again(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_nameless: bool
) -> None:
    if not has_nameless:
        monkeypatch.setattr("dagster_project.intake.keeping.files.Pending.nameless", lambda _: None)
    path = tmp_path / "forecast.csv"
    path.write_bytes(GOOD)
    receipt = intake.submit(path, partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
    assert (receipt.status, receipt.is_repeat) == ("accepted", False)
    assert (state / "raw" / receipt.sha256[:2] / receipt.sha256).read_bytes() == GOOD
    assert register.verify() == []
    again = intake.submit(path, partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
    assert (again.is_repeat, again.submission_id, len(register.submissions())) == (True, receipt.submission_id, 1)
    assert not list((state / "pending").iterdir())
    register.add_partner("south-hospital", "hospital")
    assert intake.submit(path, partner="south-hospital", feed="demand_forecast", as_of=AS_OF).status == "accepted"
    assert register.verify() == []


@pytest.mark.usefixtures("_all_are_large")
def test_a_register_that_knows_the_file_ends_the_reading(state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEINWAY_WORKERS", "1")
    path = tmp_path / "forecast.csv"
    path.write_bytes(GOOD)
    answers = [intake.submit(path, partner="north-hospital", feed="demand_forecast", as_of=AS_OF) for _ in range(3)]
    assert [answer.is_repeat for answer in answers] == [False, True, True]
    assert len({answer.submission_id for answer in answers}) == 1


def test_a_file_looks_unchanged_only_when_that_is_certain(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"one")
    fresh = look_at(path)
    settled = replace(fresh, at=time.time_ns() + 60_000_000_000)
    assert (fresh.is_still(path), settled.is_still(path)) == (False, True)
    path.write_bytes(b"two")
    os.utime(path, ns=(fresh.changed[0], fresh.changed[0]))
    assert not settled.is_still(path)


@pytest.mark.parametrize("most", [1, 2, 100])
def test_keys_are_compared_in_shares_that_fit_in_memory(state: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setenv("VEINWAY_WORKERS", "0")
    monkeypatch.setattr(verdicts, "MOST_HASHES", most)
    clean, twice = (
        intake.check(forecast(*map(week, weeks)), feed="demand_forecast", as_of=AS_OF) for weeks in ((48, 49, 50), (48, 49, 50, 49))
    )
    assert clean.status == "accepted"
    assert [(refusal.row, refusal.rule) for refusal in twice.refusals] == [(5, "key")]
