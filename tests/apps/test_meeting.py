"""The weekly meeting without a browser: agenda, options, decisions that others see, approvals, patients at risk, minutes."""

from __future__ import annotations

import io
import warnings

import openpyxl
import pandas as pd
import pytest

from apps.shared_views import (
    data,
    exports,
    identity,
    landing,
    meeting_data,
    meeting_exception,
    meeting_options,
    meeting_risk,
    meeting_words,
    minutes,
    minutes_files,
)
from dagster_project import meeting, register
from dagster_project.editions import input_ids, open_edition
from dagster_project.home import home
from dagster_project.meeting import taken
from dagster_project.planning import Option, PlanTables
from tests.apps.conftest import APP
from tests.apps.test_pages import all_text

pytestmark = pytest.mark.slow
FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture
def desk(people, monkeypatch) -> data.Desk:
    """The coordinator's desk, for queries outside a page."""
    person = people["operator"][0]
    monkeypatch.setattr(identity, "signed_in", lambda _: person)
    return data.desk(person, data.current_edition_id())


@pytest.fixture
def edition():
    return open_edition("operator")


def opened(app, part: str):
    app.segmented_control(key=meeting_words.PART).set_value(part).run()
    assert not app.exception
    return app


def first_key(edition) -> str:
    rows = edition.query("exceptions").to_pandas()
    return str(rows[rows["place"] == 1]["exception_key"].iloc[0])


def test_the_agenda_is_in_the_order_of_the_edition_and_the_first_is_open(open_page, edition):
    app = open_page("operator", "meeting")
    rows = edition.query("exceptions", order_by="place").to_pandas()
    rows = rows[rows["place"].notna()]
    text = all_text(app)
    assert rows["title"].iloc[0] in text.replace("&#x27;", "'")
    buttons = [button.label for button in app.button if str(button.key).startswith("open_")]
    assert len(buttons) == len(rows)
    assert buttons[0].startswith("**1. ")


@pytest.mark.parametrize("part", list(meeting_words.PARTS))
@pytest.mark.parametrize("role", ["operator", "hospital", "plant", "supplier", "courier"])
def test_every_part_opens_for_every_role(open_page, role, part):
    app = open_page(role, "meeting")
    if part == "risk" and role not in meeting_data.AT_RISK:
        assert meeting_words.PARTS[part] not in app.segmented_control(key=meeting_words.PART).options
        return
    assert "nan" not in all_text(opened(app, part)).lower().replace("finance", "")


def test_a_decision_is_a_submission_and_shows_at_once_to_everybody_concerned(open_page, edition):
    key = first_key(edition)
    app = open_page("operator", "meeting")
    if any(str(control.key) == f"option_{key}" for control in app.segmented_control):
        app.segmented_control(key=f"option_{key}").set_value("None of them").run()
    app.text_input(key=f"note_{key}").set_value("Shift supervisor looks into it").run()
    app.button(key=f"send_{key}").click().run()
    assert not app.exception
    row = taken("decision", known=input_ids(home().editions / edition.edition_id))[-1]
    assert (row["exception_key"], row["note"], row["partner_id"]) == (key, "Shift supervisor looks into it", "operator")
    assert register.receipt(row["submission_id"])["status"] == "accepted"
    assert "Shift supervisor" not in all_text(open_page("courier", "meeting"))
    assert meeting_words.state(row["state"])[0] in all_text(open_page("operator", "meeting"))


def test_an_identifier_in_a_note_is_refused_in_words(open_page, edition):
    key = first_key(edition)
    app = open_page("operator", "meeting")
    app.text_input(key=f"note_{key}").set_value("about patient MRN 00412345").run()
    app.button(key=f"send_{key}").click().run()
    assert not app.exception
    assert any("was not taken" in error.value for error in app.error)
    assert not any("00412345" in error.value for error in app.error)


