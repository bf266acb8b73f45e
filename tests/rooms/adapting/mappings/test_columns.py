"""The transforms of a mapping, each over a few cells of text."""

from __future__ import annotations

import duckdb
import pytest

from dagster_project.contracts import contract
from dagster_project.intake.adapting.language.columns import converted
from dagster_project.intake.adapting.language.model import parse_mapping
from dagster_project.intake.reading.sheet import load

HEAD = "version: 1.0.0\nfeed: {feed}\ncolumns:\n"


def outcome(feed, columns, cells):
    """What becomes of one row of cells under a mapping with these columns; the others of the contract are constants."""
    of = contract(feed)
    named = [line.split(":")[0].strip() for line in columns.splitlines()]
    rest = "".join(
        f"  {column.name}: {{constant: {_any(column)}}}\n" for column in of.columns if column.required and column.name not in named
    )
    text = HEAD.format(feed=feed) + "".join(f"  {line}\n" for line in columns.splitlines()) + rest
    mapping = parse_mapping(text, name=f"test/{feed}")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        sheet = converted(load(connection, [(2, list(cells.values()))], list(cells)), mapping, of)
        values = connection.execute(
            f"SELECT {', '.join(f'c{place}' for place, _ in enumerate(sheet.columns))} FROM {sheet.relation}"
        ).fetchall()[0]
        return dict(zip(sheet.columns, values, strict=True))


def _any(column):
    return column.allowed[0] if column.allowed else "x"


@pytest.mark.parametrize(
    ("terms", "cell", "expected"),
    [
        ('dates: "%d-%b-%y"', "2-Jun-06", "2006-06-02"),
        ('dates: ["%d-%b-%y", "%m/%d/%Y"]', "9/11/2014", "2014-09-11"),
        ('dates: ["%m/%d/%Y"]', "9/11/14", "9/11/14"),
        ('dates: ["%d.%m.%Y"]', "31.02.2026", "31.02.2026"),
        ('dates: ["%d.%m.%Y"]', "2026-02-03", "2026-02-03"),
        ("dates: excel", "46350", "2026-11-24"),
        ("dates: excel", "today", "today"),
        ("dates: unix", "1795478400", "2026-11-24"),
        ("convert: day_of_time", "2026-11-24T23:30:00-05:00", "2026-11-24"),
        ("not_captured: [Date Not Captured]", " date not captured ", None),
        ("not_captured: ['See *']", "see DN-1 (9%)", None),
        ("not_captured: ['100%*']", "100 days", "100 days"),
    ],
)
def test_dates_in_the_senders_style(terms, cell, expected):
    values = outcome("delivery_history", f"delivered_date: {{from: arrived, {terms}}}", {"arrived": cell})
    assert values["delivered_date"] == expected


@pytest.mark.parametrize(
    ("terms", "cell", "expected"),
    [
        ("zone: Europe/Paris", "2026-11-24 08:00", "2026-11-24T07:00:00.000000Z"),
        ('dates: "%d/%m/%Y %H:%M", zone: America/New_York', "24/11/2026 08:00", "2026-11-24T13:00:00.000000Z"),
        ("zone: Europe/Paris", "2026-11-24T08:00:00+05:00", "2026-11-24T08:00:00+05:00"),
        ('dates: "%Y%m%d%H%M"', "202611240800", "202611240800"),
        ('dates: "%Y-%m-%dT%H:%M:%S%z"', "2026-11-24T08:00:00-05:00", "2026-11-24T13:00:00.000000Z"),
    ],
)
def test_times_in_the_zone_of_the_sender(terms, cell, expected):
    values = outcome("custody_event", f"occurred_at: {{from: at, {terms}}}", {"at": cell})
    assert values["occurred_at"] == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("KW 48/2026", "2026-11-23"),
        ("48/2026", "2026-11-23"),
        ("kw48-2026", "2026-11-23"),
        ("Week 1 2026", "2025-12-29"),
        ("2026-W48", "2026-11-23"),
        ("2026/48", "2026-11-23"),
        ("2026 KW 53", "2026-12-28"),
        ("KW 53/2025", "KW 53/2025"),
        ("54/2026", "54/2026"),
        ("11.2026.3", "11.2026.3"),
    ],
)
def test_weeks_in_the_senders_style_stand_for_their_monday(cell, expected):
    values = outcome("demand_forecast", "week_start_date: {from: week, dates: week}", {"week": cell})
    assert values["week_start_date"] == expected


