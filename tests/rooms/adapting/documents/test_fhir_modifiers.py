"""A FHIR document is never read as what it does not say: modifiers, deletions, missing pages, two cases; and no name but a place's is kept."""

from __future__ import annotations

import json

import pytest
from document_files import SENT_AT, answer, reasons, sample, told

from dagster_project.intake import submit
from dagster_project.intake.adapting.fhir.fhir_names import names_a_place
from dagster_project.intake.adapting.fhir.fhir_redaction import redacted

OWN = "https://ns.veinway.example/fhir/"
CASE, OTHER = "4c64370c6bd5265566fb8544ceaf7fd4", "e7a64df9d5b546852afbae41af28769e"
MODIFIER = [{"url": "http://hospital.example/not", "valueBoolean": True}]


def resources(document, kind):
    """The resources of one type, to be changed."""
    return [entry["resource"] for entry in document["entry"] if entry["resource"]["resourceType"] == kind]


def test_two_cases_of_one_appointment_are_both_named():
    document = sample("apheresis_schedule/good_weekly.json")
    resources(document, "Appointment")[0]["basedOn"].append({"reference": "ServiceRequest/sr-1"})
    receipt = answer(document, "apheresis_schedule")
    assert (receipt.rows_accepted, reasons(receipt)) == (2, [(1, "case_id", "several_values")])
    assert receipt.refusals[0].found == f"{CASE} and {OTHER}"


@pytest.mark.parametrize("place", ["basedOn", "identifier"])
def test_two_cases_that_are_told_in_different_ways_are_both_named(place):
    document = sample("apheresis_schedule/good_weekly.json")
    appointment = resources(document, "Appointment")[0]
    identifier = {"system": OWN + "case", "value": OTHER}
    appointment[place].append({"identifier": identifier} if place == "basedOn" else identifier)
    found = answer(document, "apheresis_schedule").refusals[0].found
    assert sorted(found.split(" and ")) == [CASE, OTHER]


def test_two_cases_of_one_order_are_both_named():
    document = sample("apheresis_schedule/good_weekly.json")
    resources(document, "ServiceRequest")[0]["identifier"].append({"system": OWN + "case", "value": OTHER})
    assert answer(document, "apheresis_schedule").refusals[0].found == f"{CASE} and {OTHER}"


def test_the_same_case_said_twice_is_one():
    document = sample("apheresis_schedule/good_weekly.json")
    resources(document, "Appointment")[0]["basedOn"].append({"identifier": {"system": OWN + "case", "value": CASE}})
    assert answer(document, "apheresis_schedule").status == "accepted"


def test_an_identifier_that_was_given_up_does_not_count():
    document = sample("apheresis_schedule/good_weekly.json")
    old = {"system": OWN + "case", "value": OTHER, "use": "old"}
    resources(document, "ServiceRequest")[0]["identifier"].append(old)
    assert answer(document, "apheresis_schedule").status == "accepted"


def changed(document, where):
    appointment = resources(document, "Appointment")[0]
    match where:
        case "Appointment.modifierExtension":
            appointment["modifierExtension"] = MODIFIER
        case "Appointment.participant.modifierExtension":
            appointment["participant"][0]["modifierExtension"] = MODIFIER
        case "Appointment.contained.modifierExtension":
            appointment["contained"] = [{"resourceType": "Location", "id": "x", "modifierExtension": MODIFIER}]
        case "Appointment.implicitRules":
            appointment["implicitRules"] = "http://hospital.example/rules"
        case "ServiceRequest.modifierExtension":
            resources(document, "ServiceRequest")[0]["modifierExtension"] = MODIFIER
        case "ServiceRequest.doNotPerform":
            resources(document, "ServiceRequest")[0]["doNotPerform"] = True
        case "ServiceRequest.status":
            resources(document, "ServiceRequest")[0]["status"] = "entered-in-error"


@pytest.mark.parametrize(
    "where",
    [
        "Appointment.modifierExtension",
        "Appointment.participant.modifierExtension",
        "Appointment.contained.modifierExtension",
        "Appointment.implicitRules",
        "ServiceRequest.modifierExtension",
        "ServiceRequest.doNotPerform",
        "ServiceRequest.status",
    ],
)
def test_what_has_a_modifier_gives_no_row(where):
    document = sample("apheresis_schedule/good_weekly.json")
    changed(document, where)
    receipt = answer(document, "apheresis_schedule")
    assert (receipt.rows_accepted, reasons(receipt)) == (2, [(1, None, "fhir_modifier")])
    assert where in receipt.refusals[0].found
    assert "hospital.example" not in json.dumps(receipt.to_dict())


