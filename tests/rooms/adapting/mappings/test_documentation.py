"""docs/mappings.md: its example enters as it says, and it names every term there is."""

from __future__ import annotations

import re

import pytest

from dagster_project.home import PROJECT_ROOT
from dagster_project.intake import check
from dagster_project.intake.adapting.language.checking import OF_A_COLUMN, TOP
from dagster_project.intake.adapting.language.converters import CONVERTERS
from dagster_project.intake.adapting.language.model import parse_mapping
from dagster_project.intake.adapting.language.styles import NAMED_STYLES
from dagster_project.intake.adapting.sheets.propose import propose

PAGE = (PROJECT_ROOT / "docs" / "mappings.md").read_text(encoding="utf-8")


def block(language):
    """The one block of the page in this language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


def test_the_example_enters_as_the_page_says(state):
    mapping = parse_mapping(block("yaml"), name="northarc/delivery_history")
    receipt = check(block("csv").encode(), feed=mapping.feed, mapping=mapping)
    assert (receipt.status, receipt.rows_accepted, receipt.refusals) == ("accepted", 2, ())
    assert "12.519" in PAGE
    assert round(27.6 * 0.45359237, 3) == 12.519


def test_the_proposal_for_the_example_reads_the_same_headers(state):
    found = {each.mapping.column: each.header for each in propose(block("csv").encode(), feed="delivery_history").fits}
    written = {column.column: column.sources[0] for column in parse_mapping(block("yaml"), name="x/delivery_history").columns}
    assert {column: header for column, header in found.items() if written[column] == header}.keys() >= {
        "shipment_id", "origin_name", "country_name", "mode", "promised_date", "delivered_date", "weight_kg",
    }  # fmt: skip


@pytest.mark.parametrize("name", [*TOP, *OF_A_COLUMN, *CONVERTERS, *sorted(NAMED_STYLES)])
def test_every_term_is_explained(name):
    assert f"`{name}`" in PAGE


def test_no_converter_is_explained_that_is_not_there():
    table = PAGE.split("Converters:")[1]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == set(CONVERTERS)
