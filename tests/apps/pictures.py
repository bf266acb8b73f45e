"""`make pictures`: the screenshots in docs/, taken from the demo edition in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.shared_views import identity
from dagster_project.editions import open_edition
from dagster_project.home import home
from tests.apps.served import IDLE, PROJECT, choose_feed, chromium, serving, settle, walk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = PROJECT / "docs" / "screenshots"
WIDE, PHONE = 1280, 390
BROKEN = """hospital_id,therapy_code,week_start_date,category,patients,patients_p10,patients_p90,basis
{hospital},CART-101,2099-W10,commercial,2,1,3,pipeline
{hospital},CART-101,2099-W11,commercial,-3,,,pipeline
{hospital},CART-101,2099-W54,commercial,2,1,3,pipeline
{hospital},CART-101,2099-W13,comercial,2,1,3,pipeline
{hospital},CART-101,2099-W14,commercial,2,4,3,pipeline
{hospital},CART-101,2099-W15,commercial,1,0,3,pipeline
"""


def main() -> None:
    """Every picture of the README and the docs."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with serving(home().root) as address, chromium() as browser:
        take(opened(browser, address, "operator", "home"), "home", height=900)
        take(opened(browser, address, "operator", "joint_planning"), "joint_planning", height=1180)
        take(opened(browser, address, "operator", "joint_planning", scheme="dark"), "dark", height=1180)
        take(opened(browser, address, "operator", "joint_planning", width=PHONE), "mobile", height=1500)
        take(opened(browser, address, "operator", "meeting"), "meeting", height=1180)
        take(opened(browser, address, "executive", "executive_board"), "executive_board", height=1500)
        take(drilled(opened(browser, address, "operator", "joint_planning")), "joint_planning_drill", height=None)
        take(with_broken_file(opened(browser, address, "northgate-hospital", "partner_desk")), "partner_desk", height=1750)


def opened(browser: Browser, address: str, who: str, page: str, *, width: int = WIDE, scheme: str = "light") -> Page:
    """A page as one person sees it."""
    window = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    window.goto(f"{address}/?{identity.ADDRESS}={who}")
    settle(window, "Today")
    walk(window, page)
    return window


def drilled(page: Page) -> Page:
    """A click on a week in the middle of the plan, then down to what it opens."""
    column = page.locator("[data-testid=stVegaLiteChart]").first
    box = column.bounding_box()
    column.click(position={"x": box["width"] * 0.52, "y": box["height"] * 0.62})
    page.wait_for_selector(IDLE)
    return page


def with_broken_file(page: Page) -> Page:
    """A forecast with one mistake of each kind, checked but not sent."""
    choose_feed(page, "Demand forecast")
    hospital = open_edition("northgate-hospital").query("demand")["hospital_id"][0].as_py()
    file = {"name": "forecast-2099.csv", "mimeType": "text/csv", "buffer": BROKEN.format(hospital=hospital).encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.wait_for_selector(".vw-verdict")
    return page


def take(page: Page, name: str, *, height: int | None) -> None:
    """Write one picture: the top `height` pixels, or for None the page from its drill on."""
    whole = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": min(whole, 3200) if height is None else height})
    page.wait_for_selector(IDLE)
    page.mouse.move(600, 5)
    page.wait_for_timeout(1500)  # charts redraw at the new size
    top = 0 if height else page.get_by_role("heading", name="One week opened up").bounding_box()["y"] - 30
    clip = {"x": 0, "y": max(0, top), "width": page.viewport_size["width"], "height": page.viewport_size["height"] - max(0, top)}
    page.screenshot(path=FOLDER / f"{name}.png", clip=clip)
    page.context.close()


if __name__ == "__main__":
    main()
