"""One run from partner files to an edition, and the gates that keep the last edition when something is wrong."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date, datetime

import pyarrow.compute as pc
import pytest

from dagster_project.defs import run
from dagster_project.editions import current_edition, open_edition
from dagster_project.home import home
from dagster_project.landing import open_warehouse
from dagster_project.register import editions as sealed_editions

DAY = date(2026, 11, 16)
pytestmark = pytest.mark.xdist_group("plan")


@pytest.fixture(scope="module")
def planned(kept_submissions, tmp_path_factory):
    """A tiny network, submitted and planned once; the state folder stays in force for the module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VEINWAY_HOME", str(shutil.copytree(kept_submissions, tmp_path_factory.mktemp("planned") / "home")))
        heard: list[str] = []
        yield run.plan(DAY, progress=lambda step, *_: heard.append(step)), heard


@pytest.fixture
def no_run(monkeypatch):
    """Fail when a test that must reuse an edition starts the pipeline."""

    def started(*_):
        pytest.fail("the pipeline was started")

    monkeypatch.setattr(run, "_run", started)


@pytest.mark.slow
def test_a_run_publishes_an_edition_for_every_partner_and_tells_each_step(planned):
    result, heard = planned
    manifest = open_edition("operator").manifest
    assert (result.edition_id, result.is_reused) == (current_edition(home().editions), False)
    assert list(dict.fromkeys(heard)) == ["start", "landing", "second check", "dbt", "publish"]
    assert len(manifest["audiences"]) > 5
    assert set(manifest["tests"].values()) <= {"pass", "warn"}
    assert [row["edition_id"] for row in sealed_editions()] == [result.edition_id]
    assert (home().data_docs / "index.html").is_file()


@pytest.mark.slow
def test_nothing_new_means_the_edition_is_reused(planned, no_run):
    assert run.plan(DAY) == run.Planned(planned[0].edition_id, DAY, is_reused=True)


@pytest.mark.parametrize(
    ("came", "newest"),
    [
        ({}, "2026-11-16"),
        ({"the decision that was agreed on": "2026-11-20"}, "2026-11-16"),
        ({"a file since": "2026-11-19"}, "2026-11-19"),
        ({"a file sent to the plan before": "2026-11-10"}, "2026-11-16"),
    ],
)
def test_a_consensus_stays_in_force_until_something_else_comes(came, newest):
    agreed = {"planning_date": "2026-11-16", "counted": ["the decision that was agreed on"]}
    rows = [
        {"submission_id": one, "as_of": datetime.fromisoformat(f"{day}T12:00:00+00:00")}
        for one, day in ({"the first": "2026-11-14"} | came).items()
    ]
    again = [{"submission_id": row["submission_id"], "sent_at": row["as_of"]} for row in rows]
    assert run._newest(rows, again, agreed) == date.fromisoformat(newest)
    assert run._newest(rows, again, {}) == max(row["as_of"] for row in rows).date()


@pytest.mark.slow
def test_no_hospital_finds_another_hospitals_cases_or_name_in_its_file(planned):
    cases = open_edition("operator").query("cases", columns=["case_id", "coi_id", "hospital_partner_id", "hospital_name"]).to_pylist()
    hospitals = {case["hospital_partner_id"] for case in cases}
    assert len(hospitals) > 1
    for hospital in hospitals:
        foreign = {text for case in cases if case["hospital_partner_id"] != hospital for text in case.values()}
        own = open_edition(hospital)
        assert own.query("cases").num_rows == sum(case["hospital_partner_id"] == hospital for case in cases)
        assert foreign.isdisjoint(texts_of(own)), hospital


@pytest.mark.slow
def test_executives_find_no_case_and_no_partner(planned):
    cases = open_edition("operator").query("cases", columns=["case_id", "coi_id", "hospital_partner_id", "hospital_name"]).to_pylist()
    assert {text for case in cases for text in case.values()}.isdisjoint(texts_of(open_edition("executive")))


@pytest.mark.slow
def test_a_row_that_breaks_its_contract_after_the_door_closes_the_gate_until_it_is_gone(planned):
    """The second check finds it, run after run; the last edition stays."""
    first = "SELECT submission_id, row_number FROM landing.demand_forecast ORDER BY 1, 2 LIMIT 1"
    spoil = f"UPDATE landing.demand_forecast SET patients = patients {{}} 1000 WHERE (submission_id, row_number) IN ({first})"
    with open_warehouse(home()) as con:
        con.execute(spoil.format("-"))
        con.execute("DELETE FROM landing.second_check")
    for _ in range(2):
        with pytest.raises(
            run.PlanFailedError, match=rf"(?s)not published. Edition {planned[0].edition_id} stays.*second_check of demand_forecast"
        ):
            run.plan(date(2026, 11, 17))
        assert current_edition(home().editions) == planned[0].edition_id
    with open_warehouse(home()) as con:
        con.execute(spoil.format("+"))
    assert run.plan(date(2026, 11, 17)).edition_id == current_edition(home().editions) != planned[0].edition_id


@pytest.mark.slow
def test_a_plan_of_a_past_date_is_published_beside_the_current_one_and_found_again(planned):
    current = current_edition(home().editions)
    past = run.plan(date(2026, 11, 2))
    assert (past.is_current, past.is_reused) == (False, False)
    assert current_edition(home().editions) == current != past.edition_id
    assert open_edition("operator", past.edition_id).manifest["planning_date"] == "2026-11-02"
    assert run.plan(date(2026, 11, 2)) == run.Planned(past.edition_id, date(2026, 11, 2), is_reused=True, is_current=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("day", "told"), [(date(2020, 1, 1), "Nothing had been submitted by 2020-01-01"), (date(2035, 1, 1), "Check the year")]
)
def test_a_mistyped_planning_date_publishes_nothing(planned, no_run, day, told):
    before = current_edition(home().editions)
    with pytest.raises(LookupError, match=told):
        run.plan(day)
    assert current_edition(home().editions) == before


@pytest.mark.slow
def test_a_second_run_at_the_same_time_is_told_in_plain_words(planned):
    other = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", other, str(home().warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        with pytest.raises(run.PlanFailedError, match="Another run has the warehouse open") as failed:
            run.plan(date(2026, 11, 18))
        process.stdin.close()
    assert "PID" not in str(failed.value)


def test_with_nothing_submitted_there_is_nothing_to_plan(tmp_path, monkeypatch, no_run):
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path))
    with pytest.raises(LookupError, match="Nothing has been submitted yet"):
        run.plan()


def texts_of(edition) -> set[str]:
    """Every text in every view, lists included."""
    found: set[str] = set()
    for view in edition.views:
        for column in edition.query(view).columns:
            values = pc.list_flatten(column) if str(column.type).startswith("list") else column
            found |= {value for value in values.to_pylist() if isinstance(value, str)}
    return found
