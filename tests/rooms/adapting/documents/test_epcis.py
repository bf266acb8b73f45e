"""EPCIS 2.0 documents: which rows they give, which events are no facts, and what is told of the rest."""

from __future__ import annotations

import copy
import json

import pyarrow.parquet as pq
import pytest
from document_files import SAMPLES, SENT_AT, answer, events_of, identified, reasons, sample, shipment, told

from dagster_project import register
from dagster_project.intake import submit
from dagster_project.intake.adapting.language.model import ADAPTERS_FOLDER

PARTNER = "https://ns.veinway.example/partner/"


def rows(state, feed):
    """What landed for a feed."""
    return [row for path in sorted((state / "landing" / f"feed={feed}").rglob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def sent(state, document, feed):
    """The rows that a document leaves in landing."""
    receipt = submit(json.dumps(document).encode(), partner="swiftvein", feed=feed, as_of=SENT_AT)
    assert receipt.status == "accepted", receipt.refusals
    return rows(state, feed)


def test_the_same_shipment_lands_from_epcis_as_from_csv(state, tmp_path, monkeypatch):
    from_document = sent(state, sample("custody_event/good_one_shipment.jsonld"), "custody_event")
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path / "other"))
    register.add_partner("swiftvein", "courier")
    submit(SAMPLES / "custody_event" / "good_one_shipment.csv", partner="swiftvein", feed="custody_event", as_of=SENT_AT)
    from_table = rows(tmp_path / "other", "custody_event")
    for row in [*from_document, *from_table]:
        del row["row_number"]
    assert from_document == from_table


@pytest.mark.parametrize(
    "form",
    [
        lambda document: document,
        lambda document: {**document, "type": "EPCISQueryDocument", "epcisBody": {"queryResults": {"resultsBody": document["epcisBody"]}}},
        lambda document: [{"@context": document["@context"], **event} for event in events_of(document)],
        lambda document: (
            {**document, "@context": [document["@context"][0], {"own": "https://ns.veinway.example/epcis/"}]}
            | {
                "epcisBody": {
                    "eventList": [
                        {name.replace("veinway:", "own:"): value for name, value in event.items()} for event in events_of(document)
                    ]
                }
            }
        ),
    ],
    ids=["document", "query result", "list of events", "another prefix"],
)
def test_every_form_of_document_gives_its_events(form):
    receipt = answer(form(shipment()), "custody_event")
    assert (receipt.status, receipt.rows_accepted, receipt.format) == ("accepted", 4, "epcis")


def test_a_single_event_is_a_document():
    event = {"@context": shipment()["@context"], **events_of(shipment())[0]}
    assert answer(event, "custody_event").rows_accepted == 1
    assert (
        answer({"@context": event["@context"], "type": "EPCISDocument", "epcisBody": {"event": event}}, "custody_event").rows_accepted == 1
    )


@pytest.mark.parametrize(
    "words",
    ["departing", "cbv:BizStep-departing", "urn:epcglobal:cbv:bizstep:departing", "https://ref.gs1.org/cbv/BizStep-departing", "shipping"],
)
def test_a_step_is_known_in_every_writing(state, words):
    document = shipment()
    events_of(document)[1]["bizStep"] = words
    assert [row["biz_step"] for row in sent(state, document, "custody_event")] == ["packing", "departing", "arriving", "receiving"]


@pytest.mark.parametrize(
    "place", ["urn:epc:id:sgln:9501101.53000.0", "https://id.gs1.org/414/9501101530003", "https://loc.example/414/9501101530003/254/dock"]
)
def test_a_place_is_its_gln_in_every_writing(state, place):
    document = shipment()
    for event in events_of(document):
        event["readPoint"] = {"id": place}
    assert {row["site_id"] for row in sent(state, document, "custody_event")} == {"9501101530003"}


def test_a_business_location_goes_before_the_read_point(state):
    document = shipment()
    for event in events_of(document):
        event["bizLocation"] = {"id": "urn:epc:id:sgln:9501101.53000.0"}
    assert {row["site_id"] for row in sent(state, document, "custody_event")} == {"9501101530003"}


