"""What the pictures say, read from their specifications: no app, no browser."""

from __future__ import annotations

import pandas as pd
import pytest

from apps.shared_views import charts, resource_chart


def resources(needed: float, **capacity: float) -> pd.DataFrame:
    binding = min(capacity, key=lambda code: capacity[code])
    rows = [{"resource": code, "capacity": value, "binds": code == binding and value < needed} for code, value in capacity.items()]
    return pd.DataFrame(rows).assign(needed=needed)


def layers(picture) -> list[dict]:
    return picture.to_dict()["layer"]


def rows_of(picture) -> dict[str, dict]:
    data = picture.to_dict()["datasets"].values()
    return {row["resource"]: row for rows in data for row in rows if len(rows) > 1}


def test_bars_are_cut_at_one_and_a_half_times_the_need_and_the_others_are_whole():
    rows = rows_of(resource_chart.resource_bars(resources(4.0, slots=3.0, chairs=5.5, doses=94.0)))
    assert {name: (row["shown"], row["is_cut"]) for name, row in rows.items()} == {
        "slots": (3.0, False),
        "chairs": (5.5, False),
        "doses": (6.0, True),
    }


def test_a_cut_bar_ends_in_an_arrow_head_and_only_a_whole_one_is_round():
    marks = {
        (one["transform"][0]["filter"], one["mark"]["type"]): one["mark"]
        for one in layers(resource_chart.resource_bars(resources(4.0, a=3.0, b=94.0)))
        if "transform" in one
    }
    assert marks["datum.is_cut", "point"]["shape"] == "triangle-right"
    assert "cornerRadiusEnd" not in marks["datum.is_cut", "bar"]
    assert marks["!datum.is_cut", "bar"]["cornerRadiusEnd"]


def test_the_figure_of_a_cut_bar_is_the_whole_one_and_its_caption_says_where_bars_are_cut():
    table = resources(4.0, slots=3.0, doses=94.0)
    assert rows_of(resource_chart.resource_bars(table))["doses"]["label"] == "94"
    assert resource_chart.caption(table).startswith("Bars beyond 6 starts are cut")
    assert resource_chart.caption(resources(4.0, slots=3.0, doses=6.0)) == ""


@pytest.mark.parametrize("needed", [0.0, 0.3])
def test_a_week_that_needs_next_to_nothing_still_has_a_scale(needed):
    assert resource_chart.cut_at(resources(needed, slots=3.0, doses=94.0)) >= 2.0


def plan(therapies: int) -> pd.DataFrame:
    cells = [(f"CART-{one}", week) for one in range(therapies) for week in ("2026-W47", "2026-W48")]
    return pd.DataFrame(cells, columns=["line", "iso_week"]).assign(waiting=1.0, binding_constraint="slot")


def test_a_single_row_of_a_heat_map_is_as_high_as_one_of_many():
    one, five = (charts.heat_map(plan(count), row="line").to_dict()["height"] for count in (1, 5))
    assert five - one == 4 * charts.ROW
    assert one - charts.AROUND == charts.ROW


def test_no_layer_orders_its_marks_by_a_name():
    weeks = pd.DataFrame(
        {"iso_week": ["2026-W47"], "served": 2.0, "waiting": 1.0, "supply": 2.0, "demand": 3.0, "binding_constraint": "slot"}
    )
    orders = [one["encoding"]["order"]["type"] for one in layers(charts.plan_picture(weeks, selected=None)) if "order" in one["encoding"]]
    assert orders == ["quantitative"]
