"""Every page as every role, without a browser: it renders, says what it must, and shows nobody else's figures."""

from __future__ import annotations

import pytest

from apps.shared_views import data, identity, words
from dagster_project import intake
from dagster_project.editions import open_edition

pytestmark = pytest.mark.slow

TITLES = {
    "home": "Today",
    "partner_desk": "Partner desk",
    "joint_planning": "Joint planning",
    "meeting": "Weekly meeting",
    "executive_board": "Executive board",
}
ALLOWED = [(role, page) for page, roles in identity.PAGES.items() for role in roles]
FORBIDDEN = [(role, page) for page, roles in identity.PAGES.items() for role in words.ROLES if role not in roles]


def all_text(app) -> str:
    """Everything a person can read on the page, as one text."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.html, app.info, app.error)
    return "\n".join(str(element.value if hasattr(element, "value") else element.body) for kind in kinds for element in kind)


@pytest.mark.parametrize(("role", "page"), ALLOWED)
def test_page_opens_for_its_role_and_names_its_edition(open_page, role, page):
    app = open_page(role, page)
    assert not app.exception
    assert app.title[0].value == TITLES[page]
    text = all_text(app)
    assert f"Edition {data.current_edition_id()[:8]}" in text
    assert "plan of 16 Nov 2026 (2026-W47)" in text
    assert "nan" not in text.lower().replace("finance", "")
    assert "NaT" not in text


@pytest.mark.parametrize(("role", "page"), FORBIDDEN)
def test_page_of_another_role_is_refused_in_words(open_page, role, page):
    app = open_page(role, page)
    assert not app.exception
    assert app.title[0].value == "Not for you"
    assert "This page is not for you" in app.error[0].value
    assert not app.dataframe
    assert "Edition" not in all_text(app)


@pytest.mark.parametrize("role", words.ROLES)
def test_demo_identity_is_marked_as_such(open_page, role):
    captions = [element.value for element in open_page(role, "home").sidebar.caption]
    assert any("Demo:" in text and "a real installation uses your sign-in" in text for text in captions)


def test_home_puts_what_waits_before_everything_else(open_page):
    app = open_page("operator", "home")
    found = [element.value for element in app.subheader]
    assert (found[0], found[-1]) == ("Waiting for you", "Where to go")


def test_partner_may_choose_only_feeds_of_its_role(open_page):
    app = open_page("courier", "partner_desk")
    assert set(app.selectbox(key="feed").options) == {
        "Approval",
        "Container",
        "Custody event",
        "Decision",
        "Delivery history",
        "Shipment booking",
        "Supply commit",
        "Temperature reading",
    }


def test_a_file_just_sent_stands_first_among_the_versions_until_a_plan_counts_it(open_page, people):
    courier = people["courier"][0]
    rows = "shipment_id,origin_name,country_name,mode,promised_date,delivered_date\nS-1,Lyon depot,Portugal,air,2026-10-02,2026-10-02\n"
    intake.submit(rows.encode(), partner=courier.partner_id, feed="delivery_history", file_name="just_sent.csv")
    versions = open_page(courier, "partner_desk").dataframe[0].value
    assert versions["file_name"].iloc[0] == "just_sent.csv"
    assert versions["planned"].iloc[0] == "From the next plan on"
    assert set(versions["planned"].iloc[1:]) == {"In this plan"}


def test_choosing_a_week_opens_it(open_page):
    app = open_page("operator", "joint_planning")
    last = app.selectbox(key="opened_week").options[-1]
    app.selectbox(key="opened_week").set_value(last).run()
    assert not app.exception
    assert f"One week opened up: {last}" in all_text(app)


def test_another_week_opens_with_its_longest_waiting_line(open_page):
    plan = open_edition("operator").query("plan").to_pandas()
    app = open_page("operator", "joint_planning")
    assert plan["therapy_code"].nunique() > 1
    for week in plan["iso_week"].unique()[4:9]:
        rows = plan[plan["iso_week"] == week].sort_values(["waiting", "demand"], ascending=False)
        app.selectbox(key="opened_week").set_value(week).run()
        assert app.selectbox(key="opened_line").value.startswith(rows["therapy_code"].iloc[0])
        assert words.day(rows["week_start_date"].iloc[0]) in all_text(app)


def test_choosing_a_therapy_narrows_the_plan(open_page):
    app = open_page("operator", "joint_planning")
    therapy = app.selectbox(key="therapy").options
    if len(therapy) < 3:
        pytest.fail("the test network needs two therapies")
    codes = [option.split("(")[1].rstrip(")") for option in therapy[1:]]
    app.selectbox(key="therapy").select_index(1).run()
    assert not app.exception
    lines = " ".join(app.selectbox(key="opened_line").options)
    assert codes[0] in lines
    assert codes[1] not in lines


def test_why_of_a_short_week_names_the_resource(open_page, people):
    app = open_page("operator", "joint_planning")
    text = all_text(app)
    assert "patients are ready to start" in text
    assert (
        any(what in text and "must wait, because there" in text for _, what, _ in words.CONSTRAINTS.values())
        or "All of them can start." in text
    )


def test_board_shows_definition_sample_and_benchmark_of_every_kpi(open_page):
    text = all_text(open_page("executive", "executive_board"))
    for phrase in (
        "Vein to vein",
        "Turnaround, first pass",
        "How it is counted",
        " counted",
        " with the open cases, ",
        "Published:",
        "No published benchmark",
        "Target:",
    ):
        assert phrase in text


def test_board_of_one_therapy_is_another_board(open_page):
    app = open_page("executive", "executive_board")
    control = app.segmented_control(key="kpi_therapy")
    network = all_text(app)
    control.set_value(control.options[-1]).run()
    assert not app.exception
    assert all_text(app) != network


def test_executive_page_never_names_a_case(open_page, own_ids):
    text = all_text(open_page("executive", "executive_board")) + all_text(open_page("executive", "home"))
    assert own_ids
    assert not [case for case in own_ids if case[:8] in text]
