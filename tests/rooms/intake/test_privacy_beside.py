"""Identifiers beside the rows that are known by a label, a name or an odd place: cover sheets, broken lines, archives, names of files."""

from __future__ import annotations

import gzip
import io
import json
import re
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from door_files import HEADER, forecast, week
from reading_files import answered, book, refused

from dagster_project.intake.judging.neighbours import labelled_class
from dagster_project.intake.judging.repeating import file_name_shown

if TYPE_CHECKING:
    from collections.abc import Callable

OBJECT = dict(zip(HEADER.split(","), week(48, comment="x").split(","), strict=True))
OTHER = OBJECT | {"week_start_date": "2026-W49"}


def lines(*rows: str) -> bytes:
    return "\n".join([json.dumps(OBJECT), *rows, ""]).encode()


def rows(*found: Any, **beside: Any) -> bytes:
    return json.dumps({"rows": [OBJECT, *found], **beside}).encode()


BROKEN_JSON = {
    "a name in escapes beside NaN": lines(json.dumps(OTHER | {"comment": "Frau Müller", "patients": float("nan")})),
    "a name twice": lines('{"comment": "\\u004dRN 00451234", "comment": "x"}'),
    "a field of persons in a cut line": lines('{"mrn": "00451234", "week'),
    "a field of persons within a cell": rows(OTHER | {"comment": {"patient": {"mrn": "00451234"}}}),
    "a list within a cell": rows(OTHER | {"comment": [{"patient_name": "Zelda"}]}),
    "a row that is a list": rows([{"mrn": "00451234"}]),
    "an object beside the rows": rows(header={"patient": {"mrn": "00451234"}}),
    "a pair of a label and its number": lines(json.dumps(OTHER), '["mrn", "00451234"]'),
    "a pair beside the rows": rows(header=["mrn", "00451234"]),
    "a pair in an object beside the rows": rows(header={"key": "mrn", "value": "00451234"}),
    "a pair within a cell": rows(OTHER | {"comment": ["MRN", "00451234"]}),
    "a name beside the rows": rows(header={"patient": {"name": "Zelda"}}),
}


@pytest.mark.parametrize("case", BROKEN_JSON)
def test_an_identifier_where_json_is_no_row_refuses_the_file(case: str) -> None:
    outcome = answered(BROKEN_JSON[case])
    assert {rule for *_, rule in refused(outcome)} == {"direct_identifier"}
    assert not outcome.is_clear_of_identifiers
    assert not re.search("00451234|Müller|Zelda", repr(outcome))


@pytest.mark.parametrize(
    "data",
    [
        lines(json.dumps(OTHER | {"comment": "Second shift", "patients": float("nan")})),
        lines(json.dumps({"sscc": "095287654321012346", "lot": "4500012345", "patients": float("nan")})),
        rows(OTHER | {"comment": {"site": {"name": "north"}}}),
        rows(header={"system": {"name": "planner", "version": "2"}}),
        rows(name="demand forecast"),
    ],
)
def test_a_row_that_is_none_refuses_no_file_without_a_person(data: bytes) -> None:
    assert answered(data).is_clear_of_identifiers


def packed(change: Callable[[zipfile.ZipFile], Any] = lambda _: None, extra: bytes = b"") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        entry = zipfile.ZipInfo("forecast.csv")
        entry.extra = extra
        archive.writestr(entry, forecast(week(48)))
        change(archive)
    return target.getvalue()


def gzipped(flag: int, between: bytes) -> bytes:
    plain = gzip.compress(forecast(week(48)))
    return plain[:3] + bytes([flag]) + plain[4:10] + between + plain[10:]


def noted(note: bytes) -> bytes:
    return struct.pack("<HH", 0xCAFE, len(note)) + note


def workbook_with(change: Callable[[zipfile.ZipFile], Any]) -> bytes:
    target = io.BytesIO(book([week(48)]))
    with zipfile.ZipFile(target, "a") as archive:
        change(archive)
    return target.getvalue()


PACKED = {
    "an extra field of gzip": gzipped(4, struct.pack("<H", 16) + noted(b"MRN 00451234")),
    "a name in gzip, in UTF-8": gzipped(8, "Frau Müller.csv\0".encode()),
    "a remark behind a long name in gzip": gzipped(24, b"a" * 9000 + b"\0MRN 00451234\0"),
    "a name of a second member of gzip": gzip.compress(b"") + gzipped(8, b"MRN 00451234.csv\0"),
    "a remark of a second member of gzip": gzip.compress(b"") + gzipped(16, b"MRN 00451234\0"),
    "an extra field of a second member": gzip.compress(b"") + gzipped(4, struct.pack("<H", 16) + noted(b"MRN 00451234")),
    "an extra field of zip": packed(extra=noted(b"MRN 00451234")),
    "a folder with content": packed(lambda archive: archive.writestr("a/", "MRN 00451234")),
    "a remark on a workbook": workbook_with(lambda archive: setattr(archive, "comment", b"MRN 00451234")),
    "a part called after a patient": workbook_with(lambda archive: archive.writestr("custom/Frau Müller.bin", b"x")),
}


