"""The card of what is due: in the partner's own time, and changed the moment something is sent. Also the references that wait."""

from __future__ import annotations

import datetime as dt
import shutil

import pandas as pd
import pytest

from apps.shared_views import data, deadlines
from dagster_project import cadence, intake, register
from dagster_project.cadence import Deadline
from dagster_project.home import home

PARIS, NOON = "Europe/Paris", dt.datetime(2026, 11, 17, 11, tzinfo=dt.UTC)


def deadline(feed: str, state: str, *, which: str = "next", due_at: dt.datetime = NOON, partner: str = "northgate-hospital") -> Deadline:
    return Deadline(partner, feed, which, due_at, PARIS, True, state, None, None)


def test_a_partner_reads_its_own_clock_and_what_is_missing_first():
    last = NOON - dt.timedelta(weeks=1)
    owed = deadlines.own(
        [
            deadline("demand_forecast", cadence.NOT_DUE),
            deadline("case_order", cadence.NOT_DUE),
            deadline("collection", cadence.EARLY),
            deadline("demand_forecast", cadence.ON_TIME, which="last", due_at=last),
            deadline("collection", cadence.MISSING, which="last", due_at=last),
        ]
    )
    was_due, next_due = "Was due Tue 10 Nov 2026, 12:00 CET", "Next due Tue 17 Nov 2026, 12:00 CET"
    assert [(one.feed, one.state, one.lines()) for one in owed] == [
        ("collection", "missing", [was_due, f"{next_due} · here already"]),
        ("demand_forecast", "on_time", [was_due, next_due]),
        ("case_order", "not_due", [next_due]),
    ]


def test_what_is_not_owed_is_not_shown():
    assert deadlines.own([Deadline("p", "case_order", "next", NOON, PARIS, False, cadence.NOT_DUE, None, None)]) == []


def test_the_coordinator_reads_one_line_for_each_moment():
    partners = [f"partner-{number}" for number in range(6)]
    coming = [deadline("case_order", cadence.EARLY if name.endswith("0") else cadence.NOT_DUE, partner=name) for name in partners]
    [row] = deadlines.of_all([*coming, deadline("case_order", cadence.MISSING, which="last")])
    assert row["when"] == "Tue 17 Nov 2026, 11:00 UTC"
    assert row["feeds"] == "6 feeds of 6 partners: Partner 0, Partner 1, Partner 2, Partner 3 and 2 more"
    assert row["standing"] == "1 feed of 6 here already"


@pytest.mark.slow
class TestOnTheDesk:
    @pytest.fixture
    def installation(self, kept_installation, tmp_path):
        """A copy to each of these tests: what is here already is what nobody else has sent."""
        return shutil.copytree(kept_installation, tmp_path / "home")

    def text(self, app) -> str:
        return "\n".join(str(getattr(element, "value", None) or element.body) for kind in (app.subheader, app.html) for element in kind)

    def test_each_role_sees_what_is_due(self, open_page):
        for role, heading in (("hospital", "Feeds due and late"), ("courier", "Feeds due and late"), ("operator", "What is due next")):
            app = open_page(role, "partner_desk")
            assert not app.exception
            assert heading in [element.value for element in app.subheader]

    def test_bytes_just_sent_again_are_here_already(self, open_page, people):
        person = people["hospital"][0]
        accepted = register.submissions(partner=person.partner_id, feed="infusion_capacity", statuses=["accepted", "partly_accepted"])
        here = "here already"
        assert here not in self.text(open_page(person, "partner_desk"))
        raw = accepted[-1]["raw_sha256"]
        receipt = intake.submit(home().raw / raw[:2] / raw, partner=person.partner_id, feed="infusion_capacity")
        assert receipt.is_repeat
        assert here in self.text(open_page(person, "partner_desk"))

    def test_references_that_wait_are_told_with_the_feed_that_closes_them(self, open_page, monkeypatch):
        real = data.view
        row = {
            "submission_id": "s1", "feed": "collection", "partner_id": "p", "column_name": "coi_id", "to_feed": "case_order",
            "to_column": "coi_id", "open_values": 2, "rows": 3, "first_row_number": 7, "example_value": "CHA1", "submission_ids": ["s1"],
        }  # fmt: skip
        for rows in ([row], []):
            frame = pd.DataFrame(rows, columns=list(row))
            monkeypatch.setattr(data, "view", lambda of, name, told=frame: told if name == "open_references" else real(of, name))
            app = open_page("hospital", "partner_desk")
            assert not app.exception
            assert ("Waiting for another feed" in [element.value for element in app.subheader]) is bool(rows)
            assert ("2 values in 3 rows" in self.text(app)) is bool(rows)
