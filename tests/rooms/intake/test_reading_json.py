"""JSON and NDJSON: the shapes that systems write, numbers as they stand there, and every fault told by its entry or line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from reading_files import answered, refused, staged

from dagster_project.intake import limits
from dagster_project.intake.reading.content import kind_of, open_content

ROW = {
    "hospital_id": "9501101530003",
    "therapy_code": "CART-101",
    "week_start_date": "2026-W48",
    "category": "commercial",
    "patients": 2.50,
    "basis": "pipeline",
}
CAMEL = {"hospitalId": "9501101530003", "Therapy": "CART-101", "weekStartDate": "2026-W48", "Category": "commercial", "PATIENTS": 2.5, "basis": "pipeline"}  # fmt: skip
WITHOUT_HOSPITAL = {name: value for name, value in ROW.items() if name != "hospital_id"}


def week(number: int, **cells: Any) -> dict[str, Any]:
    return {**ROW, "week_start_date": f"2026-W{number}", **cells}


def lines(*rows: Any) -> bytes:
    return "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows).encode()


def as_json(document: Any) -> bytes:
    return json.dumps(document).encode()


SHAPES = {
    "a list": [ROW],
    "a list in an object": {"rows": [ROW], "count": 1},
    "a list two levels down": {"data": {"items": [ROW], "next": None}},
    "one object": ROW,
    "other names": [CAMEL],
    "a nested site": [{**WITHOUT_HOSPITAL, "hospital": {"hospital_id": "9501101530003"}}],
    "a whole nested name": [{**WITHOUT_HOSPITAL, "hospital": {"id": "9501101530003"}}],
    "a value for all rows": {"hospital_id": "9501101530003", "rows": [WITHOUT_HOSPITAL]},
    "empty values": [{**ROW, "comment": None, "patients_p10": "", "patients_p90": []}],
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_common_shape_is_read(shape: str, encoding: str) -> None:
    outcome, rows = staged(json.dumps(SHAPES[shape]).encode(encoding))
    assert (outcome.status, outcome.format) == ("accepted", "json"), outcome.message
    assert [(row["hospital_id"], row["patients"], row["row_number"]) for row in rows] == [("9501101530003", 2.5, 1)]


def test_lines_are_numbered_as_they_stand_in_the_file_and_one_bad_line_refuses_no_other() -> None:
    outcome = answered(lines(week(48), "\n", '{"broken\n', week(49, patients=-1, patients_p10=-1), "[1]\n", week(50)))
    assert (outcome.format, outcome.rows_accepted) == ("ndjson", 2)
    assert refused(outcome) == [(3, None, "json"), (4, "patients", "range"), (4, "patients_p10", "range"), (5, None, "json")]
    assert [refusal.source_place for refusal in outcome.refusals] == ["line 3", "line 4", "line 4", "line 5"]


def test_entries_of_a_list_are_named_by_their_number() -> None:
    outcome = answered(as_json([week(48), "Total", week(49, comment=["a", "b"]), week(50, comment={"a": {"b": 1}})]))
    assert refused(outcome) == [(2, None, "json"), (3, "comment", "json"), (4, "comment", "json")]
    assert [refusal.source_place for refusal in outcome.refusals] == ["entry 2", "entry 3", "entry 4"]


def test_what_stands_beside_the_rows_is_named() -> None:
    outcome = answered(as_json({"rows": [ROW], "count": 1, "next": None, "unit": "dozens", "pages": 3}))
    assert (outcome.status, [(each.rule, each.found) for each in outcome.warnings]) == (
        "accepted",
        [("beside_rows", "beside the rows: unit, pages")],
    )


def test_numbers_stay_as_they_were_written() -> None:
    text = json.dumps([ROW]).replace("2.5", "1e400").replace("9501101530003", "9501101530003")
    assert answered(text.encode()).refusals[0].found == "1e400"
    huge = json.dumps([ROW]).replace('"9501101530003"', "9" * 60)
    assert answered(huge.encode()).refusals[0].found == "9" * 60


def test_a_code_written_as_a_number_is_read() -> None:
    assert answered(as_json([{**ROW, "hospital_id": 9501101530003}])).status == "accepted"


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"[]", "empty_file"),
        (b'{"rows": []}', "empty_file"),
        (b"[{}]", "empty_file"),
        (b"[1, 2]", "json"),
        (b'{"a": [1], "b": [2]}', "json"),
        (as_json({"a": [ROW], "b": [ROW]}), "json"),
        (as_json([ROW])[:-20], "json"),
        (b"[" * 100_000, "json"),
        (b'{"a":' * 100_000, "json"),
        (b'[{"patients": NaN}]', "json"),
        (as_json([ROW]).replace(b'"basis"', b'"patients"'), "json"),
        (as_json([{**ROW, "mood": "fine"}]), "unknown_column"),
        (as_json([WITHOUT_HOSPITAL]), "missing_column"),
        (as_json([{**ROW, "hospitalId": "x"}]), "column_twice"),
        (as_json([{**ROW, "patient_name": "x"}]), "direct_identifier"),
        (as_json([{**ROW, "comment": "MRN 00451234"}]), "direct_identifier"),
        (as_json([{**ROW, "comment": ["MRN 00451234"]}]), "direct_identifier"),
        (as_json({"sent_by": "Dr. Zelda Quuxberg", "rows": [ROW]}), "direct_identifier"),
        (lines(ROW, '{"note": "MRN 00451234"\n'), "direct_identifier"),
        (as_json([{f"name{place}": 1 for place in range(600)}]), "header"),
    ],
)
def test_other_documents_are_refused_with_a_reason(data: bytes, rule: str) -> None:
    outcome = answered(data)
    assert (outcome.status, outcome.refusals[0].rule) == ("refused", rule), outcome.message
    assert "00451234" not in str(outcome)
    assert "Quuxberg" not in str(outcome)


def test_lines_are_streamed_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    data = lines(*(week(48 + place % 5, therapy_code=f"CART-{place}", patients=place % 7) for place in range(50)))
    whole = staged(data)[1]
    monkeypatch.setattr(limits, "BATCH_ROWS", 7)
    monkeypatch.setattr(limits, "SMALL_FILE_BYTES", 0)
    assert staged(data)[1] == whole
    assert len(whole) == 50


def test_a_name_that_appears_late_is_read_too() -> None:
    _, rows = staged(lines(week(48), week(49, comment="late")))
    assert [row["comment"] for row in rows] == [None, "late"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (lines(ROW, ROW), "ndjson"),
        (lines(ROW), "json"),
        (json.dumps([ROW], indent=1).encode(), "json"),
        (b'{"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"], "epcisBody": {}}', "epcis"),
        (b'{"resourceType": "Bundle", "entry": []}', "fhir"),
        (as_json([{**ROW, "comment": '"epcisBody": and "resourceType": "Bundle"'}]), "json"),
        (b"ISA*00*          *00*          *ZZ*A", "x12"),
        (b"ISA,category,patients\n", "csv"),
    ],
)
def test_the_kind_is_told_by_the_content(data: bytes, kind: str) -> None:
    assert kind_of(open_content(data)) == kind
