"""First paint of each screen in a real browser, on the demo edition."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from rich.console import Console

TITLE = "First paint of each screen: a new browser session until the page's heading and last figure stand, medians of 5"
COLUMNS = ("screen", "as", "seconds", "ratio to an empty page")
SCREENS = (("partner_desk", "northgate-hospital"), ("joint_planning", "operator"), ("executive_board", "executive"))
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
EMPTY_APP = "import streamlit as st\nst.title('empty')\nst.markdown('done')\n"


def run(console: Console) -> list[tuple[str, ...]]:
    """One row per screen; the demo edition is built first when VEINWAY_HOME has none."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = os.environ.get("VEINWAY_HOME") or folder
        console.print("Building the demo edition, unless it is there …")
        command = [sys.executable, "-c", "from dagster_project.cli import main; main()", "run", "--no-serve"]
        subprocess.run(command, env={**os.environ, "VEINWAY_HOME": home}, check=True, capture_output=True)
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY_APP)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with _serving(empty, home) as address:
            bare = _first_paint(browser, address)
        app = Path("apps/shared_views/app.py").resolve()
        rows = [("an empty page", "", f"{bare:.2f}", "1.00")]
        with _serving(app, home) as address:
            for screen, audience in SCREENS:
                seconds = _first_paint(browser, f"{address}/{screen}?as={audience}")
                rows.append((screen, audience, f"{seconds:.2f}", f"{seconds / bare:.2f}"))
        browser.close()
    return rows


def _first_paint(browser: Browser, address: str) -> float:
    taken = []
    for _ in range(5):
        page = browser.new_page()
        start = time.perf_counter()
        page.goto(address)
        page.wait_for_selector("h1, h2", timeout=60_000)
        # The script of the page has run to its end, charts included.
        page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']", timeout=60_000)
        taken.append(time.perf_counter() - start)
        page.close()
    return statistics.median(taken)


class _serving:  # noqa: N801 - reads as the word it is
    """A Streamlit server on a free port, stopped at the end."""

    def __init__(self, script: Path, home: str) -> None:
        with socket.socket() as free:
            free.bind(("localhost", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(self.port), "--server.headless", "true"]
        self.process = subprocess.Popen(
            command, cwd=script.parent, env={**os.environ, "VEINWAY_HOME": home}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def __enter__(self) -> str:
        for _ in _attempts(60):
            with socket.socket() as probe:
                if probe.connect_ex(("localhost", self.port)) == 0:
                    return f"http://localhost:{self.port}"
        raise SystemExit("The screens did not start within a minute.")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()


def _attempts(seconds: int) -> Iterator[int]:
    for turn in range(seconds * 4):
        yield turn
        time.sleep(0.25)
