"""gzip and zip of one file, within limits; whatever else an archive holds is refused in the right words."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from door_files import AS_OF, forecast, week
from reading_files import answered, book, refused, staged, zipped

from dagster_project import intake
from dagster_project.intake import limits
from dagster_project.intake.reading.unwrap import unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = forecast(week(48), week(49))


def tarred(data: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        entry = tarfile.TarInfo("forecast.csv")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return target.getvalue()


def gzip_named(name: str) -> bytes:
    target = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=target) as file:
        file.write(GOOD)
    return target.getvalue()


def with_password(data: bytes) -> bytes:
    locked = bytearray(data)
    locked[6] |= 1
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(locked)


@pytest.mark.parametrize(
    ("pack", "wrapping"),
    [
        (gzip.compress, " in gzip"),
        (lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:]), " in gzip"),
        (lambda data: zipped({"folder/forecast.csv": data}), " in zip"),
        (lambda data: zipped({"a/": b"", "a/forecast": data, "__MACOSX/a/._forecast": b"\0\5", "a/.DS_Store": b"x"}), " in zip"),
    ],
)
@pytest.mark.parametrize("inner", ["csv", "xlsx"])
def test_one_file_in_an_archive_is_read_like_the_file_itself(pack: Callable[[bytes], bytes], wrapping: str, inner: str) -> None:
    data = GOOD if inner == "csv" else book([week(48), week(49)])
    outcome, rows = staged(pack(data))
    assert (outcome.status, outcome.format) == ("accepted", inner + wrapping)
    assert rows == staged(data)[1]


def test_a_large_file_in_an_archive_is_unpacked_to_disk_and_read_like_any_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(limits, "SMALL_FILE_BYTES", 1000)
    monkeypatch.setattr(limits, "SCAN_FROM_BYTES", 1000)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    rows = [week(48 + place % 5).replace("CART-101", f"CART-{place}") for place in range(500)]
    outcome, found = staged(gzip.compress(forecast(*rows, week(48, patients="many"))))
    assert (len(found), refused(outcome)) == (501, [(502, "patients", "type")])
    assert not list(tmp_path.iterdir())


REFUSED = {
    "two files": (zipped({"a.csv": GOOD, "b.csv": GOOD}), "2 files in the archive"),
    "no file": (zipped({"a/": b""}), "without a file"),
    "a path upwards": (zipped({"../../etc/forecast.csv": GOOD}), "leads out of the archive"),
    "an absolute path": (zipped({"/etc/forecast.csv": GOOD}), "leads out of the archive"),
    "a drive": (zipped({"C:\\forecast.csv": GOOD}), "leads out of the archive"),
    "a password": (with_password(zipped({"forecast.csv": GOOD})), "a password"),
    "gzip in gzip": (gzip.compress(gzip.compress(GOOD)), "archive inside the archive"),
    "zip in gzip": (gzip.compress(zipped({"a.csv": GOOD})), "archive inside the archive"),
    "zip in zip": (zipped({"a.zip": zipped({"a.csv": GOOD})}), "archive inside the archive"),
    "tar in gzip": (gzip.compress(tarred(GOOD)), "archive inside the archive"),
    "cut gzip": (gzip.compress(GOOD)[:-9], "damaged or cut"),
    "changed gzip": (gzip.compress(GOOD)[:-8] + bytes(8), "damaged or cut"),
    "cut zip": (zipped({"a.csv": GOOD})[:-9], "damaged"),
    "a gzip bomb": (gzip.compress(bytes(30 << 20)), "grows more than 200 times"),
    "a zip bomb": (zipped({"a.csv": bytes(30 << 20)}), "grows more than 200 times"),
    "an empty zip": (zipped({}), "an empty zip"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_archives_are_refused_in_the_right_words(name: str) -> None:
    data, words = REFUSED[name]
    outcome = answered(data)
    assert (outcome.status, outcome.is_clear_of_identifiers) == ("refused", False)
    assert words in outcome.message
    assert all(refusal.hint for refusal in outcome.refusals)


def test_a_zip_that_lies_about_its_size_is_stopped_while_it_unpacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FREELY_UNPACKED_BYTES", 1000)
    data = bytearray(zipped({"a.csv": b" " * 1_000_000}))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.rindex(mark) + place
        data[start : start + 4] = (900).to_bytes(4, "little")
    assert answered(bytes(data)).refusals[0].rule in {"file_size", "archive"}


def test_too_many_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ENTRIES", 2)
    assert "3 entries" in answered(zipped({f"{place}.csv": GOOD for place in range(3)})).message


@pytest.mark.parametrize(
    "data",
    [
        gzip_named("Dr. Zelda Quuxberg.csv"),
        zipped({"Patient Zelda Quuxberg.csv": GOOD}),
        zipped({"forecast.csv": GOOD, ".note": b"MRN 00451234"}),
    ],
)
def test_a_person_named_beside_the_file_refuses_the_archive(data: bytes) -> None:
    outcome = answered(data)
    assert [rule for _, _, rule in refused(outcome)] == ["direct_identifier"]
    assert not [word for word in ("Zelda", "1234") if word in outcome.message]


def test_a_remark_of_the_archive_is_searched_too() -> None:
    target = io.BytesIO(zipped({"forecast.csv": GOOD}))
    with zipfile.ZipFile(target, "a") as archive:
        archive.comment = b"for MRN 00451234"
    assert [rule for _, _, rule in refused(answered(target.getvalue()))] == ["direct_identifier"]


def test_what_is_kept_are_the_bytes_as_sent(state: Path) -> None:
    data = gzip.compress(GOOD, mtime=0)
    receipt = intake.submit(data, partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
    assert (receipt.status, receipt.format) == ("accepted", "csv in gzip")
    assert [path.read_bytes() for path in (state / "raw").rglob("*") if path.is_file()] == [data]


def parquet(table: pa.Table) -> bytes:
    target = io.BytesIO()
    pq.write_table(table, target)
    return target.getvalue()


def readings(first: int, **more: object) -> pa.Table:
    columns = {
        "read_at": [f"2026-11-13T09:{first + place:02}:00Z" for place in range(2)],
        "probe_id": ["P1", "P1"],
        "celsius": [-180.5, -181.0],
    }
    return pa.table({**columns, **{name: [value] * 2 for name, value in more.items()}})


PARTS = {
    "container_id=DS-0043/b.parquet": parquet(readings(2, battery_pct=80.0)),
    "container_id=DS-0043/a.parquet": parquet(readings(0)),
    "container_id=DS%2D0044/a.parquet": parquet(readings(4)),
    "_SUCCESS": b"",
}


def test_a_parquet_table_in_parts_is_one_submission_in_the_order_of_its_names() -> None:
    outcome, rows = staged(zipped(PARTS), feed="temperature_reading")
    assert (outcome.status, outcome.format, outcome.rows_accepted) == ("accepted", "parquet in zip", 6)
    assert [(row["row_number"], row["container_id"], row["read_at"].minute, row["battery_pct"]) for row in rows] == [
        (1, "DS-0044", 4, None), (2, "DS-0044", 5, None), (3, "DS-0043", 0, None), (4, "DS-0043", 1, None), (5, "DS-0043", 2, 80.0), (6, "DS-0043", 3, 80.0),
    ]  # fmt: skip


def test_a_folder_of_parts_is_the_same_submission_whenever_it_is_sent(state: Path, tmp_path: Path) -> None:
    del state
    for name, data in PARTS.items():
        path = tmp_path / "readings" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    first, again = (intake.submit(tmp_path / "readings", partner="swiftvein", feed="temperature_reading", as_of=AS_OF) for _ in range(2))
    assert (first.status, first.rows_accepted, again.is_repeat) == ("accepted", 6, True)
    assert first.sha256 == again.sha256


def test_a_folder_that_is_no_table_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "forecast.csv").write_bytes(GOOD)
    with pytest.raises(OSError, match="is no ordinary file"):
        intake.check(tmp_path, feed="demand_forecast", as_of=AS_OF)


def test_a_part_with_an_unknown_column_refuses_the_table() -> None:
    outcome = answered(zipped({**PARTS, "container_id=DS-0045/a.parquet": parquet(readings(6, mood="fine"))}), feed="temperature_reading")
    assert refused(outcome) == [(1, "mood", "unknown_column")]


def test_a_damaged_part_refuses_the_table() -> None:
    outcome = answered(
        zipped({**PARTS, "container_id=DS-0045/a.parquet": PARTS["container_id=DS-0043/a.parquet"][:-20]}), feed="temperature_reading"
    )
    assert [rule for _, _, rule in refused(outcome)] == ["file_kind"]


def test_fields_of_a_nested_column_are_columns() -> None:
    table = readings(0, container_id="DS-0043", position={"latitude": 48.9, "longitude": 2.3})
    outcome, rows = staged(parquet(table), feed="temperature_reading")
    assert (outcome.status, rows[0]["latitude"], rows[0]["longitude"]) == ("accepted", 48.9, 2.3)


@pytest.mark.parametrize("value", [[1.0], {"inner": {"deep": 1.0}}, b"\0\1"])
def test_columns_that_are_no_single_values_are_refused(value: object) -> None:
    outcome = answered(parquet(readings(0, container_id="DS-0043", battery_pct=value)), feed="temperature_reading")
    assert [rule for _, _, rule in refused(outcome)] == ["type"]


def test_what_is_no_archive_is_passed_on_as_it_is() -> None:
    from dagster_project.intake.reading.content import open_content  # noqa: PLC0415

    content = open_content(GOOD)
    with unwrapped(content) as (inner, wrapping):
        assert (inner is content, wrapping) == (True, "")
