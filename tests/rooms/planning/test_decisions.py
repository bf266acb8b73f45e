"""Decisions count: every kind of option, sent through the door, makes the plan that the planning room said it would make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from decided import HILL, RIVER, THERAPY, W48, W49, W50, W51, Plans

from dagster_project.planning import align, option_for, options_for
from dagster_project.planning.changes import changed

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from compiled import Compiled

# In this order each of them relieves the plan that those before it leave.
DECIDED = (
    ("add_courier_capacity", W48),
    ("release_slot", W49),
    ("add_slots", W49),
    ("other_plant", W49),
    ("shift_week", W51),
    ("expedite_lot", W50),
)
BY_HAND = {"option_code": "expedite_lot", "lot_id": "ALC-3", "to_week_start_date": W50}
ABOUT = {"therapy_code": THERAPY, "site_id": RIVER}


@pytest.fixture
def plans(compiled: Compiled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plans:
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path / "home"))
    return Plans(compiled, tmp_path / "files")


def exception(week: dt.date) -> dict[str, object]:
    return {**ABOUT, "exception_key": f"bottleneck|{THERAPY}/{RIVER}|{week}", "week_start_date": week}


def test_every_kind_of_option_makes_the_plan_that_it_promised(plans: Plans) -> None:
    tables = plans.tables()
    for number, (code, week) in enumerate(DECIDED):
        offered = {option.option_code: option for option in reversed(options_for(exception(week), tables))}
        assert code in offered, f"{code} is not among {sorted(offered)}"
        promised = align(changed(tables, offered[code].arguments))
        arguments = offered[code].arguments | {"exception_key": f"bottleneck|{number}|{week}"}
        submission = plans.decide(**arguments)
        before, tables = tables, plans.tables()
        for name in ("served", "waiting", "remake", "backlog_in"):
            np.testing.assert_allclose(plans.plan(name).astype(float), getattr(promised, name), atol=1e-6, err_msg=f"{code}: {name}")
        moved = np.abs(promised.served - before.plan.served) + np.abs(promised.waiting - before.plan.waiting) > 1e-6
        assert moved.any(), f"{code} changed nothing"
        named = np.array([[submission in ids for ids in row] for row in plans.plan("submission_ids")])
        assert named[moved].all(), f"{code} is not among the submissions of every row that it changed"
    assert float(plans.plan("waiting")[0].max()) == pytest.approx(1.0)


def test_the_effect_is_the_difference_of_the_two_plans(plans: Plans) -> None:
    tables = plans.tables()
    option = next(option for option in options_for(exception(W49), tables) if option.option_code == "release_slot")
    table = option.effect.table.to_pylist()
    assert {row["site_id"] for row in table} == {RIVER}
    after = {row["iso_week"]: row["waiting_after"] - row["waiting_before"] for row in table}
    assert sum(after.values()) == pytest.approx(option.effect.waiting_patient_weeks_delta)
    assert option.effect.waiting_patient_weeks_delta < 0
    assert option.words == "Offer 1 slot that was given back for Aurocel at River Plant in 2026-W49 again."
    assert option.arguments["exception_key"].endswith("2026-11-30")


def test_a_move_takes_no_more_than_the_week_has(plans: Plans) -> None:
    plans.tables()
    plans.decide(**ABOUT, option_code="shift_week", week_start_date=W49, to_week_start_date=W51, quantity=50)
    plans.decide(**ABOUT, option_code="shift_week", week_start_date=W49, to_week_start_date=W50, quantity=2)
    plans.tables()
    assert plans.plan("demand").astype(float)[0].tolist() == [2, 5, 0, 2, 5, 2, 2, 0]
    assert plans.rows("SELECT sum(demand) FROM marts.fct_plan_demand") == plans.rows("SELECT sum(demand) FROM marts.fct_aligned_plan")


def test_who_moves_to_another_plant_stands_in_its_line_with_a_name(plans: Plans) -> None:
    plans.tables()
    plans.decide(**ABOUT, option_code="other_plant", week_start_date=W49, to_site_id=HILL, quantity=1)
    plans.tables()
    found = plans.rows(
        f"SELECT hospital_name, demand, served FROM marts.fct_plan_demand WHERE site_id = '{HILL}' AND iso_week = '2026-W49'"
    )
    assert found == [("North Hospital", 1.0, 1.0)]


@pytest.mark.parametrize(
    ("partner", "columns", "standing"),
    [
        ("operator", {}, "in force"),
        ("river-plant", {}, "in force"),
        ("hill-plant", {}, "not theirs to decide"),
        ("north-hospital", {}, "not theirs to decide"),
        ("operator", {"state": "proposed", "owner_partner_id": "river-plant", "due_date": "2026-11-20"}, "not decided"),
        ("operator", {"week_start_date": "2026-11-09"}, "lapsed"),
        ("operator", {"week_start_date": "2027-06-07"}, "beyond the plan"),
        ("operator", {"quantity": 0}, "incomplete"),
    ],
)
def test_what_counts_and_why_not(plans: Plans, partner: str, columns: dict[str, object], standing: str) -> None:
    before = plans.tables().plan.served
    plans.decide(partner, **({**ABOUT, "option_code": "add_slots", "week_start_date": W49, "quantity": 1} | columns))
    after = plans.tables().plan.served
    assert plans.rows("SELECT standing FROM reports.rpt_operator__plan_decisions") == [(standing,)]
    assert bool(after[0, 2] > before[0, 2]) is (standing == "in force")


def test_the_newest_decision_of_an_exception_replaces_the_one_before(plans: Plans) -> None:
    plans.tables()
    asked = {**exception(W48), "option_code": "add_slots"}
    plans.decide(**asked, quantity=1)
    plans.decide(**asked, quantity=2)
    tables = plans.tables()
    assert tables.frame.capacity["slot"][0].tolist() == [2, 6, 1, 2, 2, 2, 2, 2]
    plans.decide(exception_key=asked["exception_key"], state="acknowledged")
    assert plans.tables().frame.capacity["slot"][0, 1] == 6
    plans.decide(exception_key=asked["exception_key"], state="reopened", reason_code="not_agreed")
    assert plans.tables().frame.capacity["slot"][0, 1] == 4


@pytest.mark.parametrize("code", ["add_slots", "shift_week", "other_plant", "expedite_lot"])
def test_a_second_decision_on_an_exception_is_promised_without_the_first(plans: Plans, code: str) -> None:
    tables = plans.tables()
    week = W50 if code == "expedite_lot" else W49
    offered = {option.option_code: option for option in options_for(exception(week), tables)}
    plans.decide(**(offered.get(code) or option_for(BY_HAND | exception(week), tables)).arguments)
    tables = plans.tables()
    again = option_for(exception(week) | {"option_code": "add_courier_capacity", "quantity": 2.0}, tables)
    plans.decide(**again.arguments)
    plans.tables()
    table = again.effect.table.to_pylist()
    for name in ("served", "waiting"):
        found = {(row[0], row[1]): row[2] for row in plans.rows(f"SELECT site_id, iso_week, {name} FROM marts.fct_aligned_plan")}
        assert all(found[row["site_id"], row["iso_week"]] == pytest.approx(row[f"{name}_after"], abs=1e-6) for row in table)
    assert table


def test_a_decision_put_together_by_hand_says_what_is_wrong_with_it(plans: Plans) -> None:
    tables = plans.tables()
    with pytest.raises(LookupError, match="CART-999"):
        option_for({**ABOUT, "therapy_code": "CART-999", "option_code": "add_slots", "week_start_date": W48, "quantity": 1}, tables)