def test_a_party_named_by_its_gln_is_refused_by_name_until_the_operator_lists_it(state):
    document = shipment()
    for event in events_of(document)[:2]:
        event["sourceList"] = [{"type": "possessing_party", "source": "https://id.gs1.org/417/9501101530102"}]
    receipt = answer(document, "custody_event")
    found = {refusal.found for refusal in receipt.refusals if refusal.column == "from_partner_id" and refusal.rule == "pattern"}
    assert found == {"pgln:9501101530102"}
    own = state / "adapters" / "epcis" / "custody_event.yaml"
    own.parent.mkdir(parents=True)
    text = (ADAPTERS_FOLDER / "epcis" / "custody_event.yaml").read_text(encoding="utf-8")
    own.write_text(text.replace("values: {}", "values: {'pgln:9501101530102': kestrel-bio}"), encoding="utf-8")
    assert [row["from_partner_id"] for row in sent(state, document, "custody_event")][:2] == ["kestrel-bio", "kestrel-bio"]


def test_a_location_without_gs1_key_is_no_web_page_of_a_person():
    document = shipment()
    events_of(document)[0]["readPoint"] = {"id": "https://example.org/locations/dock-5"}
    refusals = answer(document, "custody_event").refusals
    assert [(refusal.column, refusal.rule, refusal.found) for refusal in refusals if refusal.row == 1] == [
        ("site_id", "gln", "example.org/locations/dock-5")
    ]


def test_steps_are_numbered_by_time_when_the_file_begins_the_custody(state):
    document = shipment()
    for event in events_of(document):
        del event["veinway:seq"]
    events_of(document).reverse()
    assert [(row["seq"], row["biz_step"]) for row in sent(state, document, "custody_event")] == [
        (4, "receiving"),
        (3, "arriving"),
        (2, "departing"),
        (1, "packing"),
    ]


def test_steps_of_a_custody_that_began_in_another_file_are_not_numbered():
    document = shipment()
    del events_of(document)[0]
    for event in events_of(document):
        del event["veinway:seq"]
    assert reasons(answer(document, "custody_event")) == [(1, "seq", "required"), (2, "seq", "required"), (3, "seq", "required")]


def test_a_time_without_its_offset_takes_that_of_the_event(state):
    document = shipment()
    for event in events_of(document):
        event["eventTime"] = event["eventTime"].removesuffix("+01:00")
    assert sent(state, document, "custody_event")[0]["occurred_at"].isoformat() == "2026-11-13T07:30:00+00:00"


@pytest.mark.parametrize(
    ("disposition", "is_ok"), [("conformant", True), ("non_conformant", False), ("urn:epcglobal:cbv:disp:damaged", False)]
)
def test_the_condition_may_be_told_by_the_disposition(state, disposition, is_ok):
    document = shipment()
    for event in events_of(document):
        del event["veinway:conditionOk"]
        event["disposition"] = disposition
    assert {row["is_condition_ok"] for row in sent(state, document, "custody_event")} == {is_ok}


def test_an_event_that_is_not_what_its_id_says_is_refused_and_named():
    document = shipment(with_ids=True)
    events_of(document)[3]["veinway:conditionOk"] = False
    receipt = answer(document, "custody_event")
    assert reasons(receipt) == [(4, None, "event_id")]
    assert receipt.refusals[0].source_place == "event 4"


@pytest.mark.parametrize("event_id", ["ni:///sha-256;ABC?ver=CBV2.0", "ni:///md5;d41d8cd98f00b204e9800998ecf8427e?ver=CBV2.0"])
def test_an_id_that_only_begins_like_a_hash_is_refused(event_id):
    document = shipment()
    events_of(document)[3]["eventID"] = event_id
    assert reasons(answer(document, "custody_event")) == [(4, None, "event_id")]


