"""A new feed is one contract, one staging model and samples: every derived thing and the way into the warehouse work without a line of Python."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow.csv as pa_csv
import pytest
import yaml

from dagster_project import register
from dagster_project.contracts import contract, model
from dagster_project.contracts.arrow import arrow_schema
from dagster_project.contracts.derive import PAGES, SOURCES, derivatives
from dagster_project.contracts.rules import checks
from dagster_project.contracts.suite import validate
from dagster_project.contracts.template import csv_header, write_xlsx
from dagster_project.home import PROJECT_ROOT, home
from dagster_project.intake import check, submit
from dagster_project.landing import load_landing, open_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDED = Path(__file__).parent / "new_feed"
FEED = "freezer_level"
GOOD, TOO_FULL = ADDED / "samples" / "good_weekly.csv", ADDED / "samples" / "bad_too_full.csv"
AS_OF = dt.datetime(2026, 11, 16, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _with_the_new_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = shutil.copytree(model.CONTRACTS_FOLDER, tmp_path / "contracts")
    shutil.copy(ADDED / f"{FEED}.odcs.yaml", folder)
    monkeypatch.setattr(model, "CONTRACTS_FOLDER", folder)
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path / "home"))
    contract.cache_clear()
    yield
    contract.cache_clear()


def test_it_took_no_python() -> None:
    assert {path.suffix for path in ADDED.rglob("*") if path.is_file()} == {".yaml", ".sql", ".csv"}


def test_the_templates_are_there() -> None:
    assert csv_header(contract(FEED)) == GOOD.read_text(encoding="utf-8").splitlines(keepends=True)[0]
    book = BytesIO()
    write_xlsx(contract(FEED), book)
    assert check(book.getvalue(), feed=FEED, file_name="template.xlsx", as_of=AS_OF).rows_sent == 0


def test_the_rules_are_compiled() -> None:
    assert {"required", "gln", "range", "pattern", "key", "not_more_than_there_is"} <= {item.rule for item in checks(contract(FEED))}


def test_the_page_and_the_dbt_source_are_written() -> None:
    derived = derivatives()
    assert "# Freezer level" in derived[f"{PAGES}/{FEED}.md"]
    assert f"[Freezer level]({FEED}.md)" in derived[f"{PAGES}/README.md"]
    assert FEED in {table["name"] for table in yaml.safe_load(derived[SOURCES])["sources"][0]["tables"]}


def test_the_suite_finds_what_breaks_the_contract() -> None:
    held = contract(FEED)
    options = pa_csv.ConvertOptions(column_types=arrow_schema(held))
    assert validate(held, pa_csv.read_csv(GOOD, convert_options=options), as_of=AS_OF).failures == []
    assert validate(held, pa_csv.read_csv(TOO_FULL, convert_options=options), as_of=AS_OF).failures == [
        "not_more_than_there_is (places, places_taken): 1 of 2 rows break it"
    ]


def test_the_door_checks_its_files() -> None:
    assert check(GOOD, feed=FEED, as_of=AS_OF).status == "accepted"
    receipt = check(TOO_FULL, feed=FEED, as_of=AS_OF)
    assert (receipt.status, [(item.row, item.rule) for item in receipt.refusals]) == ("partly_accepted", [(2, "not_more_than_there_is")])


@pytest.mark.slow
def test_its_rows_reach_the_staging_model(tmp_path: Path) -> None:
    register.add_partner("kestrel-bio", "plant")
    assert submit(GOOD, partner="kestrel-bio", feed=FEED, as_of=AS_OF).status == "accepted"
    with open_warehouse(home()) as warehouse:
        load_landing(warehouse, register.submissions(), home())
    project = _dbt_project(tmp_path)
    arguments = ["run", "--select", f"+stg_{FEED}", "--project-dir", str(project), "--profiles-dir", str(project)]
    environment = os.environ | {"VEINWAY_WAREHOUSE": str(home().warehouse)}
    ran = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *arguments], env=environment, cwd=project, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
    with duckdb.connect(str(home().warehouse), read_only=True) as warehouse:
        found = warehouse.execute(f"SELECT freezer_code, places_taken FROM staging.stg_{FEED} WHERE is_current ORDER BY ALL").fetchall()
    assert found == [("FZ-01", 312), ("FZ-01", 315), ("FZ-02", 250)]


def _dbt_project(tmp_path: Path) -> Path:
    project = shutil.copytree(PROJECT_ROOT / "dbt", tmp_path / "dbt", ignore=shutil.ignore_patterns("target", "logs"))
    shutil.copy(ADDED / f"stg_{FEED}.sql", project / "models" / "staging")
    (tmp_path / SOURCES).write_text(derivatives()[SOURCES], encoding="utf-8")
    return project
