"""What was probably meant: offered when there is one likely reading, and never otherwise."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.contracts import contract
from dagster_project.contracts.identifiers import is_valid
from dagster_project.contracts.spreadsheet import FORMULA_STARTS, guarded, unguarded
from dagster_project.intake import check
from dagster_project.intake.answering.suggestions import may_be_suggested, near_among
from dagster_project.intake.judging.near_misses import in_list, near_miss

KNOWN = {"CART-101", "CART-201", "CART-111", "9501101530034", "9501101530027", "LANE-0012", "LANE-0013"}


@pytest.mark.parametrize(
    ("feed", "column", "text", "meant"),
    [
        ("demand_forecast", "category", "comercial", "commercial"),
        ("demand_forecast", "category", "Expanded Access", "expanded_access"),
        ("demand_forecast", "category", "study", None),
        ("shipment_booking", "temperature_band", "2\u20138", "2-8"),
        ("demand_forecast", "week_start_date", "KW 49 2026", "2026-W49"),
        ("demand_forecast", "week_start_date", "2026-W54", None),
        ("demand_forecast", "week_start_date", "30.11.2026", "2026-11-30"),
        ("demand_forecast", "week_start_date", "25.11.2026", None),  # no Monday
        ("lane", "cost_usd", "1.234,50", "1234.50"),
        ("lane", "cost_usd", "1,234", None),
        ("delivery_history", "promised_date", "03/04/2026", None),  # two days are possible
        ("delivery_history", "promised_date", "13/04/2026", "2026-04-13"),
        ("demand_forecast", "hospital_id", "95O1101530003", "9501101530003"),
        ("demand_forecast", "hospital_id", "9501101530004", None),
        ("collection", "din", "A9999 26 O00123", "A999926000123"),
        ("case_order", "coi_id", "CHA9O9926A1B2C3", "CHA909926A1B2C3"),
        ("demand_forecast", "therapy_code", "cart-101", "CART-101"),
        ("inspection", "is_overridden", "ja", "true"),
        ("demand_forecast", "category", "(text of 12 characters, not repeated: it may name a person)", None),
    ],
)
def test_one_likely_reading_is_offered(feed: str, column: str, text: str, meant: str | None) -> None:
    assert near_miss(text, contract(feed).column(column)) == meant


@pytest.mark.parametrize("kind", ["gln", "sscc", "din", "coi"])
@given(text=st.text("0123456789OISBZGACH -", min_size=10, max_size=20))
def test_what_is_offered_for_an_identifier_is_always_well_formed(kind: str, text: str) -> None:
    columns = {
        "gln": ("site", "site_id"),
        "sscc": ("shipment_booking", "sscc"),
        "din": ("collection", "din"),
        "coi": ("case_order", "coi_id"),
    }
    meant = near_miss(text, contract(columns[kind][0]).column(columns[kind][1]))
    assert meant is None or is_valid(kind, meant)


@given(st.text(max_size=12))
def test_what_is_offered_from_a_list_is_in_the_list(text: str) -> None:
    assert in_list(text, ("air", "road", "ocean")) in {None, "air", "road", "ocean"}


def test_the_question_stands_in_the_receipt_before_the_hint_of_the_rule() -> None:
    header = "hospital_id,therapy_code,week_start_date,category,patients,basis"
    data = f"{header}\n9501101530003,CART-101,2026-W49,comercial,3,pipeline\n".encode()
    receipt = check(data, feed="demand_forecast", as_of=dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
    assert receipt.refusals[0].hint == "Did you mean commercial? Use one of the listed words exactly."


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("CART-1O1", "CART-101"),
        ("cart 101", "CART-101"),
        ("CART-1011", None),  # one sign too many: of two codes
        ("CRAT-201", "CART-201"),
        ("LANE-OO12", "LANE-0012"),
        ("CART-102", None),  # not a slip but the next number
        ("LV", None),
    ],
)
def test_a_known_value_is_offered_when_it_is_the_only_one_near(text: str, meant: str | None) -> None:
    assert near_among(text, KNOWN) == meant


def test_where_a_check_digit_shows_that_a_number_is_wrong_another_digit_may_differ() -> None:
    assert near_among("9501101530036", KNOWN) is None
    assert near_among("9501101530036", KNOWN, digits_differ=True) == "9501101530034"


def test_for_a_patients_material_only_the_writing_is_mended() -> None:
    assert near_among("BATCH-OO1", {"BATCH-001"}, slips=False) == "BATCH-001"
    assert near_among("BACTH-001", {"BATCH-001"}, slips=False) is None


def test_no_known_value_is_offered_for_what_stands_on_a_label() -> None:
    assert not may_be_suggested(contract("collection").column("coi_id"))
    assert may_be_suggested(contract("custody_event").column("booking_id"))


@given(st.text(max_size=8) | st.builds("".join, st.lists(st.sampled_from(["'", *FORMULA_STARTS, "1", ".", "a"]), max_size=6)))
def test_a_guarded_text_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text
    begins = guarded(text).startswith(FORMULA_STARTS)
    assert not begins or text.lstrip("+-").replace(".", "").replace(",", "").isdigit()
