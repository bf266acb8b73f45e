"""Every folder beside this file that has a README is a scenario: its partner files in, its expected tables out."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from compiled import Compiled, open_memory

from dagster_project import register
from dagster_project.home import home
from dagster_project.intake import submit
from dagster_project.landing import load_landing

HERE = Path(__file__).parent
SCENARIOS = sorted(path.parent.name for path in HERE.glob("*/README.md"))


def send_all(folder: Path) -> None:
    """Submit <partner>/<feed>/<date>.csv at noon of its date. The operator's list of partners says who may send what."""
    partners = next((folder / "operator" / "partner").glob("*.csv"))
    for row in read_csv(partners):
        register.add_partner(row["partner_id"], row["role"])
    for path in sorted(folder.glob("*/*/*.csv"), key=lambda found: (found.stem, str(found))):
        as_of = datetime.fromisoformat(path.stem).replace(hour=12, tzinfo=UTC)
        receipt = submit(path, partner=path.parent.parent.name, feed=path.parent.name, as_of=as_of)
        assert receipt.status == "accepted", f"{path}: {receipt.refusals}"


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_partner_files_in_expected_tables_out(
    scenario: str, compiled: Compiled, bless: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path))
    send_all(HERE / scenario / "partner_files")
    con = open_memory()
    load_landing(con, register.submissions(), home())
    expectations = sorted((HERE / scenario / "expected").glob("*.csv"))
    assert expectations
    compiled.build(con, *(path.stem for path in expectations))
    for path in expectations:
        with path.open(encoding="utf-8", newline="") as file:
            columns = next(csv.reader(file))
        wanted = ", ".join(columns)
        schema = "reports" if path.stem.startswith("rpt_") else "marts"
        found = con.execute(f"SELECT {wanted} FROM {schema}.{path.stem} ORDER BY ALL").fetchall()
        rows = [dict(zip(columns, map(as_text, row), strict=True)) for row in found]
        if bless:
            write_csv(path, columns, rows)
        assert rows == read_csv(path), f"{path.name} came out otherwise; read the difference, then bless it: pytest tests/scenarios --bless"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nobody_is_dropped(scenario: str) -> None:
    """Conservation in the expected plan itself: who came, or comes again, starts or waits, at every plant."""
    waiting: dict[str, float] = {}
    for row in read_csv(HERE / scenario / "expected" / "fct_aligned_plan.csv"):
        plant, backlog = row.get("plant_name", ""), float(row["backlog_in"])
        assert backlog == waiting.setdefault(plant, backlog)
        waiting[plant] += float(row["demand"]) + float(row.get("remake") or 0) - float(row["served"])
        assert float(row["waiting"]) == pytest.approx(waiting[plant])
        waiting[plant] = float(row["waiting"])


def write_csv(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
