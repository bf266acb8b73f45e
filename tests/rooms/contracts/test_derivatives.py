"""What is written from the contracts agrees with them, and comes out the same every time."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from dagster_project.commands.contracts import contracts as command
from dagster_project.contracts import contract, contracts, feeds
from dagster_project.contracts.derive import derivatives, drift, write_derivatives
from dagster_project.contracts.template import cell_text, csv_header, describe, write_xlsx
from dagster_project.home import PROJECT_ROOT

if TYPE_CHECKING:
    from pathlib import Path

DERIVED = derivatives()


@pytest.mark.parametrize("path", DERIVED)
def test_committed_derivative_equals_what_its_contract_gives(path: str) -> None:
    assert (PROJECT_ROOT / path).read_text(encoding="utf-8") == DERIVED[path], "write it anew with: veinway contracts derive"


def test_nothing_derived_is_left_over_from_a_feed_that_is_gone() -> None:
    assert drift() == []


def test_derive_writes_what_differs_and_removes_what_is_left_over(tmp_path: Path) -> None:
    write_derivatives(tmp_path)
    gone, changed = tmp_path / "docs/feeds/gone.md", tmp_path / f"docs/feeds/{feeds()[0]}.md"
    gone.write_text("A feed that was.", encoding="utf-8")
    changed.write_text("Changed by hand.", encoding="utf-8")
    assert sorted(write_derivatives(tmp_path)) == sorted(["docs/feeds/gone.md", f"docs/feeds/{feeds()[0]}.md"])
    assert drift(tmp_path) == []


def test_the_dbt_source_lists_every_column_of_every_feed() -> None:
    source = yaml.safe_load(DERIVED["dbt/models/staging/_sources.yml"])["sources"][0]
    found = {table["name"]: [column["name"] for column in table["columns"]] for table in source["tables"]}
    own = ["row_number", "submission_id"]
    assert found == {feed: [*(column.name for column in held.columns), *own] for feed, held in contracts().items()}


@pytest.mark.parametrize("feed", feeds())
def test_csv_header_names_the_columns(feed: str) -> None:
    assert next(csv.reader(io.StringIO(csv_header(contract(feed))))) == [column.name for column in contract(feed).columns]


@pytest.mark.parametrize("feed", feeds())
def test_workbook_opens_on_an_empty_sheet_with_the_header_in_row_1(feed: str) -> None:
    book = _workbook(feed)
    assert book.get_sheet_by_index(0).to_python() == [[column.name for column in contract(feed).columns]]
    assert [(sheet.name, str(sheet.visible).rpartition(".")[2]) for sheet in book.sheets_metadata[1:]] == [
        ("Example", "Visible"),
        ("About", "Visible"),
        ("lists", "Hidden"),
    ]


@pytest.mark.parametrize("feed", feeds())
def test_workbook_shows_an_example_row(feed: str) -> None:
    shown = _workbook(feed).get_sheet_by_name("Example").to_python()[1]
    wanted = [cell_text(column.examples[0]) for column in contract(feed).columns]
    assert [cell_text(value) for value in shown] == wanted


def test_workbook_tells_the_contract_version_and_every_allowed_value() -> None:
    book = _workbook("demand_forecast")
    about = dict(row[:2] for row in book.get_sheet_by_name("About").to_python())
    assert about["Contract version"] == contract("demand_forecast").version
    lists = book.get_sheet_by_name("lists").to_python()
    assert [row[0] for row in lists] == list(contract("demand_forecast").column("category").allowed)


def test_the_same_contract_gives_the_same_workbook() -> None:
    assert _bytes("shipment_booking") == _bytes("shipment_booking")


def test_a_header_says_unit_range_and_example() -> None:
    words = describe(contract("temperature_reading").column("celsius"))
    assert "Unit: celsius." in words
    assert "Range: -210 to 60." in words
    assert "Required." in words


def test_the_command_says_that_nothing_differs() -> None:
    result = CliRunner().invoke(command, ["check"])
    assert (result.exit_code, result.output) == (0, "Every derived file agrees with its contract.\n")


def test_the_command_lists_every_feed() -> None:
    lines = CliRunner().invoke(command, ["list"]).output.splitlines()
    assert [line.split()[0] for line in lines] == feeds()


def _bytes(feed: str) -> bytes:
    target = io.BytesIO()
    write_xlsx(contract(feed), target)
    return target.getvalue()


def _workbook(feed: str) -> CalamineWorkbook:
    return CalamineWorkbook.from_filelike(io.BytesIO(_bytes(feed)))
