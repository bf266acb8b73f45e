"""The official examples of GS1 and HL7, which nobody here wrote: each is read or refused, and for its own reason."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from document_files import SENT_AT

from dagster_project.home import PROJECT_ROOT
from dagster_project.intake import check
from dagster_project.intake.adapting.documents.documents import opened
from dagster_project.intake.adapting.fhir.fhir_redaction import redacted

DATA = PROJECT_ROOT.parent / "shared" / "data"
EPCIS = sorted((DATA / "epcis" / "JSON").rglob("*.jsonld"))
FHIR = sorted((DATA / "fhir_r4").glob("*.json"))
pytestmark = pytest.mark.skipif(not EPCIS or not FHIR, reason="the independent examples are not here")

# What no plan may hold: a GSRN names a patient.
WITH_PATIENT_KEYS = {
    "Example-TransactionEvents-2020_07_03y",
    "aggregation_event_all_possible_fields",
    "association_event_all_possible_fields",
    "object_event_all_possible_fields",
    "transaction_event_all_possible_fields",
    "transformation_event_all_possible_fields",
}
# One event of it has two ids under one name.
NAME_TWICE = "AssociationEvent-h"
# Their ids were made by a draft of the algorithm in 2021 and hold by it.
BY_DRAFT = {
    "AssociationEvent-a",
    "AssociationEvent-b",
    "AssociationEvent-c",
    "AssociationEvent-d",
    "AssociationEvent-e",
    "EPCISQueryDocument",
    "Example_9.6.1-ObjectEvent",
    "Example_9.6.1-ObjectEvent-with-pseudo-SBDH-headers",
}


def _refused_whole(path, receipt):
    """Whether the document is one of those that are refused for what is wrong with it as a whole, and for that reason."""
    rules = {refusal.rule for refusal in receipt.refusals}
    expected = {"direct_identifier"} if path.stem in WITH_PATIENT_KEYS else {"json"} if path.stem == NAME_TWICE else None
    assert (rules == expected) == (expected is not None), rules
    return expected is not None


def _name(path):
    return path.stem


def _events(path):
    body = json.loads(path.read_text(encoding="utf-8"))["epcisBody"]
    results = body.get("queryResults", {}).get("resultsBody", {})
    return body.get("eventList") or results.get("eventList") or [body["event"]]


def _temperatures(path):
    """Temperature reports of the events that may carry them, counted without our reader."""
    return len(_reports(path))


def _reports(path):
    return [
        report
        for event in _events(path)
        if event["type"] != "TransformationEvent"
        for element in event.get("sensorElementList", [])
        for report in element.get("sensorReport", [])
        if report.get("type") in ("Temperature", "gs1:Temperature")
    ]


def _answer(path, feed):
    return check(path, feed=feed, as_of=SENT_AT)


@pytest.mark.parametrize("path", EPCIS, ids=_name)
def test_every_official_epcis_event_is_accounted_for_as_custody(path):
    receipt = _answer(path, "custody_event")
    if _refused_whole(path, receipt):
        return
    kinds = Counter(event["type"] for event in _events(path))
    if not kinds["ObjectEvent"]:
        assert [refusal.rule for refusal in receipt.refusals] == ["document_content"]
        assert all(f"of the type {kind}" in receipt.message for kind in kinds)
        return
    # None of them names a booking or partners of this network, so each event is refused for what it lacks, or for what is wrong with it.
    assert (receipt.status, receipt.rows_sent, receipt.rows_refused) == ("refused", kinds["ObjectEvent"], kinds["ObjectEvent"])
    rules = {refusal.row: set() for refusal in receipt.refusals}
    for refusal in receipt.refusals:
        rules[refusal.row].add(refusal.rule)
    assert set(rules) == set(range(1, kinds["ObjectEvent"] + 1))
    assert all({"required"} <= found or found in ({"event_id"}, {"declared_in_error"}) for found in rules.values())


@pytest.mark.parametrize("path", EPCIS, ids=_name)
def test_every_official_temperature_is_accounted_for(path):
    receipt = _answer(path, "temperature_reading")
    rules = {refusal.rule for refusal in receipt.refusals}
    if _refused_whole(path, receipt):
        return
    if not _temperatures(path):
        assert rules == {"document_content"}
    else:
        assert receipt.rows_sent == _temperatures(path)
        # A sensor that reports its own fault has sent no temperature: that report is refused for what it says.
        faults = {"not_taken"} if any("exception" in report for report in _reports(path)) else set()
        assert rules <= {"required", "event_id", "pattern", "range", "key"} | faults


def test_the_ids_of_the_official_events_are_of_the_draft_or_outdated():
    found = Counter()
    drafts = set()
    for path in EPCIS:
        if path.stem in {*WITH_PATIENT_KEYS, NAME_TWICE}:
            continue
        document = opened(path.read_bytes(), "epcis", "custody_event")
        found["hash"] += sum(str(event.get("eventID", "")).startswith("ni:") for event in _events(path))
        found["wrong"] += sum(objection.rule == "event_id" for objection in document.objections.values())
        if any(remark.rule == "event_id" for remark in document.remarks):
            drafts.add(path.stem)
    assert drafts == BY_DRAFT
    assert found["wrong"] > 30 > len(drafts)


@pytest.mark.parametrize("path", FHIR, ids=_name)
@pytest.mark.parametrize(
    ("feed", "wanted"), [("apheresis_schedule", "Appointment"), ("slot_plan", "Slot"), ("collection", "BiologicallyDerivedProduct")]
)
def test_every_official_fhir_resource_gets_the_answer_of_its_type(path, feed, wanted):
    kind = json.loads(path.read_text(encoding="utf-8"))["resourceType"]
    receipt = _answer(path, feed)
    rules = {refusal.rule for refusal in receipt.refusals}
    assert receipt.status == "refused"
    if kind == wanted:
        # They lack cases, GLNs and cell counts, which their senders had no need of.
        assert receipt.rows_sent == 1
        assert "required" in rules
    else:
        assert rules <= {"document_content", "direct_identifier"}
        assert kind in receipt.message or "direct_identifier" in rules


@pytest.mark.parametrize("path", FHIR, ids=_name)
def test_nothing_personal_of_an_official_resource_is_kept(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    kept = redacted(document).decode()
    assert "div" not in kept
    assert "Patient/" not in kept
    assert "Practitioner/" not in kept
    assert [name for name in ("Chalmers", "Careful", "Luigi", "Maas", "display", "telecom", "comment") if name in kept] == []
