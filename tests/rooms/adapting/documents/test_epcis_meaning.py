"""An EPCIS document is never read as what it does not say, and no free text of it is kept."""

from __future__ import annotations

import json

import pytest
from document_files import SENT_AT, answer, events_of, reasons, sample, shipment, told

from dagster_project.intake import check, submit


def trip():
    """A document with one event of temperatures, and its first sensor report, to be changed."""
    document = sample("temperature_reading/good_one_trip.jsonld")
    del events_of(document)[0]["eventID"]
    return document, events_of(document)[0]["sensorElementList"][0]["sensorReport"][0]


EXTREMES = {
    "highest": ({"maxValue": -140.5}, "an extreme beside the value (minValue, maxValue), -140.5"),
    "lowest": ({"minValue": -196}, "an extreme beside the value (minValue, maxValue), -196"),
    "no value": ({"value": None, "minValue": -196, "maxValue": -140}, "an extreme beside the value (minValue, maxValue), -196 and -140"),
    "fault": ({"exception": "ERROR_CONDITION"}, "a report with the exception ERROR_CONDITION (the sensor was at fault)"),
    "fault, in full": ({"exception": "gs1:ERROR_CONDITION"}, "a report with the exception ERROR_CONDITION (the sensor was at fault)"),
    "no unit": ({"uom": None}, "the unit of a temperature (uom), missing"),
}


@pytest.mark.parametrize("case", EXTREMES)
def test_a_reading_that_says_more_than_its_value_is_not_taken_for_less(case):
    document, report = trip()
    change, found = EXTREMES[case]
    report.update(change)
    for name in [name for name, value in report.items() if value is None]:
        del report[name]
    receipt = answer(document, "temperature_reading")
    assert reasons(receipt) == [(1, None, "not_taken")]
    assert (receipt.refusals[0].found, receipt.refusals[0].source_place) == (found, "event 1, sensor element 1, sensor report 1")
    assert receipt.rows_accepted == receipt.rows_sent - 1 > 0


def test_an_extreme_that_is_the_value_says_nothing_more():
    document, report = trip()
    report |= {"minValue": report["value"], "maxValue": report["value"]}
    receipt = answer(document, "temperature_reading")
    assert (receipt.status, receipt.warnings) == ("accepted", ())


def test_alarms_and_statistics_beside_a_value_are_told():
    document, report = trip()
    report |= {"exception": "ALARM_CONDITION", "meanValue": -182.4, "sDev": 0.1}
    receipt = answer(document, "temperature_reading")
    assert receipt.status == "accepted"
    assert [(rule, found) for rule, found, _ in told(receipt)] == [
        ("not_taken", "a report with the exception ALARM_CONDITION (the value was beyond a limit)"),
        ("not_taken", "statistics beside the value (meanValue, sDev, percRank, percValue), -182.4 and 0.1"),
    ]


def test_a_value_of_a_period_has_no_time_of_its_own():
    document, report = trip()
    element = events_of(document)[0]["sensorElementList"][0]
    element["sensorMetadata"] = {"startTime": "2026-11-12T08:00:00Z", "endTime": "2026-11-12T10:00:00Z"}
    report["time"] = "2026-11-12T09:00:00Z"
    assert "period" not in str(answer(document, "temperature_reading").refusals)
    del report["time"]
    receipt = answer(document, "temperature_reading")
    assert {refusal.rule for refusal in receipt.refusals} == {"not_taken"}
    assert receipt.refusals[0].found == "a period instead of a time (startTime, endTime), 2026-11-12T08:00:00Z and 2026-11-12T10:00:00Z"


def test_values_that_were_worked_out_from_others_are_told():
    document, _ = trip()
    events_of(document)[0]["sensorElementList"][0].setdefault("sensorMetadata", {})["dataProcessingMethod"] = "https://example.org/average"
    receipt = answer(document, "temperature_reading")
    assert receipt.status == "accepted"
    assert [found for rule, found, _ in told(receipt) if rule == "not_taken"] == [
        "values that were worked out from others dataProcessingMethod"
    ]


@pytest.mark.parametrize("feed", ["custody_event", "temperature_reading"])
def test_an_event_that_takes_a_thing_away_is_none_of_its_journey(feed):
    document = shipment() if feed == "custody_event" else trip()[0]
    events_of(document)[-1]["action"] = "DELETE"
    receipt = answer(document, feed)
    found = {refusal.found for refusal in receipt.refusals if refusal.rule == "not_taken"}
    assert found == {"the action DELETE (it was destroyed or taken off)"}


@pytest.mark.parametrize(
    ("condition", "disposition"), [(True, "damaged"), (False, "conformant"), (True, "urn:epcglobal:cbv:disp:non_conformant")]
)
def test_a_condition_and_a_disposition_that_contradict_each_other_are_both_named(condition, disposition):
    document = shipment()
    events_of(document)[3] |= {"veinway:conditionOk": condition, "disposition": disposition}
    receipt = answer(document, "custody_event")
    word = disposition.rpartition(":")[2]
    assert reasons(receipt) == [(4, "is_condition_ok", "several_values")]
    assert receipt.refusals[0].found == f"{str(condition).lower()} and {word}"


@pytest.mark.parametrize(("condition", "disposition"), [(True, "conformant"), (False, "damaged"), (True, "in_transit")])
def test_a_disposition_that_agrees_or_speaks_of_something_else_is_no_contradiction(condition, disposition):
    document = shipment()
    events_of(document)[3] |= {"veinway:conditionOk": condition, "disposition": disposition}
    assert answer(document, "custody_event").status == "accepted"


FREE = [
    {"comment": "Quuxdoe"},
    {"rdfs:comment": "for Jane Quuxdoe"},
    {"ilmd": {"example:label": "Quuxdoe"}},
    {"example:ext": {"example:inner": [{"example:x": "Jane Quuxdoe"}]}},
    {"example:ext": ["Jane Quuxdoe", "A-1"]},
    {"example:Jane Quuxdoe": "A-1"},
    {"example:ext": "data:text/plain;base64,UXV1eGRvZQ=="},
    {"example:ext": "https://example.com/to/Jane%20Quuxdoe"},
    {"certificationInfo": "Jane Quuxdoe"},
]


@pytest.mark.parametrize("field", FREE)
def test_free_text_is_told_and_never_stored(field, state):
    document = shipment()
    events_of(document)[0] |= field
    document["@context"].append({"example": "https://example.com/ns/"})
    receipt = submit(json.dumps(document).encode(), partner="swiftvein", feed="custody_event", as_of=SENT_AT)
    assert (receipt.status, receipt.rows_accepted) == ("accepted", 4)
    assert [(warning.rule, warning.found) for warning in receipt.warnings] == [("removed", "free text: 1 text")]
    stored = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    assert not [word for word in (b"Quuxdoe", b"UXV1eGRvZQ") if word in stored + json.dumps(receipt.to_dict()).encode()]
    (raw,) = [path for path in (state / "raw").rglob("*") if path.is_file()]
    assert check(raw.read_bytes(), feed="custody_event", as_of=SENT_AT).rows_accepted == 4


def test_a_document_of_codes_is_kept_as_it_was_sent(state):
    sent = json.dumps(shipment(with_ids=True)).encode()
    receipt = submit(sent, partner="swiftvein", feed="custody_event", as_of=SENT_AT)
    (raw,) = [path for path in (state / "raw").rglob("*") if path.is_file()]
    assert (receipt.status, receipt.warnings, raw.read_bytes()) == ("accepted", (), sent)
