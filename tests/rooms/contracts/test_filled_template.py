"""A template filled in and sent as it is goes through the door."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from xml.sax.saxutils import escape

import pytest
from xlsxwriter.utility import xl_col_to_name

from dagster_project.contracts import Contract, contract, feeds
from dagster_project.contracts.template import cell_text, csv_header, write_xlsx
from dagster_project.intake import check

FIRST_SHEET = "xl/worksheets/sheet1.xml"
NO_ROWS = "</sheetData>"


@pytest.mark.parametrize("feed", feeds())
def test_workbook_filled_with_the_example_is_accepted(feed: str) -> None:
    receipt = check(_filled(contract(feed)), feed=feed, file_name="template.xlsx", as_of=_sent_at(contract(feed)))
    assert (receipt.status, receipt.refusals, receipt.rows_sent) == ("accepted", (), 1)


@pytest.mark.parametrize("feed", feeds())
def test_csv_filled_with_the_example_is_accepted(feed: str) -> None:
    held = contract(feed)
    row = ",".join(f'"{cell_text(column.examples[0])}"' for column in held.columns)
    receipt = check(f"{csv_header(held)}{row}\n".encode(), feed=feed, file_name="template.csv", as_of=_sent_at(held))
    assert (receipt.status, receipt.refusals, receipt.rows_sent) == ("accepted", (), 1)


def _sent_at(held: Contract) -> dt.datetime:
    # Examples lie in the winter of 2026: what may not be past is sent before, what may not be to come is sent after.
    looks_back = any(rule.form == "not_after_submission" for rule in held.rules)
    return dt.datetime(2027, 6, 1, tzinfo=dt.UTC) if looks_back else dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def _filled(held: Contract) -> bytes:
    empty, filled = io.BytesIO(), io.BytesIO()
    write_xlsx(held, empty)
    with zipfile.ZipFile(empty) as source, zipfile.ZipFile(filled, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            target.writestr(name, _with_row(text.decode(), held) if name == FIRST_SHEET else text)
    return filled.getvalue()


def _with_row(sheet: str, held: Contract) -> str:
    assert sheet.count(NO_ROWS) == 1
    cells = [
        f'<c r="{xl_col_to_name(place)}2" t="inlineStr"><is><t>{escape(cell_text(column.examples[0]))}</t></is></c>'
        for place, column in enumerate(held.columns)
    ]
    return sheet.replace(NO_ROWS, f'<row r="2">{"".join(cells)}</row>{NO_ROWS}')
