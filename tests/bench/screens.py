"""First paint of each screen in a real browser, on the demo edition."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.apps.served import IDLE, SECONDS, chromium, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from rich.console import Console

TITLE = "First paint of each screen: a new browser session until the page's heading and last figure stand, medians of 5"
COLUMNS = ("screen", "as", "seconds", "ratio to an empty page")
SCREENS = (("partner_desk", "northgate-hospital"), ("joint_planning", "operator"), ("executive_board", "executive"))
EMPTY_APP = "import streamlit as st\nst.title('empty')\nst.markdown('done')\n"


def run(console: Console) -> list[tuple[str, ...]]:
    """One row per screen; the demo edition is built first when VEINWAY_HOME has none."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        home = Path(os.environ.get("VEINWAY_HOME") or folder)
        console.print("Building the demo edition, unless it is there …")
        command = [sys.executable, "-c", "from dagster_project.cli import main; main()", "run", "--no-serve"]
        subprocess.run(command, env={**os.environ, "VEINWAY_HOME": str(home)}, check=True, capture_output=True)
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY_APP)
        with serving(home, empty) as address:
            bare = _first_paint(browser, address)
        rows = [("an empty page", "", f"{bare:.2f}", "1.00")]
        with serving(home) as address:
            for screen, audience in SCREENS:
                seconds = _first_paint(browser, f"{address}/{screen}?who={audience}")
                rows.append((screen, audience, f"{seconds:.2f}", f"{seconds / bare:.2f}"))
    return rows


def _first_paint(browser: Browser, address: str) -> float:
    taken = []
    for _ in range(5):
        page = browser.new_page()
        start = time.perf_counter()
        page.goto(address)
        page.wait_for_selector("h1", timeout=60 * SECONDS)
        page.wait_for_selector(IDLE, timeout=60 * SECONDS)
        taken.append(time.perf_counter() - start)
        page.close()
    return statistics.median(taken)
