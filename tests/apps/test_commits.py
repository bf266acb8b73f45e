"""A plant's answer to the forecast: what the grid shows, what may be sent, and that it reaches the door as typed."""

from __future__ import annotations

import datetime as dt
import io
import shutil

import pandas as pd
import pytest

from apps.shared_views import commit_rows, commits, data, words
from dagster_project import register
from dagster_project.home import home
from dagster_project.intake import check

MONDAY = dt.date(2026, 11, 16)
PLANT = "9501101530133"


def asked(week: str, requested: float, *, version: str = "2026-11-10", newest: bool = True, answered: float | None = None, **more) -> dict:
    """One row of the report, as the plan writes it."""
    short = answered is not None and round(requested, 1) > round(answered, 1)
    return {
        "site_id": PLANT,
        "plant_name": "Plant",
        "therapy_code": "CART-101",
        "week_start_date": dt.date.fromisoformat(week),
        "iso_week": pd.Timestamp(week).strftime("%G-W%V"),
        "version_date": dt.date.fromisoformat(version),
        "is_newest_version": newest,
        "requested_starts": requested,
        "committed_starts": answered,
        "maximum_starts": answered,
        "agreed_starts": None,
        "load_shift_starts": None,
        "reason_code": None,
        "note": None,
        "is_answered": answered is not None,
        "is_overdue": False,
        "is_mismatch": short,
        "is_short_without_reason": short and not more.get("reason_code"),
        "last_answered_version_date": None,
        "changed_since_last_answer": None,
        "due_date": dt.date(2026, 11, 13),
    } | more


@pytest.fixture
def rows() -> pd.DataFrame:
    """Five weeks of the newest forecast: answered, overdue twice (once answered for the forecast before), short with and without a reason."""
    before = {"last_answered_version_date": dt.date(2026, 11, 3)}
    found = [
        asked("2026-11-09", 9.0, answered=9.0),
        asked("2026-11-16", 3.0, answered=3.0),
        asked("2026-11-23", 2.114, is_overdue=True),
        asked("2026-11-30", 4.0, is_overdue=True, changed_since_last_answer=1.5, **before),
        asked("2026-11-30", 2.5, version="2026-11-03", newest=False, answered=2.0, maximum_starts=6.0),
        asked("2026-12-07", 5.0, answered=4.0, reason_code="no_staff", agreed_starts=4.5, load_shift_starts=-1.0),
        asked("2026-12-14", 5.0, answered=4.0),
    ]
    return commit_rows.ahead(pd.DataFrame(found), MONDAY)


def line(week: str) -> str:
    """Name of a row of the grid."""
    return f"{PLANT}|CART-101|{week}"


def test_what_needs_an_answer_stands_first_and_past_weeks_and_older_forecasts_do_not(rows):
    assert list(zip(rows["iso_week"], rows["state"], strict=True)) == [
        ("2026-W48", "✕ Overdue"),
        ("2026-W49", "✕ Overdue"),
        ("2026-W51", "! Short, no reason given"),
        ("2026-W50", "! Short"),
        ("2026-W47", "✓ Answered"),
    ]


def test_a_week_begins_with_what_was_answered_or_else_with_what_is_asked(rows):
    begun = rows[["asked", "last_answer", "change", "answer", "maximum"]].astype(object).where(lambda frame: frame.notna(), "none")
    assert list(begun.loc[line("2026-11-23")]) == [2.11, "none", words.DASH, 2.11, 2.11]
    assert list(begun.loc[line("2026-11-30")]) == [4.0, 2.0, "▲ 1.5", 4.0, 6.0]
    assert list(begun.loc[line("2026-12-07")]) == [5.0, 4.0, words.DASH, 4.0, 4.0]


@pytest.mark.parametrize(
    ("change", "said"), [(0.4, "▲ 0.4"), (-1.26, "▼ 1.3"), (0.04, words.DASH), (float("nan"), words.DASH), (None, words.DASH)]
)
def test_a_change_is_an_arrow_with_its_amount(change, said):
    assert commit_rows.moved(change) == said


def test_what_is_typed_is_found_kept_and_put_back(rows):
    after = rows.copy()
    after.loc[line("2026-11-23"), ["answer", "note"]] = [1.0, "Line 2 is down"]
    after.loc[line("2026-12-07"), "reason_code"] = None
    typed = commit_rows.typed_in(rows, after)
    assert typed == {line("2026-11-23"): {"answer": 1.0, "note": "Line 2 is down"}, line("2026-12-07"): {"reason_code": None}}
    again = commit_rows.with_typed(rows, typed | {line("2025-01-06"): {"answer": 3.0}})
    assert commit_rows.typed_in(rows, again) == typed