def test_a_plant_sees_of_its_own_lines_what_the_coordinator_sees(people, edition, monkeypatch):
    whole, compared = PlanTables.read(edition), 0
    for person in people["plant"]:
        monkeypatch.setattr(identity, "signed_in", lambda _, person=person: person)
        of = data.desk(person, edition.edition_id)
        own = data.plan_tables(of)
        assert {line.site_id for line in own.lines} == set(data.view(of, "plan")["site_id"])
        assert not own.demand.num_rows
        for row in meeting_data.agenda(of).dropna(subset=["week_start_date", "therapy_code"]).to_dict("records"):
            everything = {effect_of(option) for option in meeting_options.options(row, whole) if option.option_code != "other_plant"}
            mine = {effect_of(option) for option in meeting_options.options(row, own)}
            assert everything <= mine
            compared += len(everything)
    assert compared


def effect_of(option: Option) -> tuple[str, float, float]:
    """What an option changes, without the words for it."""
    return option.words, round(option.effect.served_delta, 6), round(option.effect.waiting_patient_weeks_delta, 6)


def test_a_plant_resolves_with_its_own_slots_and_proposes_the_rest(people, edition):
    person = people["plant"][0]
    of, own = data.desk(person, edition.edition_id), {"owner_partner_id": person.partner_id}
    assert "resolved" in meeting_exception.allowed(of, own, "add_slots")
    assert "accepted" in meeting_exception.allowed(of, own, "none")
    assert meeting_exception.allowed(of, own, "shift_week") == ["proposed"]
    assert meeting_exception.allowed(of, {"owner_partner_id": "somebody-else"}, "add_slots") == ["proposed"]


def test_a_partner_may_only_propose_what_it_does_not_own(open_page, people):
    app, key = next(
        found for role in ("hospital", "plant", "supplier", "courier") for one in people[role] if (found := _of_another(open_page, one))
    )
    assert list(app.segmented_control(key=f"state_{key}_none").options) == ["Propose"]


def _of_another(open_page, person: identity.Person):
    """The meeting page at an exception that the person sees and somebody else owns; None when there is none."""
    rows = open_edition(person.audience).query("exceptions").to_pandas()
    others = rows[(rows["owner_partner_id"] != person.audience) & rows["place"].notna()]
    if others.empty:
        return None
    app = open_page(person, "meeting")
    app.session_state["opened_exception"] = key = str(others["exception_key"].iloc[0])
    return app.run(), key


def test_options_count_on_top_of_what_was_decided(desk):
    plan = data.plan_tables(desk)
    rows = meeting_data.agenda(desk)
    found = {row["exception_key"]: meeting_options.options(row, plan) for _, row in rows.iterrows()}
    key, option = next((key, options[0]) for key, options in found.items() if options)
    decision = {
        "exception_key": key,
        "decision_id": "D",
        "state": "resolved",
        "decided_at": pd.Timestamp.now("UTC"),
        **meeting_options.arguments(option),
    }
    draft = meeting_options.draft(plan, [decision])
    saved = meeting_options.waiting_weeks(plan) - meeting_options.waiting_weeks(draft.tables)
    assert saved == pytest.approx(-option.effect.waiting_patient_weeks_delta, abs=1e-3)
    seen = meeting_options.draft(plan, [decision, decision | {"state": "acknowledged", "decided_at": pd.Timestamp.now("UTC")}])
    assert meeting_options.waiting_weeks(seen.tables) == pytest.approx(meeting_options.waiting_weeks(draft.tables))
    reopened = meeting_options.draft(plan, [decision, decision | {"state": "reopened", "decided_at": pd.Timestamp.now("UTC")}])
    assert meeting_options.waiting_weeks(reopened.tables) == pytest.approx(meeting_options.waiting_weeks(plan))


def test_expected_patients_at_risk_are_counted_once(desk):
    rows = meeting_data.at_risk(desk)
    expected = rows[rows["case_id"].isna()]
    demand = data.view(desk, "demand")
    late = demand[demand["bookings"].fillna(0) == 0]
    assert expected["patients"].sum() <= late["demand"].sum()
    cases = data.view(desk, "case_links").set_index("case_id")
    booked = rows[rows["case_id"].notna()]
    assert booked["case_id"].is_unique
    assert cases.loc[booked["case_id"], "red_link"].notna().all()


