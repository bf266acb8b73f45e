"""The agreements as documents: what is in the folder is what the network sends, the door takes all of it, and nothing in it drifts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.contracts import contract, contracts
from dagster_project.intake import check
from dagster_project.network.agreements import LISTS, STANDARD, TOP, agreement_parcels, agreements, as_text, file_name, standard
from dagster_project.network.large_networks import large
from dagster_project.network.sizes import SIZES
from dagster_project.network.small_networks import demo, tiny

if TYPE_CHECKING:
    from dagster_project.network.publish import Parcel

DEMO = STANDARD.parent / "demo"


def world(name: str) -> Any:
    """As much of a network as its agreements rest on."""
    net = large(SIZES[name], 7) if name == "world" else {"tiny": tiny, "demo": demo}[name]()
    return SimpleNamespace(net=net, size=SIZES[name])


@pytest.fixture(scope="module", params=["tiny", "demo", "world"])
def parcels(request: pytest.FixtureRequest) -> list[Parcel]:
    return list(agreement_parcels(world(request.param), 0))


def test_the_folder_holds_what_the_demo_sends() -> None:
    drawn = world("demo")
    expected = {file_name(drawn, number): as_text({TOP: one}) for number, one in enumerate(agreements(drawn))}
    assert {path.name: path.read_text(encoding="utf-8") for path in DEMO.iterdir()} == expected
    assert len(expected) == len(drawn.net.demands)


def test_every_feed_of_agreements_gets_the_same_bytes_and_takes_every_row(parcels: list[Parcel]) -> None:
    assert {parcel.feed for parcel in parcels} == set(LISTS) == {feed for feed in contracts() if feed.startswith("agreement")}
    assert len({parcel.document for parcel in parcels}) == 1
    for parcel in parcels:
        receipt = check((parcel.document or "").encode(), feed=parcel.feed)
        assert (receipt.status, receipt.rows_accepted, receipt.warnings) == ("accepted", parcel.table.num_rows, ()), parcel.feed


def test_the_standard_calendar_says_what_the_contracts_say() -> None:
    due = {
        row["feed"]: "{1} {0} * * {2}".format(*map(int, row["due_time"].split(":")), row["due_weekday"])
        for row in standard()["terms"]["calendar"]
    }
    assert due == {feed: held.cadence for feed, held in contracts().items() if held.cadence}


def test_the_standard_terms_have_every_criterion_with_somebody_to_act() -> None:
    stated = {row["criterion_code"]: row for row in standard()["terms"]["criteria"]}
    assert set(stated) == set(contract("agreement_criterion").column("criterion_code").allowed)
    assert stated["identity_mismatch"]["severity"] == "critical"


def test_quotas_of_a_plant_never_make_more_than_all_of_it() -> None:
    for name in ("tiny", "demo", "world"):
        drawn = world(name)
        shares: dict[int, float] = {}
        for item, one in zip(drawn.net.demands, agreements(drawn), strict=True):
            if one["terms"].get("allocation_rule") == "quota":
                shares[item.pool] = shares.get(item.pool, 0) + one["terms"]["quota_pct"]
        assert shares
        assert all(95 < share <= 100 + 1e-9 for share in shares.values())
