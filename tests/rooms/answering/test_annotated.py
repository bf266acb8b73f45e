"""The annotated workbook: nothing of the sender's is lost or run, every finding leads to its cell, and it can be sent again."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from dagster_project.contracts import contract
from dagster_project.contracts.rules import checks
from dagster_project.home import PROJECT_ROOT
from dagster_project.intake import check, submit
from dagster_project.intake.answering import own_rows
from dagster_project.intake.answering.errors_sheet import Mark
from dagster_project.intake.answering.workbooks import NoWorkbookError, annotated_submission, annotated_workbook

if TYPE_CHECKING:
    from dagster_project.intake import Receipt

SENT_AT = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
# Refused as a whole because their letters, or a line of theirs, cannot be read: there are no rows to show. Or meanwhile read.
UNREADABLE = {"bad_broken_letters.csv", "bad_broken_line.ndjson", "bad_eastern_europe.csv", "bad_decimal_comma.csv", "bad_stray_cell.xlsx"}
SAMPLES = sorted(
    path
    for path in (PROJECT_ROOT / "partner_feeds" / "samples").glob("*/bad_*")
    if path.suffix in {".csv", ".xlsx", ".parquet", ".ndjson"} and "identifier" not in path.name and path.name not in UNREADABLE
)
HEADER = "hospital_id,therapy_code,week_start_date,category,patients,patients_p10,patients_p90,basis,comment"
GOOD = "9501101530003,CART-101,2026-W49,commercial,3,1,9,pipeline,"


def forecast(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def checked(data: bytes | Path, feed: str = "demand_forecast") -> Receipt:
    return check(data, feed=feed, as_of=SENT_AT, file_name=None if isinstance(data, Path) else "sent.csv")


def book_of(data: bytes | Path, feed: str = "demand_forecast") -> Any:
    return openpyxl.load_workbook(io.BytesIO(annotated_workbook(data, checked(data, feed))))


def told(book: Any) -> list[dict[str, str]]:
    """The rows of the sheet "Errors" by their headings."""
    rows = list(book["Errors"].iter_rows(values_only=True))
    start = next(place for place, row in enumerate(rows) if row[0] == "Cell")
    return [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :]]


def test_a_workbook_with_a_stray_cell_is_no_crash_but_a_sentence() -> None:
    path = PROJECT_ROOT / "partner_feeds" / "samples" / "demand_forecast" / "bad_stray_cell.xlsx"
    with pytest.raises(NoWorkbookError, match="cannot be shown"):
        annotated_workbook(path, checked(path))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_sent_again_as_it_is_it_gets_the_same_answer(path: Path) -> None:
    first = checked(path, path.parent.name)
    again = check(annotated_workbook(path, first), feed=path.parent.name, as_of=SENT_AT, file_name="again.xlsx")
    assert (again.status, again.rows_accepted, refused_rows(again)) == (first.status, first.rows_accepted, refused_rows(first))
    told = of_the_contract(again)
    assert [finding for finding in of_the_contract(first) if finding not in told] == []


def refused_rows(receipt: Receipt) -> list[int | None]:
    return sorted({refusal.row or 0 for refusal in receipt.refusals})


def of_the_contract(receipt: Receipt) -> list[tuple[str | None, str, str | None]]:
    """What is wrong by the contract's own rules; how a file was written (quotes, merged cells) may be wrong in another way in a workbook."""
    rules = {"type", *(each.rule for each in checks(contract(receipt.feed)))}
    return [(item.column, item.rule, item.found) for item in receipt.refusals if item.rule in rules]


def test_the_wrong_cell_is_coloured_and_says_what_was_found_expected_and_how_to_fix_it() -> None:
    sheet = book_of(forecast(GOOD, "9501101530003,CART-101,2026-W50,comercial,3,1,9,pipeline,")).worksheets[0]
    assert sheet["D3"].fill.fgColor.rgb == "FFF4B6AE"
    for words in ("Found: comercial", "Expected: one of: commercial", "Did you mean commercial?"):
        assert words in sheet["D3"].comment.text
    assert sheet["A3"].fill.fgColor.rgb == "FFFDECEA"
    assert sheet["A3"].comment is None
    assert sheet["D2"].fill.fill_type is None


def test_every_error_leads_to_the_cell_that_holds_what_was_found() -> None:
    book = book_of(
        forecast(GOOD, "9501101530003,CART-101,2026-W50,comercial,-3,,,pipeline,", "950110153000X,CART-101,2026-W51,trial,2,1,3,,")
    )
    errors = told(book)
    assert [(each["Row"], each["Column"]) for each in errors] == [
        ("3", "category"),
        ("3", "patients"),
        ("4", "hospital_id"),
        ("4", "basis"),
    ]
    links = [row[0].hyperlink.location for row in book["Errors"].iter_rows() if row[0].hyperlink]
    assert links == [f"'demand_forecast'!{each['Cell']}" for each in errors]
    for each in errors:
        cell = book.worksheets[0][each["Cell"]].value
        assert each["Found"] in {"(empty)" if cell is None else str(cell), f"'{cell}"}