def test_a_modifier_of_a_place_concerns_every_appointment_there():
    document = sample("apheresis_schedule/good_weekly.json")
    resources(document, "Organization")[0]["modifierExtension"] = MODIFIER
    assert [rule for _, _, rule in reasons(answer(document, "apheresis_schedule"))] == ["fhir_modifier"] * 3


@pytest.mark.parametrize("change", [{"modifierExtension": []}, {"extension": MODIFIER}, {"implicitRules": ""}])
def test_no_modifier_is_none(change):
    document = sample("apheresis_schedule/good_weekly.json")
    resources(document, "Appointment")[0].setdefault("extension", []).extend(change.pop("extension", []))
    resources(document, "Appointment")[0].update(change)
    resources(document, "Patient")[0]["modifierExtension"] = MODIFIER
    assert answer(document, "apheresis_schedule").status == "accepted"


@pytest.mark.parametrize("comparator", ["<", "<=", ">=", ">"])
def test_a_bound_is_not_taken_for_a_count(comparator):
    document = sample("collection/good_week_47.json")
    resources(document, "BiologicallyDerivedProduct")[0]["extension"][0]["valueQuantity"]["comparator"] = comparator
    receipt = answer(document, "collection")
    assert (receipt.rows_accepted, [rule for *_, rule in reasons(receipt)]) == (1, ["fhir_modifier"])
    assert f"the comparator {comparator} " in receipt.refusals[0].found


def test_slots_of_a_schedule_that_is_not_in_use_are_no_plan():
    document = sample("slot_plan/good_weekly.json")
    resources(document, "Schedule")[1]["active"] = False
    assert [rule for _, _, rule in reasons(answer(document, "slot_plan"))] == ["fhir_modifier"] * 2


def test_rules_of_the_bundle_refuse_it():
    document = {**sample("slot_plan/good_weekly.json"), "implicitRules": "http://hospital.example/rules"}
    assert reasons(answer(document, "slot_plan")) == [(None, None, "fhir_modifier")]


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
@pytest.mark.parametrize(
    "url",
    [
        "Appointment/a-123",
        "https://ehr.example/fhir/Appointment/a-123",
        "Appointment?identifier=x|1",
        "https://ehr.example/fhir/Appointment",
        "x",
    ],
)
def test_what_a_bundle_deletes_is_not_ignored(method, url, state):
    document = sample("apheresis_schedule/good_weekly.json")
    document["entry"].append({"request": {"method": method, "url": url}})
    receipt = submit(json.dumps(document).encode(), partner="north-hospital", feed="apheresis_schedule", as_of=SENT_AT)
    found = [(refusal.rule, refusal.found, refusal.source_place) for refusal in receipt.refusals]
    assert (receipt.status, found) == ("refused", [("fhir_deletion", f"the request {method}", "entry 11")])
    assert "cancelled" in receipt.refusals[0].hint
    assert not [path for folder in ("raw", "landing") for path in (state / folder).rglob("*") if path.is_file()]


@pytest.mark.parametrize("request_", [{"method": "PUT", "url": "Appointment/a-123"}, {"method": "POST", "url": "Appointment"}])
def test_a_resource_that_is_put_is_a_fact(request_):
    document = sample("apheresis_schedule/good_weekly.json")
    for entry in document["entry"]:
        entry["request"] = request_
    assert answer(document, "apheresis_schedule").status == "accepted"


def test_deleting_a_patient_concerns_no_feed():
    document = sample("apheresis_schedule/good_weekly.json")
    document["entry"].append({"request": {"method": "DELETE", "url": "Patient/p-881"}})
    assert answer(document, "apheresis_schedule").status == "accepted"


NEXT = [{"relation": "self", "url": "https://ehr.example/a"}, {"relation": "next", "url": "https://ehr.example/b"}]


