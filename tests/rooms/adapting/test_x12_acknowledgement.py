"""The answer to an X12 file in X12 says of every transaction set what became of it, and is itself right X12."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from x12_files import HOSPITAL, SENT_AT, data, forecast, group, interchange, transaction, week, weeks

from dagster_project import register
from dagster_project.cli import veinway
from dagster_project.intake import check, submit
from dagster_project.intake.adapting.x12 import acknowledgement as answers
from dagster_project.intake.adapting.x12.envelope import read

if TYPE_CHECKING:
    from pathlib import Path

GOOD_997 = transaction("997", 1, ["AK1*PS*7", "AK9*A*1*1*1"])


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("VEINWAY_REGISTER_URL", raising=False)
    register.add_partner("north-hospital", "hospital")
    return tmp_path / "state"


def _sent(raw: bytes) -> bytes:
    receipt = submit(raw, partner="north-hospital", feed="demand_forecast", file_name="plan.x12", as_of=SENT_AT)
    return answers.for_submission(receipt.submission_id)


def _body(answer: bytes) -> list[str]:
    """What is said, without the envelope of the answer."""
    segments = [segment for segment in answer.decode().split("~\n") if segment]
    return [segment for segment in segments if segment.split("*")[0] in {"TA1", "AK1", "AK2", "AK3", "AK4", "AK5", "AK9"}]


def _with(segments: list[str], old: str, new: str) -> list[str]:
    assert old in segments
    return [new if segment == old else segment for segment in segments]


FILES = {
    "accepted": (
        forecast(weeks(week(0)), weeks(week(1)), wants_ta1=True),
        ["TA1*000000001*261120*0930*A*000", "AK1*PS*1", "AK2*830*0001", "AK5*A", "AK2*830*0002", "AK5*A", "AK9*A*2*2*2"],
    ),
    "no TA1 unless it is asked for": (forecast(weeks(week(0))), ["AK1*PS*1", "AK2*830*0001", "AK5*A", "AK9*A*1*1*1"]),
    "one row refused": (
        forecast(weeks(week(0), week(1, patients="-1")), weeks(week(2))),
        ["AK1*PS*1", "AK2*830*0001", "AK3*FST*7**8", "AK4*1**7*-1", "AK5*E*5", "AK2*830*0002", "AK5*A", "AK9*E*2*2*2"],
    ),
    "a day that is none": (
        forecast(weeks(week(0), "FST*1*D*W*20261399")),
        ["AK1*PS*1", "AK2*830*0001", "AK3*FST*7**8", "AK4*3**8*W", "AK4*4**8*20261399", "AK5*E*5", "AK9*E*1*1*1"],
    ),
    "something missing": (
        forecast(weeks(week(0), "FST**D*W*20261207")),
        ["AK1*PS*1", "AK2*830*0001", "AK3*FST*7**8", "AK4*1**1", "AK5*E*5", "AK9*E*1*1*1"],
    ),
    "every row of a set refused": (
        forecast(weeks(week(0, patients="-1")), weeks(week(1))),
        ["AK1*PS*1", "AK2*830*0001", "AK3*FST*6**8", "AK4*1**7*-1", "AK5*R*5", "AK2*830*0002", "AK5*A", "AK9*P*2*2*1"],
    ),
    "nothing accepted": (
        forecast(weeks(week(0, patients="-1"))),
        ["AK1*PS*1", "AK2*830*0001", "AK3*FST*6**8", "AK4*1**7*-1", "AK5*R*5", "AK9*R*1*1*0"],
    ),
    "a set with a wrong count": (
        _with(forecast(weeks(week(0)), weeks(week(1))), "SE*8*0001", "SE*9*0001"),
        ["AK1*PS*1", "AK2*830*0001", "AK5*R*4", "AK2*830*0002", "AK5*A", "AK9*P*2*2*1"],
    ),
    "a set of another kind, and an acknowledgement, which is not acknowledged": (
        interchange(
            [group("PS", 1, [transaction("830", 1, weeks(week(0))), transaction("862", 2, ["BSS*00*1"])]), group("FA", 2, [GOOD_997])]
        ),
        ["AK1*PS*1", "AK2*830*0001", "AK5*A", "AK2*862*0002", "AK5*R*1", "AK9*P*2*2*1"],
    ),
    "every set with a fault, nothing kept": (
        _with(forecast(weeks(week(0))), "SE*8*0001", "SE*9*0003"),
        ["AK1*PS*1", "AK2*830*0001", "AK5*R*4*3", "AK9*R*1*1*0"],
    ),
    "a wrong count of sets": (_with(forecast(weeks(week(0))), "GE*1*1", "GE*7*1"), ["AK1*PS*1", "AK9*R*1*0*0*5"]),
    "a wrong interchange": (
        _with(forecast(weeks(week(0))), "IEA*1*000000001", "IEA*1*000000002"),
        ["TA1*000000001*261120*0930*R*001"],
    ),
    "a file that was cut off": (
        forecast(weeks(week(0)))[:-3],
        ["TA1*000000001*261120*0930*R*023", "AK1*PS*1", "AK2*830*0001", "AK5*R*2", "AK9*R*1*1*0*3"],
    ),
    "a person in it": (
        forecast(weeks("PER*SC*Nobody Known", week(0))),
        ["AK1*PS*1", "AK2*830*0001", "AK5*R*5", "AK9*R*1*1*0"],
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_the_answer_says_what_became_of_every_set(case: str, state: Path) -> None:
    segments, expected = FILES[case]
    assert _body(_sent(data(segments))) == expected


@pytest.mark.parametrize("case", FILES)
def test_the_answer_is_right_x12_for_our_reader_and_for_pyx12(case: str, state: Path) -> None:
    answer = _sent(data(FILES[case][0]))
    assert [fault for each in read(answer) for fault in each.all_faults()] == []
    x12file = pytest.importorskip("pyx12.x12file")
    reader = x12file.X12Reader(io.StringIO(answer.decode()))
    names = [segment.get_seg_id() for segment in reader]
    reader.cleanup()
    # An empty AK402 is right: the number of the data element is optional.
    assert reader.pop_errors() == []
    assert (names[0], names[-1]) == ("ISA", "IEA")


def test_it_goes_back_to_whoever_sent_and_is_the_same_every_time(state: Path) -> None:
    receipt = submit(data(forecast(weeks(week(0)))), partner="north-hospital", feed="demand_forecast", as_of=SENT_AT)
    answer = answers.for_submission(receipt.submission_id)
    assert answer == answers.for_submission(receipt.submission_id)
    header = read(answer)[0].header
    assert (header[6].strip(), header[8].strip()) == ("VEINWAY", "NORTHGATE")
    assert header[9] == receipt.received_at[2:10].replace("-", "")


def test_an_answer_to_005010_is_one_of_005010(state: Path) -> None:
    sets = [transaction("830", 1, weeks(week(0)))]
    found = read(_sent(data(interchange([group("PS", 1, sets, version="005010")], version="00501"))))[0]
    assert (found.header[11], found.header[12], found.groups[0].header[8]) == ("^", "00501", "005010")


def test_every_interchange_of_a_file_is_answered_by_its_own(state: Path) -> None:
    one, two = (interchange([group("PS", 1, [transaction("830", 1, weeks(week(at)))])], number=at + 1) for at in (0, 1))
    found = read(_sent(data(one + two)))
    assert len(found) == 2
    assert len({each.header[13] for each in found}) == 2


def test_more_refusals_than_a_receipt_lists_are_all_in_the_answer(state: Path) -> None:
    body = weeks(week(0), *(f"FST*-1*D*W*{day:08}" for day in range(1_200)))
    assert sum(segment.startswith("AK3") for segment in _body(_sent(data(forecast(body))))) == 1_200


def test_a_file_in_an_archive_is_answered_as_if_it_were_in_none(state: Path) -> None:
    segments, expected = FILES["one row refused"]
    assert _body(_sent(gzip.compress(data(segments)))) == expected


def test_a_dry_run_is_answered_too() -> None:
    raw = data(forecast(weeks(week(0))))
    assert "AK5*A" in _body(answers.acknowledgement(check(raw, feed="demand_forecast", as_of=SENT_AT), raw))


def test_what_was_no_x12_has_no_acknowledgement(state: Path) -> None:
    raw = f"hospital_id,therapy_code,week_start_date,category,patients,basis\n{HOSPITAL},CART-101,2026-11-23,trial,1,pipeline\n".encode()
    with pytest.raises(answers.NoAcknowledgementError, match="csv"):
        _sent(raw)


def test_the_command_writes_it_and_says_when_there_is_none(state: Path) -> None:
    receipt = submit(data(forecast(weeks(week(0)))), partner="north-hospital", feed="demand_forecast", as_of=SENT_AT)
    shown = CliRunner().invoke(veinway, ["receipt", receipt.submission_id, "--as", "x12"])
    assert (shown.exit_code, shown.stdout_bytes) == (0, answers.for_submission(receipt.submission_id))
    unknown = CliRunner().invoke(veinway, ["receipt", "0" * 20, "--as", "x12"])
    assert unknown.exit_code == 2
    assert "There is no submission" in unknown.output


@pytest.mark.parametrize(("place", "element", "named"), [("ISA", 6, "MRN 00482011   "), ("GS", 2, "nobody@example.org")])
def test_a_person_in_the_envelope_is_answered_as_rejected_and_not_repeated(state: Path, place: str, element: int, named: str) -> None:
    segments = [segment.split("*") for segment in forecast(weeks(week(0)))]
    for cells in segments:
        if cells[0] == place:
            cells[element] = named
    answer = _sent(data(["*".join(cells) for cells in segments]))
    assert _body(answer) == ["TA1*000000001*261120*0930*R*024"]
    assert named.strip().encode() not in answer
