"""FHIR R4: rows for the plan, and not one byte of a person on the disk."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from document_files import SAMPLES, SENT_AT, answer, reasons, sample, told

from dagster_project import register
from dagster_project.intake import submit
from dagster_project.intake.adapting.documents.json_text import parsed
from dagster_project.intake.adapting.fhir.fhir_redaction import redacted
from dagster_project.register.ledger import verify

OWN = "https://ns.veinway.example/fhir/"
TWINS = [
    ("apheresis_schedule", "good_weekly", "north-hospital"),
    ("collection", "good_week_47", "north-hospital"),
    ("slot_plan", "good_weekly", "kestrel-bio"),
]
PERSONAL = (
    "Testperson",
    "Wilhelmina",
    "00481516",
    "1956-02-03",
    "5550199",
    "Beispiel",
    "Contact",
    "daughter",
    "8842119",
    "hospital.example/mrn",
)


def entries(document):
    """The resources of a bundle by type, to be changed."""
    found: dict[str, list] = {}
    for entry in document["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found


def landed(root):
    """What lies in landing, without the place in the file."""
    rows = [row for path in sorted((root / "landing").rglob("*.parquet")) for row in pq.read_table(path).to_pylist()]
    return [{name: value for name, value in row.items() if name != "row_number"} for row in rows]


@pytest.mark.parametrize(("feed", "name", "partner"), TWINS)
def test_the_same_rows_land_from_fhir_as_from_csv(feed, name, partner, state, tmp_path, monkeypatch):
    receipt = submit(SAMPLES / feed / f"{name}.json", partner=partner, feed=feed, as_of=SENT_AT)
    from_document = landed(state)
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path / "other"))
    register.add_partner(partner, "plant" if partner == "kestrel-bio" else "hospital")
    submit(SAMPLES / feed / f"{name}.csv", partner=partner, feed=feed, as_of=SENT_AT)
    assert (receipt.status, receipt.format) == ("accepted", "fhir")
    assert from_document == landed(tmp_path / "other")


@pytest.mark.parametrize(("feed", "name", "partner"), TWINS)
def test_no_byte_of_a_person_is_stored(feed, name, partner, state):
    data = (SAMPLES / feed / f"{name}.json").read_bytes()
    there = [value for value in PERSONAL if value.encode() in data]
    submit(data, partner=partner, feed=feed, as_of=SENT_AT)
    stored = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
    raw = [path for path in stored if "raw" in path.parts]
    assert there, "the sample names nobody"
    assert len(raw) == 1
    assert json.loads(stored[raw[0]])["resourceType"] == "Bundle"
    assert verify() == []
    assert [(value, path) for value in there for path, content in stored.items() if value.encode() in content] == []


def test_a_refused_row_repeats_nothing_of_a_person(state):
    document = sample("apheresis_schedule/good_weekly.json")
    entries(document)["Appointment"][0]["status"] = "done"
    receipt = submit(json.dumps(document).encode(), partner="north-hospital", feed="apheresis_schedule", as_of=SENT_AT)
    stored = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    assert receipt.status == "partly_accepted"
    assert [value for value in PERSONAL if value.encode() in stored or value in json.dumps(receipt.to_dict())] == []


def test_what_is_kept_is_read_to_the_same_rows(state):
    document = sample("apheresis_schedule/good_weekly.json")
    kept = redacted(parsed(json.dumps(document).encode()))
    assert b"Testperson" not in kept
    again = answer(kept, "apheresis_schedule")
    assert (again.status, again.rows_accepted) == ("accepted", 3)
    assert redacted(parsed(kept)) == kept


@pytest.mark.parametrize(
    "element",
    [
        {"text": {"status": "generated", "div": "<div>Secret</div>"}},
        {"description": "Secret"},
        {"comment": "Secret"},
        {"patientInstruction": "Secret"},
        {"note": [{"text": "Secret"}]},
        {"meta": {"tag": [{"display": "Secret"}]}},
        {"contained": [{"resourceType": "Patient", "id": "p", "name": [{"text": "Secret"}]}]},
        {"contained": [{"resourceType": "Location", "id": "l", "telecom": [{"value": "Secret"}], "address": {"text": "Secret"}}]},
        {"participant": [{"actor": {"reference": "Patient/Secret", "display": "Secret"}}]},
        {"participant": [{"actor": {"reference": "https://ehr.example/Patient/Secret/Appointment/5"}}]},
        {"participant": [{"actor": {"reference": "#Secret"}}]},
        {"participant": [{"actor": {"reference": "urn:uuid:Secret"}}]},
        {"participant": [{"actor": {"type": "Patient", "identifier": {"system": OWN + "case", "value": "Secret"}}}]},
        {"participant": [{"actor": {"identifier": {"system": "http://hospital.example/mrn", "value": "Secret"}}}]},
        {"participant": [{"actor": {"reference": "Location/1", "display": "Secret"}, "type": [{"text": "Secret"}]}]},
        {"identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": "http://hospital.example", "value": "Secret"}]},
        {"identifier": [{"system": OWN + "appointment", "value": "A1", "assigner": {"display": "Secret"}}]},
        {"reasonCode": [{"text": "Secret"}]},
        {"cancelationReason": {"text": "Secret", "coding": [{"code": "pat", "display": "Secret"}]}},
        {"extension": [{"url": "http://hospital.example/ext", "valueString": "Secret"}]},
        {"extension": [{"url": OWN + "sessions", "valueString": "Secret"}]},
        {"extension": [{"url": OWN + "sessions", "extension": [{"url": "x", "valueCode": "Secret"}]}]},
        {"basedOn": [{"reference": "ServiceRequest/1", "display": "Secret", "extension": [{"url": OWN + "x", "valueCode": "Secret"}]}]},
        {"_status": {"extension": [{"url": OWN + "x", "valueCode": "Secret"}]}},
        {"status": {"Secret": "Secret"}},
        {"Secret": "Secret"},
    ],
)
def test_only_listed_elements_are_kept(element):
    appointment = {"resourceType": "Appointment", "status": "booked", **element}
    for document in (appointment, {"resourceType": "Bundle", "entry": [{"resource": appointment}]}):
        assert b"Secret" not in redacted(document)


@pytest.mark.parametrize("kind", ["Patient", "Practitioner", "RelatedPerson", "Observation", "Encounter", "Coverage", "Consent", "List"])
def test_of_other_resources_only_the_type_is_kept(kind):
    document = {
        "resourceType": "Bundle",
        "entry": [{"fullUrl": "https://e.example/Secret", "resource": {"resourceType": kind, "id": "Secret"}}],
    }
    assert json.loads(redacted(document)) == {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": kind}}]}


@pytest.mark.parametrize(
    "element",
    [
        {"id": "00482023"},
        {"id": "482023"},
        {"id": "MRN-482023"},
        {"status": "booked for Doe 482023"},
        {"start": "when Doe 482023 comes"},
        {"identifier": [{"system": "http://hospital.example/mrn", "value": "482023"}]},
        {"identifier": [{"system": OWN + "case", "value": "Doe Jane 482023"}]},
        {"cancelationReason": {"coding": [{"code": "Doe 482023"}]}},
        {"contained": [{"resourceType": "Location", "id": "x", "name": "Home of DOE Jane 482023"}]},
    ],
)
def test_what_looks_like_a_person_in_a_listed_element_is_dropped(element):
    assert b"482023" not in redacted({"resourceType": "Appointment", **element})


def test_a_full_url_with_a_record_number_is_dropped():
    entry = {"fullUrl": "https://ehr.example/fhir/Appointment/MRN-482023", "resource": {"resourceType": "Appointment", "id": "a-1"}}
    kept = redacted({"resourceType": "Bundle", "type": "collection", "entry": [entry]})
    assert b"482023" not in kept
    assert b"a-1" in kept


def test_an_identifier_in_a_kept_element_refuses_the_document(state):
    receipt = submit(
        SAMPLES / "apheresis_schedule" / "bad_fhir_phone_in_a_place.json",
        partner="north-hospital",
        feed="apheresis_schedule",
        as_of=SENT_AT,
    )
    assert reasons(receipt) == [(None, None, "direct_identifier")]
    assert not [path for folder in ("raw", "landing") for path in (state / folder).rglob("*") if path.is_file()]


def test_a_resource_by_itself_is_read():
    document = sample("collection/good_week_47.json")
    product = entries(document)["BiologicallyDerivedProduct"][0]
    product["collection"]["collector"] = {"identifier": {"system": "urn:oid:1.3.88", "value": "9501101530003"}}
    assert answer(product, "collection").status == "accepted"


def test_bulk_export_has_one_resource_per_line():
    document = sample("collection/good_week_47.json")
    lines = b"\n".join(json.dumps(entry["resource"]).encode() for entry in document["entry"])
    receipt = answer(lines, "collection")
    assert (receipt.status, receipt.rows_accepted) == ("accepted", 2)
    broken = answer(lines + b'\n{"resourceType": "Slot", "id": tru}', "collection")
    assert [refusal.found for refusal in broken.refusals] == ["broken JSON at line 1, sign 32 (resource 5)"]


@pytest.mark.parametrize(
    "reference", ["https://ehr.hospital.example/fhir/Location/apheresis-2", "Location/apheresis-2", "Location/apheresis-2/_history/3"]
)
def test_references_are_followed_in_every_form(reference):
    document = sample("apheresis_schedule/good_weekly.json")
    for appointment in entries(document)["Appointment"]:
        appointment["participant"] = [{"actor": {"reference": reference}}]
    assert answer(document, "apheresis_schedule").status == "accepted"


def test_a_contained_place_is_followed():
    document = sample("apheresis_schedule/good_weekly.json")
    place = {**entries(document)["Location"][0], "id": "here"}
    for appointment in entries(document)["Appointment"]:
        appointment |= {"contained": [place], "participant": [{"actor": {"reference": "#here"}}]}
    assert answer(document, "apheresis_schedule").status == "accepted"


def test_references_in_a_circle_do_no_harm():
    document = sample("apheresis_schedule/good_weekly.json")
    entries(document)["Organization"][0]["partOf"] = {"reference": "Organization/northgate"}
    assert answer(document, "apheresis_schedule").status == "accepted"


def test_a_slot_entered_in_error_is_left_out_and_told():
    document = sample("slot_plan/good_weekly.json")
    entries(document)["Slot"][3]["status"] = "entered-in-error"
    receipt = answer(document, "slot_plan")
    assert (receipt.status, receipt.rows_accepted) == ("accepted", 3)
    assert ("entered_in_error", "a Slot entered in error", "entry 7") in told(receipt)


def test_a_window_that_ends_at_midnight_closes_the_day_before(state):
    submit(SAMPLES / "slot_plan" / "good_weekly.json", partner="kestrel-bio", feed="slot_plan", as_of=SENT_AT)
    window = next(row["start_window_close_date"].isoformat() for row in landed(state) if row["slot_id"].endswith("02"))
    assert sample("slot_plan/good_weekly.json")["entry"][4]["resource"]["end"].startswith("2026-11-27T00:00:00")
    assert window == "2026-11-26"


def test_a_quantity_without_unit_is_not_guessed():
    document = sample("collection/good_week_47.json")
    del entries(document)["BiologicallyDerivedProduct"][0]["extension"][3]["valueQuantity"]["code"]
    assert reasons(answer(document, "collection")) == [(1, "volume_ml", "type")]


def test_what_no_row_was_made_of_is_named():
    document = sample("slot_plan/good_weekly.json")
    document["entry"].append({"resource": {"resourceType": "HealthcareService", "id": "unused"}})
    assert ("not_read", "1 entry of the type HealthcareService", "entry 8") in told(answer(document, "slot_plan"))


@pytest.mark.parametrize(("code", "reason"), [("pat", "patient_choice"), ("other", "other")])
def test_a_reason_of_the_standard_is_told_in_the_plans_words(code, reason, state):
    document = sample("apheresis_schedule/good_weekly.json")
    cancelled = entries(document)["Appointment"][2]
    cancelled["extension"] = [extension for extension in cancelled["extension"] if not extension["url"].endswith("status-reason")]
    cancelled["cancelationReason"]["coding"][0]["code"] = code
    submit(json.dumps(document).encode(), partner="north-hospital", feed="apheresis_schedule", as_of=SENT_AT)
    assert [row["status_reason_code"] for row in landed(state)] == [None, None, reason]
