"""Text that could be taken for more than it says: another unit, another year, a thousand or a fraction, a word for nothing."""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from door_files import HEADER, forecast, week
from reading_files import answered, book, refused, staged, zipped

from dagster_project.contracts import contracts
from dagster_project.contracts.rules import NOTHING, checks
from dagster_project.intake import limits
from dagster_project.intake.judging.privacy import CODE, FREE, PSEUDONYM, value_class
from dagster_project.intake.judging.repeating import has_words
from dagster_project.intake.reading import content

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DELIVERIES = "shipment_id,origin_name,destination_name,country_name,mode,promised_date,delivered_date,weight_kg,freight_cost_usd"
DELIVERY = {
    "shipment_id": "SW-1", "origin_name": "Lyon depot", "destination_name": "Lisbon hub", "country_name": "Portugal", "mode": "air",
    "promised_date": "2025-10-02", "delivered_date": "2025-10-02", "weight_kg": "12.5", "freight_cost_usd": "480",
}  # fmt: skip
READING = {"container_id": "DS-0042", "read_at": "2026-11-10T10:00:00Z", "probe_id": "P1", "celsius": "-180"}


def table(row: dict[str, str], *, delimiter: str = ",", header: str = "", **cells: str) -> bytes:
    """One row, some of its cells changed, below its header or another one."""
    return f"{(header or ','.join(row)).replace(',', delimiter)}\n{delimiter.join({**row, **cells}.values())}\n".encode()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("freight_cost_usd", "freight_cost_eur", "wants USD, not eur"),
        ("freight_cost_usd", "Freight cost (EUR)", "wants USD, not EUR"),
        ("weight_kg", "weight_lb", "10 lb = 4.53592 kg"),
        ("weight_kg", "weight (lbs)", "10 lbs = 4.53592 kg"),
    ],
)
def test_another_unit_in_a_header_is_never_renamed_away(old: str, new: str, words: str) -> None:
    hints = [refusal.hint for refusal in answered(table(DELIVERY, header=DELIVERIES.replace(old, new)), feed="delivery_history").refusals]
    assert any(words in hint for hint in hints)
    assert not any("Rename" in hint for hint in hints)


def test_a_required_column_in_another_unit_is_told_so_on_both_sides() -> None:
    header = ",".join(READING).replace("celsius", "celsius_f")
    outcome = answered(table(READING, header=header), feed="temperature_reading")
    assert {refusal.rule: "10 f = -12.2222 celsius" in refusal.hint for refusal in outcome.refusals} == {
        "unknown_column": True, "missing_column": True,
    }  # fmt: skip


@pytest.mark.parametrize(("old", "new"), [("weight_kg", "weights_kg"), ("freight_cost_usd", "freight_costs_usd"), ("mode", "modes")])
def test_a_header_in_the_same_unit_may_be_renamed(old: str, new: str) -> None:
    outcome = answered(table(DELIVERY, header=DELIVERIES.replace(old, new)), feed="delivery_history")
    assert outcome.refusals[0].hint == f"Did you mean {old}? Rename the column."


@pytest.mark.parametrize(
    ("feed", "row", "column", "cell", "words"),
    [
        ("temperature_reading", READING, "celsius", "39F", "10 fahrenheit = -12.2222 celsius"),
        ("temperature_reading", READING, "celsius", "39 °F", "10 fahrenheit = -12.2222 celsius"),
        ("temperature_reading", READING, "celsius", "4 °C", "Write the number alone"),
        ("delivery_history", DELIVERY, "weight_kg", "12 lbs", "wants kg, not lb"),
        ("delivery_history", DELIVERY, "freight_cost_usd", "480 EUR", "wants USD, not €"),
        ("delivery_history", DELIVERY, "freight_cost_usd", "€480", "wants USD, not €"),
        ("delivery_history", DELIVERY, "freight_cost_usd", "480 USD", "Write the number alone"),
    ],
)
def test_a_number_in_another_unit_is_to_be_converted(feed: str, row: dict[str, str], column: str, cell: str, words: str) -> None:
    outcome = answered(table(row, **{column: cell}), feed=feed)
    assert refused(outcome) == [(2, column, "type")]
    assert words in outcome.refusals[0].hint


