"""The hash of an EPCIS event, held to the worked examples of the reference implementation (README, CBV 2.0 and 2.1)."""

from __future__ import annotations

import copy

import pytest

from dagster_project.intake.adapting.epcis.digital_link import canonical
from dagster_project.intake.adapting.epcis.event_id import UnknownPrefixError, Writing, event_id_of, matches, prehash

PREFIXES = {"example": "https://ns.example.com/epcis/"}
COMMON = {"type": "ObjectEvent", "eventTimeZoneOffset": "+01:00", "action": "OBSERVE"}
EXTENDED = {
    **COMMON,
    "eventTime": "2020-03-04T11:00:30.000+01:00",
    "recordTime": "2020-03-04T11:00:30.999+01:00",
    "epcList": ["urn:epc:id:sscc:4012345.0000000333", "urn:epc:id:sscc:4012345.0000000111", "urn:epc:id:sscc:4012345.0000000222"],
    "bizStep": "departing",
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00011.987"},
    "example:myField1": {"example:mySubField1": "2", "example:mySubField2": "5"},
    "example:myField2": "0",
    "example:myField3": {"example:mySubField3": ["3", "1"]},
}
SENSED = {
    **COMMON,
    "eventTime": "2020-04-01T15:00:00+01:00",
    "epcList": ["urn:epc:id:sgtin:4012345.011111.9876"],
    "bizStep": "inspecting",
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00005.0"},
    "sensorElementList": [
        {
            "sensorMetadata": {"deviceID": "urn:epc:id:giai:4000001.111", "deviceMetadata": "https://id.gs1.org/8004/4000001111"},
            "sensorReport": [
                {"type": "Temperature", "value": 26, "sDev": 0.1, "uom": "CEL"},
                {"type": "AbsoluteHumidity", "value": 12.1, "uom": "A93"},
                {
                    "type": "Dimensionless",
                    "microorganism": "https://www.ncbi.nlm.nih.gov/taxonomy/1126011",
                    "value": 0.05,
                    "uom": "C35",
                },
                {
                    "type": "Dimensionless",
                    "chemicalSubstance": "https://identifiers.org/inchikey:CZMRCDWAGMRECN-UGDNZRGBSA-N",
                    "value": 0.18,
                    "uom": "C35",
                },
            ],
        }
    ],
}
TRADED = {
    **COMMON,
    "eventTime": "2020-03-04T11:00:30+01:00",
    "epcList": ["urn:epc:id:sgtin:0614141.011111.987"],
    "bizStep": "departing",
    "disposition": "in_transit",
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00011.0", "example:myField1": "AB-12"},
    "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epc:id:gdti:4012345.11111.123"}],
    "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00000"}],
    "destinationList": [{"type": "owning_party", "destination": "urn:epc:id:pgln:0614141.00000"}],
    "example:userExt": "CD-34",
}
PUBLISHED = [
    (EXTENDED, "6ae96341e0acc6d7a261364751f60e68278a81cdf51da0abb6b4e617014e39d7", "CBV2.0"),
    (EXTENDED, "6ae96341e0acc6d7a261364751f60e68278a81cdf51da0abb6b4e617014e39d7", "CBV2.1"),
    (SENSED, "271565c346ae2fb28c4583c4dca4ab4772d465eb4e0b6e548d77d8b49377d95c", "CBV2.0"),
    (SENSED, "f6bf8e2fb50f26f5baba52f722211eefdb0f427a3903c61ab015db6d1f93c3da", "CBV2.1"),
    (TRADED, "3ae14c02c4bdc220cc31942cf804f6845eb8dec96ba6483391c92a9b165f9329", "CBV2.0"),
    (TRADED, "e9273954ba78387caf181fe74038871990dbc97568d068123d0a8774b843e383", "CBV2.1"),
]


def _id(digest, version="CBV2.0"):
    return f"ni:///sha-256;{digest}?ver={version}"


@pytest.mark.parametrize(("event", "digest", "version"), PUBLISHED)
def test_the_published_hashes_hold(event, digest, version):
    assert matches(_id(digest, version), event, PREFIXES)


@pytest.mark.parametrize(("event", "digest", "version"), [case for case in PUBLISHED if case[2] == "CBV2.0"])
def test_our_own_ids_are_those_of_the_standard(event, digest, version):
    assert event_id_of(event, PREFIXES) == _id(digest)


