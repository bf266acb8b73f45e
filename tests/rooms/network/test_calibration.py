"""The demo network behaves like the published ones: every figure is taken from its files, never from the simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.rooms.network.conftest import read_feed

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

pytestmark = pytest.mark.slow
RELEASED = {"released", "released_conditionally"}
TESTED = {*RELEASED, "oos_expanded_access", "rejected"}


class Figures(NamedTuple):
    """What the tests look at."""

    orders: pd.DataFrame
    cases: pd.DataFrame
    lots: pd.DataFrame


@pytest.fixture(scope="module")
def figures(demo_network: Path) -> Figures:
    orders = read_feed(demo_network, "case_order").drop_duplicates("case_id")
    collected = read_feed(demo_network, "collection").groupby("coi_id")["end_at"].agg(["min", "max"]).reset_index()
    ended = read_feed(demo_network, "treatment_event")[["case_id", "infusion_at", "outcome"]]
    cases = orders.merge(collected, on="coi_id", how="left").merge(ended, on="case_id", how="left")
    batches = read_feed(demo_network, "batch_milestone").drop_duplicates("batch_id")[["batch_id", "coi_id"]]
    decisions = read_feed(demo_network, "batch_disposition").drop_duplicates("batch_id", keep="first")
    lots = decisions.merge(batches, on="batch_id").merge(cases[["coi_id", "therapy_code", "min"]], on="coi_id")
    return Figures(orders, cases, lots.assign(is_first_pass=lots["is_first_pass"].astype(str).str.lower() == "true"))


def days(span: pd.Series) -> pd.Series:
    return span.dt.total_seconds() / 86400


def share_failed(lots: pd.DataFrame, therapy: str) -> float:
    first = lots[(lots.therapy_code == therapy) & lots.is_first_pass & (lots.decision != "withdrawn")]
    return float((~first.decision.isin(RELEASED)).mean())


def test_about_900_cases(figures: Figures) -> None:
    assert 850 <= len(figures.orders) <= 950


def test_vein_to_vein_median(figures: Figures) -> None:
    infused = figures.cases[figures.cases.outcome == "infused"]
    assert 26 <= days(infused.infusion_at - infused["max"]).median() <= 34


def test_turnaround_median_of_first_pass_lots(figures: Figures) -> None:
    lots = figures.lots[figures.lots.is_first_pass & figures.lots.decision.isin(RELEASED)]
    assert 14 <= days(lots.decided_at - lots["min"]).median() <= 19


def test_drop_out_after_leukapheresis(figures: Figures) -> None:
    ended = figures.cases[figures.cases["max"].notna() & figures.cases.outcome.notna()]
    assert 0.08 <= (ended.outcome == "not_infused").mean() <= 0.12


def test_out_of_specification_of_myeloma_lots(figures: Figures) -> None:
    tested = figures.lots[(figures.lots.therapy_code == "CART-201") & figures.lots.decision.isin(TESTED)]
    assert 0.078 <= (~tested.decision.isin(RELEASED)).mean() <= 0.108


def test_first_pass_failure_of_lymphoma_lots(figures: Figures) -> None:
    assert share_failed(figures.lots, "CART-101") == pytest.approx(0.04, abs=0.015)


def test_first_pass_failure_of_mantle_cell_lots(figures: Figures) -> None:
    assert share_failed(figures.lots, "CART-102") == pytest.approx(0.14, abs=0.03)


def test_referral_to_order_median(figures: Figures) -> None:
    assert 19 <= days(figures.orders.ordered_at - figures.orders.referred_date).median() <= 25


def test_open_cases_stand_at_every_step(figures: Figures, demo_network: Path) -> None:
    now = figures.cases[figures.cases.outcome.isna()]
    milestones = read_feed(demo_network, "batch_milestone")
    done = milestones[milestones.actual_at.notna()].groupby("coi_id")["milestone"].agg(set)
    steps = now["coi_id"].map(done).apply(lambda value: value if isinstance(value, set) else set())
    collected = now["max"].notna()
    shipped = steps.apply(lambda value: "shipped" in value)
    making = steps.apply(lambda value: "activation" in value and "qc_submitted" not in value)
    testing = steps.apply(lambda value: "qc_submitted" in value and "disposition" not in value)
    counts = {"waiting": int((~collected).sum()), "making": int(making.sum()), "testing": int(testing.sum()), "shipped": int(shipped.sum())}
    assert min(counts.values()) > 0, counts
