"""The planning cycle on screen: nine steps under four activities, who is late, and a partner's own part."""

from __future__ import annotations

import pandas as pd
import pytest

from apps.shared_views import cycle, words
from dagster_project.editions import open_edition

ROLES = ("hospital", "plant", "supplier", "courier")


def page_text(app) -> str:
    """What stands in the cards and sentences of a page."""
    return " ".join([*(part.body for part in app.html), *(part.value for part in app.markdown), *(part.value for part in app.subheader)])


def item(step: int, code: str, state: str, due: str = "2026-11-11 11:00:00+00:00") -> dict:
    """One thing that a partner owes."""
    return {"step_no": step, "item_code": code, "state": state, "due_at": pd.Timestamp(due), "iso_week": "2026-W47"}


def test_the_coordinator_sees_nine_steps_under_four_activities_and_who_is_late(open_page):
    steps = open_edition("operator").query("cycle_steps", where={"cycle": ["this"]}).to_pandas()
    text = page_text(open_page("operator", "home"))
    assert len(steps) == 9
    for row in steps.to_dict("records"):
        assert f"{row['step_no']}\u2002{row['step_name']}" in text
        assert not len(row["late_partner_names"]) or cycle.some(row["late_partner_names"]) in text
    for activity in (*cycle.ACTIVITIES, "analysis"):
        assert f"<h4>{activity.capitalize()}</h4>" in text
    assert f"The planning cycle of {steps['iso_week'].iloc[0]}" in text


@pytest.mark.parametrize("role", ROLES)
def test_a_partner_sees_its_own_steps_and_no_other_ones(open_page, people, role):
    person = people[role][0]
    items = open_edition(person.audience).query("cycle_items", where={"cycle": ["this"]}).to_pandas()
    text = page_text(open_page(person, "partner_desk"))
    steps = set(items["step_no"].map(int))
    assert steps
    assert set(items["partner_id"]) == {person.partner_id}
    for number in range(1, 10):
        assert (f"<b>{number}\u2002" in text) == (number in steps)
    done = int((items["state"] == "done").sum())
    assert f"{words.number(done)} of {words.count(len(items), 'thing')}" in text


def test_a_partners_part_in_one_sentence():
    items = pd.DataFrame([item(3, "demand_forecast", "late"), item(6, "slot_plan", "done"), item(7, "CART-101", "open")])
    assert cycle.own_sentence(items) == "For the plan of 2026-W47: 1 of 3 things is done, 1 is late, 1 is open."
    assert cycle.own_sentence(items.iloc[1:2]) == "For the plan of 2026-W47: 1 of 1 thing is done."


def test_late_and_open_things_stand_with_their_due_moment_and_done_ones_behind_them():
    rows = pd.DataFrame([item(9, "CART-101", "late"), item(9, "inspection", "done"), item(9, "deviation", "done")])
    lines = cycle.own_lines(rows)
    assert lines[0] == "Late: slots of CART-101 made firm, due Wed 11 Nov 2026, 11:00 UTC"
    assert lines[1].startswith("Done: ")
    assert "_" not in lines[1]


def test_an_exception_stands_under_its_name_and_is_due_on_a_day():
    row = item(8, "bottleneck_orange", "open", "2026-11-24 00:00:00+00:00") | {"item_title": "Bottleneck within flexible capacity"}
    assert cycle.own_lines(pd.DataFrame([row])) == ["Open: Bottleneck within flexible capacity, due by the end of 23 Nov 2026"]


def test_where_the_cycle_is_late():
    steps = pd.DataFrame(
        [
            {"step_no": 1, "step_name": "Front-end agreement", "state": "done", "late_partner_names": []},
            {"step_no": 3, "step_name": "Demand forecast", "state": "late", "late_partner_names": ["A", "B", "C", "D", "E"]},
        ]
    )
    assert cycle.sentence(steps) == "1 of 2 steps is done. Late at step 3, demand forecast: A, B, C and 2 more."
    assert cycle.sentence(steps.iloc[:1]) == "1 of 1 step is done; nobody is late."
