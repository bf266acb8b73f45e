"""The app in a real chromium: every page as every role, wide and narrow, light and dark, and one broken file sent."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from apps.shared_views import identity, words
from dagster_project.editions import open_edition
from tests.apps.served import NARROW, SECONDS, WIDE, choose_feed, chromium, serving, settle, walk

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def address(installation):
    with serving(installation) as found:
        yield found


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


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
        settle(self.page, "Today")

    def go(self, page: str) -> None:
        walk(self.page, page)

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
            settle(me.page, "Today")


def test_a_page_typed_into_the_address_bar_meets_the_wall(visit, people):
    me = visit(people["hospital"][0].audience)
    me.judge()
    me.page.goto(f"{me.address}/executive_board?{identity.ADDRESS}={people['hospital'][0].audience}")
    settle(me.page, "Not for you")
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
    choose_feed(me.page, "Demand forecast")
    file = {"name": "forecast.csv", "mimeType": "text/csv", "buffer": BROKEN.format(hospital=gln).encode()}
    me.page.locator("input[type=file]").set_input_files(file)
    verdict = me.page.locator(".vw-verdict")
    expect(verdict).to_contain_text("Partly accepted", timeout=30 * SECONDS)
    expect(verdict).to_contain_text("nothing has been kept")
    refused = me.page.locator(".vw-refused", has_text="How to fix it").locator("tbody tr")
    expect(refused).to_have_count(1)
    expect(refused.locator("td").nth(0)).to_have_text("3")
    expect(refused.locator("td").nth(1)).to_have_text("patients")
    expect(refused.locator("td").nth(2)).to_have_text("-3")
    me.page.get_by_role("button", name="Send; 1 row will be accepted").click()
    expect(verdict).to_contain_text("Receipt", timeout=30 * SECONDS)
    expect(refused.locator("td").nth(2)).to_have_text("-3")
    me.judge()
