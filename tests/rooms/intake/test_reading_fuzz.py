"""Every reader against anything: good files with changed bytes, odd cells, odd shapes. There is always an answer, and never a stack trace."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from door_files import HEADER, forecast, week
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_files import FEED, answered, book, staged, zipped

from dagster_project.intake import limits
from tests.fuzzing import examples

QUICKLY = settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
NAMES = HEADER.split(",")
GOOD = forecast(week(48), week(49, comment='"a, ""b"""'), week(50))
ROW = dict(zip(NAMES, week(48).split(","), strict=True))


def as_parquet() -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table({name: [cell] * 2 for name, cell in ROW.items()}), target)
    return target.getvalue()


SEEDS = {
    "csv": GOOD,
    "windows": GOOD.replace(b"a, ", "é, ".encode("cp1252")),
    "utf-16": GOOD.decode().encode("utf-16"),
    "xlsx": book([week(48), week(49)], lambda _, sheet: sheet.write_formula(1, 4, "=1+2", None, 3)),
    "parquet": as_parquet(),
    "json": json.dumps({"rows": [ROW, ROW]}).encode(),
    "ndjson": "\n".join(json.dumps(ROW) for _ in range(3)).encode(),
    "gzip": gzip.compress(GOOD),
    "zip": zipped({"forecast.csv": GOOD}),
    "parts": zipped({"category=commercial/a.parquet": as_parquet(), "category=trial/b.parquet": as_parquet()}),
}
READERS = {
    "windows": "text",
    "csv": "text",
    "utf-16": "text",
    "xlsx": "workbook",
    "ndjson": "json",
    "gzip": "archives",
    "zip": "archives",
    "parts": "archives",
}
PLACES = st.integers(0, 1 << 20)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("put"), PLACES, st.binary(min_size=1, max_size=4)),
        st.tuples(st.just("insert"), PLACES, st.sampled_from([b'"', b"\0", b"\r", b"\n", b",", b";", b"{", b"[", b"\xff", b"\xef\xbb\xbf", b"<f>"])),
        st.tuples(st.just("cut"), PLACES, st.just(b"")),
        st.tuples(st.just("double"), PLACES, st.just(b"")),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


def changed(data: bytes, changes: list[tuple[str, int, bytes]]) -> bytes:
    for what, where, piece in changes:
        place = where % (len(data) + 1)
        match what:
            case "put":
                data = data[:place] + piece + data[place + len(piece) :]
            case "insert":
                data = data[:place] + piece + data[place:]
            case "cut":
                data = data[:place]
            case _:
                data = data[:place] + data[place // 2 :]
    return data


def require_answer(data: bytes) -> None:
    outcome = answered(data, feed=FEED)
    assert outcome.status in {"accepted", "partly_accepted", "refused"}
    assert outcome.rows_accepted + outcome.rows_refused == outcome.rows_sent
    assert outcome.status == "accepted" or outcome.refusals
    for refusal in outcome.refusals:
        assert refusal.expected
        assert refusal.hint.endswith("."), refusal


@pytest.mark.parametrize("seed", [pytest.param(name, marks=pytest.mark.fuzz(reader=READERS.get(name, name))) for name in SEEDS])
@pytest.mark.parametrize("scans", [False, True])
def test_a_good_file_with_changed_bytes_gets_an_answer(seed: str, *, scans: bool) -> None:
    @QUICKLY
    @given(changes=CHANGES)
    def holds(changes: list[tuple[str, int, bytes]]) -> None:
        with pytest.MonkeyPatch.context() as patch:
            if scans:
                patch.setattr(limits, "SCAN_FROM_BYTES", 0)
                patch.setattr(limits, "SMALL_FILE_BYTES", 64)
                patch.setattr(limits, "MAX_HEADER_BYTES", 300)
            require_answer(changed(SEEDS[seed], changes))

    holds()


CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "1,234", "1.234,5", "2026-W48", "46349", "1e999", "NaN", "Infinity", "-0", "true", "#REF!", "Total", '"', "''", "\x00", "\ud7ff", "9501101530003"]),
    st.floats().map(str),
    st.integers().map(str),
    st.dates().map(str),
)  # fmt: skip
ROWS = st.lists(st.lists(CELL, max_size=11), max_size=5)


