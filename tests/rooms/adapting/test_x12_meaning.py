"""An X12 file is never read as what it does not say: purposes, kinds of quantity, units, tests, and values that differ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from x12_files import HEAD_830, HOSPITAL, SENT_AT, data, forecast, group, interchange, isa, transaction, week, weeks

from dagster_project import register
from dagster_project.home import PROJECT_ROOT
from dagster_project.intake import Receipt, check, submit
from dagster_project.intake.adapting.x12 import acknowledgement as answers

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = PROJECT_ROOT / "partner_feeds" / "samples"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("VEINWAY_REGISTER_URL", raising=False)
    register.add_partner("north-hospital", "hospital")
    return tmp_path / "state"


def _answer(segments: list[str], feed: str = "demand_forecast") -> Receipt:
    return check(data(segments), feed=feed, as_of=SENT_AT)


def _changed(sample: str, old: str, new: str, *, all_of_them: bool = False) -> Receipt:
    """The answer to a sample with another segment, or several; see `_with`."""
    return _answer(_with(sample, old, new, all_of_them=all_of_them), sample.partition("/")[0])


def _with(sample: str, old: str, new: str, *, all_of_them: bool = False) -> list[str]:
    """The segments of a sample in which one (or every one that is the same) is another, or several; counts follow."""
    segments = (SAMPLES / sample).read_text(encoding="utf-8").replace("\n", "").split("~")[:-1]
    assert old in segments
    written: list[str] = []
    is_done = False
    for segment in segments:
        is_meant = segment == old and not (is_done and not all_of_them)
        is_done |= is_meant
        written += new.split("~") if is_meant else [segment]
    first = next(place for place, segment in enumerate(written) if segment.startswith("ST*"))
    counted: list[str] = []
    for place, segment in enumerate(written):
        first = place if segment.startswith("ST*") else first
        parts = segment.split("*")
        counted.append(f"SE*{place - first + 1}*{parts[2]}" if parts[0] == "SE" else segment)
    return counted


def _reasons(receipt: Receipt) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(reason.rule, reason.column, reason.found, reason.source_place) for reason in receipt.refusals]


PURPOSES = {
    "BFR*01*": "the purpose (BFR01) 01 (cancellation)",
    "BFR*04*": "the purpose (BFR01) 04 (change)",
    "BFR*16*": "the purpose (BFR01) 16 (proposed)",
    "BFR*QQ*": "the purpose (BFR01) QQ",
    "BFR*Jane Doe*": "the purpose (BFR01) another word",
}


@pytest.mark.parametrize("start", PURPOSES)
def test_a_schedule_is_taken_only_as_an_original_or_a_replacement(start: str) -> None:
    receipt = _answer(forecast([segment.replace("BFR*00*", start) for segment in weeks(week(0), week(1))]))
    assert (receipt.status, receipt.rows_refused) == ("refused", 2)
    assert _reasons(receipt)[0] == ("not_taken", None, PURPOSES[start], "segment 8 (FST)")
    assert receipt.refusals[0].expected == "00 (original) or 05 (replace)"
    assert "Doe" not in str(receipt.to_dict())


@pytest.mark.parametrize("start", ["BFR*00*", "BFR*05*"])
def test_originals_and_replacements_are_plans(start: str) -> None:
    assert _answer(forecast([segment.replace("BFR*00*", start) for segment in weeks(week(0))])).status == "accepted"


UNTAKEN = {
    "cumulative": ("**DL*A*", "**DL*C*", "quantities (BFR05) of the kind C (cumulative)"),
    "unit": ("LIN*1*VP*CART-101", "LIN*1*VP*CART-101~UIT*CA", "the unit (UIT01) CA (case)"),
    "divided": ("CTT*1", "SDQ*EA*92*SITE1*1*SITE2*2~CTT*1", "a quantity that SDQ divides among destinations, in EA"),
    "kind of one quantity": ("*W*20261123", "*W*20261123*******3Y", "the kind of quantity (FST11) 3Y"),
}


@pytest.mark.parametrize("case", UNTAKEN)
def test_a_quantity_that_is_no_plain_number_of_patients_is_refused_with_its_code(case: str) -> None:
    old, new, found = UNTAKEN[case]
    body = [part for segment in weeks(week(0)) for part in segment.replace(old, new).split("~")]
    receipt = _answer(forecast(body))
    assert receipt.status == "refused"
    assert [reason.found for reason in receipt.refusals] == [found]


def test_each_is_the_unit_that_is_taken() -> None:
    assert _answer(forecast([*HEAD_830, "LIN*1*VP*CART-101", "UIT*EA", "REF*ZZ*COM", week(0), "CTT*1"])).status == "accepted"


def test_a_release_has_a_day_and_no_week() -> None:
    receipt = _changed("vector_supply_plan/good_weekly.x12", "FST*100*D*D*20270301", "FST*100*D*W*20270301")
    assert [reason[:3] for reason in _reasons(receipt)] == [("not_taken", None, "the timing (FST03) W (weekly bucket)")]


@pytest.mark.parametrize(
    ("usage", "found"), [("T", "ISA15 is T: the file is marked as a test"), ("I", "ISA15 is I: the file is marked as information")]
)
def test_a_test_is_not_taken_for_real(usage: str, found: str, state: Path) -> None:
    segments = forecast(weeks(week(0)))
    segments[0] = isa(1, usage=usage)
    receipt = submit(data(segments), partner="north-hospital", feed="demand_forecast", as_of=SENT_AT)
    assert (receipt.status, [(reason.rule, reason.found) for reason in receipt.refusals]) == ("refused", [("x12_test", found)])
    assert not [path for folder in ("raw", "landing") for path in (state / folder).rglob("*") if path.is_file()]
    assert b"TA1*000000001*261120*0930*R*020~" in answers.for_submission(receipt.submission_id)


CASE, OTHER = "4c64370c6bd5265566fb8544ceaf7fd4", "f7a13fc98fbdf13ff7c1fda51a08d206"
DIFFERING = {
    "two cases": (
        f"REF*CR*CASE*{CASE}",
        f"REF*CR*CASE*{CASE}~REF*CR*CASE*{OTHER}",
        ("several_values", "case_id", f"{CASE} and {OTHER}", "segment 23 (HL)"),
    ),
    "two deliveries": (
        "DTM*017*20261125*1200*01",
        "DTM*017*20261125*1200*01~DTM*017*20261126*1200*01",
        ("several_values", "planned_delivery_at", "2026-11-25T12:00:00+01:00 and 2026-11-26T12:00:00+01:00", "segment 23 (HL)"),
    ),
    "two lots": (
        "LIN**LT*LV26-014",
        "LIN**LT*LV26-014~LIN**LT*LV26-015",
        ("several_values", "lot_code", "LV26-014 and LV26-015", "segment 66 (HL)"),
    ),
}


@pytest.mark.parametrize("case", DIFFERING)
def test_of_two_values_neither_is_chosen_and_both_are_named(case: str) -> None:
    old, new, reason = DIFFERING[case]
    receipt = _changed("shipment_booking/good_weekly.x12", old, new)
    assert _reasons(receipt) == [reason]
    assert (receipt.status, receipt.rows_accepted) == ("partly_accepted", 2)


def test_the_same_value_twice_is_one() -> None:
    assert (
        _changed("shipment_booking/good_weekly.x12", f"REF*CR*CASE*{CASE}", f"REF*CR*CASE*{CASE}~REF*CR*CASE*{CASE}").status == "accepted"
    )


def test_a_record_number_beside_a_case_refuses_the_file_and_is_not_repeated() -> None:
    receipt = _changed("shipment_booking/good_weekly.x12", f"REF*CR*CASE*{CASE}", f"REF*CR*CASE*{CASE}~REF*CR*CASE*00481513")
    assert [reason[:3] for reason in _reasons(receipt)] == [("direct_identifier", "case_id", "a medical record number")]
    assert "00481513" not in str(receipt.to_dict())


@pytest.mark.parametrize(("code", "status"), [("05", "accepted"), ("01", "accepted"), ("04", "partly_accepted"), ("06", "partly_accepted")])
def test_a_booking_is_stated_or_cancelled_never_changed_in_part(code: str, status: str) -> None:
    receipt = _changed(
        "shipment_booking/good_weekly.x12", "BSN*00*BK-SW-0004711*20261120*0930*0001", f"BSN*{code}*BK-SW-0004711*20261120*0930*0001"
    )
    assert receipt.status == status


def test_two_givers_of_one_step_are_both_named() -> None:
    old = "L11*swiftvein*ZZ*TO"
    receipt = _changed("custody_event/good_one_shipment.x12", old, f"{old}~L11*other-courier*ZZ*TO")
    assert _reasons(receipt)[0][:3] == ("several_values", "to_partner_id", "swiftvein and other-courier")


ARRIVAL = "AT7*X1*NS***20261114*0820*UT"


@pytest.mark.parametrize(
    ("reason", "beside", "is_ok"),
    [("NS", "", True), ("NA", "", True), ("AK", "", False), ("AO", "Y", True), ("AS", "N", False), ("AK", "N", False)],
)
def test_a_delay_is_no_damage(state: Path, reason: str, beside: str, *, is_ok: bool) -> None:
    register.add_partner("swiftvein", "courier")
    told = f"~L11*{beside}*ZZ*CONDITION" if beside else ""
    sent = _with("custody_event/good_one_shipment.x12", ARRIVAL, ARRIVAL.replace("NS", reason) + told)
    receipt = submit(data(sent), partner="swiftvein", feed="custody_event", as_of=SENT_AT)
    assert receipt.status == "accepted"
    (landed,) = (state / "landing").rglob("*.parquet")
    rows = pq.read_table(landed, partitioning=None).to_pylist()
    assert [row["is_condition_ok"] for row in rows] == [True, True, is_ok, True]


@pytest.mark.parametrize(("reason", "beside", "rule"), [("AO", "", "not_taken"), ("AK", "~L11*Y*ZZ*CONDITION", "several_values")])
def test_of_a_delay_alone_the_condition_is_not_known(reason: str, beside: str, rule: str) -> None:
    receipt = _changed("custody_event/good_one_shipment.x12", ARRIVAL, ARRIVAL.replace("NS", reason) + beside)
    assert rule in {found for found, *_ in _reasons(receipt)}


def test_a_status_outside_of_the_steps_is_not_lost() -> None:
    receipt = _changed("custody_event/good_one_shipment.x12", "LX*1", "AT7*X1*NS***20261113*0830*01~LX*1")
    assert receipt.status == "refused"
    assert {reason[:3] for reason in _reasons(receipt)} == {("not_taken", None, "a status outside of a numbered step (LX), X1")}


FREE_TEXT = [
    "K1*JANE QUUXDOE",
    "K1*Quuxdoe",
    "NTE*OTH*FOR QUUXDOE",
    "MSG*Quuxdoe",
    "N2*Quuxdoe",
    "N3*C/O QUUXDOE*",
    "REF*ZZ*CODE*JANE QUUXDOE",
    "PID*F****Quuxdoe",
    "TD5*B*2*SWFT*A*TO JANE QUUXDOE",
    "BIN*12*JANE QUUXDOE",
    "BDS*ASC*11*JANE~UUXDOE",
    f"N1*BY*QUUXDOE*UL*{HOSPITAL}",
]


@pytest.mark.parametrize("segment", FREE_TEXT)
def test_free_text_is_told_and_never_stored(segment: str, state: Path) -> None:
    segments = forecast(weeks(week(0)))
    # In the heading, where no column is made of it.
    segments.insert(4, segment)
    segments = [f"SE*9*{row.split('*')[2]}" if row.startswith("SE*") else row for row in segments]
    receipt = submit(data(segments), partner="north-hospital", feed="demand_forecast", file_name="plan.x12", as_of=SENT_AT)
    assert (receipt.status, receipt.rows_accepted) == ("accepted", 1)
    warning = next(each for each in receipt.warnings if each.rule == "removed")
    assert segment.partition("*")[0] in str(warning.found)
    stored = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
    assert [path for path, content in stored.items() if b"UUXDOE" in content or b"Quuxdoe" in content] == []
    assert b"UUXDOE" not in json.dumps(receipt.to_dict()).encode()
    assert b"AK5*A~" in answers.for_submission(receipt.submission_id)


def test_what_is_kept_gives_the_same_rows(state: Path) -> None:
    segments = [row.replace("NORTHGATE*UL", "NORTHGATE CELL THERAPY*UL") for row in forecast(weeks(week(0), week(1)))]
    submit(data(segments, end="~"), partner="north-hospital", feed="demand_forecast", as_of=SENT_AT)
    (raw,) = [path for path in (state / "raw").rglob("*") if path.is_file()]
    again = check(raw.read_bytes(), feed="demand_forecast", as_of=SENT_AT)
    assert (again.status, again.rows_accepted, again.warnings) == ("accepted", 2, ())


def test_passwords_of_the_envelope_are_not_stored(state: Path) -> None:
    segments = forecast(weeks(week(0)))
    segments[0] = segments[0].replace(f"*00*{'':10}*ZZ*NORTHGATE", f"*01*{'hunter2':10}*ZZ*NORTHGATE")
    assert submit(data(segments), partner="north-hospital", feed="demand_forecast", as_of=SENT_AT).status == "accepted"
    assert [path for path in state.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()] == []


def test_codes_are_kept_as_they_were_sent(state: Path) -> None:
    body = [segment for segment in weeks(week(0)) if not segment.startswith("N1*")]
    sent = data(forecast([body[0], f"N1*ST**UL*{HOSPITAL}", *body[1:]]))
    receipt = submit(sent, partner="north-hospital", feed="demand_forecast", as_of=SENT_AT)
    (raw,) = [path for path in (state / "raw").rglob("*") if path.is_file()]
    assert (receipt.status, receipt.warnings, raw.read_bytes()) == ("accepted", (), sent)


def test_a_name_in_a_refused_element_is_not_echoed(state: Path) -> None:
    segments = forecast(weeks(week(0), "FST*JANE QUUXDOE*D*W*20261130"))
    receipt = submit(data(segments), partner="north-hospital", feed="demand_forecast", as_of=SENT_AT)
    answer = answers.for_submission(receipt.submission_id)
    assert b"AK4*1**7~" in answer
    assert b"UUXDOE" not in answer
    assert [path for path in state.rglob("*") if path.is_file() and b"UUXDOE" in path.read_bytes()] == []


@pytest.mark.parametrize("name", ["QUUXDOE", "MRN048151"])
def test_a_control_number_like_a_name_is_not_repeated(name: str, state: Path) -> None:
    segments = [segment.replace("*0001", f"*{name}", 1) for segment in forecast(weeks(week(0)))]
    segments[-1] = "IEA*1*000000009"
    receipt = submit(data(segments), partner="north-hospital", feed="demand_forecast", as_of=SENT_AT)
    answer = answers.for_submission(receipt.submission_id)
    assert receipt.status == "refused"
    assert name.encode() not in answer + json.dumps(receipt.to_dict()).encode()
    assert [path for path in state.rglob("*") if path.is_file() and name.encode() in path.read_bytes()] == []


def test_the_length_of_binary_data_stands_before_them() -> None:
    segments = [transaction("830", 1, weeks("BDS*ASC*7*a~SE*1~", week(0))), transaction("830", 2, weeks("BIN*4*a~*~", week(1)))]
    receipt = _answer(interchange([group("PS", 1, segments)]))
    assert (receipt.status, receipt.rows_accepted) == ("accepted", 2)