@pytest.mark.parametrize("offset", ["+25:00", "-15:00", "+14:30", "+01:75", "+99"])
def test_an_offset_that_no_place_has_is_refused(offset: str) -> None:
    outcome = answered(table(READING, read_at=f"2026-11-10T10:00:00{offset}"), feed="temperature_reading")
    assert refused(outcome) == [(2, "read_at", "type")]
    assert "14 hours" in outcome.refusals[0].hint


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("24/11/2026 08:00+01:00", "Write the year first"),
        ("24.11.2026T08:00Z", "Write the year first"),
        ("2026-13-45T08:00:00+01:00", "Write the value in this form"),
        ("2026-11-10T10:00:00", "Add the time of day and its offset"),
    ],
)
def test_a_hint_about_a_time_is_about_the_part_that_is_wrong(moment: str, words: str) -> None:
    outcome = answered(table(READING, read_at=moment), feed="temperature_reading")
    assert refused(outcome) == [(2, "read_at", "type")]
    assert words in outcome.refusals[0].hint


@pytest.mark.parametrize(
    ("day", "words"), [("2026-11-24", "a Tuesday: write the Monday of its week, 2026-11-23."), ("2026-11-29", "a Sunday")]
)
def test_of_another_day_than_a_monday_the_monday_is_named(day: str, words: str) -> None:
    outcome = answered(forecast(week(49).replace("2026-W49", day)))
    assert refused(outcome) == [(2, "week_start_date", "iso_week")]
    assert words in outcome.refusals[0].hint


@pytest.mark.parametrize("offset", ["Z", "+14:00", "-12:00", "+05:45", "+0100", "-03"])
def test_an_offset_of_a_real_place_passes(offset: str) -> None:
    assert answered(table(READING, read_at=f"2026-11-10T10:00:00{offset}"), feed="temperature_reading").status == "accepted"


@pytest.mark.parametrize("year", ["0026", "1926", "2126", "1999"])
def test_a_year_outside_of_all_plans_is_refused(year: str) -> None:
    day, moment = f"{year}-11-10", f"{year}-11-10T10:00:00Z"
    delivered = answered(table(DELIVERY, promised_date=day), feed="delivery_history")
    read = answered(table(READING, read_at=moment), feed="temperature_reading")
    assert (2, "promised_date", "year") in refused(delivered)
    assert (2, "read_at", "year") in refused(read)


@pytest.mark.parametrize(
    ("cell", "words"),
    [("1.200", "1200 or 1.2:"), ("1.234", "1234 or 1.2340:"), ("1.000", "1000 or 1:"), ("-2.500", "-2500 or -2.5:")],
)
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("scanned_from", [10**9, 0], ids=["exactly", "scanned"])
def test_a_point_is_read_neither_way_where_the_comma_does_not_separate_cells(
    cell: str, words: str, delimiter: str, scanned_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SCAN_FROM_BYTES", scanned_from)
    outcome = answered(table(DELIVERY, delimiter=delimiter, weight_kg=cell), feed="delivery_history")
    assert refused(outcome) == [(2, "weight_kg", "type")]
    assert words in outcome.refusals[0].hint
    assert outcome.refusals[0].found == cell


@pytest.mark.parametrize("proof", ["480.5", "0.500", "1480.250"])
def test_another_number_of_the_file_proves_the_point(proof: str) -> None:
    outcome, rows = staged(table(DELIVERY, delimiter=";", weight_kg="1.200", freight_cost_usd=proof), feed="delivery_history")
    assert (outcome.status, rows[0]["weight_kg"]) == ("accepted", 1.2)


def test_a_point_under_commas_is_a_decimal_point() -> None:
    assert staged(table(DELIVERY, weight_kg="1.200"), feed="delivery_history")[1][0]["weight_kg"] == 1.2


@pytest.mark.parametrize("written", ["1.200", "1.2340"])
def test_a_number_as_text_in_a_workbook_is_doubtful_too(written: str) -> None:
    outcome = answered(book([week(48, patients=written)], numbers=False))
    assert ("type" in {refusal.rule for refusal in outcome.refusals}) is (written == "1.200")


def in_json(rows: list[dict[str, object]]) -> bytes:
    return json.dumps(rows).encode()


def in_lines(rows: list[dict[str, object]]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


def in_parquet(rows: list[dict[str, object]]) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), target)
    return target.getvalue()


