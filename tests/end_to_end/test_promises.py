"""What the README promises, run as it stands there, on a tiny installation."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.apps.served import answers, free_port, started

PROJECT = Path(__file__).resolve().parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
USING = re.search(r"## Using it\n\n```sh\n(.*?)```", README, re.DOTALL)[1]
COMMANDS = [line.split("  #")[0].strip() for line in USING.splitlines()]
WAYS_IN = [line.split("  #")[0].strip() for line in re.search(r"## Ways in\n.*?```sh\n(.*?)```", README, re.DOTALL)[1].splitlines()]
# Far weeks, so that the file is good in any year.
FORECAST = """hospital_id,therapy_code,week_start_date,category,patients,basis
9501101530003,CART-101,2099-W10,commercial,2,pipeline
"""


@pytest.fixture(scope="module")
def at_work(installation, tmp_path_factory):
    """A folder with forecast.csv, and the environment of a person who works there."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "forecast.csv").write_text(FORECAST)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shutil.copytree(installation, folder / "home")
    # Its own place for what is spilled: the doctor names what processes that other tests killed have left.
    (folder / "spilled").mkdir()
    return folder, os.environ | {"VEINWAY_HOME": str(folder / "home"), "PATH": path, "TMPDIR": str(folder / "spilled")}


@pytest.mark.slow
def test_every_command_of_the_readme_does_what_it_says(at_work):
    folder, environment = at_work
    assert len(COMMANDS) >= 8
    for command in COMMANDS:
        done = subprocess.run(command.split(), cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stdout[-800:]}{done.stderr[-800:]}"
        assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_ways_in_work_as_the_readme_writes_them(at_work):
    folder, environment = at_work
    issue, api, send, drop = WAYS_IN
    issued = subprocess.run(issue.split(), cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout
    token = re.search(r"vw_[\w-]+", issued)[0]
    port = free_port()
    (folder / "forecast.csv").write_text(FORECAST.replace(",2,", ",5,"))
    with started([*api.split(), "--port", str(port)], environment) as serving:
        assert answers(port, serving, path="/v1/health")
        command = send.replace("8600", str(port))
        sent = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=environment | {"TOKEN": token}, capture_output=True, text=True, check=True
        )
    assert json.loads(sent.stdout)["status"] == "accepted"
    inbox = folder / "home" / "drop" / "northgate-hospital" / "demand_forecast"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "dropped.csv").write_text(FORECAST.replace(",2,", ",6,"))
    # A file counts as whole once it has not changed for a while.
    subprocess.run([*drop.split(), "--settle", "0"], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    assert "ACCEPTED" in next((inbox / "done").glob("*.receipt.txt")).read_text()


@pytest.mark.parametrize("folder", re.findall(r"^\| `([a-z_/]+)` \|", README, re.MULTILINE))
def test_every_room_of_the_map_is_there(folder):
    assert (PROJECT / folder).is_dir()


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)\)", README))
def test_every_link_leads_somewhere(link):
    assert (PROJECT / link).exists()


@pytest.mark.parametrize("path", re.findall(r"`((?:partner_feeds|dbt|apps|tests)/[\w/.<>]+\.\w+)`", README))
def test_every_file_that_is_named_is_there_or_is_a_pattern_with_examples(path):
    assert list(PROJECT.glob(re.sub(r"<\w+>", "*", path)))


def test_every_make_target_of_the_readme_is_listed_by_make():
    listed = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^  make (\w+)", listed, re.MULTILINE))
    assert {"run", "test"} | set(re.findall(r"`(check|bench|format|lock|clean|pictures)`", README)) <= targets


@pytest.mark.slow
@pytest.mark.parametrize("command", ["serve", "pipeline"])
def test_screens_open_on_localhost(at_work, command):
    _, environment = at_work
    port = free_port()
    with started(["veinway", command, "--port", str(port)], environment) as process:
        assert answers(port, process)
