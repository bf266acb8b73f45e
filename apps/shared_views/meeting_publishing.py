"""Publishing the consensus plan from the screen: a run of its own, which ends well whatever becomes of the page that started it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from apps.shared_views import data, identity
from dagster_project import register
from dagster_project.defs.progress import STEPS
from dagster_project.editions.compare import verify_files
from dagster_project.home import home

COMMAND = "from dagster_project.cli import main; main()"
DONE = "done"


@dataclass(frozen=True)
class Progress:
    """How far the run is: share of the work done, what it is at. `edition_id` once it is published, `problem` once it has failed."""

    share: float
    words: str
    edition_id: str = ""
    problem: str = ""


@st.cache_resource
def _runs() -> dict[str, subprocess.Popen[bytes]]:
    """The runs that this server has started, by draft: shared by everybody who looks at it."""
    return {}


def start(of: data.Desk, reason: str) -> None:
    """Start the run for the draft that is looked at, unless it runs already; one that failed is put away. Only the coordinator may."""
    identity.require_audience(of.person, data.people(of.edition_id))
    if of.role != "operator":
        raise identity.WallError("Only the network coordinator publishes the plan.")
    running = _runs().get(of.edition_id)
    if running is not None and running.poll() is None:
        return
    path = _log(of.edition_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", COMMAND, "meeting", "publish", "--steps", "--draft", of.edition_id, "--reason", reason]
    with path.open("wb") as said, path.with_suffix(".err").open("wb") as complained:
        environment = os.environ | {"VEINWAY_HOME": str(home().root)}
        _runs()[of.edition_id] = subprocess.Popen(command, stdout=said, stderr=complained, stdin=subprocess.DEVNULL, env=environment)


def progress(of: data.Desk) -> Progress | None:
    """How far the run for this draft is; None when there is none."""
    run = _runs().get(of.edition_id)
    if run is None:
        return None
    # A line that is being written is not read yet.
    lines = [
        json.loads(line)
        for line in _log(of.edition_id).read_text(encoding="utf-8").splitlines()
        if line.startswith("[") and line.endswith("]")
    ]
    if run.poll() is None:
        return _at(lines)
    if run.returncode == 0 and lines and lines[-1][0] == DONE:
        return Progress(1.0, "Published", edition_id=lines[-1][1])
    complaint = _log(of.edition_id).with_suffix(".err").read_text(encoding="utf-8", errors="replace").strip()
    return Progress(0.0, "", problem=complaint.removeprefix("Error: ") or "The run ended without saying why. The draft stays in place.")


def findings(of: data.Desk) -> list[str]:
    """What of the edition is not as it was published, as `veinway edition verify` says it; empty when all is."""
    identity.require_audience(of.person, data.people(of.edition_id))
    return _findings(str(home().editions), of.edition_id)


@st.cache_data(max_entries=8, ttl=600, show_spinner="Checking the files …")
def _findings(folder: str, edition_id: str) -> list[str]:
    sealed = next((json.loads(row["manifest_json"]) for row in register.editions() if row["edition_id"] == edition_id), None)
    return verify_files(Path(folder) / edition_id, sealed=sealed)


def _at(lines: list[list[str | int]]) -> Progress:
    if not lines:
        return Progress(0.0, "Getting ready")
    step, _, done, total = lines[-1]
    names = list(STEPS)
    place = names.index(str(step)) if step in names else 0
    return Progress((place + int(done) / max(int(total), 1)) / len(names), STEPS.get(str(step), str(step)))


def _log(draft: str) -> Path:
    return home().root / "publishing" / f"{draft}.jsonl"