def test_titles_column_order_and_own_names_stay_as_the_sender_has_them() -> None:
    source = openpyxl.Workbook()
    source.active.title = "Our plan"
    for row in (
        ["Forecast of the north"],
        [],
        ["Category", "Week start date", "Hospital ID", "therapy_code", "patients", "basis"],
        ["commercial", dt.date(2026, 11, 30), "9501101530003", "CART-101", 3, "pipeline"],
        ["comercial", dt.date(2026, 12, 7), "9501101530003", "CART-101", 2.5, "pipeline"],
    ):
        source.active.append(row)
    sent = io.BytesIO()
    source.save(sent)
    sheet = book_of(sent.getvalue())["Our plan"]
    shown = [[cell.value.date() if isinstance(cell.value, dt.datetime) else cell.value for cell in row] for row in sheet["A1:F5"]]
    assert shown == [
        ["Forecast of the north", None, None, None, None, None],
        [None] * 6,
        ["Category", "Week start date", "Hospital ID", "therapy_code", "patients", "basis"],
        ["commercial", dt.date(2026, 11, 30), "9501101530003", "CART-101", 3, "pipeline"],
        ["comercial", dt.date(2026, 12, 7), "9501101530003", "CART-101", 2.5, "pipeline"],
    ]
    assert sheet["A5"].comment is not None
    assert sheet.freeze_panes == "A4"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_of_the_sender_runs_as_a_formula_and_all_of_it_comes_back(state: Path, start: str) -> None:
    comment = f"{start}HYPERLINK(1)"
    rows = (
        f'9501101530003,CART-101,2026-W{week},{category},3,1,9,pipeline,"{comment}"' for week, category in ((49, "trial"), (50, "triall"))
    )
    data = forecast(*rows)
    marked = annotated_workbook(data, checked(data))
    book = openpyxl.load_workbook(io.BytesIO(marked))
    texts = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert [cell.coordinate for cell in texts if cell.data_type == "f" or cell.value.startswith(start)] == []
    first, again = (submit(each, partner="north-hospital", feed="demand_forecast", as_of=SENT_AT) for each in (data, marked))
    assert landed_comment(state, first) == landed_comment(state, again)


def landed_comment(state: Path, receipt: Receipt) -> str:
    import pyarrow.parquet as pq  # noqa: PLC0415 - only this test reads landed rows

    path = state / f"landing/feed=demand_forecast/partner=north-hospital/submission={receipt.submission_id}.parquet"
    return str(pq.read_table(path, partitioning=None)["comment"][0].as_py())


def test_a_file_with_an_unknown_column_shows_its_rows_and_marks_the_header() -> None:
    sheet = book_of(forecast(f"{GOOD},x", header=f"{HEADER},mood")).worksheets[0]
    assert sheet["J1"].value == "mood"
    assert "Remove the column" in sheet["J1"].comment.text
    assert sheet["C2"].value == "2026-W49"


def test_a_row_with_too_many_cells_is_marked_as_a_whole() -> None:
    book = book_of(forecast(GOOD, f"{GOOD.replace('49', '50')},surplus"))
    assert [each["Cell"] for each in told(book)] == ["A3"]
    assert book.worksheets[0]["J3"].value == "surplus"


def test_a_huge_plan_gives_only_its_wrong_rows_and_that_part_is_not_taken_for_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_rows, "MOST_CELLS", 20)
    data = forecast(*(GOOD.replace("49", str(week)) for week in (49, 50, 51)), GOOD.replace("49", "52").replace("commercial", "comercial"))
    marked = annotated_workbook(data, checked(data))
    book = openpyxl.load_workbook(io.BytesIO(marked))
    assert [row[2] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)] == ["2026-W52"]
    assert told(book)[0]["Row"] == "5"
    assert told(book)[0]["Cell"] == "D2"
    again = check(marked, feed="demand_forecast", as_of=SENT_AT, file_name="again.xlsx")
    assert (again.status, again.refusals[0].rule) == ("refused", "excerpt")


def test_a_file_that_names_a_person_gets_no_copy() -> None:
    data = forecast(f"{GOOD}ask john.doe@example.org", GOOD.replace("49", "50").replace("commercial", "comercial"))
    with pytest.raises(NoWorkbookError, match="names a person"):
        annotated_workbook(data, checked(data))


def test_a_file_without_a_mistake_needs_none() -> None:
    with pytest.raises(NoWorkbookError, match="nothing to correct"):
        annotated_workbook(forecast(GOOD), checked(forecast(GOOD)))


@pytest.mark.parametrize("found", ["tel 0612345678", "MRN 4711", "12 High Street", "555-123-4567"])
def test_a_found_text_that_the_door_would_refuse_outside_the_table_is_not_repeated(found: str) -> None:
    mark = Mark("B2", "2", "lot_code", found, "a code such as LV26-014", "Copy the code from its source system.", is_warning=False)
    assert found not in mark.comment
    assert found not in " ".join(mark.cells())
    assert "Copy the code" in mark.comment


def test_a_kept_submission_is_marked_from_what_was_kept(state: Path) -> None:
    data = forecast(GOOD, GOOD.replace("49", "50").replace("commercial", "comercial"))
    receipt = submit(data, partner="north-hospital", feed="demand_forecast", file_name="plan.csv", as_of=SENT_AT)
    book = openpyxl.load_workbook(io.BytesIO(annotated_submission(receipt.submission_id)))
    errors = {each["Cell"]: each["Kind"] for each in told(book)}
    # Nothing of the operator has arrived here, so the references of the accepted row are open.
    assert errors == {"D3": "Error", "A2": "Warning", "B2": "Warning"}


def test_an_unknown_number_is_told(state: Path) -> None:
    with pytest.raises(LookupError, match="There is no submission 4711"):
        annotated_submission("4711")


def test_json_rows_become_a_workbook_with_a_header() -> None:
    rows = '{"hospital_id": "9501101530003", "therapy_code": "CART-101", "week_start_date": "2026-W49", "category": "comercial", "patients": 3, "basis": "pipeline"}\n'
    book = book_of(rows.encode() * 2)
    assert [cell.value for cell in book.worksheets[0][1]][:2] == ["hospital_id", "therapy_code"]
    assert [each["Cell"] for each in told(book) if each["Column"] == "category"] == ["D2", "D3"]