def test_an_answer_is_not_sent_with_a_hole_a_short_week_without_a_reason_or_a_maximum_below_it(rows):
    assert commit_rows.problems(rows) == ["Your answer is below what is asked in 2026-W51 (CART-101). Choose a reason."]
    rows.loc[line("2026-12-14"), "reason_code"] = "no_line"
    assert commit_rows.problems(rows) == []
    rows.loc[line("2026-11-16"), "answer"] = None
    rows.loc[line("2026-11-30"), ["answer", "maximum"]] = [7.0, 6.0]
    assert commit_rows.problems(rows) == [
        "Your answer is empty in 2026-W47 (CART-101). Say how many starts you can make; 0 if none.",
        "Your maximum is below your answer in 2026-W49 (CART-101). Raise it: it is what you could start at most.",
    ]


def test_the_maximum_follows_the_answer_upwards_unless_somebody_typed_it(rows):
    rows.loc[[line("2026-11-16"), line("2026-11-30")], "answer"] = [8.0, 8.0]
    raised = commit_rows.raised(rows, {line("2026-11-30"): {"maximum": 6.0}})
    assert raised.loc[line("2026-11-16"), "maximum"] == 8.0
    assert raised.loc[line("2026-11-30"), "maximum"] == 6.0


def test_the_file_holds_every_week_and_a_reason_only_where_the_answer_is_short(rows):
    rows.loc[line("2026-12-14"), ["reason_code", "note"]] = ["no_line", "Two\nlines,  and a comma"]
    rows.loc[line("2026-11-16"), "reason_code"] = "shutdown"
    file = pd.read_csv(io.BytesIO(commit_rows.to_send(rows)), dtype=str).set_index("week_start_date")
    assert list(file.index) == ["2026-11-23", "2026-11-30", "2026-12-14", "2026-12-07", "2026-11-16"]
    assert set(file["forecast_version_date"]) == {"2026-11-10"}
    assert file["reason_code"].dropna().to_dict() == {"2026-12-14": "no_line", "2026-12-07": "no_staff"}
    assert file.loc["2026-12-14", "note"] == "Two lines, and a comma"
    assert file.loc["2026-11-23", "actual_starts"] == "2.11"
    # What the grid does not show is stated again as it was.
    assert list(file.loc["2026-12-07", ["agreed_starts", "load_shift_starts"]]) == ["4.5", "-1.0"]


def test_every_reason_of_the_contract_reads_as_words():
    assert commit_rows.reason("no_staff") == "No staff"
    assert {"no_line", "vector_short", "site_not_qualified"} <= set(commit_rows.reasons())
    assert all("_" not in commit_rows.reason(code) for code in commit_rows.reasons())


# ----------------------------------------------------------------- suppliers and couriers


def asked_of(kind: str, code: str, week: str, requested: float, answered: float | None = None, **more) -> dict:
    """One row of a supplier's or courier's report."""
    plant = asked(week, requested, answered=answered)
    kept = {
        name: value
        for name, value in plant.items()
        if not name.endswith("_starts") and name not in {"site_id", "plant_name", "therapy_code"}
    }
    named = {"resource_kind": kind, "resource_code": code, "resource_name": code, "unit_code": "doses" if kind == "vector" else "shipments"}
    return kept | named | {"grain": "week", "requested_quantity": requested, "committed_quantity": answered} | more


def test_a_supplier_answers_in_doses_without_a_maximum():
    form = commit_rows.FORMS["supplier"]
    found = [
        asked_of("vector", "LV-A", "2026-11-23", 12.0, is_overdue=True),
        asked_of("vector", "LV-A", "2026-11-30", 12.0, 4.0, reason_code="quality_hold", is_short_without_reason=False),
        asked_of("vector", "LV-A", "2026-11-09", 12.0),
    ]
    rows = commit_rows.ahead(pd.DataFrame(found), MONDAY, form)
    assert list(rows["state"]) == ["✕ Overdue", "! Short"]
    rows.loc["vector|LV-A|2026-11-23", "answer"] = None
    assert commit_rows.problems(rows, form) == ["Your answer is empty in 2026-W48 (LV-A). Say how many doses you can commit to; 0 if none."]
    after = rows.copy()
    after.loc["vector|LV-A|2026-11-23", "answer"] = 12.5
    assert commit_rows.typed_in(rows, after, form) == {"vector|LV-A|2026-11-23": {"answer": 12.5}}
    file = commit_rows.to_send(after, form).decode().splitlines()
    assert file[1:] == ["vector,LV-A,2026-11-23,2026-11-10,12.5,doses,,", "vector,LV-A,2026-11-30,2026-11-10,4.0,doses,quality_hold,"]
    assert {"quality_hold", "courier_capacity"} <= set(commit_rows.reasons(form))


