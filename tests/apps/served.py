"""The screens in a real browser: start the app, start chromium, wait for a page. Used by tests, pictures and bench."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, Page, expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]
APP = PROJECT / "apps" / "shared_views" / "app.py"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TITLES = {
    "home": "Today",
    "partner_desk": "Partner desk",
    "joint_planning": "Joint planning",
    "meeting": "Weekly meeting",
    "executive_board": "Executive board",
}
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SECONDS = 1000
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


@contextlib.contextmanager
def serving(home: Path, script: Path = APP) -> Iterator[str]:
    """The address of the app, started as a person would, on a free port. RuntimeError with its log when it does not start."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port), "--server.headless", "true"]
    environment = os.environ | {"VEINWAY_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=script.parent, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            if not answers(port, process, path="/_stcore/health", attempts=120):
                log.seek(0)
                raise RuntimeError(f"The app did not start: {log.read()[-2000:].decode(errors='replace')}")
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)


@contextlib.contextmanager
def started(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A command that serves, and all that it starts; at the end none of them is left, whether or not they hear that they should stop."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        # Dagster's servers outlive the one that started them for as long as they wait for its next sign of life.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(port: int, process: subprocess.Popen[bytes], *, path: str = "/", attempts: int = 240) -> bool:
    """Whether a server that is starting answers before it ends or the attempts (half a second each) do."""
    for _ in range(attempts):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1) as answer:
                if answer.status == 200:
                    return True
        except OSError:
            try:
                process.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                continue
            return False
    return False


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A running chromium. RuntimeError when the machine has none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        raise RuntimeError("There is no chromium; .ci/install-browser installs one.")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield running
        running.close()


def choose_feed(page: Page, title: str) -> None:
    """Pick a feed by its name, as typed: a long list shows only a part of itself."""
    choice = page.get_by_role("combobox", name="Feed")
    choice.click()
    choice.fill(title)
    page.get_by_role("option", name=title, exact=True).click()
    page.wait_for_selector(IDLE)


def settle(page: Page, title: str) -> None:
    """Wait until the page of this title stands, pictures included."""
    expect(page.locator("h1")).to_have_text(title, timeout=30 * SECONDS)
    page.wait_for_selector(IDLE, timeout=30 * SECONDS)
    # Pictures are drawn after the script has ended.
    for spot in page.locator("[data-testid=stVegaLiteChart]").all():
        spot.locator("canvas, svg").first.wait_for(state="attached", timeout=20 * SECONDS)


def walk(page: Page, name: str) -> None:
    """Go to a page as a person does: by its entry in the menu, which a phone keeps folded away."""
    if name != "home":
        page.locator("[data-testid=stPageLink-NavLink]", has_text=TITLES[name]).first.click()
    settle(page, TITLES[name])
