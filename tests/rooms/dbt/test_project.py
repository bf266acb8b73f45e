"""House rules of the dbt project, held for every model there is."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import pytest
from compiled import DBT, Compiled

from dagster_project.contracts import contracts, feeds

# A mean over ordered weeks is summed in their order; every other mean or ratio goes through the macros `total` and `mean`.
SUMMED_IN_ANY_ORDER = re.compile(r"\bavg\((?!.*\) over four_weeks)|100\.0 \* sum\(")
CLOCK = re.compile(r"\b(now|current_date|current_timestamp|get_current_timestamp|today|localtimestamp)\b\s*\(?", re.IGNORECASE)
ROLES = ("hospital", "plant", "supplier", "courier", "operator", "executive")


@pytest.fixture
def models(compiled: Compiled) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in compiled.nodes.values() if node["resource_type"] == "model"}


def test_every_model_says_what_one_row_is(models: dict[str, dict[str, Any]]) -> None:
    silent = [name for name, node in models.items() if not node["description"].startswith(("One row per ", "One row in all"))]
    assert silent == []


def test_marts_and_reports_enforce_their_contract(models: dict[str, dict[str, Any]]) -> None:
    loose = [name for name, node in models.items() if node["schema"] in {"marts", "reports"} and not node["config"]["contract"]["enforced"]]
    assert loose == []
    assert sum(node["schema"] == "marts" for node in models.values()) == len(list((DBT / "models" / "marts").rglob("*.sql")))


def test_every_mart_row_names_its_submissions(models: dict[str, dict[str, Any]]) -> None:
    without = [name for name, node in models.items() if node["schema"] == "marts" and "submission_ids" not in node["columns"]]
    assert without == []


def test_no_mean_and_no_ratio_depends_on_the_order_of_summing(models: dict[str, dict[str, Any]]) -> None:
    assert [name for name, node in models.items() if SUMMED_IN_ANY_ORDER.search(node["compiled_code"])] == []
    assert SUMMED_IN_ANY_ORDER.search("round(100.0 * avg(case when actual > 0 then 1.0 end), 6)")


def test_every_feed_of_own_sites_is_asked_for_rows_without_a_place(models: dict[str, dict[str, Any]]) -> None:
    asked = {name.removeprefix("model.veinway.stg_") for name in models["int_rows__stated"]["depends_on"]["nodes"]}
    assert asked == {feed for feed, contract in contracts().items() if contract.owner_site}


def test_every_feed_has_its_staging_model_of_one_line() -> None:
    for feed in feeds():
        text = (DBT / "models" / "staging" / f"stg_{feed}.sql").read_text(encoding="utf-8")
        history = ", history=ref('int_versions__stated')" if feed == "demand_forecast" else ""
        assert text == f"{{{{ staged('{feed}'{history}) }}}}\n"


def test_the_same_view_has_the_same_columns_for_every_role(models: dict[str, dict[str, Any]]) -> None:
    columns = defaultdict(set)
    for name, node in models.items():
        # What a partner typed stays with the partner.
        if name.startswith("rpt_") and name != "rpt_operator__refusals":
            columns[name.split("__")[1]].add(tuple(node["columns"]))
    assert {view for view, found in columns.items() if len(found) > 1} == set()


def test_every_role_is_told_what_it_looks_at(models: dict[str, dict[str, Any]]) -> None:
    assert [role for role in ROLES if f"rpt_{role}__about" not in models] == []


def test_an_executive_sees_no_case(models: dict[str, dict[str, Any]]) -> None:
    case_level = {"case_id", "coi_id", "batch_id", "booking_id", "slot_id", "hospital_id"}
    seen = {name for name, node in models.items() if name.startswith("rpt_executive__") and case_level & set(node["columns"])}
    assert seen == set()


@pytest.mark.parametrize("name", ["rpt_hospital__supply_ahead", "rpt_plant__demand_ahead", "rpt_supplier__dose_demand"])
def test_an_aggregate_names_no_hospital(models: dict[str, dict[str, Any]], name: str) -> None:
    assert not [column for column in models[name]["columns"] if column.startswith(("hospital", "case", "coi"))]


def test_a_hospital_sees_nothing_that_counts_other_peoples_patients(models: dict[str, dict[str, Any]]) -> None:
    counting = {"demand", "backlog_in", "served", "waiting", "vector_doses", "perishable_capacity", "free_slots"}
    assert not counting & set(models["rpt_hospital__supply_ahead"]["columns"])
    assert not counting - {"demand"} & set(models["rpt_plant__demand_ahead"]["columns"])


def test_the_operator_is_not_told_what_partners_typed(models: dict[str, dict[str, Any]]) -> None:
    told = {name for name, node in models.items() if name.endswith("__refusals") and "found" in node["columns"]}
    assert told == {f"rpt_{role}__refusals" for role in ("hospital", "plant", "supplier", "courier")}


def test_nothing_reads_the_clock(models: dict[str, dict[str, Any]]) -> None:
    readers = [name for name, node in models.items() if CLOCK.search(re.sub(r"--.*|'[^']*'", "", node["compiled_code"]))]
    assert readers == []
