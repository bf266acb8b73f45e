"""The first half of `veinway run`: the demo partners write their files, and every file goes through the door as in its own week."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from dagster_project.commands.display import bars
from dagster_project.home import home

if TYPE_CHECKING:
    from pathlib import Path


def write_demo(size: str, seed: int) -> Path:
    """Write the network's files, unless the same network is there already; returns its folder."""
    folder = home().network
    listed = _listed(folder)
    if (listed.get("size"), listed.get("seed")) == (size, seed):
        return folder
    from dagster_project.network.write import write_network

    with bars() as progress:
        task = progress.add_task("Partners write files", total=None, what="")
        write_network(size, seed=seed, out=folder, progress=lambda feed, files: progress.update(task, completed=files, what=feed))
    return folder


def submit_network(folder: Path) -> date:
    """Send every file that the door has not seen through it, in the order of its time; returns the network's planning date."""
    from dagster_project.intake import submit
    from dagster_project.intake.deliveries import deliveries, let_partners_in
    from dagster_project.register import sendings

    let_partners_in(folder)
    known = {(row["partner_id"], row["feed"], row["file_name"], row["sent_at"]) for row in sendings()}
    waiting = [each for each in deliveries(folder) if (each.partner, each.feed, each.path.name, each.as_of) not in known]
    with bars() as progress:
        task = progress.add_task("Files pass the door", total=len(waiting), what="")
        for each in waiting:
            progress.update(task, what=f"{each.partner}, {each.feed}")
            submit(each.path, partner=each.partner, feed=each.feed, as_of=each.as_of)
            progress.advance(task)
    return date.fromisoformat(str(_listed(folder)["planning_date"]))


def _listed(folder: Path) -> dict[str, object]:
    path = folder / "network.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
