"""What a written network must hold whatever its size: all feeds, an index in time, the same bytes for the same seed, plausible plans."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from dagster_project.contracts.model import contracts, feeds
from dagster_project.network.write import write_network
from tests.rooms.network.conftest import read_feed, read_file

if TYPE_CHECKING:
    from pathlib import Path


def index_of(network: Path) -> list[dict[str, str]]:
    files: list[dict[str, str]] = json.loads((network / "network.json").read_text())["files"]
    return files


def digests(network: Path) -> dict[str, str]:
    return {p.relative_to(network).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in network.rglob("*") if p.is_file()}


def test_same_seed_gives_same_bytes(tiny_network: Path, tmp_path: Path) -> None:
    write_network("tiny", seed=7, out=tmp_path / "again")
    assert digests(tmp_path / "again") == digests(tiny_network)


def test_another_seed_gives_other_cases(tiny_network: Path, tmp_path: Path) -> None:
    write_network("tiny", seed=8, out=tmp_path / "other")
    assert set(read_feed(tmp_path / "other", "case_order").case_id).isdisjoint(read_feed(tiny_network, "case_order").case_id)


def test_every_feed_has_files_but_for_what_people_decide(tiny_network: Path) -> None:
    assert {entry["feed"] for entry in index_of(tiny_network)} == set(feeds()) - {"approval", "decision"}


def test_index_names_every_file_in_order_of_time(tiny_network: Path) -> None:
    files = index_of(tiny_network)
    on_disk = {p.relative_to(tiny_network).as_posix() for p in tiny_network.rglob("*") if p.is_file()} - {"network.json"}
    assert {entry["path"] for entry in files} == on_disk
    assert [entry["as_of"] for entry in files] == sorted(entry["as_of"] for entry in files)


def test_reference_data_come_first_and_planning_day_last(tiny_network: Path) -> None:
    files = index_of(tiny_network)
    assert {entry["feed"] for entry in files[:8]} >= {"partner", "site", "therapy", "lane", "agreement"}
    assert files[-1]["as_of"].startswith("2026-11-16")


def test_headers_are_those_of_the_contract(tiny_network: Path) -> None:
    names = {feed: [column.name for column in terms.columns] for feed, terms in contracts().items()}
    for entry in index_of(tiny_network):
        if entry["path"].endswith(".json"):
            continue  # a document has no header
        header = [name for name in read_file(tiny_network / entry["path"]).columns if name != "patient_name"]
        assert header == names[entry["feed"]], entry["path"]


@pytest.mark.parametrize(
    ("feed", "column"),
    [
        ("batch_milestone", "actual_at"),
        ("custody_event", "occurred_at"),
        ("batch_disposition", "decided_at"),
        ("temperature_reading", "read_at"),
    ],
)
def test_nothing_is_reported_before_it_happened(tiny_network: Path, feed: str, column: str) -> None:
    for entry in index_of(tiny_network):
        if entry["feed"] == feed:
            told = pd.to_datetime(read_file(tiny_network / entry["path"])[column], utc=True, format="mixed").max()
            assert pd.isna(told) or told <= datetime.fromisoformat(entry["as_of"]), entry["path"]


def test_lines_never_hold_two_slots_on_a_day(tiny_network: Path) -> None:
    slots = read_feed(tiny_network, "slot_plan")
    assert not slots.duplicated(["site_id", "line_code", "start_window_open_date"]).any()


def test_no_container_travels_twice_at_once(tiny_network: Path) -> None:
    rows = read_feed(tiny_network, "shipment_booking")
    moving = rows[rows.container_id.notna()].sort_values("pickup_open_at")
    for _, trips in moving.groupby("container_id"):
        assert (trips.pickup_open_at.iloc[1:].to_numpy() >= trips.pickup_close_at.iloc[:-1].to_numpy()).all()


def test_starts_never_outrun_released_vector(tiny_network: Path) -> None:
    allocated = (
        read_feed(tiny_network, "vector_allocation")
        .query("status == 'shipped'")
        .astype({"doses": float})
        .groupby("therapy_code")
        .doses.sum()
    )
    orders = read_feed(tiny_network, "case_order").set_index("coi_id").therapy_code
    milestones = read_feed(tiny_network, "batch_milestone")
    started = milestones[(milestones.milestone == "activation") & milestones.actual_at.notna()]
    starts = started.coi_id.map(orders).value_counts()
    assert all(starts[code] <= allocated[code] for code in starts.index)


@pytest.mark.slow
def test_one_vector_lot_was_rejected(demo_network: Path) -> None:
    assert (read_feed(demo_network, "vector_inventory").status == "rejected").sum() == 1


@pytest.mark.slow
def test_nobody_knows_of_a_shutdown_before_it_is_announced(demo_network: Path) -> None:
    """Until then its slots are offered, and nobody has booked one; from then on calendar and slot plan agree."""
    shut = {"before": 0, "after": 0}
    for entry in index_of(demo_network):
        when = "before" if entry["as_of"] < "2026-09-30" else "after"
        rows = read_file(demo_network / entry["path"]) if entry["feed"] in {"slot_plan", "calendar"} else pd.DataFrame()
        if entry["feed"] == "slot_plan" and entry["partner"] == "leiden-cellworks":
            inside = rows[rows.start_window_open_date.astype(str).str[:10].between("2026-12-14", "2027-01-03")]
            assert set(inside.status) <= {"free"}
            assert (len(inside) > 0) == (when == "before" and entry["as_of"] > "2026-06-01"), entry["path"]
        elif entry["feed"] == "calendar":
            shut[when] += (rows.start_date.astype(str).str[:10] == "2026-12-14").sum()
    assert shut["before"] == 0 < shut["after"]


@pytest.mark.slow
def test_forecast_errors_shrink_as_the_week_comes_near(demo_network: Path) -> None:
    parts = [
        read_file(demo_network / entry["path"]).assign(as_of=entry["as_of"][:10])
        for entry in index_of(demo_network)
        if entry["feed"] == "demand_forecast"
    ]
    rows = pd.concat(parts, ignore_index=True).astype({"patients": float})
    rows["week"], rows["as_of"] = pd.to_datetime(rows.week_start_date), pd.to_datetime(rows.as_of)
    rows["lag"] = (rows.week - rows.as_of).dt.days // 7 + 1
    total = rows[rows.week < "2026-11-09"].groupby(["hospital_id", "therapy_code", "week", "lag"]).patients.sum().unstack("lag")  # noqa: PD010 - a pivot would need the columns named again
    near = (total[1] - total[0]).abs().mean()
    far = (total[8] - total[0]).abs().mean()
    assert near < far


def test_another_folder_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty"):
        write_network("tiny", seed=7, out=tmp_path)


def test_unknown_size_names_the_sizes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="tiny, demo"):
        write_network("huge", seed=7, out=tmp_path / "x")


def test_a_network_left_half_written_is_replaced(tiny_network: Path, tmp_path: Path) -> None:
    def stop(feed: str, files: int) -> None:
        if files == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_network("tiny", seed=7, out=tmp_path / "net", progress=stop)
    assert not (tmp_path / "net" / "network.json").exists()
    write_network("tiny", seed=7, out=tmp_path / "net")
    assert digests(tmp_path / "net") == digests(tiny_network)
