"""One meeting from the agenda to the consensus plan and the minutes, in three browsers at once: what one decides the others see within seconds."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from apps.shared_views import identity, meeting_agenda
from dagster_project.defs.run import plan
from dagster_project.editions import input_ids, open_edition
from dagster_project.home import home
from dagster_project.meeting import taken
from dagster_project.register import sightings, submissions
from tests.apps.served import IDLE, SECONDS, WIDE, chromium, serving, settle, walk

if TYPE_CHECKING:
    from dagster_project.editions import Edition

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("meeting")]
TWO_MINUTES = 120
A_WHILE = 300 * SECONDS  # a bound for a busy machine, not a measure
VEINWAY = Path(sys.executable).with_name("veinway")
NOTE = "Note (never about a patient)"
FORMULA = "=cmd|' /C calc'!A0"
# What the bar stands at, once that is not what it was; anything where the plan is there.
MOVED_ON = """was => {
  const bar = document.querySelector('[role=progressbar]');
  const now = document.body.innerText.includes('Verified:') ? 'done' : bar ? bar.getAttribute('aria-valuenow') : '';
  return now && now !== was ? now : null;
}"""
# A screen looks every two seconds; what is left of the three seconds of the promise is for drawing. A machine that is busy with other
# things draws later, so the bound is wider than the promise and the figure is printed.
LOOKS_EVERY, DRAWN_WITHIN = 2, 8


@pytest.fixture(scope="module")
def own_home(kept_installation, tmp_path_factory) -> Path:
    """A copy to itself, in which no other test has decided anything."""
    return shutil.copytree(kept_installation, tmp_path_factory.mktemp("meeting") / "home")


@pytest.fixture(scope="module")
def address(own_home):
    with serving(own_home) as found:
        yield found


@pytest.fixture(scope="module")
def browser():
    expect.set_options(timeout=A_WHILE)
    with chromium() as running:
        yield running
    expect.set_options(timeout=5 * SECONDS)


@pytest.fixture(autouse=True)
def _here(own_home, monkeypatch):
    monkeypatch.setenv("VEINWAY_HOME", str(own_home))


def test_a_newcomer_finds_who_is_at_risk_in_january_and_what_can_be_done(browser, address):
    page = window(browser)
    page.goto(address)
    settle(page, "Choose who you are")
    began = time.monotonic()
    press(page, "Which patients are at risk?")
    page.get_by_role("radio", name="Jan 2027").click()
    expect(page.get_by_text("would start late in Jan 2027")).to_be_visible()
    page.wait_for_selector(IDLE)
    listed = page.locator(".vw-who").all_inner_texts()
    assert any("patient" in line or "Case " in line for line in listed)
    press(page, "What can we do?")
    expect(page.get_by_text("What could be done", exact=True)).to_be_visible()
    expect(page.locator(".vw-gain", has_text="Saves").first).to_be_visible()
    seconds = time.monotonic() - began
    print(f"{len(listed)} lines of patients at risk in January, and what can be done, after 3 clicks and {seconds:.0f} s.")
    assert seconds < TWO_MINUTES
    page.context.close()


def test_a_meeting_from_the_agenda_to_the_consensus_plan(browser, address):
    here = enter(browser, address, "operator")
    about = with_a_way_out(here)
    there, hospital = enter(browser, address, about["plant_partner_id"]), enter(browser, address, partner("hospital"))
    there.get_by_label(NOTE).fill("Half a sentence that is still being")

    decide(here)
    seconds = seconds_until_seen(there)
    print(f"A decision was on the other screen {seconds:.1f} s after its receipt.")
    assert meeting_agenda.EVERY <= LOOKS_EVERY
    assert seconds < LOOKS_EVERY + DRAWN_WITHIN
    assert there.get_by_label(NOTE).input_value() == "Half a sentence that is still being"
    (decision,) = taken("decision")
    assert (decision["exception_key"], decision["state"], decision["note"]) == (about["exception_key"], "resolved", FORMULA)

    for page in (here, there, hospital):
        part(page, "Approve")
        expect(page.get_by_role("button", name="Publish as consensus")).to_have_count(1 if page is here else 0)
        press(page, "Approve this plan")
        expect(page.get_by_text("1 of 1 needed").first).to_be_visible()
    publish = here.get_by_role("button", name="Publish as consensus")
    expect(publish).to_be_enabled()
    assert {(row["partner_id"], row["verdict"]) for row in taken("approval")} == {
        (who, "approved") for who in ("operator", about["plant_partner_id"], partner("hospital"))
    }
    here.get_by_text("The plan is built anew with all that was decided").wait_for()

    draft = open_edition("operator")
    publish.click()
    for page in (here, there, hospital):
        # Nobody touches the page: the plan that was agreed on comes by itself.
        wait_for_the_plan(page)
    resolved_in(draft, about["exception_key"])

    press(here, "Open the minutes")
    book = openpyxl.load_workbook(io.BytesIO(download(here, "Minutes as a workbook")))
    assert (book["Decisions"].max_row, book["Approvals"].max_row) == (1 + 1, 1 + 3)
    assert download(here, "Minutes as PDF").startswith(b"%PDF-")


def resolved_in(draft: Edition, exception_key: str) -> None:
    """The edition in force is the draft's plan with what was said in the meeting, whole, and the exception is resolved in it."""
    agreed = open_edition("operator")
    folder = home().editions
    said = {row["submission_id"] for feed in ("decision", "approval") for row in submissions(feed=feed)}
    assert agreed.edition_id != draft.edition_id
    assert (agreed.manifest["kind"], agreed.manifest["consensus"]["draft"]) == ("consensus", draft.edition_id)
    assert agreed.manifest["planning_date"] == draft.manifest["planning_date"]
    assert input_ids(folder / agreed.edition_id) == input_ids(folder / draft.edition_id) | said
    verified = subprocess.run([VEINWAY, "edition", "verify", agreed.edition_id], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    # Resolved while the data still show it; where the decision took it out of the plan, it is written down as gone.
    states = [row["state"] for row in agreed.query("exceptions").to_pylist() if row["exception_key"] == exception_key]
    *_, last = (row["sighted"] for row in sightings() if row["exception_key"] == exception_key)
    assert states == ["resolved"] or (states in ([], ["cleared"]) and last == "cleared")
    # Nothing has come since, so the plan that was agreed on stays in force.
    assert plan().edition_id == agreed.edition_id


def window(browser: Browser) -> Page:
    """A browser window of somebody new, who waits as long as a busy machine needs."""
    page = browser.new_context(viewport=WIDE, accept_downloads=True).new_page()
    page.set_default_timeout(A_WHILE)
    return page


def enter(browser: Browser, address: str, who: str) -> Page:
    """The meeting page of one person."""
    page = window(browser)
    page.goto(f"{address}/?{identity.ADDRESS}={who}")
    settle(page, "Today")
    walk(page, "meeting")
    return page


def partner(role: str) -> str:
    """A partner of the role that the current edition was published for."""
    audiences = open_edition("operator").manifest["audiences"]
    return next(name for name, entry in audiences.items() if entry["role"] == role)


def part(page: Page, name: str) -> None:
    """Open a part of the meeting."""
    page.locator(".st-key-meeting_part button", has_text=name).first.click()
    page.wait_for_selector(IDLE)


def press(page: Page, name: str) -> None:
    """Press a button and wait until the page stands."""
    page.get_by_role("button", name=name).first.click()
    page.wait_for_selector(IDLE)


def with_a_way_out(page: Page) -> dict[str, str]:
    """Open the first exception of the agenda that has an option; its row."""
    rows = open_edition("operator").query("exceptions", order_by="place").to_pylist()
    for place, row in enumerate(rows):
        button = page.locator(".st-key-agenda button").nth(place)
        button.click()
        expect(page.get_by_text(f"{place + 1} of {len(rows)}", exact=True)).to_be_visible()
        page.wait_for_selector(IDLE)
        if page.get_by_role("button", name="Resolve: ").count():
            return row
    raise AssertionError("No exception of the installation has an option.")


def decide(page: Page) -> None:
    """Take the first way out of the exception that is open, with a note that a spreadsheet would run."""
    page.get_by_label(NOTE).fill(FORMULA)
    page.keyboard.press("Enter")
    page.wait_for_selector(IDLE)
    page.get_by_role("button", name="Resolve: ").first.click()


def seconds_until_seen(page: Page) -> float:
    """From the receipt of the meeting's first decision to its line on the page."""
    end, received = time.monotonic() + A_WHILE / SECONDS, 0.0
    while time.monotonic() < end:
        if not received and taken("decision"):
            received = time.monotonic()
        if page.locator(".vw-notice", has_text="Resolved").count():
            return time.monotonic() - (received or time.monotonic())
        page.wait_for_timeout(50)
    raise AssertionError(f"The decision was {'not on the other screen' if received else 'never received'}.")


def wait_for_the_plan(page: Page) -> None:
    """Until the page says that the plan is agreed on, for as long as the bar of its run moves: a busy machine takes its time."""
    seen = None
    while not page.get_by_text("Verified: every file of this plan is as it was published").is_visible():
        seen = page.wait_for_function(MOVED_ON, arg=seen).json_value()
        expect(page.get_by_role("alert")).to_have_count(0)


def download(page: Page, name: str) -> bytes:
    """A file of the minutes."""
    with page.expect_download() as found:
        page.get_by_role("button", name=name).first.click()
    content: bytes = found.value.path().read_bytes()
    return content