@pytest.mark.parametrize("case", PACKED)
def test_an_identifier_in_the_wrapping_refuses_the_file(case: str) -> None:
    outcome = answered(PACKED[case])
    assert {rule for *_, rule in refused(outcome)} == {"direct_identifier"}
    assert not outcome.is_clear_of_identifiers


@pytest.mark.parametrize("hidden", [gzip.compress(b"MRN 00451234"), packed(), b"a " * 600_000], ids=["gzip", "zip", "large"])
def test_a_hidden_file_that_cannot_be_looked_through_refuses_the_archive(hidden: bytes) -> None:
    outcome = answered(packed(lambda archive: archive.writestr(".old.csv", hidden)))
    assert [rule for *_, rule in refused(outcome)] == ["archive"]


def test_what_programs_write_into_a_wrapping_passes() -> None:
    assert answered(packed(extra=struct.pack("<HHBl", 0x5455, 5, 1, 1_790_000_000))).status == "accepted"
    assert answered(gzipped(4, struct.pack("<H", 6) + b"BC\x02\x00\x1b\x00")).status == "accepted"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_workbook_with_a_part_twice_is_refused() -> None:
    with zipfile.ZipFile(io.BytesIO(book([week(48)]))) as plain:
        name = "xl/worksheets/sheet1.xml"
        outcome = answered(workbook_with(lambda archive: archive.writestr(name, plain.read(name))))
    assert [rule for *_, rule in refused(outcome)] == ["file_kind"]


def with_cover(*lines: tuple[str | int, ...]) -> bytes:
    def change(workbook: Any, _: Any) -> None:
        sheet = workbook.add_worksheet("cover")
        for number, cells in enumerate(lines):
            sheet.write_row(number, 0, cells)

    return book([week(48)], change)


@pytest.mark.parametrize(
    "data",
    [
        with_cover(("Site", "North"), ("MRN", "00451234")),
        with_cover(("Site", "North"), ("Patient name:", "Quuxberg")),
        with_cover(("Site", "North"), ("DOB", 22500)),
        with_cover(("Cases of the week",), ("MRN", "First name", "Slot")),
        with_cover(("Name", "Slot"), ("x", "y")),
        b"MRN,00451234\n" + forecast(week(48)),
        b"Patient name;Quuxberg\n" + forecast(week(48)).replace(b",", b";"),
        b"MRN:;00451234\n\n" + forecast(week(48)),
    ],
)
def test_a_label_says_what_the_cell_beside_it_is(data: bytes) -> None:
    outcome = answered(data)
    assert {rule for *_, rule in refused(outcome)} == {"direct_identifier"}
    assert not outcome.is_clear_of_identifiers


@pytest.mark.parametrize(
    "data",
    [
        with_cover(("Site", "North"), ("Patients", 12), ("Weeks", "2026-W48 to 2027-W02")),
        with_cover(("Column", "Meaning"), ("MRN", "never to be sent"), ("DOB", "never to be sent")),
        with_cover(("GLN", "Name"), ("9501101530003", "North Hospital")),
        b"Forecast of patients,2026-W48\n" + forecast(week(48)),
    ],
)
def test_a_cover_without_a_person_passes(data: bytes) -> None:
    assert answered(data).is_clear_of_identifiers


def test_a_label_alone_says_nothing() -> None:
    assert [labelled_class(cells) for cells in (["MRN"], ["Patient name", "tbd"], ["Contact name", "Anna Kovacs"])] == [None] * 3


def test_metadata_of_parquet_is_known_by_its_names_at_every_level() -> None:
    table = pa.table({name: [value] for name, value in OBJECT.items()})
    of_fields = pa.schema([field.with_metadata({"patient_name": "Quuxberg"}) for field in table.schema])
    nested = table.replace_schema_metadata({"info": json.dumps({"sent": {"mrn": "x-1"}})})
    pairs = [table.replace_schema_metadata({"info": text}) for text in ('[["mrn", "00451234"]]', '{"key": "mrn", "value": "00451234"}')]
    for told in (table.cast(of_fields), nested, *pairs):
        target = io.BytesIO()
        pq.write_table(told, target)
        assert {rule for *_, rule in refused(answered(target.getvalue()))} == {"direct_identifier"}


@pytest.mark.parametrize(
    "name",
    [
        "dob_2012-05-03.csv", "MRN_20150312.csv", "patient%20Zelda%20Quuxberg.csv", "Frau%20M%C3%BCller.csv", "PatientZeldaQuuxberg.csv",
        "HerrKovacs_plan.csv",
    ],
)  # fmt: skip
def test_a_file_name_of_a_person_is_not_kept(name: str) -> None:
    assert file_name_shown(name)[0] == "(name withheld).csv"


@pytest.mark.parametrize(
    "name", ["forecast_2026-11-20.csv", "hospital_20261120.csv", "PlanKW48_Station3.xlsx", "MRN-import.csv", "100%.csv"]
)
def test_a_file_name_of_a_plan_is_kept(name: str) -> None:
    assert file_name_shown(name) == (name, None)


def test_signs_that_nobody_can_show_do_not_enter_the_register() -> None:
    assert [file_name_shown(name)[0] for name in ("a\0b.csv", "a\n2026 ERROR.csv", "")] == ["a_b.csv", "a_2026 ERROR.csv", "unnamed"]