def test_a_month_of_patients_at_risk_leads_to_the_exception(open_page, desk):
    app = opened(open_page("operator", "meeting"), "risk")
    assert "would start late in" in all_text(app)
    way = next(button for button in app.button if str(button.key).startswith("risk_"))
    assert way.label == "What can we do?"
    way.click().run()
    assert not app.exception
    assert app.segmented_control(key=meeting_words.PART).value == "agenda"
    assert way.help in all_text(app).replace("&#x27;", "'")


def test_a_visitor_comes_from_the_landing_page_to_the_patients_at_risk(at_home):
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415

    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert landing.GO_TO not in app.session_state
    app.button(key="patients_at_risk").click().run()
    assert not app.exception
    assert app.title[0].value == "Weekly meeting"
    assert meeting_risk.MANY >= len([button for button in app.button if str(button.key).startswith("risk_")][: meeting_risk.MANY]) > 0


def test_approving_and_rejecting(open_page, people, edition):
    app = opened(open_page("operator", "meeting"), "approve")
    assert app.button(key="publish").disabled
    assert "has to approve" in all_text(app)
    app.button(key="reject").click().run()
    assert any("needs a reason" in error.value for error in app.error)
    app.button(key="approve").click().run()
    assert not app.exception
    newest = taken("approval", known=input_ids(home().editions / edition.edition_id))[-1]
    assert (newest["verdict"], newest["role"], newest["edition_id"]) == ("approved", "operator", edition.edition_id)


def test_only_the_coordinator_publishes(open_page):
    for role in ("plant", "hospital", "supplier", "courier"):
        assert "publish" not in {button.key for button in opened(open_page(role, "meeting"), "approve").button}


def test_a_partner_does_not_learn_which_other_partner_approved(open_page, people):
    plants = people["plant"]
    meeting.approve(
        {"edition_id": data.current_edition_id(), "planning_week": "2026-W47", "verdict": "rejected", "reason": "no staff in that week"},
        partner=plants[-1].audience, role="plant",
    )  # fmt: skip
    text = all_text(opened(open_page("hospital", "meeting"), "approve"))
    assert f"{plants[-1].name}: no staff" not in text
    assert "A partner: no staff in that week" in text


def test_the_minutes_hold_every_decision_and_run_no_formula(desk, edition):
    key = first_key(edition)
    receipt = meeting.decide(
        {"exception_key": key, "state": "accepted", "reason_code": "risk_accepted", "note": FORMULA, "edition_id": edition.edition_id},
        partner="operator", role="operator",
    )  # fmt: skip
    assert receipt.status == "accepted"
    said = minutes.minutes(desk)
    headings, rows = said.tables["Decisions"]
    assert FORMULA in {row[headings.index("Note")] for row in rows}
    assert len(rows) == len(meeting_data.said(desk).decisions)
    book = openpyxl.load_workbook(io.BytesIO(minutes_files.workbook(said)))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert exports.safe_cell(FORMULA) in {cell.value for cell in cells}
    assert FORMULA not in {cell.value for cell in cells}
    file = minutes_files.pdf(said)
    assert file.startswith(b"%PDF-")
    assert b"/FontFile2" in file


def test_letters_of_other_languages_are_in_the_pdf():
    said = minutes.Minutes("Žižkov, Łódź, Ångström, Αθήνα, Київ", ["\u2013 „quoted” … → ≤ ✓"], {"Empty": (("One",), [])}, "x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert minutes_files.pdf(said).startswith(b"%PDF-")


def test_where_an_exception_comes_from_names_the_file_and_its_rows(open_page, edition):
    app = open_page("operator", "meeting")
    assert any("Where does this come from?" in expander.label for expander in app.expander)
    rows = edition.query("exception_rows", {"exception_key": first_key(edition)}).to_pandas()
    shown = pd.concat([table.value for table in app.dataframe])
    assert set(rows.loc[rows["row_number"].notna(), "file_name"]) <= set(shown["file_name"])
