"""The drill of the joint planning screen says what one more of the scarcest resource would bring, to whoever has the whole plan."""

from __future__ import annotations

BEGINNINGS = ("One more ", "Vector for one more start ", "Raw material for one more start ")


def said(app) -> list[str]:
    return [markdown.value for markdown in app.markdown if markdown.value.startswith(BEGINNINGS)]


def test_a_short_week_says_what_one_more_would_bring(open_page):
    app = open_page("operator", "joint_planning")
    assert not app.exception
    (sentence,) = said(app)
    assert app.session_state["opened_week"] in sentence


def test_a_plant_whose_edition_does_not_hold_the_whole_plan_reads_nothing_of_it(open_page):
    app = open_page("plant", "joint_planning")
    assert not app.exception
    assert said(app) == []
