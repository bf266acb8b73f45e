"""A newcomer's first hour: a workbook full of mistakes goes up, the marked one comes down, is corrected by what it says, and is accepted."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from apps.shared_views import exports, identity
from dagster_project import register
from dagster_project.editions import open_edition
from tests.apps.served import IDLE, NARROW, SECONDS, WIDE, choose_feed, chromium, serving, settle, walk

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("newcomer")]
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def address(installation):
    with serving(installation) as found:
        yield found


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def hospital(people) -> str:
    return people["hospital"][0].audience


def broken_workbook(hospital: str) -> bytes:
    """Our own template as a person fills it in on a bad day."""
    gln = open_edition(hospital).query("demand")["hospital_id"][0].as_py()
    book = openpyxl.load_workbook(io.BytesIO(exports.template("demand_forecast", "xlsx")))
    for row in (
        (gln, "CART-101", "2099-W10", "commercial", 2, 1, 3, "pipeline", "as agreed"),
        (gln, "CART-1O1", "2099-W11", "commercial", 2, 1, 3, "pipeline", "=HYPERLINK(1)"),
        (gln, "CART-101", "2099-W12", "comercial", 2, 1, 3, "pipeline", None),
        (f"{gln[0]}{gln[1:].replace('0', 'O', 1)}", "CART-101", "2099-W13", "commercial", 2, 1, 3, "pipeline", None),
        (gln, "CART-101", "KW 14 2099", "commercial", 2, 1, 3, "pipeline", None),
        (gln, "CART-101", "2099-W15", "commercial", 900, None, None, "pipeline", None),
        (gln, "CART-101", "2099-W16", "commercial", 2, 4, None, "pipeline", None),
        (gln, "CART-101", "2099-W17", "commercial", 2, 1, 3, None, None),
    ):
        book.worksheets[0].append(row)
        for cell in book.worksheets[0][book.worksheets[0].max_row]:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    return saved(book)


def saved(book: Any) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def corrected(marked: bytes) -> bytes:
    """The workbook as a person corrects it who knows nothing but its sheet "Errors" and the lists of its cells."""
    book = openpyxl.load_workbook(io.BytesIO(marked))
    rows = list(book["Errors"].iter_rows(values_only=True))
    start = next(place for place, row in enumerate(rows) if row[0] == "Cell")
    for row in rows[start + 1 :]:
        said = dict(zip(rows[start], row, strict=True))
        book.worksheets[0][said["Cell"]].value = better(book, said)
    return saved(book)


def better(book: Any, said: dict[str, str]) -> Any:
    if question := re.match(r"Did you mean (\S+)\?", said["How to fix it"]):
        return question[1]
    if limits := re.match(r"between (\S+) and (\S+) ", said["Expected"]):
        return float(limits[2]) if float(said["Found"]) > float(limits[2]) else float(limits[1])
    if said["Found"] == "(empty)":
        return first_choice(book, said["Cell"])
    # Two figures of a row contradict each other: the low end becomes the figure itself.
    return float(re.search(r"\bpatients = ([\d.]+)", said["Found"])[1])


def first_choice(book: Any, cell: str) -> str:
    """What the list of the cell offers first."""
    rule = next(rule for rule in book.worksheets[0].data_validations.dataValidation if cell in rule.sqref and rule.type == "list")
    sheet, _, place = rule.formula1.lstrip("=").partition("!")
    return book[sheet][place.split(":")[0].replace("$", "")].value


def upload(page: Page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": SHEET, "buffer": content})
    expect(page.locator("[data-testid=stExpander], [data-testid=stStatusWidget], .vw-verdict").first).to_be_visible(timeout=30 * SECONDS)
    expect(page.get_by_text(f"Checked {name}")).to_be_visible(timeout=60 * SECONDS)
    page.wait_for_selector(IDLE)


def picture(page: Page, path) -> None:
    """The whole page: the window grows as tall as what it shows."""
    width = page.viewport_size["width"]
    whole = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(whole, 3600)})
    page.wait_for_selector(IDLE)
    page.screenshot(path=path)
    assert path.stat().st_size > 10_000


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["1280px", "390px"])
def test_a_newcomer_corrects_the_marked_workbook_and_it_is_accepted(browser, address, hospital, tmp_path, viewport, scheme):
    context = browser.new_context(viewport=viewport, color_scheme=scheme, accept_downloads=True)
    page = context.new_page()
    page.goto(f"{address}/?{identity.ADDRESS}={hospital}")
    settle(page, "Today")
    walk(page, "partner_desk")
    choose_feed(page, "Demand forecast")

    upload(page, "first-try.xlsx", broken_workbook(hospital))
    verdict = page.locator(".vw-verdict")
    expect(verdict).to_contain_text("Partly accepted")
    expect(verdict).to_contain_text("2 accepted, 6 refused")
    to_correct, unknown = (page.locator(".vw-refused", has_text=heading) for heading in ("How to fix it", "What it may be"))
    expect(to_correct).to_contain_text("Did you mean commercial?")
    expect(page.get_by_text("Not known yet")).to_be_visible()
    expect(unknown).to_contain_text("Did you mean CART-101?")
    picture(page, tmp_path / "what_to_correct.png")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download the marked workbook").click()
    marked = download.value.path().read_bytes()
    upload(page, f"second-try-{viewport['width']}.xlsx", corrected(marked))
    expect(verdict).to_contain_text("All 8 rows accepted")
    expect(to_correct).to_have_count(0)
    expect(unknown).to_have_count(0)
    picture(page, tmp_path / "corrected.png")

    page.get_by_role("button", name="Send all 8 rows").click()
    expect(verdict).to_contain_text("Receipt", timeout=30 * SECONDS)
    expect(verdict).to_contain_text("Accepted")
    picture(page, tmp_path / "receipt.png")
    assert page.locator("[data-testid=stException]").count() == 0
    context.close()
    newest = register.submissions(partner=hospital, feed="demand_forecast")[-1]
    assert (newest["file_name"], newest["rows_accepted"]) == (f"second-try-{viewport['width']}.xlsx", 8)