def test_what_the_release_1_9_of_the_reference_implementation_makes_of_json_is_known():
    # Computed with epcis-event-hash-generator 1.9.3 from the third published example as JSON.
    assert matches(_id("a13cbe6c8bb6df3710b3edaeff760a1365ec8fd69ca1f4d7e0c10eb5189a883a"), TRADED, PREFIXES)


def test_the_same_event_in_other_words_has_the_same_id():
    other = copy.deepcopy(TRADED)
    other |= {
        "bizStep": "https://ref.gs1.org/cbv/BizStep-departing",
        "disposition": "urn:epcglobal:cbv:disp:in_transit",
        "epcList": ["https://shop.example/01/00614141111114/10/LOT/21/987?linkType=gs1:pip"],
        "eventTime": "2020-03-04T10:00:30.0001Z",
        "eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
        "recordTime": "2026-01-01T00:00:00Z",
        "rdfs:comment": "not part of the event",
    }
    assert event_id_of(dict(reversed(other.items())), PREFIXES) == event_id_of(TRADED, PREFIXES)


@pytest.mark.parametrize(
    "change",
    [
        {"eventTime": "2020-03-04T11:00:31+01:00"},
        {"eventTimeZoneOffset": "+02:00"},
        {"action": "ADD"},
        {"bizStep": "arriving"},
        {"epcList": ["urn:epc:id:sgtin:0614141.011111.988"]},
        {"readPoint": {"id": "urn:epc:id:sgln:4012345.00011.0", "example:myField1": "AB-13"}},
        {"sourceList": [{"type": "possessing_party", "source": "urn:epc:id:pgln:4012345.00000"}]},
        {"example:userExt": "CD-35"},
        {"example:another": "field"},
        {"type": "TransactionEvent"},
    ],
)
def test_any_change_of_the_event_breaks_its_id(change):
    assert not matches(event_id_of(TRADED, PREFIXES), {**TRADED, **change}, PREFIXES)


def test_a_name_without_a_known_prefix_cannot_be_checked():
    with pytest.raises(UnknownPrefixError):
        matches(_id("0" * 64), TRADED, {})


def test_sensor_data_of_the_draft_is_told_from_the_standard():
    text = prehash(TRADED, PREFIXES, Writing(draft=True))
    assert "bizStep=urn:epcglobal:cbv:bizstep:departing" in text
    assert "epc=urn:epc:id:sgtin:0614141.011111.987" in text


@pytest.mark.parametrize(
    ("uri", "link"),
    [
        ("urn:epc:id:sgtin:0614141.011111.987", "01/00614141111114/21/987"),
        ("urn:epc:class:lgtin:4012345.012345.998877", "01/04012345123456/10/998877"),
        ("urn:epc:idpat:sgtin:4012345.044444.*", "01/04012345444445"),
        ("urn:epc:id:sscc:4012345.0000000333", "00/040123450000003338"),
        ("urn:epc:id:sgln:4012345.00011.987", "414/4012345000115/254/987"),
        ("urn:epc:id:sgln:4012345.00011.0", "414/4012345000115"),
        ("urn:epc:id:pgln:4012345.00225", "417/4012345002256"),
        ("urn:epc:id:grai:4012345.55555.4987", "8003/040123455555544987"),
        ("urn:epc:id:giai:4000001.111", "8004/4000001111"),
        ("urn:epc:id:gdti:4012345.11111.123", "253/4012345111118123"),
        ("urn:epc:id:gsrn:0614141.0000010253", "8018/061414100000102534"),
        ("urn:epc:id:itip:4012345.011111.01.02.987", "8006/040123451111180102/21/987"),
        ("https://shop.example/gtin/4012345111118/lot/A1/ser/9876", "01/04012345111118/21/9876"),
        ("https://example.com/some/path/414/4012345000115?x=y", "414/4012345000115"),
    ],
)
def test_every_writing_of_a_gs1_key_becomes_its_canonical_link(uri, link):
    assert canonical(uri) == f"https://id.gs1.org/{link}"


@pytest.mark.parametrize(
    "text", ["urn:epc:id:sgtin:06141.011111.987", "urn:uuid:1", "https://example.com/home", "plain", "https://[broken/01/1234"]
)
def test_what_is_no_gs1_key_is_left_alone(text):
    assert canonical(text) is None
