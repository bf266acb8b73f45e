"""Good documents, mutated: whatever comes of them, the door answers with a receipt that adds up."""

from __future__ import annotations

import copy
import json

import pytest
from document_files import answer, sample
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzzing import examples

DOCUMENTS = {
    "custody_event": "custody_event/good_epcis_corrected_in_the_file.jsonld",
    "temperature_reading": "temperature_reading/good_epcis_fahrenheit_and_kelvin.jsonld",
    "apheresis_schedule": "apheresis_schedule/good_weekly.json",
    "slot_plan": "slot_plan/good_weekly.json",
    "collection": "collection/good_week_47.json",
}
FEEDS = [pytest.param(feed, marks=pytest.mark.fuzz(reader="epcis" if "epcis" in name else "fhir")) for feed, name in DOCUMENTS.items()]
FUZZ = settings(max_examples=examples(8), deadline=None, suppress_health_check=list(HealthCheck))
TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        "ObjectEvent",
        "Temperature",
        "Patient",
        "Patient/1",
        "#",
        "urn:epc:id:sgln:",
        "https://id.gs1.org/414/",
        "ni:///sha-256;",
        "2026-13-45T99:99:99Z",
        "\u0000",
        "\ud800",
        "9" * 40,
        "1e999",
        "entered-in-error",
        "https://ns.veinway.example/fhir/case",
        "veinway:",
        "NaN",
        "%",
        "__proto__",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6)


def _places(node, place=()):
    yield place
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from _places(child, (*place, key))


@st.composite
def mutated(draw, name):
    """The sample with one to four of its nodes replaced, removed, repeated or renamed."""
    document = sample(name)
    for _ in range(draw(st.integers(1, 4))):
        places = [place for place in _places(document) if place]
        if not places:
            break
        *above, last = draw(st.sampled_from(places))
        owner = document
        for key in above:
            owner = owner[key]
        act = draw(st.sampled_from(["replace", "remove", "repeat", "rename"]))
        if act == "remove":
            del owner[last]
        elif act == "repeat" and isinstance(owner, list):
            owner.insert(last, copy.deepcopy(owner[last]))
        elif act == "rename" and isinstance(owner, dict):
            owner[draw(TEXTS)] = owner.pop(last)
        else:
            owner[last] = draw(VALUES)
    return json.dumps(document).encode()


def _adds_up(receipt):
    assert receipt.rows_sent == receipt.rows_accepted + receipt.rows_refused
    assert receipt.status == ("refused" if not receipt.rows_accepted else "partly_accepted" if receipt.rows_refused else "accepted")
    assert receipt.message
    assert all(refusal.expected and refusal.hint for refusal in (*receipt.refusals, *receipt.warnings))
    assert (
        len({refusal.row for refusal in receipt.refusals if refusal.row is not None}) == receipt.rows_refused or not receipt.rows_accepted
    )
    json.dumps(receipt.to_dict())


@pytest.mark.parametrize("feed", FEEDS)
def test_a_mutated_document_gets_a_receipt(feed):
    @given(data=mutated(DOCUMENTS[feed]))
    @FUZZ
    def holds(data):
        _adds_up(answer(data, feed))

    holds()


@pytest.mark.parametrize("feed", FEEDS)
def test_damaged_bytes_get_a_receipt(feed):
    data = json.dumps(sample(DOCUMENTS[feed])).encode()

    @given(
        start=st.integers(0, len(data)),
        length=st.integers(0, 200),
        instead=st.binary(max_size=8) | st.sampled_from([b"[" * 500, b'"', b"\\u0000"]),
    )
    @FUZZ
    def holds(start, length, instead):
        _adds_up(answer(data[:start] + instead + data[start + length :], feed))

    holds()
