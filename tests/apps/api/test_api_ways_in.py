"""Whichever way a file comes in, it gets the same receipt: command line, web page, drop folder, HTTP as raw body and as form."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import streamlit as st
from click.testing import CliRunner

from apps.shared_views import data, identity, sending
from dagster_project import register
from dagster_project.cli import veinway
from dagster_project.contracts import contract, feeds
from dagster_project.home import home
from dagster_project.intake import door
from dagster_project.intake.dropping import visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Client

SAMPLES = Path(__file__).resolve().parents[3] / "partner_feeds" / "samples"
SENT_AT = dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC)


def chosen() -> list[Path]:
    """Of every format one good and one bad sample per kind of file, and every sample that holds an identifier of a person."""
    found: dict[tuple[str, str], Path] = {}
    for path in sorted(path for feed in feeds() for path in (SAMPLES / feed).iterdir() if not path.name.endswith(".receipt.json")):
        verdict = "identifier" if "identifier" in path.name else path.name.split("_")[0]
        found.setdefault((verdict, path.name.split(".", 1)[1]), path)
    return list(found.values())


class Standing(dt.datetime):
    """A clock that stands, so that two receipts can only differ in what the door says."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
        # A plain time: it travels to worker processes, which do not know this class.
        return SENT_AT.astimezone(tz)


@pytest.fixture
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "dt", SimpleNamespace(datetime=Standing, UTC=dt.UTC))


@pytest.fixture
def new_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """`new_state(way, role)`: an empty state folder in which the partner is known, so that no way finds what another left."""

    def made(way: str, role: str) -> None:
        monkeypatch.setenv("VEINWAY_HOME", str(tmp_path / way))
        register.add_partner("the-partner", role)

    return made


def by_command(path: Path) -> dict[str, Any]:
    arguments = ["submit", str(path), "--partner", "the-partner", "--feed", path.parent.name, "--json"]
    return json.loads(CliRunner().invoke(veinway, arguments).stdout)


def by_page(path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the button on the page calls, with a person who may press it."""
    monkeypatch.setattr(identity, "require_audience", lambda *_: None)
    monkeypatch.setattr(data, "people", lambda *_: {})
    role = contract(path.parent.name).senders[0]
    desk = SimpleNamespace(person=SimpleNamespace(partner_id="the-partner"), role=role, edition_id="none")
    sending.send(desk, path.parent.name, SimpleNamespace(name=path.name, getvalue=path.read_bytes))
    return st.session_state[sending.RECEIPT].receipt.to_dict()


def by_drop_folder(path: Path) -> dict[str, Any]:
    """What the drop folder's round answers to a file that lies still."""
    place = home().drop / "the-partner" / path.parent.name
    place.mkdir(parents=True)
    (place / path.name).write_bytes(path.read_bytes())
    [receipt] = visit(settle_seconds=0).receipts
    return receipt.to_dict()


def by_api(client: Client, path: Path, *, as_form: bool) -> dict[str, Any]:
    body = {"files": {"file": (path.name, path.read_bytes())}} if as_form else {"content": path.read_bytes()}
    answer = client.post("/v1/submissions", params={"feed": path.parent.name, "file_name": path.name}, **body).json()
    return answer.get("receipt", answer)


@pytest.mark.parametrize("path", chosen(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_way_in_gives_the_same_receipt(path: Path, new_state, standing_clock, as_partner, monkeypatch: pytest.MonkeyPatch) -> None:
    role = contract(path.parent.name).senders[0]
    receipts = {}
    for way, send in {
        "command": by_command,
        "page": lambda path: by_page(path, monkeypatch),
        "drop": by_drop_folder,
        "raw": lambda path: by_api(as_partner("the-partner"), path, as_form=False),
        "form": lambda path: by_api(as_partner("the-partner"), path, as_form=True),
    }.items():
        new_state(way, role)
        receipts[way] = send(path)
    first = receipts["command"]
    assert first["received_at"] == "2026-11-16T08:00:00.000000Z"
    assert (first["status"] == "accepted") == path.name.startswith("good")
    for way, receipt in receipts.items():
        assert receipt == first, way


def test_samples_of_every_format_are_among_them() -> None:
    endings = {path.name.split(".", 1)[1] for path in chosen()}
    assert endings >= {path.name.split(".", 1)[1] for path in SAMPLES.rglob("good_*") if path.parent.name in feeds()}
    assert {"csv", "xlsx", "parquet"} <= endings