FORMS = pytest.mark.parametrize("write", [in_json, in_lines, in_parquet])


@FORMS
def test_a_number_as_text_is_doubtful_also_where_numbers_have_a_form_of_their_own(write: Callable[..., bytes]) -> None:
    rows = [
        DELIVERY | {"shipment_id": f"SW-{place}", "weight_kg": cell, "freight_cost_usd": 2.5} for place, cell in enumerate(["1.200", "12"])
    ]
    outcome = answered(write(rows), feed="delivery_history")
    assert [(refusal.column, refusal.rule, refusal.found) for refusal in outcome.refusals] == [("weight_kg", "type", "1.200")]
    assert "1200 or 1.2:" in outcome.refusals[0].hint
    proven, read = staged(write([rows[0], rows[1] | {"weight_kg": "12.5"}]), feed="delivery_history")
    assert (proven.status, read[0]["weight_kg"]) == ("accepted", 1.2)
    real, read = staged(write([row | {"weight_kg": 1.485} for row in rows]), feed="delivery_history")
    assert (real.status, read[0]["weight_kg"]) == ("accepted", 1.485)


@pytest.mark.parametrize("write", [in_json, in_lines])
def test_a_real_number_beside_a_text_neither_proves_nor_doubts(write: Callable[..., bytes]) -> None:
    rows = [DELIVERY | {"shipment_id": f"SW-{place}", "weight_kg": cell} for place, cell in enumerate(["1.200", 2.5, 1.485])]
    outcome, read = staged(write(rows), feed="delivery_history")
    assert [(refusal.row, refusal.column) for refusal in outcome.refusals] == [(1, "weight_kg")]
    assert [row["weight_kg"] for row in read[1:]] == [2.5, 1.485]


def test_numbers_in_the_names_of_folders_are_texts() -> None:
    part = {name: cell for name, cell in DELIVERY.items() if name != "weight_kg"} | {"freight_cost_usd": 480.5}
    outcome = answered(zipped({"weight_kg=1.200/a.parquet": in_parquet([part])}), feed="delivery_history")
    assert [(refusal.column, refusal.rule) for refusal in outcome.refusals] == [("weight_kg", "type")]


@pytest.mark.parametrize(
    ("column", "cells", "words"),
    [
        ("weight_kg", pa.array([3_600_000_000_000], pa.duration("ns")), ("a column of durations", "unit of the contract")),
        ("__index_level_0__", pa.array(["a"]), ("the index of a pandas table", "index=False")),
    ],
)
def test_columns_that_only_look_like_some_of_the_table_are_called_what_they_are(
    column: str, cells: pa.Array, words: tuple[str, str]
) -> None:
    target = io.BytesIO()
    pq.write_table(pa.table({**{name: [cell] for name, cell in DELIVERY.items()}, column: cells}), target)
    outcome = answered(target.getvalue(), feed="delivery_history")
    assert [words[0] in str(refusal.found) and words[1] in refusal.hint for refusal in outcome.refusals] == [True]