def test_one_page_of_a_plan_that_is_sent_whole_is_refused():
    receipt = answer({**sample("slot_plan/good_weekly.json"), "link": NEXT}, "slot_plan")
    assert reasons(receipt) == [(None, None, "fhir_page")]
    assert "all pages in one file" in receipt.refusals[0].hint


def test_one_page_of_events_is_taken_and_told():
    receipt = answer({**sample("apheresis_schedule/good_weekly.json"), "link": NEXT}, "apheresis_schedule")
    assert receipt.status == "accepted"
    assert ("fhir_page", "one page of several: Bundle.link has the relation next", None) in told(receipt)


def test_the_last_page_is_whole():
    assert answer({**sample("slot_plan/good_weekly.json"), "link": NEXT[:1]}, "slot_plan").status == "accepted"


PLACES = [
    "Apheresis unit 2", "Unité d'aphérèse", "Apherese-Station 4B", "Hämatologie", "Blutspendezentrum", "A2-114", "Room 12", "Day hospital", "Sala de aféresis",
    "Stem cell collection", "Northgate Hospital", "2 West", "Bay 3", "Onkologische Ambulanz", "Kestrel plant", "L01", "Line A",
]  # fmt: skip
NO_PLACES = [
    "Jane Doe",
    "Doe, Jane",
    "Quuxdoe",
    "Dr. Jane Doe",
    "home of Jane Doe",
    "Jane Doe 482023",
    "Frau Doe bei Familie Doe",
    "c/o Doe",
]


@pytest.mark.parametrize("name", PLACES)
def test_names_of_places_are_kept(name):
    assert names_a_place(name)


@pytest.mark.parametrize("name", NO_PLACES)
def test_names_of_anything_else_are_not(name, state):
    assert not names_a_place(name)
    document = sample("apheresis_schedule/good_weekly.json")
    for place in resources(document, "Location"):
        place["name"] = name
        place["identifier"] = [{"system": OWN + "unit", "value": name}]
    receipt = submit(json.dumps(document).encode(), partner="north-hospital", feed="apheresis_schedule", as_of=SENT_AT)
    assert {(column, rule) for _, column, rule in reasons(receipt)} == {("unit_name", "required")}
    assert [path for path in state.rglob("*") if path.is_file() and name.encode() in path.read_bytes()] == []


@pytest.mark.parametrize(
    "element",
    [
        {"minutesDuration": "Quuxdoe"},
        {"status": ["Jane Quuxdoe"]},
        {"start": ["Jane Quuxdoe", ["Jane Quuxdoe"]]},
        {"status": "Quuxdoe"},
        {"id": "jane-Quuxdoe"},
        {"id": "Jane Quuxdoe"},
        {"identifier": [{"system": "http://hospital.example/x", "value": "Quuxdoe"}]},
        {"identifier": [{"system": OWN + "therapy", "value": "Jane Quuxdoe"}]},
        {"basedOn": [{"reference": "Appointment/jane-Quuxdoe"}]},
        {"participant": [{"actor": {"reference": "Location/1"}, "required": "Quuxdoe"}]},
        {"extension": [{"url": OWN + "sessions", "valuePositiveInt": "Quuxdoe"}]},
        {"extension": [{"url": OWN + "volume", "valueQuantity": {"value": "Quuxdoe", "code": "mL"}}]},
        {"contained": [{"resourceType": "Organization", "id": "o", "name": "Quuxdoe"}]},
        {"contained": [{"resourceType": "HealthcareService", "id": "o", "name": ["Quuxdoe"]}]},
        {"contained": [{"resourceType": "Binary", "id": "o", "data": "UXV1eGRvZQ=="}]},
        {"text": {"div": "<div>&#81;uuxdoe UXV1eGRvZQ==</div>"}},
    ],
)
def test_a_name_in_a_listed_element_is_dropped(element):
    kept = redacted({"resourceType": "Appointment", "start": "2026-11-24T08:00:00+01:00", **element})
    assert b"uuxdoe" not in kept
    assert b"UXV1" not in kept


def test_a_name_in_the_bundle_itself_is_dropped():
    kept = redacted({"resourceType": "Bundle", "type": "Quuxdoe", "total": "Quuxdoe", "id": "Jane Quuxdoe", "entry": []})
    assert b"uuxdoe" not in kept
