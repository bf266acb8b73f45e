"""What a hospital may see of the plants' supply: everybody's lines, and those that its own terms make coarser."""

from __future__ import annotations

import pandas as pd
import pytest

from apps.shared_views import data

WEEKLY = {"therapy_code": "T", "therapy_name": "Tee", "site_id": "P", "plant_name": "Plant", "iso_week": "2026-W48", "slots": 3.0}
MONTHLY = WEEKLY | {"partner_id": "h", "site_id": "Q", "slots": 12.0, "grain": "month"}


@pytest.fixture
def edition(monkeypatch) -> dict[str, pd.DataFrame]:
    """The two reports of a hospital's file."""
    views = {"supply_ahead": pd.DataFrame([WEEKLY]), "supply_ahead_by_terms": pd.DataFrame([MONTHLY])}
    monkeypatch.setattr(data, "view", lambda _desk, name: views[name])
    return views


def test_both_kinds_of_lines_stand_together_with_their_period(edition):
    found = data.supply_ahead(None)
    assert list(found[["site_id", "slots", "grain"]].itertuples(index=False, name=None)) == [("P", 3.0, "week"), ("Q", 12.0, "month")]
    assert "partner_id" not in found


@pytest.mark.parametrize(("without", "grains"), [("supply_ahead_by_terms", ["week"]), ("supply_ahead", ["month"])])
def test_one_kind_alone_is_shown_as_it_is(edition, without, grains):
    edition[without] = edition[without].iloc[:0]
    assert list(data.supply_ahead(None)["grain"]) == grains


def test_a_hospital_that_sees_no_line_sees_an_empty_table(edition):
    for name, rows in edition.items():
        edition[name] = rows.iloc[:0]
    assert data.supply_ahead(None).empty