@pytest.mark.parametrize("cell", ["2026-03-29 02:30", "2026-10-25 02:30"])
def test_a_local_time_that_does_not_exist_or_exists_twice_is_left_to_the_rule(cell):
    values = outcome("custody_event", "occurred_at: {from: at, zone: Europe/Paris}", {"at": cell})
    assert values["occurred_at"] == cell


@pytest.mark.parametrize(
    ("terms", "cell", "expected"),
    [
        ("unit: lb", "10", "4.5359237"),
        ("unit: KGM", "12.50", "12.50"),
        ("unit: lb", "heavy", "heavy"),
        ("decimal: ','", "1.234,5", "1234.5"),
        ("decimal: ','", "1 234", "1234"),
        ("decimal: ','", "12,5 kg", "12,5 kg"),
        ("decimal: '.'", "1,234.50", "1234.50"),
        ("decimal: '.'", "1'234.50", "1234.50"),
        ("decimal: ',', unit: g", "1.500,0", "1.5"),
        ("unit: lb", "2_5", "2_5"),
    ],
)
def test_numbers_in_the_senders_unit_and_decimals(terms, cell, expected):
    assert outcome("delivery_history", f"weight_kg: {{from: weight, {terms}}}", {"weight": cell})["weight_kg"] == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("98.6", "FAH", "37.0"),
        ("310.15", "kel", "37.0"),
        ("-160", "CEL", "-160"),
        ("5", "", "5 (no unit)"),
        ("5", "XYZ", "5 XYZ"),
        ("5", "kg", "5 kg"),
    ],
)
def test_a_unit_beside_the_value_and_never_a_number_in_an_unknown_one(value, unit, expected):
    values = outcome("temperature_reading", "celsius: {from: value, unit_from: uom}", {"value": value, "uom": unit})
    assert values["celsius"] == expected


def test_words_are_matched_in_any_letters_and_unknown_ones_stay():
    terms = "mode: {from: how, values: {Air Charter: air, Truck: road}}"
    assert [outcome("delivery_history", terms, {"how": how})["mode"] for how in ("AIR CHARTER", "truck", "Ocean", "Drone")] == [
        "air",
        "road",
        "ocean",
        "Drone",
    ]


def test_the_first_source_that_is_captured_counts():
    terms = "origin_name: {from: [maker, vendor], not_captured: [n/a]}"
    assert outcome("delivery_history", terms, {"maker": "N/A", "vendor": "Depot"})["origin_name"] == "Depot"
    assert outcome("delivery_history", terms, {"vendor": "Depot"})["origin_name"] == "Depot"


@pytest.mark.parametrize(
    ("convert", "text", "expected"),
    [
        ("sgln_to_gln", "urn:epc:id:sgln:0614141.07346.1234", "0614141073467"),
        ("sgln_to_gln", "https://id.gs1.org/414/0614141073467/254/7", "0614141073467"),
        ("sgln_to_gln", "urn:epc:id:sgln:0614141.073.1", "urn:epc:id:sgln:0614141.073.1"),
        ("sscc_urn_to_sscc", "urn:epc:id:sscc:0614141.1234567890", "106141412345678908"),
        ("sscc_urn_to_sscc", "https://example.com/00/106141412345678908", "106141412345678908"),
        ("sgtin_to_gtin", "urn:epc:id:sgtin:0614141.812345.6789", "80614141123458"),
        ("sgtin_to_serial", "urn:epc:class:lgtin:4012345.012345.LOT%2F1", "LOT/1"),
        ("grai", "urn:epc:id:grai:0614141.12345.400", "0614141123452400"),
        ("grai_or_giai", "urn:epc:id:giai:4012345.BOX7", "4012345BOX7"),
        ("grai_or_giai", "https://id.gs1.org/8003/00614141123452400", "0614141123452400"),
        ("cbv_word", "https://ref.gs1.org/cbv/BizStep-shipping", "shipping"),
        ("cbv_word", "urn:epcglobal:cbv:bizstep:receiving", "receiving"),
        ("last_part", "Location/17", "17"),
        ("[last_part, capitals]", "Location/a", "A"),
        ("capitals", "ab", "AB"),
    ],
)
def test_named_converters(convert, text, expected):
    assert outcome("delivery_history", f"origin_name: {{from: a, convert: {convert}}}", {"a": text})["origin_name"] == expected
