"""The app in a real chromium: every page as every role, wide and narrow, light and dark, and one broken file sent."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from apps.shared_views import identity, words
from dagster_project.editions import open_edition

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("screens")]

PROJECT = Path(__file__).resolve().parents[2]
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
TITLES = {"home": "Today", "partner_desk": "Partner desk", "joint_planning": "Joint planning", "executive_board": "Executive board"}
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SECONDS = 1000
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def address(installation):
    """The app, started as a person would, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = PROJECT / "apps" / "shared_views" / "app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(port)]
    environment = os.environ | {"VEINWAY_HOME": str(installation)}
    log = installation / "screens.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            _until_healthy(port, process, log)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)


def _until_healthy(port: int, process: subprocess.Popen, log: Path) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=0.5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            try:
                process.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                continue
            break
    pytest.fail(f"The app did not start: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


@pytest.fixture(scope="module")
def browser():
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.fail("There is no chromium; .ci/install-browser installs one.")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield running
        running.close()


class Visit:
    """One person's browser window. It remembers every console error and every request that left this machine."""

    def __init__(self, browser: Browser, address: str, *, viewport: dict[str, int], scheme: str) -> None:
        self.context = browser.new_context(viewport=viewport, color_scheme=scheme)
        self.page: Page = self.context.new_page()
        self.address, self.errors, self.strangers = address, [], []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "request",
            lambda request: self.strangers.append(request.url) if not request.url.startswith((address, "data:", "blob:")) else None,
        )

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def arrive(self, who: str) -> None:
        self.page.goto(f"{self.address}/?{identity.ADDRESS}={who}")
        self.settle("Today")

    def go(self, page: str) -> None:
        """Walk to a page as a person does: by its entry in the menu, which a phone keeps folded away."""
        if page != "home":
            link = self.page.locator("[data-testid=stPageLink-NavLink]", has_text=TITLES[page])
            link.first.click()
        self.settle(TITLES[page])

    def settle(self, title: str) -> None:
        expect(self.page.locator("h1")).to_have_text(title, timeout=30 * SECONDS)
        self.page.wait_for_selector(IDLE, timeout=30 * SECONDS)
        # Pictures are drawn after the script has ended.
        for spot in self.page.locator("[data-testid=stVegaLiteChart]").all():
            spot.locator("canvas, svg").first.wait_for(state="attached", timeout=20 * SECONDS)

    def judge(self) -> None:
        assert not self.errors
        assert not self.strangers
        assert self.page.locator("[data-testid=stException]").count() == 0
        wide = self.page.evaluate(
            "() => [document.documentElement, document.querySelector('[data-testid=stMain]')].map(e => [e.scrollWidth, e.clientWidth])"
        )
        assert all(content <= window for content, window in wide), f"scrolls sideways: {wide}"


@pytest.fixture
def visit(browser, address):
    made: list[Visit] = []

    def start(who: str, *, viewport: dict[str, int] = WIDE, scheme: str = "light") -> Visit:
        made.append(Visit(browser, address, viewport=viewport, scheme=scheme))
        made[-1].arrive(who)
        return made[-1]

    yield start
    for one in made:
        one.context.close()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280px", "390px"])
@pytest.mark.parametrize("role", words.ROLES)
def test_every_page_of_the_role_opens_without_an_error(visit, people, role, viewport):
    # Each role meets both themes: one wide, the other narrow.
    scheme = "dark" if (list(words.ROLES).index(role) + (viewport is NARROW)) % 2 else "light"
    me = visit(people[role][0].audience, viewport=viewport, scheme=scheme)
    me.judge()
    for page, roles in identity.PAGES.items():
        if page != "home" and role in roles:
            me.go(page)
            me.judge()
            me.page.go_back()
            me.settle("Today")


def test_a_page_typed_into_the_address_bar_meets_the_wall(visit, people):
    me = visit(people["hospital"][0].audience)
    me.judge()
    me.page.goto(f"{me.address}/executive_board?{identity.ADDRESS}={people['hospital'][0].audience}")
    me.settle("Not for you")
    expect(me.page.get_by_test_id("stAlert")).to_contain_text("This page is not for you")


def test_a_click_on_a_column_opens_its_week(visit):
    me = visit("operator")
    me.go("joint_planning")
    opened = me.page.get_by_role("heading", name="One week opened up")
    before = opened.inner_text()
    picture = me.page.locator("[data-testid=stVegaLiteChart]").first
    box = picture.bounding_box()
    # The last column stands at the right edge, just above the axis.
    picture.click(position={"x": box["width"] - 14, "y": box["height"] * 0.66})
    expect(opened).not_to_have_text(before, timeout=20 * SECONDS)
    me.judge()


BROKEN = """hospital_id,therapy_code,week_start_date,category,patients,basis
{hospital},CART-101,2099-W10,commercial,2,pipeline
{hospital},CART-101,2099-W11,commercial,-3,pipeline
"""


def test_a_broken_file_is_previewed_sent_and_its_row_named(visit, people, installation):
    hospital = people["hospital"][0].audience
    gln = open_edition(hospital, folder=installation / "editions").query("demand")["hospital_id"][0].as_py()
    me = visit(hospital)
    me.go("partner_desk")
    me.page.get_by_role("combobox", name="Feed").click()
    me.page.get_by_role("option", name="Demand forecast").click()
    me.page.wait_for_selector(IDLE)
    file = {"name": "forecast.csv", "mimeType": "text/csv", "buffer": BROKEN.format(hospital=gln).encode()}
    me.page.locator("input[type=file]").set_input_files(file)
    verdict = me.page.locator(".vw-verdict")
    expect(verdict).to_contain_text("Partly accepted", timeout=30 * SECONDS)
    expect(verdict).to_contain_text("nothing has been kept")
    refused = me.page.locator(".vw-refused tbody tr")
    expect(refused).to_have_count(1)
    expect(refused.locator("td").nth(0)).to_have_text("3")
    expect(refused.locator("td").nth(1)).to_have_text("patients")
    expect(refused.locator("td").nth(2)).to_have_text("-3")
    me.page.get_by_role("button", name="Send; 1 row will be accepted").click()
    expect(verdict).to_contain_text("Receipt", timeout=30 * SECONDS)
    expect(refused.locator("td").nth(2)).to_have_text("-3")
    me.judge()
