"""Writes a reference network to a folder: `<partner>/<feed>/<moment>_<feed>.<format>` and `network.json`, which lists every file in its time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.network.blemishes import blemished
from dagster_project.network.clock import moment
from dagster_project.network.feeds_courier import courier_feeds
from dagster_project.network.feeds_hospital import hospital_events
from dagster_project.network.feeds_hospital_plans import hospital_plans
from dagster_project.network.feeds_operator import operator_feeds
from dagster_project.network.feeds_plant import plant_events
from dagster_project.network.feeds_plant_plans import plant_plans
from dagster_project.network.feeds_supplier import supplier_feeds
from dagster_project.network.feeds_supply_commits import supply_commits
from dagster_project.network.files import format_of, write_file
from dagster_project.network.sizes import PLANNING_DATE, SIZES
from dagster_project.network.world import World, simulate

if TYPE_CHECKING:
    from dagster_project.network.publish import Parcel

UNFINISHED = ".unfinished"
Progress = Callable[[str, int], None]
BUILDERS = [operator_feeds, hospital_plans, plant_plans, supplier_feeds, supply_commits, hospital_events, plant_events, courier_feeds]


@dataclass(frozen=True)
class NetworkSummary:
    """What was written."""

    out: str
    size: str
    seed: int
    files: int
    rows: int
    bytes: int
    cases: int
    partners: int


def write_network(size: str, *, seed: int, out: Path | str, progress: Progress | None = None) -> NetworkSummary:
    """Write all files of a network. An earlier network in `out` is replaced; any other content is an error (FileExistsError).

    `progress(feed, files so far)` is called after each file. `network.json` is written last: without it the folder is unfinished.
    """
    if size not in SIZES:
        raise ValueError(f"There is no network of size {size!r}. The sizes are: {', '.join(SIZES)}.")
    folder = Path(out)
    _make_room(folder)
    world = simulate(SIZES[size], seed)
    files: list[dict[str, str]] = []
    rows = volume = 0
    for parcel in blemished(world, _parcels(world)):
        path = _write(world, folder, parcel)
        volume, rows = volume + path.stat().st_size, rows + parcel.table.num_rows
        files.append(_entry(world, folder, path, parcel))
        if progress:
            progress(parcel.feed, len(files))
    files.sort(key=lambda entry: (entry["as_of"], entry["path"]))
    senders = [{"partner_id": p.partner_id, "role": p.role} for p in world.net.partners if (folder / p.partner_id).exists()]
    index = {"planning_date": PLANNING_DATE.isoformat(), "size": size, "seed": seed, "partners": senders, "files": files}
    (folder / "network.json").write_text(json.dumps(index, indent=1), encoding="utf-8")
    (folder / UNFINISHED).unlink()
    cases = int((world.cases.ordered_at < world.today * 1440).sum())
    return NetworkSummary(str(folder), size, seed, len(files), rows, volume, cases, len(world.net.partners))


def _parcels(world: World) -> Iterator[Parcel]:
    for build in BUILDERS:
        yield from build(world)


def _make_room(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "network.json").exists() and not (folder / UNFINISHED).exists():
            raise FileExistsError(f"{folder} is not empty and holds no network. Name a new or empty folder.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / UNFINISHED).touch()


def _write(world: World, folder: Path, parcel: Parcel) -> Path:
    sender = world.net.partners[parcel.partner]
    place = folder / sender.partner_id / parcel.feed
    place.mkdir(parents=True, exist_ok=True)
    suffix = "json" if parcel.document else format_of(sender.partner_id, parcel.feed, world.size)
    path = place / f"{moment(parcel.as_of):%Y-%m-%dT%H%MZ}_{parcel.feed}.{suffix}"
    if parcel.document:
        path.write_text(parcel.document, encoding="utf-8")
    else:
        write_file(parcel.table, path, sender.place.zone)
    return path


def _entry(world: World, folder: Path, path: Path, parcel: Parcel) -> dict[str, str]:
    as_of = f"{moment(parcel.as_of):%Y-%m-%dT%H:%M:00Z}"
    return {
        "path": path.relative_to(folder).as_posix(),
        "partner": world.net.partners[parcel.partner].partner_id,
        "feed": parcel.feed,
        "as_of": as_of,
    }
