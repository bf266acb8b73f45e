"""An answer that was overdue is sent from the grid, and sharing terms change: the next plan knows both."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from apps.shared_views import commit_rows, commits
from dagster_project.defs.run import plan
from dagster_project.editions import open_edition
from dagster_project.home import home
from dagster_project.intake import submit
from dagster_project.intake.deliveries import deliveries, let_partners_in

DAY = dt.date(2026, 11, 19)  # the Thursday after: an answer to the forecasts of the week before was due on Wednesday
MORNING = dt.datetime(2026, 11, 19, 8, 0, tzinfo=dt.UTC)
OVERDUE = "✕ Overdue"


@pytest.fixture
def plant(network_files, tmp_path, monkeypatch) -> str:
    """A plant that has not answered the newest forecast, in an installation with a plan of `DAY`."""
    files = network_files("tiny")
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path / "home"))
    let_partners_in(files)
    every = deliveries(files)
    missing = [each for each in every if each.feed == commit_rows.PLANT.feed][-1]
    for each in every:
        if each is not missing:
            submit(each.path, partner=each.partner, feed=each.feed, as_of=each.as_of)
    plan(DAY)
    return missing.partner


def agreement_of(plant: str) -> dict[str, str]:
    """One agreement of the plant, from what the plan was made of."""
    with duckdb.connect(str(home().warehouse), read_only=True) as con:
        found = con.execute(
            "select terms.agreement_id, terms.therapy_code, terms.site_id, hospitals.partner_id as hospital"
            " from intermediate.int_agreements__terms as terms"
            " join intermediate.int_sites__named as plants on terms.site_id = plants.site_id"
            " join intermediate.int_sites__named as hospitals on terms.hospital_id = hospitals.site_id"
            " where plants.partner_id = ? order by all",
            [plant],
        ).to_arrow_table()
    return found.to_pylist()[0]


def owed(plant: str) -> tuple[set[str], set[str]]:
    """Open exceptions about the plant's answer, and the states of its answers in the cycle."""
    edition = open_edition("operator")
    found = edition.query("exceptions", where={"criterion_code": ["overdue_commit"], "owner_partner_id": [plant]}).to_pylist()
    therapies = edition.query("commits", where={"plant_partner_id": [plant]}).column("therapy_code").unique().to_pylist()
    items = edition.query(
        "cycle_items", where={"partner_id": [plant], "step_no": [7], "item_code": therapies, "cycle": ["this"]}
    ).to_pylist()
    return {row["exception_key"] for row in found if row["state"] != "cleared"}, {row["state"] for row in items}


@pytest.mark.slow
def test_an_answer_ends_what_was_overdue_and_sharing_terms_hold_from_the_next_plan_on(plant):
    open_before, states = owed(plant)
    assert open_before
    assert states == {"late"}
    rows = commit_rows.ahead(open_edition(plant).query("commits").to_pandas(), commits.monday(DAY))
    assert set(rows["state"]) == {OVERDUE}
    answer = submit(
        commit_rows.to_send(rows), partner=plant, feed=commit_rows.PLANT.feed, file_name="answer.csv", as_of=MORNING, way_in="web"
    )
    assert (answer.status, answer.rows_accepted) == ("accepted", len(rows))

    agreement = agreement_of(plant)
    line = {"therapy_code": [agreement["therapy_code"]], "site_id": [agreement["site_id"]]}
    hospital = agreement["hospital"]
    assert open_edition(hospital).query("supply_ahead", where=line).num_rows
    assert open_edition(hospital).query("supply_ahead_by_terms").num_rows == 0
    terms = "agreement_id,version,feed_or_view,audience_role,grain\n{0},,supply_ahead,hospital,not_shared\n{0},,demand_ahead,plant,network_month\n"
    sender = next(row["partner_id"] for row in open_edition("operator").query("cycle_items", where={"step_no": [1]}).to_pylist())
    told = submit(
        terms.format(agreement["agreement_id"]).encode(), partner=sender, feed="agreement_sharing", file_name="terms.csv", as_of=MORNING
    )
    assert told.status == "accepted", told.refusals

    plan(DAY)
    assert owed(plant) == (set(), {"done"})
    assert set(commit_rows.ahead(open_edition(plant).query("commits").to_pandas(), commits.monday(DAY))["state"]) == {"✓ Answered"}
    for view in ("supply_ahead", "supply_ahead_by_terms"):
        assert open_edition(hospital).query(view, where=line).num_rows == 0
    audiences = open_edition("operator").manifest["audiences"]
    neighbours = [name for name, entry in audiences.items() if entry["role"] == "hospital" and name != hospital]
    assert all(open_edition(name).query("supply_ahead_by_terms", where=line).num_rows for name in neighbours)
    demand = open_edition(plant).query("demand_ahead", where={"therapy_code": [agreement["therapy_code"]]}).to_pylist()
    assert {row["grain"] for row in demand} == {"month"}
    assert len({row["week_start_date"].replace(day=1) for row in demand}) == len(demand)
