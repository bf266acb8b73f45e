"""JSON from strangers: what is no JSON, or beyond the limits, is refused with its place and without a word of its content."""

from __future__ import annotations

import pytest
from document_files import answer

from dagster_project.intake.adapting.documents.json_text import MAX_DEPTH, NumberText, parsed
from dagster_project.intake.receipt import FileRefusedError

HEAD = b'{"@context": {}, "epcisBody": {"eventList": '


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'{"a": 1', "broken JSON at line 1, sign 8"),
        (b'{"a": 1}\n{"b": 2}', "broken JSON at line 2, sign 1"),
        (b'{"a": 1, "a": 2}', "the name a twice in one object"),
        (b'{"Jane Example": 1, "Jane Example": 2}', "the name of a field twice in one object"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": ' + b"1" * 5000 + b"}", "a number of 5,000 characters"),
        (b"[" * 100_000 + b"]" * 100_000, "brackets nested too deeply"),
        (b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2), "brackets nested too deeply"),
        (b'{"a": "\\ud800"}', "half of a letter (a lone surrogate)"),
        (b'{"a\\u0000": 1}', "a NUL character within a text"),
        (b'{"a": "\xff"}', "letters that are not UTF-8, at byte 8"),
    ],
)
def test_what_is_no_ordinary_json_is_refused_with_its_place(data, found):
    with pytest.raises(FileRefusedError) as refused:
        parsed(data)
    assert refused.value.refusals[0].found == found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_is_read_in_every_encoding_that_says_what_it_is(encoding):
    assert parsed('{"name": "Zürich", "n": 1}'.encode(encoding)) == {"name": "Zürich", "n": "1"}


def test_pairs_of_surrogates_are_letters():
    assert parsed(b'["\\ud83d\\ude00", "\\\\u0000"]') == ["\U0001f600", "\\u0000"]


def test_numbers_stay_as_they_were_written():
    found = parsed(b"[26.10, -0.0, 1e400, 12345678901234567890, true]")
    assert found == ["26.10", "-0.0", "1e400", "12345678901234567890", True]
    assert all(isinstance(number, NumberText) for number in found[:-1])


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b'"none"}}',
        HEAD + b"{}}}",
        HEAD + b"[]}}",
        HEAD + b"null}}",
        HEAD + b"[null, 1, [], {}, [[]]]}}",
        HEAD + b'[{"type": ["ObjectEvent"], "sensorElementList": 5}]}}',
        HEAD + b'[{"type": "ObjectEvent", "epcList": {"a": 1}, "errorDeclaration": [], "eventID": {}}]}}',
        HEAD
        + b'[{"type": "ObjectEvent", "bizStep": [], "eventTime": "2026-11-13T08:30:00Z", "bizTransactionList": [{"bizTransaction": "a"}]}]}}',
        b'{"epcisBody": []}',
        b'{"epcisBody": {"queryResults": 1}}',
        b'{"resourceType": "Bundle", "entry": {"resource": 1}}',
        b'{"resourceType": "Bundle", "entry": [1, null, [], {"resource": []}, {"resource": {"resourceType": 5}}]}',
        b'{"resourceType": "Appointment", "participant": {"actor": 5}, "extension": {"url": 1}, "contained": [5], "basedOn": "x"}',
        b'{"resourceType": "Appointment", "identifier": [{"type": "MR"}, {"type": {"coding": 1}}, {"assigner": []}]}',
    ],
)
@pytest.mark.parametrize("feed", ["custody_event", "temperature_reading", "apheresis_schedule", "slot_plan", "collection"])
def test_a_document_of_the_wrong_shape_gets_an_answer(data, feed):
    receipt = answer(data, feed)
    assert receipt.status == "refused"
    assert all(refusal.expected and refusal.hint.endswith(".") for refusal in receipt.refusals)
