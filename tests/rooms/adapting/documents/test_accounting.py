"""Every node of a document is accounted for: it gave a row, or it is set aside with a reason, or a remark names it."""

from __future__ import annotations

import pytest
from document_files import answer, events_of, shipment
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.contracts import contract
from dagster_project.intake.adapting.documents.documents import adapter_files, adapter_of, adapters
from dagster_project.intake.adapting.documents.walking import evaluate, own_name, unfiltered, walk
from dagster_project.intake.adapting.language.model import Level, read_mapping
from dagster_project.intake.receipt import FileRefusedError

LEVELS = (Level("box", "boxes[?kind=='good']"), Level("item", "items[?size > `1`]"))


@pytest.mark.parametrize("path", adapter_files(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_adapter_can_be_used(path):
    adapter = read_mapping(path)
    assert adapter.each
    assert {column.column for column in adapter.columns} >= {column.name for column in contract(adapter.feed).columns if column.required}


def test_a_format_without_an_adapter_for_the_feed_names_those_it_has(state):
    assert {"epcis", "fhir"} <= set(adapters())
    with pytest.raises(FileRefusedError, match="apheresis_schedule or collection or slot_plan"):
        adapter_of("fhir", "demand_forecast")


def test_filtered_and_empty_nodes_are_named_with_their_place_among_all():
    document = {
        "boxes": [
            {"kind": "bad", "items": [{"size": 2}]},
            {"kind": "good", "items": [{"size": 1}, {"size": 2}, {"size": 3}]},
            {"kind": "good", "items": []},
            {"kind": "good"},
            7,
        ]
    }
    found = walk(document, LEVELS)
    assert [row.place for row in found.rows] == ["box 2, item 2", "box 2, item 3"]
    assert [(unread.level.name, unread.place) for unread in found.unread] == [
        ("box", "box 1"),
        ("item", "box 2, item 1"),
        ("box", "box 3"),
        ("box", "box 4"),
        ("box", "box 5"),
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["good", "bad", ""]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["boxes", "items", "kind", "size"]), inner, max_size=4),
    max_leaves=25,
)


@given(JSON)
@settings(max_examples=200, deadline=None)
def test_whatever_the_document_nothing_is_counted_twice_or_lost(document):
    found = walk(document, LEVELS)
    boxes = evaluate(unfiltered(LEVELS[0].path), document)
    if not isinstance(boxes, list):
        return
    counted = {place.split(",")[0] for place in [*(row.place for row in found.rows), *(unread.place for unread in found.unread)] if place}
    assert counted == {f"box {number}" for number in range(1, len(boxes) + 1)}
    places = [unread.place for unread in found.unread] + [row.place for row in found.rows]
    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("event.bizLocation.id", "eventList.bizLocation.id"),
        ('event."veinway:seq"', "eventList.veinway:seq"),
        ("event.bizTransactionList[?type=='bol'].bizTransaction | [0]", "eventList.bizTransactionList.bizTransaction"),
        ("sensor_report.value", "sensorReport.value"),
    ],
)
def test_a_path_is_told_as_its_sender_knows_it(path, name):
    levels = read_mapping(next(file for file in adapter_files() if file.stem == "temperature_reading")).each
    assert own_name(path, levels) == name


def test_places_of_many_nodes_are_counted_not_listed():
    document = shipment()
    events_of(document).extend({"type": "AggregationEvent", "eventTime": "2026-11-13T09:00:00Z"} for _ in range(1200))
    warning = answer(document, "custody_event").warnings[0]
    assert warning.found == "1,200 events of the type AggregationEvent"
    assert warning.source_place == "event 5; event 6; event 7; event 8; event 9 and 1,195 more"
