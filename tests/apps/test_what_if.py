"""The drill of the joint planning screen says what one more of the scarcest resource would bring, to the coordinator and to the plant whose line it is."""

from __future__ import annotations

import pytest

BEGINNINGS = ("One more ", "Vector for one more start ", "Raw material for one more start ")


def said(app) -> list[str]:
    return [markdown.value for markdown in app.markdown if markdown.value.startswith(BEGINNINGS)]


def test_a_short_week_says_what_one_more_would_bring(open_page):
    app = open_page("operator", "joint_planning")
    assert not app.exception
    (sentence,) = said(app)
    assert app.session_state["opened_week"] in sentence


def test_a_plant_reads_it_of_its_own_line(open_page):
    app = open_page("plant", "joint_planning")
    assert not app.exception
    (sentence,) = said(app)
    assert app.session_state["opened_week"] in sentence


@pytest.mark.parametrize("role", ["hospital", "supplier", "courier"])
def test_who_holds_no_plan_of_a_line_reads_nothing_of_it(open_page, role):
    assert said(open_page(role, "joint_planning")) == []