def test_an_id_that_nobody_can_check_is_told(state):
    document = shipment(with_ids=True)
    del document["@context"][1]
    for event in events_of(document):
        event["veinway:other"] = event.pop("veinway:conditionOk")
        event["disposition"] = "conformant"
    receipt = answer(document, "custody_event")
    assert [(rule, place) for rule, _, place in told(receipt)] == [("event_id", "event 1, event 2, event 3, event 4")]


def test_an_event_declared_in_error_is_left_out_where_its_correction_is_there(state):
    landed = sent(state, sample("custody_event/good_epcis_corrected_in_the_file.jsonld"), "custody_event")
    assert [(row["seq"], row["occurred_at"].strftime("%H:%M")) for row in landed][:2] == [(1, "07:30"), (2, "09:40")]


def test_the_wrong_event_itself_is_left_out_with_its_declaration():
    document = sample("custody_event/good_epcis_corrected_in_the_file.jsonld")
    declared = events_of(document)[1]
    wrong = {name: value for name, value in declared.items() if name != "errorDeclaration"}
    events_of(document).insert(1, wrong)
    receipt = answer(document, "custody_event")
    assert (receipt.status, receipt.rows_accepted) == ("accepted", 4)
    assert [place for rule, _, place in told(receipt) if rule == "declared_in_error"] == ["event 2", "event 3"]


def test_a_declaration_without_its_correction_is_refused_and_names_what_to_send():
    document = shipment()
    identity = "urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8"
    events_of(document)[3] |= {
        "eventID": "urn:uuid:1",
        "errorDeclaration": {"correctiveEventIDs": [identity, "https://ehr.example/Jane-Doe"]},
    }
    receipt = answer(document, "custody_event")
    assert reasons(receipt) == [(4, None, "declared_in_error")]
    assert identity in (receipt.refusals[0].found or "")
    assert "Jane" not in str(receipt)


def test_what_another_feed_is_made_of_is_counted_and_named():
    document = shipment()
    events_of(document).insert(2, {"type": "AggregationEvent", "eventTime": "2026-11-13T09:00:00Z", "action": "ADD"})
    events_of(document).append("nothing")
    assert told(answer(document, "custody_event")) == [
        ("not_read", "1 event of the type AggregationEvent", "event 3"),
        ("not_read", "1 event", "event 6"),
    ]


def test_a_document_without_anything_for_the_feed_is_refused_with_what_it_holds():
    receipt = answer(shipment(), "temperature_reading")
    assert reasons(receipt) == [(None, None, "document_content")]
    assert "4 events of the type ObjectEvent" in receipt.message


@pytest.mark.parametrize(("unit", "value"), [("CEL", "-40.5"), ("FAH", "-40.9"), ("KEL", "232.65")])
def test_a_temperature_lands_in_celsius(state, unit, value):
    document = sample("temperature_reading/good_one_trip.jsonld")
    event = events_of(document)[0]
    event["sensorElementList"] = event["sensorElementList"][:1]
    event["sensorElementList"][0]["sensorReport"][0] |= {"value": float(value), "uom": unit}
    document["epcisBody"]["eventList"] = [identified({name: value for name, value in event.items() if name != "eventID"})]
    assert [row["celsius"] for row in sent(state, document, "temperature_reading")] == [-40.5]


@pytest.mark.parametrize("asset", ["urn:epc:id:grai:9501101.53001.DS-0043", "https://id.gs1.org/8003/09501101530010DS-0043"])
def test_a_container_is_the_serial_number_of_its_grai(state, asset):
    document = sample("temperature_reading/good_one_trip.jsonld")
    event = {name: value for name, value in events_of(document)[0].items() if name != "eventID"}
    document["epcisBody"]["eventList"] = [{**event, "epcList": ["urn:epc:id:sscc:9501101.0000471200", asset]}]
    assert {row["container_id"] for row in sent(state, document, "temperature_reading")} == {"DS-0043"}


