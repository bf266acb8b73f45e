"""The two CSV readers: what was written is read back, both give the same, and no bytes at all make them fall over."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from door_files import AS_OF, HEADER, forecast, week
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dagster_project import intake
from dagster_project.contracts import contract
from dagster_project.intake import handling, limits
from dagster_project.intake.judging import screening, staging
from dagster_project.intake.judging.judgement import examine
from dagster_project.intake.reading.content import open_content, survey
from dagster_project.intake.reading.layout import DELIMITERS

# Anything a cell may hold, but for what makes an identifier of a person or no UTF-8.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0@", exclude_categories=["Cs", "Nd"]), max_size=12)
ROWS = st.lists(TEXT, min_size=1, max_size=12)
PATIENTLY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SPACE = " \t\r\n\f\v\u00a0"


def comments(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str | None]]:
    return connection.execute("SELECT row_number, comment FROM staged ORDER BY row_number").fetchall()


def stage(data: bytes, *, by_scan: bool) -> tuple[str, list[tuple[int, str | None]]]:
    """What the door makes of these bytes when it treats them as a small file, or as a large one."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch, duckdb.connect() as connection:
        patch.setattr(limits, "SCAN_FROM_BYTES", 0 if by_scan else len(data) + 1)
        for room in (staging, screening):
            patch.setattr(room, "MANY_ROWS", 0 if by_scan else len(data))
        path = Path(folder) / "[a]*.csv"
        path.write_bytes(data)
        content = open_content(path)
        outcome = examine(connection, content, survey(content), contract("demand_forecast"), partner=None, as_of=AS_OF)
        told = f"{outcome.rows_sent} {outcome.rows_accepted} {outcome.refusals}"
        return told, comments(connection) if outcome.is_clear_of_identifiers else []


def written(texts: list[str], *, delimiter: str, quoting: int, line_end: str) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    writer.writerow(HEADER.split(","))
    for place, text in enumerate(texts):
        writer.writerow([*week(48 + place % 5).split(",")[:-1], text])
    return target.getvalue().encode()


DIALECTS = {
    "delimiter": st.sampled_from(list(DELIMITERS)),
    "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    "line_end": st.sampled_from(["\n", "\r\n"]),
}


@PATIENTLY
@given(texts=ROWS, **DIALECTS)
def test_what_was_written_is_read_back(texts: list[str], delimiter: str, quoting: int, line_end: str) -> None:
    # Python's writer leaves a bare return unquoted when lines end otherwise: that file would mean something else.
    assume(quoting == csv.QUOTE_ALL or line_end == "\r\n" or not any("\r" in text for text in texts))
    told, found = stage(written(texts, delimiter=delimiter, quoting=quoting, line_end=line_end), by_scan=False)
    # A small file with many control characters is refused as no text, whole and in words.
    assume("'binary data'" not in told)
    assert found == [(number, text.strip(SPACE) or None) for number, text in enumerate(texts, start=2)]


@PATIENTLY
@given(texts=ROWS, **DIALECTS)
def test_the_scan_of_large_files_agrees_with_the_exact_reader(texts: list[str], delimiter: str, quoting: int, line_end: str) -> None:
    data = written(texts, delimiter=delimiter, quoting=quoting, line_end=line_end)
    assert stage(data, by_scan=True) == stage(data, by_scan=False)


MANGLED = st.lists(
    st.sampled_from(['"', ",", ";", "\n", "\r\n", "\r", " ", "x", '""', "\u00a0", "é", week(48), week(49), "\ufeff"]), max_size=12
).map("".join)


@PATIENTLY
@given(tail=MANGLED)
def test_the_scan_agrees_with_the_exact_reader_on_mangled_files_too(tail: str) -> None:
    data = forecast(week(50), tail, week(51))
    assert stage(data, by_scan=True) == stage(data, by_scan=False)


