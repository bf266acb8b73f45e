"""What Dagster knows: every feed landed and checked twice, dbt after it, the edition last, nothing opened early."""

from __future__ import annotations

import os

import dagster as dg
import pytest

from dagster_project.contracts import contracts
from dagster_project.telemetry import OFF

FEEDS = contracts()
# One worker reads the definitions: parsing the dbt project takes seconds.
pytestmark = pytest.mark.xdist_group("definitions")


@pytest.mark.parametrize("feed", FEEDS)
def test_each_feed_lands_with_the_doors_verdict_and_a_blocking_second_check(graph, feed):
    key = dg.AssetKey(["landing", feed])
    assert graph.get(key).group_name == "landing"
    checks = {check.name: graph.get(check) for check in graph.get(key).check_keys}
    assert {name: node.blocking for name, node in checks.items() if name in {"door_verdict", "second_check"}} == {
        "door_verdict": False,
        "second_check": True,
    }


@pytest.mark.parametrize("feed", FEEDS)
def test_each_feed_is_due_by_its_contracts_cadence(graph, feed):
    policy = graph.get(dg.AssetKey(["partners", feed])).freshness_policy
    assert (policy.deadline_cron if policy else None) == FEEDS[feed].cadence


def test_dbt_reads_only_what_landing_makes(graph):
    read = {parent for key in graph.get_all_asset_keys() if graph.get(key).group_name == "dbt" for parent in graph.get(key).parent_keys}
    made = {key for key in graph.get_all_asset_keys() if graph.get(key).group_name in {"dbt", "landing"}}
    assert read <= made
    assert {key.path[0] for key in read - made} == set()
    assert dg.AssetKey(["landing", "submission"]) in read


def test_the_edition_comes_after_every_report(graph):
    reports = {key for key in graph.get_all_asset_keys() if key.path[-1].startswith("rpt_")}
    assert len(reports) > 20
    assert reports <= graph.get(dg.AssetKey(["editions", "current"])).parent_keys


def test_dbt_tests_are_asset_checks(graph):
    assert any(check.asset_key == dg.AssetKey(["marts", "fct_aligned_plan"]) for check in graph.asset_check_keys)


def test_every_step_waits_for_the_one_writer(defs):
    steps = defs.resolve_job_def("plan").all_node_defs
    assert {step.name: step.pool for step in steps} == dict.fromkeys(
        ("load_landing", "check_landing", "build_dbt", "editions__current"), "warehouse"
    )


def test_loading_the_definitions_opens_nothing(defs, empty_home):
    assert [path.name for path in empty_home.iterdir()] == ["dbt"]


def test_no_tool_calls_home(defs):
    assert {name: os.environ.get(name) for name in OFF} == OFF


def test_the_plan_is_made_weekly_and_when_something_came_in(defs):
    assert defs.resolve_schedule_def("weekly_plan").job_name == "plan"
    assert defs.resolve_sensor_def("new_submissions").job_name == "plan"