def test_two_containers_in_one_event_are_not_guessed_between():
    document = sample("temperature_reading/good_one_trip.jsonld")
    event = {name: value for name, value in events_of(document)[0].items() if name != "eventID"}
    document["epcisBody"]["eventList"] = [{**event, "epcList": [f"urn:epc:id:grai:9501101.53001.DS-004{number}" for number in (3, 4)]}]
    found = {(refusal.column, refusal.rule, refusal.found) for refusal in answer(document, "temperature_reading").refusals}
    both = "urn:epc:id:grai:9501101.53001.DS-0043 and urn:epc:id:grai:9501101.53001.DS-0044"
    assert found == {("container_id", "several_values", both)}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"epcList": ["urn:epc:id:gsrn:9501101.5300001234"]}, "GSRN"),
        ({"epcList": ["https://id.gs1.org/8018/950110153000012345"]}, "GSRN"),
        ({"veinway:remark": "patient Jane Example, born 1961-05-06"}, "date of birth"),
        ({"veinway:patientName": "x"}, "name of a person"),
        ({"veinway:subject": 401234567890123450}, "GSRN"),
        ({"patientName": "x"}, "name of a person"),
        ({"veinway:mrn": "5"}, "medical record number"),
        ({"veinway:contact": "jane@hospital.example"}, "e-mail"),
        ({"ilmd": {"veinway:note": {"veinway:deep": ["MRN 00481516"]}}}, "medical record number"),
        ({"veinway:born": "1961-05-06"}, "date of birth"),
        ({"rdfs:comment": "call +49 30 5550199"}, "phone"),
        ({"hosp:jane@hospital.example": 1}, "e-mail"),
        ({"hosp:MRN00482013": "x"}, "medical record number"),
        ({"@context": [{"q": "mailto:jane@hospital.example"}]}, "e-mail"),
        ({"@context": {"MRN00482013": "https://ns.example/"}}, "medical record number"),
        ({"bizTransactionList": [{"type": "po", "bizTransaction": "urn:x:MRN00482011"}]}, "medical record number"),
        ({"readPoint": {"id": "https://ehr.example/visits/MRN-00482011/unit"}}, "medical record number"),
        ({"readPoint": {"id": "https://ehr.example/patient/00482011"}}, "medical record number"),
        ({"epcList": ["urn:epc:id:gsrnp:9501101.0000000013"]}, "GSRN"),
        ({"ilmd": {"x:vocabulary": [{"id": "urn:x:patientName", "attribute": "Doe Jane"}]}}, "name of a person"),
        ({"sensorElementList": [{"sensorReport": [{"type": "Temperature", "stringValue": "MRN00482011"}]}]}, "medical record number"),
    ],
)
def test_an_identifier_anywhere_in_the_document_refuses_it(state, change, kind):
    document = shipment()
    events_of(document)[2] |= change
    receipt = submit(json.dumps(document).encode(), partner="swiftvein", feed="custody_event", as_of=SENT_AT)
    assert (receipt.status, {refusal.rule for refusal in receipt.refusals}) == ("refused", {"direct_identifier"})
    assert kind in str(receipt.refusals)
    assert "jane@" not in str(receipt.to_dict())
    assert not [path for folder in ("raw", "landing", "refused") for path in (state / folder).rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "field",
    [
        {"veinway:loggerSerial": "123-456-7890"},
        {"veinway:sscc": "095287654321012346"},
        {"veinway:trackingNumber": "095287654321012346"},
        {"veinway:batch": "LOT-2026-000123"},
        {"veinway:calibrationDate": "2015-03-01"},
        {"veinway:firmwareVersion": "10.2.13.4"},
        {"eventTime": "1970-01-01T00:00:00Z"},
    ],
)
def test_serials_parcels_lots_and_days_of_devices_are_no_identifiers(field):
    document = shipment()
    events_of(document)[0] |= field
    assert "direct_identifier" not in {refusal.rule for refusal in answer(document, "custody_event").refusals}


def test_the_standards_own_names_and_addresses_are_no_identifiers():
    document = copy.deepcopy(shipment())
    for event in events_of(document):
        event["bizTransactionList"].append({"type": "po", "bizTransaction": "http://transaction.acme.com/po/12345678"})
        event["recordTime"] = "2026-11-14T10:00:00.123Z"
    assert answer(document, "custody_event").status == "accepted"
