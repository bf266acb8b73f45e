"""The lists of what waits, on the pages themselves: overdue ones first, a way to what did not fit, rows that passed the door and do not count."""

from __future__ import annotations

import pandas as pd
import pytest

from apps.shared_views import data, today

pytestmark = pytest.mark.slow


@pytest.fixture
def instead(monkeypatch):
    """`instead(view, change)` lets the pages see a view as `change` makes it."""
    real = data.view

    def changed(name, change):
        monkeypatch.setattr(data, "view", lambda of, asked: change(real(of, asked)) if asked == name else real(of, asked))

    return changed


def text_of(app) -> str:
    kinds = (app.subheader, app.markdown, app.caption, app.html, app.info)
    return "\n".join(str(element.value if hasattr(element, "value") else element.body) for kind in kinds for element in kind)


def links(app) -> list[tuple[str, str]]:
    """Words and page of every link, without the symbol in front."""
    return [(element.proto.label.split("] ")[-1], element.proto.page) for element in app.get("page_link")]


def two_overdue(rows: pd.DataFrame) -> pd.DataFrame:
    """The last two of the open ones by their time are overdue, no other."""
    is_open = rows["case_status"] == "open" if "case_status" in rows else ~rows["status"].isin(["delivered", "cancelled"])
    late = rows.index[is_open][-2:]
    return rows.assign(is_overdue=rows.index.isin(late), overdue_days=3.0)


@pytest.mark.parametrize(("role", "view", "noun"), [("courier", "shipments", "shipments"), ("hospital", "cases", "cases")])
def test_today_says_how_many_are_overdue_and_leads_there(open_page, instead, role, view, noun):
    instead(view, two_overdue)
    app = open_page(role, "home")
    assert (f"2 {noun} are overdue.", "joint_planning") in links(app)
    assert "Nothing waits for you" not in text_of(app)


@pytest.mark.parametrize(("role", "view", "table"), [("courier", "shipments", "booking_id"), ("hospital", "cases", "case")])
def test_overdue_ones_stand_first_with_their_mark(open_page, instead, role, view, table):
    instead(view, two_overdue)
    app = open_page(role, "joint_planning")
    rows = next(element.value for element in app.dataframe if table in element.value)
    assert len(rows) > 2
    assert list(rows["overdue"].iloc[:2]) == ["! 3 days overdue"] * 2
    assert rows["overdue"].iloc[2:].isna().all()


@pytest.mark.parametrize(("role", "view", "table"), [("courier", "shipments", "booking_id"), ("hospital", "cases", "case")])
def test_nothing_is_marked_when_nothing_is_overdue(open_page, instead, role, view, table):
    instead(view, lambda rows: rows.assign(is_overdue=False, overdue_days=None))
    app = open_page(role, "joint_planning")
    assert "overdue" not in next(element.value for element in app.dataframe if table in element.value)


def test_the_rest_of_the_late_feeds_is_a_link_to_the_partner_desk(open_page, instead):
    instead("feed_status", lambda rows: rows.assign(state="late"))
    app = open_page("operator", "home")
    late = int(
        next(str(one.body) for one in app.html if "Feeds late or missing" in str(one.body))
        .split("Feeds late or missing")[1]
        .split(">")[2]
        .split(" ")[0]
    )
    assert late > today.SHOWN
    assert (f"and {late - today.SHOWN} more feeds", "partner_desk") in links(app)


def test_the_courier_reads_of_lanes_and_the_coordinator_of_weeks(open_page):
    courier, operator = ({page: label for label, page in links(open_page(role, "home"))} for role in ("courier", "operator"))
    assert "lanes" in courier["joint_planning"]
    assert "week falls short" in operator["joint_planning"]
    assert "week falls short" not in courier["joint_planning"]


UNPLACED = {
    "submission_id": "s1",
    "feed": "demand_forecast",
    "reason_code": "unknown_therapy",
    "reason": "No therapy file names CART-999.",
    "first_row_number": 7,
    "example_value": "CART-999",
}


def unplaced_rows(partners: list[str], count: int = 3) -> pd.DataFrame:
    return pd.DataFrame([UNPLACED | {"partner_id": partner, "rows": count} for partner in partners])


def test_a_partner_reads_why_accepted_rows_do_not_count(open_page, people, instead):
    me = people["hospital"][0]
    instead("unplaced", lambda _: unplaced_rows([me.audience]))
    text = text_of(open_page(me, "partner_desk"))
    assert "Accepted, but not in the plan" in text
    assert "3 rows passed" in text
    for part in ("No therapy file names CART-999.", ">7</td>", ">CART-999</td>", "Demand forecast"):
        assert part in text


def test_the_coordinator_reads_those_of_everybody(open_page, people, instead):
    both = [person.audience for person in people["hospital"][:2]]
    instead("unplaced", lambda _: unplaced_rows(both, 1))
    text = text_of(open_page("operator", "partner_desk"))
    assert "Accepted, but not in the plan, all partners" in text
    assert all(person.name in text for person in people["hospital"][:2])


def test_nothing_is_said_when_every_row_counts(open_page, instead):
    instead("unplaced", lambda rows: rows.head(0))
    assert "not in the plan" not in text_of(open_page("operator", "partner_desk"))