def test_a_row_that_stands_for_a_month_is_called_so():
    assert commits.period(pd.DataFrame({"grain": ["month", "month"]})) == "month"
    assert commits.period(pd.DataFrame({"grain": ["week", "month"]})) == "period"
    assert commits.period(pd.DataFrame({"week": ["W48"]})) == "week"


# ----------------------------------------------------------------- the page


def grid_of(app) -> pd.DataFrame:
    """The grid as it stands on the page."""
    return next(table.value for table in app.dataframe if "answer" in table.value.columns)


@pytest.fixture
def plant(people):
    """A plant, and its place in the session."""
    person = people["plant"][0]
    return person, commits.key(commits.TYPED, data.desk(person, data.current_edition_id()))


def test_a_short_answer_without_a_reason_stays_here_and_what_was_typed_stays_too(open_page, plant):
    person, place = plant
    app = open_page(person, "joint_planning")
    week = grid_of(app)["asked"].idxmax()
    app = app.switch_page("views/home.py").run()
    before = len(register.submissions(feed=commit_rows.PLANT.feed))
    asked_for = {week: {"answer": 0.0, "note": "Typed before leaving the page"}}
    app.session_state[place] = asked_for
    app = app.switch_page("views/joint_planning.py").run()
    grid = grid_of(app)
    assert grid.loc[week, "note"] == "Typed before leaving the page"
    app.button(key="send_commit").click().run()
    assert "Choose a reason" in app.error[0].value
    assert len(register.submissions(feed=commit_rows.PLANT.feed)) == before
    app = app.switch_page("views/home.py").run().switch_page("views/joint_planning.py").run()
    assert grid_of(app).loc[week, "answer"] == 0.0


def test_the_answer_goes_through_the_door_in_the_name_of_the_plant(open_page, plant):
    person, place = plant
    app = open_page(person, "joint_planning")
    grid = grid_of(app)
    app = app.switch_page("views/home.py").run()
    app.session_state[place] = {name: {"answer": 1.0, "reason_code": "no_staff"} for name in grid.index}
    app = app.switch_page("views/joint_planning.py").run()
    app.button(key="send_commit").click().run()
    assert not app.exception
    assert not app.error
    newest = max(register.submissions(feed=commit_rows.PLANT.feed), key=lambda row: row["as_of"])
    assert (newest["partner_id"], newest["status"], newest["rows_accepted"]) == (person.partner_id, "accepted", len(grid))
    landed = pd.read_parquet(home().root / newest["landing_path"])
    assert set(landed["actual_starts"]) == {1.0}
    short = set(grid.loc[grid["asked"].round(1) > 1, "week"])
    assert landed["reason_code"].notna().sum() >= len(short) > 0
    assert "Accepted" in " ".join(part.body for part in app.html)


def test_the_door_reads_the_answer_of_every_plant_as_it_is_sent(people):
    for person in people["plant"]:
        desk = data.desk(person, data.current_edition_id())
        frame = data._read(str(home().editions), person.audience, desk.edition_id, "commits")
        rows = commit_rows.ahead(frame, commits.monday(desk.planning_date))
        receipt = check(commit_rows.to_send(rows), partner=person.partner_id, feed=commit_rows.PLANT.feed, file_name="answer.csv")
        assert (receipt.status, receipt.rows_accepted) == ("accepted", len(rows)), receipt.refusals


class TestOfSuppliersAndCouriers:
    @pytest.fixture
    def installation(self, kept_installation, tmp_path):
        """A copy to each of these tests: other tests look at what these partners have sent."""
        return shutil.copytree(kept_installation, tmp_path / "home")

    @pytest.mark.parametrize("role", ["supplier", "courier"])
    def test_their_answer_goes_through_the_door(self, open_page, people, role):
        person, form = people[role][0], commit_rows.FORMS[role]
        app = open_page(person, "joint_planning")
        names = grid_of(app).index
        place = commits.key(commits.TYPED, data.desk(person, data.current_edition_id()))
        app = app.switch_page("views/home.py").run()
        app.session_state[place] = {name: {"answer": 0.0, "reason_code": "no_staff"} for name in names}
        app = app.switch_page("views/joint_planning.py").run()
        app.button(key="send_commit").click().run()
        assert not app.exception
        assert not app.error
        newest = max(register.submissions(feed=form.feed), key=lambda row: row["as_of"])
        assert (newest["partner_id"], newest["status"], newest["rows_accepted"]) == (person.partner_id, "accepted", len(names))
        assert set(pd.read_parquet(home().root / newest["landing_path"])["committed_quantity"]) == {0.0}
