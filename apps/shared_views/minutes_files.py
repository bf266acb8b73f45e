"""The minutes as files to take home: a PDF with its own letters, so that it prints everywhere, and a workbook that runs no formula."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import xlsxwriter
from fpdf import FPDF, FontFace
from fpdf.enums import TableBordersLayout

from apps.shared_views import frame
from dagster_project.contracts.spreadsheet import guarded

if TYPE_CHECKING:
    from apps.shared_views.minutes import Minutes, Table

FONT = "DejaVu"
INK, ACCENT, PALE = (23, 52, 62), (42, 140, 140), (230, 239, 240)
# Share of the page that a column takes, by its heading; the others share what is left.
WIDTHS = {
    "No": 6,
    "When": 18,
    "Owner": 16,
    "Due": 13,
    "State": 13,
    "Role": 16,
    "Verdict": 14,
    "Draft": 16,
    "Consensus": 16,
    "Decided by": 16,
}
OTHERS = 26
LONGEST, WIDEST = 32_000, 60  # characters of a cell, and of a column


class _Paper(FPDF):
    """An A4 page on its side with a page number."""

    def footer(self) -> None:
        """`2 / 3` at the foot of each page."""
        self.set_y(-12)
        self.set_font(FONT, size=8)
        self.cell(0, 6, f"{self.page_no()} / {{nb}}", align="R")


def pdf(of: Minutes) -> bytes:
    """The minutes as PDF, A4 on its side."""
    paper = _Paper(orientation="landscape", format="A4")
    paper.set_title(of.title)
    paper.set_lang("en")
    for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
        paper.add_font(FONT, style, frame.ASSETS / "fonts" / file)
    paper.set_margin(14)
    paper.set_text_color(*INK)
    paper.set_draw_color(*ACCENT)
    paper.add_page()
    paper.set_font(FONT, "B", 18)
    paper.multi_cell(0, 9, of.title, new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=9)
    for line in of.facts:
        paper.multi_cell(0, 5, line, new_x="LMARGIN", new_y="NEXT")
    for heading, table in of.tables.items():
        _section(paper, heading, table)
    return bytes(paper.output())


def _section(paper: FPDF, heading: str, table: Table) -> None:
    paper.ln(4)
    paper.start_section(heading)
    paper.set_font(FONT, "B", 12)
    paper.multi_cell(0, 7, heading, new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=8)
    names, rows = table
    if not rows:
        paper.multi_cell(0, 5, "Nothing.", new_x="LMARGIN", new_y="NEXT")
        return
    widths = tuple(WIDTHS.get(name, OTHERS) for name in names)
    bold = FontFace(emphasis="BOLD", fill_color=PALE)
    with paper.table(
        col_widths=widths, headings_style=bold, borders_layout=TableBordersLayout.HORIZONTAL_LINES, line_height=4.5, text_align="LEFT"
    ) as drawn:
        for row in (names, *rows):
            drawn.row(row)


def workbook(of: Minutes) -> bytes:
    """The minutes as a workbook: a sheet of facts and one per table, every cell text."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    ) as book:
        bold, wrapped = book.add_format({"bold": True, "bg_color": "#E6EFF0"}), book.add_format({"text_wrap": True, "valign": "top"})
        first = book.add_worksheet("Minutes")
        first.set_column(0, 0, 120)
        for place, line in enumerate([of.title, *of.facts]):
            first.write_string(place, 0, guarded(line), bold if place == 0 else wrapped)
        for heading, (names, rows) in of.tables.items():
            sheet = book.add_worksheet(heading[:31])
            sheet.freeze_panes(1, 0)
            for column, name in enumerate(names):
                cells = [guarded(row[column])[:LONGEST] for row in rows]
                sheet.set_column(column, column, min(max(map(len, [name, *cells])) + 2, WIDEST))
                sheet.write_string(0, column, name, bold)
                for place, cell in enumerate(cells, start=1):
                    sheet.write_string(place, column, cell, wrapped)
    return target.getvalue()