@pytest.mark.fuzz(reader="text")
@QUICKLY
@given(
    above=ROWS, rows=ROWS, delimiter=st.sampled_from(",;\t|"), encoding=st.sampled_from(["utf-8", "utf-16", "cp1252"]), scans=st.booleans()
)
def test_a_csv_of_any_cells_gets_an_answer(
    above: list[list[str]], rows: list[list[str]], delimiter: str, encoding: str, *, scans: bool
) -> None:
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter)
    writer.writerows([*above, NAMES, *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "SCAN_FROM_BYTES", 0 if scans else 1 << 20)
        require_answer(target.getvalue().encode(encoding, "replace"))


VALUE = st.recursive(
    st.one_of(CELL, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*NAMES, "rows", "data", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
ENTRY = st.dictionaries(st.one_of(st.sampled_from([*NAMES, "hospitalId", "hospital"]), st.text(max_size=5)), VALUE, max_size=10)


@pytest.mark.fuzz(reader="json")
@QUICKLY
@given(
    document=st.one_of(
        VALUE, st.lists(ENTRY, max_size=4), st.dictionaries(st.sampled_from(["rows", "data", *NAMES]), st.lists(ENTRY, max_size=3))
    )
)
def test_a_json_document_of_any_shape_gets_an_answer(document: Any) -> None:
    require_answer(json.dumps(document).encode())


@pytest.mark.fuzz(reader="json")
@QUICKLY
@given(entries=st.lists(st.one_of(ENTRY.map(json.dumps), st.text(max_size=8), VALUE.map(json.dumps)), min_size=2, max_size=5))
def test_lines_of_anything_get_an_answer(entries: list[str]) -> None:
    require_answer("\n".join(["{}", "{}", *entries]).encode())


@pytest.mark.fuzz(reader="workbook")
@QUICKLY
@given(rows=ROWS, title=ROWS)
def test_a_workbook_of_any_cells_gets_an_answer(rows: list[list[str]], title: list[list[str]]) -> None:
    def enter(_: Any, sheet: Any) -> None:
        for number, cells in enumerate([*title, NAMES, *rows]):
            for place, cell in enumerate(cells):
                if cell.isprintable() and not cell.startswith(("=", "{")):
                    sheet.write(number, place, cell)

    require_answer(book([], enter, header="x", strings_to_numbers=True, nan_inf_to_errors=True))


@pytest.mark.fuzz(reader="parquet")
@QUICKLY
@given(
    columns=st.dictionaries(
        st.sampled_from(NAMES),
        st.one_of(
            st.lists(CELL, min_size=2, max_size=2), st.lists(st.floats(), min_size=2, max_size=2), st.lists(st.binary(max_size=3), min_size=2, max_size=2),
            st.lists(st.datetimes(), min_size=2, max_size=2), st.lists(st.dictionaries(st.just("hospital_id"), CELL), min_size=2, max_size=2),
            st.lists(st.lists(st.integers(-9, 9)), min_size=2, max_size=2), st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=3), min_size=2, max_size=2),
        ),
        min_size=1,
    )
)  # fmt: skip
def test_a_parquet_file_of_any_types_gets_an_answer(columns: dict[str, list[Any]]) -> None:
    target = io.BytesIO()
    try:
        pq.write_table(pa.table(columns), target)
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        return
    require_answer(target.getvalue())


@pytest.mark.fuzz(reader="json")
@QUICKLY
@given(cells=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12), min_size=1, max_size=5))
def test_texts_come_through_json_lines_as_they_were(cells: list[str]) -> None:
    rows = [{**ROW, "therapy_code": f"CART-{place}", "comment": cell} for place, cell in enumerate(cells)]
    outcome, found = staged("\n".join(json.dumps(row) for row in [*rows, ROW]).encode())
    if outcome.status != "refused":
        space = " \t\r\n\f\v\u00a0"
        assert [row["comment"] for row in found[:-1]] == [cell.strip(space) or None for cell in cells]