@pytest.mark.parametrize("again", ["weight_kg", "WEIGHT_KG", "Weight (kg)"])
def test_a_column_of_parquet_that_is_there_twice_is_told_by_its_own_name(again: str) -> None:
    target = io.BytesIO()
    pq.write_table(pa.table([pa.array([cell]) for cell in [*DELIVERY.values(), "3.5"]], names=[*DELIVERY, again]), target)
    outcome = answered(target.getvalue(), feed="delivery_history")
    assert [(refusal.column, "_1" in str(refusal)) for refusal in outcome.refusals] == [("weight_kg", False)]
    assert "twice" in outcome.refusals[0].hint or "once" in outcome.refusals[0].expected


@pytest.mark.parametrize("number", ["2.5", "1.485", "1234.5", "4"])
def test_a_real_number_of_a_workbook_proves_nothing_of_a_text(number: str) -> None:
    outcome, rows = staged(book([week(48, patients=number), week(49)], lambda _, sheet: sheet.write_string(2, 4, "1.200")))
    assert [refusal for refusal in refused(outcome) if refusal[2] == "type"] == [(3, "patients", "type")]
    assert rows[0]["patients"] == float(number)


def test_a_text_of_a_workbook_proves_nothing_of_a_real_number() -> None:
    outcome, rows = staged(book([week(48, patients="1.485"), week(49)], lambda _, sheet: sheet.write_string(2, 4, "2,5")))
    assert (outcome.status, [row["patients"] for row in rows]) == ("accepted", [1.485, 2.5])


