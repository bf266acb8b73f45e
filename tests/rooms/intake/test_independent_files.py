"""Files that nobody on this project wrote: CSV torture files with their JSON twins, and naughty strings.

They lie in `../shared/data`, or where VEINWAY_INDEPENDENT_DATA says; without them these tests are skipped.
"""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from door_files import HEADER, week
from reading_files import answered, staged

from dagster_project.contracts import contract
from dagster_project.home import PROJECT_ROOT
from dagster_project.intake import limits
from dagster_project.intake.judging.privacy import FREE, value_class
from dagster_project.intake.reading.content import kind_of, open_content, survey
from dagster_project.intake.reading.read import File, read
from dagster_project.intake.reading.sheet import SPACE
from dagster_project.intake.receipt import FileRefusedError

if TYPE_CHECKING:
    from dagster_project.contracts import Contract

DATA = Path(os.environ.get("VEINWAY_INDEPENDENT_DATA", PROJECT_ROOT.parent / "shared" / "data"))
TWINS = sorted(
    (path, twin)
    for folder, name in (("csv-spectrum", "csvs"), ("csv-test-data", "csv"))
    for path in (DATA / folder / name).glob("*.csv")
    if (twin := DATA / folder / "json" / f"{path.stem}.json").exists()
)
BAD = {
    "bad-header-less-fields": "columns",
    "bad-header-more-fields": "columns",
    "bad-header-no-header": "empty_file",
    "bad-header-wrong-header": "header",
    "bad-missing-quote": "csv",
    "bad-quotes-with-unescaped-quote": "csv",
    "bad-unescaped-quote": "csv",
}
STRINGS = DATA / "strings" / "blns.json"

needs_csv = pytest.mark.skipif(not TWINS, reason="the independent CSV files are not here")
needs_strings = pytest.mark.skipif(not STRINGS.exists(), reason="the naughty strings are not here")


def of_text(names: list[str]) -> Contract:
    """A contract with these columns, all of them text and none of them needed."""
    model = contract("demand_forecast")
    column = replace(model.column("comment"), max_length=None, synonyms=())
    return replace(model, columns=tuple(replace(column, name=name) for name in names), rules=())


def cells_of(data: bytes, names: list[str]) -> tuple[list[str], list[list[str | None]]]:
    """The columns and the rows that our reader finds; a row set aside raises."""
    with duckdb.connect() as connection:
        content = open_content(data)
        with content.open_path() as path:
            sheet = read(connection, File(content, path, survey(content), kind_of(content), None), of_text(names), exactly=False)
            if sheet.ragged:
                problem = sheet.ragged[0].problem
                raise FileRefusedError("a row is set aside", [problem] if problem else [])
            places = ", ".join(f"c{place}" for place in range(len(sheet.columns)))
            found = connection.execute(f"SELECT {places} FROM {sheet.numbered_relation()} ORDER BY row_number").fetchall()
        return sheet.columns, [[None if cell is None else cell.strip(SPACE) or None for cell in row] for row in found]


def _document(twin: Path) -> list[Any]:
    document = json.loads(twin.read_text(encoding="utf-8", errors="replace"))
    return [document] if isinstance(document, dict) else list(document)


def _bytes(path: Path) -> bytes:
    """The file; the line ends that its name speaks of are put back where a checkout has changed them."""
    data = path.read_bytes()
    return data.replace(b"\n", b"\r\n") if "crlf" in path.stem and b"\r" not in data else data


def of_twin(twin: Path) -> tuple[list[str], list[list[str | None]]]:
    """Header and rows by the twin: a list of rows or of objects. Space around a cell and rows without content are no part of a table for us."""
    document = _document(twin)
    rows = [list(document[0]), *(list(row.values()) for row in document)] if document and isinstance(document[0], dict) else document
    header, *below = rows
    trimmed = [[cell.strip(SPACE) or None for cell in row] for row in below]
    return header, [row for row in trimmed if any(row)]


@needs_csv
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(("path", "twin"), TWINS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_torture_file_is_read_as_its_twin(path: Path, twin: Path, *, large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if large:
        # As if it were a large file: by the scan, where the scan can read it.
        monkeypatch.setattr(limits, "SCAN_FROM_BYTES", 0)
    if not any(any(row) for row in _document(twin)):
        with pytest.raises(FileRefusedError):
            cells_of(_bytes(path), ["foo"])
        return
    header, rows = of_twin(twin)
    columns, found = cells_of(_bytes(path), header)
    # The one twin that is an object by itself has another telephone number than its file.
    first = 1 if path.stem == "location_coordinates" else 0
    assert columns == header
    assert [row[first:] for row in found if any(row)] == [row[first:] for row in rows]


@needs_csv
@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_for_the_right_reason(name: str) -> None:
    data = (DATA / "csv-test-data" / "csv" / f"{name}.csv").read_bytes()
    with duckdb.connect() as connection:
        try:
            content = open_content(data)
            kind_of(content)
            with content.open_path() as path:
                sheet = read(connection, File(content, path, survey(content), "csv", None), of_text(["foo", "bar", "baz"]), exactly=False)
        except FileRefusedError as refused:
            rules = {refusal.rule for refusal in refused.refusals}
        else:
            rules = {row.problem.rule if row.problem else "columns" for row in sheet.ragged}
    assert rules == {BAD[name]}


def strings() -> list[str]:
    """The naughty strings; none where they are not here."""
    return list(dict.fromkeys(json.loads(STRINGS.read_text(encoding="utf-8")))) if STRINGS.exists() else []


def row(place: int, comment: str) -> list[str]:
    cells = week(48).split(",")
    cells[1], cells[-1] = f"CART-{place}", comment
    return cells


def as_csv(texts: list[str]) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target, quoting=csv.QUOTE_ALL).writerows([HEADER.split(","), *(row(place, text) for place, text in enumerate(texts))])
    return target.getvalue().encode()


def as_lines(texts: list[str]) -> bytes:
    names = HEADER.split(",")
    return "\n".join(json.dumps(dict(zip(names, row(place, text), strict=True))) for place, text in enumerate(texts)).encode()


@needs_strings
@pytest.mark.parametrize("written", [as_csv, as_lines])
def test_naughty_strings_come_through_unchanged(written: Any) -> None:
    harmless = [text for text in strings() if value_class(text, FREE) is None]
    fitting = [text for text in harmless if len(text) <= 500]
    outcome, rows = staged(written(harmless))
    assert {refusal.rule for refusal in outcome.refusals} <= {"max_length"}
    assert outcome.rows_refused == len(harmless) - len(fitting)
    assert [found["comment"] for found in rows] == [text.strip(SPACE) or None for text in harmless]


@needs_strings
@pytest.mark.parametrize("text", [text for text in strings() if value_class(text, FREE) is not None])
def test_a_naughty_string_is_refused_only_as_an_identifier(text: str) -> None:
    assert [refusal.rule for refusal in answered(as_csv([text])).refusals] == ["direct_identifier"]


@needs_strings
def test_few_naughty_strings_are_taken_for_persons() -> None:
    kinds = {kind for text in strings() if (kind := value_class(text, FREE))}
    # One of them is the name of a doctor.
    assert kinds <= {"web address", "e-mail address", "IP address", "phone or fax number", "name of a person"}