@PATIENTLY
@given(
    data=st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=60).map(lambda noise: forecast(week(48)) + noise),
        st.sampled_from([b"PAR1", b"PK\x03\x04", b"\xef\xbb\xbf"]).flatmap(
            lambda mark: st.binary(max_size=80).map(lambda noise: mark + noise)
        ),
    )
)
def test_any_bytes_at_all_get_a_receipt(data: bytes) -> None:
    receipt = intake.check(data, feed="demand_forecast", as_of=AS_OF)
    assert receipt.status in ("accepted", "partly_accepted", "refused")
    assert receipt.status == "accepted" or receipt.refusals


def test_a_large_scan_keeps_the_order_of_the_file_with_all_threads_on(state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SCAN_FROM_BYTES", 0)
    path = tmp_path / "readings.csv"
    # Far more than one block of the scan, so that several threads read at once.
    count = 600_000
    with duckdb.connect() as connection:
        rows = f"SELECT 'C' || i // 1000 AS container_id, TIMESTAMP '2026-01-01' + INTERVAL (i % 1000) MINUTE AS moment, i FROM range({count}) t(i)"
        columns = "container_id, strftime(moment, '%Y-%m-%dT%H:%M:%SZ') AS read_at, 'P1' AS probe_id, i % 50 AS celsius"
        connection.execute(f"COPY (SELECT {columns} FROM ({rows}) ORDER BY i) TO '{path}' (HEADER)")
    receipt = intake.submit(path, partner="swiftvein", feed="temperature_reading", as_of=AS_OF)
    assert (receipt.status, receipt.rows_accepted) == ("accepted", count)
    table = pq.read_table(
        next((state / "landing").rglob("*.parquet")), columns=["row_number", "celsius", "container_id"], partitioning=None
    )
    assert table.column("row_number").to_pylist() == list(range(2, count + 2))
    assert table.column("celsius").to_pylist() == [float(i % 50) for i in range(count)]


def test_a_large_file_with_faults_names_the_same_rows_as_a_small_one(state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del state
    rows = [week(48, patients="many"), week(49), week(49), week(50, comment='"two\nlines"'), "short,row", week(51, patients="0.5")]
    small = intake.check(forecast(*rows), feed="demand_forecast", as_of=AS_OF)
    path = tmp_path / "forecast.csv"
    path.write_bytes(forecast(*rows))
    monkeypatch.setattr(limits, "SCAN_FROM_BYTES", 0)
    assert intake.check(path, feed="demand_forecast", as_of=AS_OF).refusals == small.refusals
    assert [(refusal.row, refusal.rule) for refusal in small.refusals] == [
        (2, "type"),
        (4, "key"),
        (6, "columns"),
        (7, "forecast_range_in_order"),
    ]


def test_rows_arrive_in_batches_without_a_change(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del state
    data = forecast(*(week(48 + place % 6, patients=str(place)) for place in range(20)))
    whole = intake.check(data, feed="demand_forecast", as_of=AS_OF)
    monkeypatch.setattr(limits, "BATCH_ROWS", 3)
    in_batches = intake.check(data, feed="demand_forecast", as_of=AS_OF)
    assert (in_batches.rows_accepted, in_batches.refusals) == (whole.rows_accepted, whole.refusals)
    assert whole.rows_sent == 20


def test_a_file_that_changes_while_it_is_read_is_refused(state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "forecast.csv"
    path.write_bytes(forecast(week(48)))
    monkeypatch.setattr(limits, "SMALL_FILE_BYTES", 0)
    real = handling.examine

    def examine_then_append(*arguments: object, **options: object) -> object:
        outcome = real(*arguments, **options)  # type: ignore[arg-type]
        with path.open("ab") as file:
            file.write(week(49).encode())
        return outcome

    monkeypatch.setattr(handling, "examine", examine_then_append)
    receipt = intake.submit(path, partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
    assert [refusal.rule for refusal in receipt.refusals] == ["changed_while_read"]
    assert not [file for file in state.rglob("*") if file.is_file() and not file.name.startswith("register")]