@pytest.mark.parametrize("scanned_from", [10**9, 0], ids=["exactly", "scanned"])
@pytest.mark.parametrize("cell", ["2_5", "1_0.5", "1.5_5", "1e1_0", "+-3"])
def test_signs_that_a_cast_reads_over_make_no_number(cell: str, scanned_from: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SCAN_FROM_BYTES", scanned_from)
    outcome = answered(table(DELIVERY, weight_kg=cell), feed="delivery_history")
    assert refused(outcome) == [(2, "weight_kg", "type")]
    assert refused(answered(forecast(week(48, patients=cell)))) == [(2, "patients", "type")]


@pytest.mark.parametrize("cell", ["2_5", "+-3"])
def test_such_signs_are_seen_where_two_pieces_meet(cell: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(data := table(DELIVERY, weight_kg=cell))
    monkeypatch.setattr(limits, "SMALL_FILE_BYTES", 0)
    for size in range(1, len(data) + 1):
        monkeypatch.setattr(content, "SURVEYED_BYTES", size)
        assert content.survey(content.open_content(path)).has_odd_numbers


def test_no_such_sign_is_seen_where_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A large file in which one is suspected is read twice."""
    path = tmp_path / "file.csv"
    path.write_bytes(data := table(READING, container_id="DS_1", probe_id="1_A", celsius="-180"))
    monkeypatch.setattr(limits, "SMALL_FILE_BYTES", 0)
    for size in range(1, len(data) + 1):
        monkeypatch.setattr(content, "SURVEYED_BYTES", size)
        assert not content.survey(content.open_content(path)).has_odd_numbers


@pytest.mark.parametrize("cell", ["1_1", "2_0.0"])
def test_an_underscore_in_a_whole_number_is_none_either(cell: str) -> None:
    line = {
        "appointment_id": "APT-1", "case_id": "4c64370c6bd5265566fb8544ceaf7fd4", "hospital_id": "9501101530003", "unit_name": "Unit 2",
        "status": "booked", "start_at": "2026-11-24T08:00:00+01:00", "end_at": "2026-11-24T13:00:00+01:00", "sessions": cell,
        "material_state": "fresh",
    }  # fmt: skip
    assert refused(answered(table(line), feed="apheresis_schedule")) == [(2, "sessions", "type")]


@pytest.mark.parametrize("word", ["NULL", "#N/A", "NA", "?", "-", "n/a", "#REF!"])
@pytest.mark.parametrize("column", ["shipment_id", "origin_name"])
def test_a_word_for_nothing_is_no_key_and_no_name(word: str, column: str) -> None:
    outcome = answered(table(DELIVERY, **{column: word}), feed="delivery_history")
    assert refused(outcome) == [(2, column, "nothing")]


def test_where_the_cell_may_be_empty_a_word_for_nothing_is_a_warning() -> None:
    outcome = answered(table(DELIVERY, destination_name="n/a"), feed="delivery_history")
    assert outcome.status == "accepted"
    assert [(warning.column, warning.found) for warning in outcome.warnings] == [("destination_name", "n/a")]


def test_namibia_is_no_word_for_nothing() -> None:
    countries = [
        check for of in contracts().values() for check in checks(of) if check.rule == "nothing" and of.column(check.column).pattern == "^[A-Z]{2}$"
    ]  # fmt: skip
    assert countries
    assert [check.column for check in countries if "'na'" in check.violation_sql] == []
    assert "na" in NOTHING


@pytest.mark.parametrize(("day", "is_in_doubt"), [("23.11.2025", False), ("11/23/2025", False), ("05.11.2025", True), ("3/4/2025", True)])
def test_day_and_month_are_in_doubt_only_where_both_could_be(day: str, *, is_in_doubt: bool) -> None:
    hint = answered(table(DELIVERY, delivered_date=day), feed="delivery_history").refusals[0].hint
    assert ("Day and month" in hint) is is_in_doubt
    assert "2026-11-24" in hint


@pytest.mark.parametrize("mark", ["\u0301", "\u0308", "\u031b"])
@pytest.mark.parametrize("place", [0, 3, 7])
def test_combining_marks_in_headers_and_cells_never_crash(mark: str, place: int) -> None:
    def marked(text: str) -> str:
        return text[:place] + mark + text[place:]

    lines = [week(48, comment=marked("closed")), week(49, comment=mark)]
    header = HEADER.replace("comment", marked("comment"))
    columns = [*zip(*(line.split(",") for line in lines), strict=True)]
    parquet = io.BytesIO()
    pq.write_table(pa.table(dict(zip(header.split(","), columns, strict=True))), parquet)
    for data in (
        forecast(*lines, header=header),
        forecast(*lines, header=header).decode().encode("utf-16"),
        book(lines, header=header),
        parquet.getvalue(),
    ):
        assert answered(data).status == "accepted"


def test_a_header_in_any_normal_form_is_the_same() -> None:
    assert (
        answered(
            table(READING, header="Conteneur,Horodatage,Probe,Celsius".replace("Conteneur", "Contai\u0301ner")), feed="temperature_reading"
        ).status
        == "accepted"
    )


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_header_of_a_million_columns_is_refused_at_once(delimiter: str) -> None:
    outcome = answered((delimiter.join(f"c{place}" for place in range(1_000_000)) + "\n1\n").encode())
    assert outcome.refusals[0].expected == "at most 500"


@pytest.mark.parametrize("look", [FREE, PSEUDONYM, CODE])
@pytest.mark.parametrize(
    "piece", ["1.", "a", "A1-", "a@1.", "1 Aa ", "Name Aa ", "patient ", "+1 ", "19", "tel 1", "Aa-Aa ", "01 Jan ", "NHS 1 "]
)
def test_a_long_cell_is_searched_in_time_that_grows_with_its_length(piece: str, look: str) -> None:
    _grows_with_length(lambda text: value_class(text, look), piece)


@pytest.mark.parametrize("piece", ["1.", "a", ",1", " _", "é "])
def test_words_are_looked_for_in_time_that_grows_with_the_length(piece: str) -> None:
    _grows_with_length(has_words, piece)


def _grows_with_length(look_at: Callable[[str], object], piece: str) -> None:
    def seconds(characters: int) -> float:
        text = piece * (characters // len(piece))
        start = time.process_time()
        look_at(text)
        return time.process_time() - start

    seconds(1_000)
    # Sixteen times the text; a quadratic search would take 256 times as long.
    assert seconds(128_000) < 64 * max(min(seconds(8_000) for _ in range(3)), 0.002)
