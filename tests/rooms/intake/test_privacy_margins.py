"""A direct identifier outside the rows refuses the file: metadata, dictionaries, names in JSON, authors and number formats."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from door_files import HEADER, week
from reading_files import answered, book, refused, zipped

from dagster_project.intake.judging.privacy import colleague_class

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

SECRET = "anna.kovacs@example.org"
NAMES, ROW = HEADER.split(","), week(48, comment="x").split(",")
OBJECT = dict(zip(NAMES, ROW, strict=True))


def parquet(table: pa.Table) -> bytes:
    target = io.BytesIO()
    pq.write_table(table, target)
    return target.getvalue()


def table() -> pa.Table:
    return pa.table({name: [value] for name, value in OBJECT.items()})


def with_metadata(metadata: dict[str, str]) -> bytes:
    return parquet(table().replace_schema_metadata(metadata))


def with_field_metadata(text: str) -> bytes:
    plain = table()
    return parquet(plain.cast(pa.schema([field.with_metadata({"c": text}) for field in plain.schema])))


def with_dictionary(values: list[str], place: int | None) -> bytes:
    comment = pa.DictionaryArray.from_arrays(pa.array([place], pa.int32()), pa.array(values))
    return parquet(table().set_column(NAMES.index("comment"), "comment", comment))


def jsons(document: object) -> bytes:
    return json.dumps(document).encode()


PANDAS = {
    "columns": [{"name": "hospital_id", "pandas_type": "unicode", "metadata": None}],
    "creator": {"library": "pyarrow", "version": "23.0.1"},
}


@pytest.mark.parametrize(
    "data",
    [
        with_metadata({"note": f"see {SECRET}"}),
        with_metadata({SECRET: "x"}),
        with_metadata({"patient_name": "x"}),
        with_metadata({"pandas": json.dumps(PANDAS | {"attributes": {"by": [SECRET]}})}),
        with_metadata({"pandas": json.dumps(PANDAS | {"attributes": {SECRET: 1}})}),
        with_metadata({"note": json.dumps("anna\u002ekovacs\uff20example.org")}),
        with_field_metadata(f"see {SECRET}"),
        with_dictionary(["x", SECRET], 0),
        with_dictionary(["x", SECRET], None),
        zipped({"part=1/a.parquet": with_dictionary(["x", SECRET], 0)}),
        zipped({"part=1/a.parquet": with_metadata({"note": SECRET})}),
        jsons({SECRET: {"rows": [OBJECT]}}),
        jsons({"sent": {SECRET: [OBJECT]}}),
        jsons({SECRET: [OBJECT]}),
        jsons({SECRET: 1, "rows": [OBJECT]}),
        jsons([{SECRET: OBJECT}]),
        jsons([OBJECT | {SECRET: {}}]),
        jsons([OBJECT | {"comment": {"note": {SECRET: 1}}}]),
        jsons(OBJECT | {SECRET: {}}) + b"\n" + jsons(OBJECT),
    ],
)
def test_an_identifier_beside_the_rows_refuses_the_file(data: bytes) -> None:
    outcome = answered(data)
    assert {rule for *_, rule in refused(outcome)} == {"direct_identifier"}
    assert not outcome.is_clear_of_identifiers
    assert SECRET not in repr(outcome)


@pytest.mark.parametrize(
    "data",
    [
        with_metadata({"pandas": json.dumps(PANDAS), "name": "plan", "writer.version": "1.2.3.4"}),
        with_metadata({"table schema": json.dumps({"$schema": "https://example.org/schema.json"})}),
        with_field_metadata("the hospital's own number"),
        with_dictionary(["x", "y"], 0),
        jsons({"sent": {"rows": [OBJECT]}}),
    ],
)
def test_what_programs_write_beside_the_rows_passes(data: bytes) -> None:
    assert answered(data).is_clear_of_identifiers


def styled(**style: str) -> bytes:
    def change(workbook: Workbook, sheet: Worksheet) -> None:
        sheet.write_blank(9, 0, None, workbook.add_format(style))

    return book([",".join(ROW)], change)


def by(author: str) -> bytes:
    return book([",".join(ROW)], lambda workbook, _: workbook.set_properties({"author": author}))


def comment_by(author: str) -> bytes:
    return book([",".join(ROW)], lambda _, sheet: sheet.write_comment(1, 0, "ok", {"author": author}))


@pytest.mark.parametrize("make", [by, comment_by])
@pytest.mark.parametrize("author", ["MRN 00451234", "Kovacs, born 1961-02-03", "call +49 89 1234 5678", "Patient Anna Kovacs"])
def test_an_author_is_called_by_a_name_only(make: Callable[[str], bytes], author: str) -> None:
    outcome = answered(make(author))
    assert {rule for *_, rule in refused(outcome)} == {"direct_identifier"}
    assert author not in repr(outcome)


@pytest.mark.parametrize("make", [by, comment_by])
@pytest.mark.parametrize("author", ["Anna Kovacs", "Dr. Anna Kovacs", "Kovacs, Anna (Planning)", "openpyxl"])
def test_a_colleague_is_named_as_the_author(make: Callable[[str], bytes], author: str) -> None:
    assert colleague_class(author) is None
    assert answered(make(author)).is_clear_of_identifiers


@pytest.mark.parametrize(
    "data",
    [
        styled(num_format=f'"{SECRET}"0'),
        styled(num_format='"MRN 00451234"General'),
        styled(num_format=r"\M\R\N\ \0\0\4\5\1\2\3\4"),
        styled(font_name=SECRET),
    ],
)
def test_an_identifier_in_a_style_refuses_the_workbook(data: bytes) -> None:
    outcome = answered(data)
    assert {rule for *_, rule in refused(outcome)} == {"direct_identifier"}
    assert SECRET not in repr(outcome)


@pytest.mark.parametrize("code", ["000-00-0000", "(000) 000-0000", "000-000-0000", "+00 00 0000 0000", r"[$-409]d\-mmm\-yyyy", '0.00 "kg"'])
def test_the_places_of_digits_are_no_number(code: str) -> None:
    assert answered(styled(num_format=code)).is_clear_of_identifiers
