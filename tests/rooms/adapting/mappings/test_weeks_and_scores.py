"""Proposals for planners' own sheets: weeks as they write them, headers in their words, and no column read from what does not fit."""

from __future__ import annotations

import pytest

from dagster_project.intake.adapting.sheets.looks import Values, dates
from dagster_project.intake.adapting.sheets.propose import propose

HEADER = "Krankenhaus GLN;Produkt;Kalenderwoche;Kategorie;Patienten;Basis"


def sheet(*weeks: str) -> bytes:
    """A German forecast of these weeks."""
    return "\n".join([HEADER, *(f"9501101530003;CART-101;{week};commercial;3;pipeline" for week in weeks)]).encode()


@pytest.mark.parametrize(
    "weeks", [("KW 48/2026", "KW 49/2026"), ("48/2026", "49/2026"), ("2026-W48", "2026-W49"), ("2026 KW48", "2026 KW49"), ("W48-2026",)]
)
def test_weeks_are_read_however_they_are_written(state, weeks):
    proposal = propose(sheet(*weeks), feed="demand_forecast")
    found = {each.mapping.column: each.header for each in proposal.fits}
    assert found["week_start_date"] == "Kalenderwoche"
    assert found["therapy_code"] == "Produkt"
    assert proposal.missing == ()


def test_numbers_that_could_be_months_are_in_doubt_and_those_above_twelve_are_not():
    def read(*texts):
        return dates(Values("week", dict.fromkeys(texts, 1), len(texts), len(texts)), with_times=False, with_weeks=True)

    assert (read("11/2026", "12/2026").styles, read("11/2026", "12/2026").is_in_doubt) == (("week",), True)
    assert not read("11/2026", "48/2026").is_in_doubt
    assert not read("KW 11/2026").is_in_doubt


def test_a_column_of_codes_is_never_proposed_as_a_day(state):
    proposal = propose(b"where,Produkt\n9501101530003,CART-101\n9501101530003,CART-101\n", feed="demand_forecast")
    assert "week_start_date" in proposal.missing
    assert all("0% are" not in evidence for each in proposal.fits for evidence in each.evidence if "100%" not in evidence)


def test_a_header_of_two_words_and_a_country_is_known(state):
    data = b"Shipment,Ship from,Ship to,Ship to country,Promised,Delivered\nSW-1,Lyon,Lisbon,Portugal,2025-10-02,2025-10-02\n"
    found = {each.mapping.column: each.header for each in propose(data, feed="delivery_history").fits}
    assert (found["origin_name"], found["destination_name"], found["country_name"]) == ("Ship from", "Ship to", "Ship to country")


def test_another_currency_is_never_proposed_and_another_unit_is_converted(state):
    data = b"Shipment,Ship from,Ship to country,Promised,Delivered,Weight (lb),Freight cost EUR\nSW-1,Lyon,Portugal,2025-10-02,2025-10-02,12.5,480\n"
    proposal = propose(data, feed="delivery_history")
    found = {each.mapping.column: each.mapping for each in proposal.fits}
    assert found["weight_kg"].unit == "lb"
    assert "freight_cost_usd" not in found
    assert proposal.ignored == ("Freight cost EUR",)
