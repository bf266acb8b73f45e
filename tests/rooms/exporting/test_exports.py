"""Exports: another system can read back what the edition says, and nothing in them runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from dagster_project.commands.export import export
from dagster_project.contracts.spreadsheet import unguarded
from dagster_project.editions import open_edition
from dagster_project.exporting import cx0128, ubl
from dagster_project.exporting.cx0128 import require_valid

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.home import Home


def rows_of(text: str) -> list[dict[str, str]]:
    return [{name: unguarded(value) for name, value in row.items()} for row in csv.DictReader(io.StringIO(text))]


@pytest.mark.usefixtures("published")
def test_the_operators_document_holds_every_demand_and_capacity_of_the_edition() -> None:
    edition = open_edition("operator")
    document = json.loads(json.dumps(cx0128(edition)))
    demand = {
        (series["customerLocation"], one["materialNumberCustomer"], week["pointInTime"]): week["demand"]
        for one in document["weekBasedMaterialDemand"]
        for series in one["demandSeries"]
        for week in series["demands"]
    }
    wanted = edition.query("demand").to_pylist()
    assert demand == {(row["hospital_id"], row["therapy_code"], row["week_start_date"].isoformat()): row["demand"] for row in wanted}
    (group,) = document["weekBasedCapacityGroup"]
    assert (group["supplier"], group["supplierLocations"], group["name"]) == ("plant", ["P1"], "T1 at Plant One")
    assert [one["customerLocation"] for one in group["linkedDemandSeries"]] == ["H1", "H2"]
    assert group["capacities"] == [
        {"pointInTime": "2026-11-23", "actualCapacity": 3.0, "maximumCapacity": 4.0, "agreedCapacity": 5.0},
        {"pointInTime": "2026-11-30", "actualCapacity": 3.0, "maximumCapacity": 4.0, "deltaProductionResult": -1.0},
    ]


@pytest.mark.usefixtures("published")
def test_a_partner_exports_its_own_side_only() -> None:
    hospital, plant = cx0128(open_edition("north")), cx0128(open_edition("plant"))
    assert {one["customer"] for one in hospital["weekBasedMaterialDemand"]} == {"north"}
    assert hospital["weekBasedCapacityGroup"] == []
    assert (plant["weekBasedMaterialDemand"], plant["weekBasedCapacityGroup"][0]["linkedDemandSeries"]) == ([], [])
    with pytest.raises(LookupError, match="nothing to export"):
        cx0128(open_edition("executive"))


@pytest.mark.usefixtures("published")
def test_the_same_edition_gives_the_same_document() -> None:
    assert cx0128(open_edition("operator")) == cx0128(open_edition("operator"))


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("capacityGroupId", "G-1", "capacityGroupId"),
        ("unitOfMeasure", "starts", "unitOfMeasure"),
        ("unitOfMeasureIsOmitted", True, "weekBasedCapacityGroup"),
        ("capacities", [{"pointInTime": "2026-W48", "actualCapacity": 1, "maximumCapacity": 1}], "pointInTime"),
        ("capacities", [{"pointInTime": "2026-11-23", "actualCapacity": -1, "maximumCapacity": 1}], "actualCapacity"),
        ("capacities", [{"pointInTime": "2026-11-23", "actualCapacity": 1}], "capacities"),
        ("colour", "green", "weekBasedCapacityGroup"),
    ],
)
def test_what_the_standard_does_not_allow_is_not_written(field: str, value: object, place: str) -> None:
    document = cx0128(open_edition("operator"))
    document["weekBasedCapacityGroup"][0][field] = value
    with pytest.raises(ValueError, match=place):
        require_valid(document)


@pytest.mark.usefixtures("published")
def test_ubl_files_say_the_same_when_read_back() -> None:
    edition = open_edition("operator")
    files = ubl(edition)
    assert list(files) == ["Forecast.csv", "ForecastLine.csv", "ForecastRevision.csv", "ForecastRevisionLine.csv"]
    heads = {row["ID"]: row for row in rows_of(files["Forecast.csv"])}
    lines = rows_of(files["ForecastLine.csv"])
    found = {
        (
            heads[line["Forecast/ID"]]["BuyerCustomerParty/Party/PartyIdentification/ID"],
            line["SalesItem/Item/SellersItemIdentification/ID"],
            line["ForecastPeriod/StartDate"],
        ): (float(line["SalesItem/Quantity"]), line["FrozenDocumentIndicator"], line["Note"])
        for line in lines
    }
    wanted = edition.query("demand").to_pylist()
    # UBL's indicator is true where the forecast may still change.
    assert found == {
        (row["hospital_partner_id"], row["therapy_code"], row["week_start_date"].isoformat()): (
            row["demand"],
            "false" if row["is_frozen"] else "true",
            row["reason"] or "",
        )
        for row in wanted
    }
    assert heads["FC-H1-T1-P1"]["ForecastPeriod/EndDate"] == "2026-12-06"
    (line,) = rows_of(files["ForecastRevisionLine.csv"])
    assert (line["SalesItem/Quantity"], line["AdjustmentReasonCode"], line["SourceForecastIssueDate"]) == ("3.0", "no_staff", "2026-11-10")


@pytest.mark.usefixtures("published")
def test_no_cell_runs_in_a_spreadsheet() -> None:
    texts = [cell for text in ubl(open_edition("operator")).values() for row in csv.reader(io.StringIO(text)) for cell in row]
    assert "'=cmd()" in texts
    assert "'@SUM(A1)" in texts
    assert not [cell for cell in texts if cell.startswith(("=", "+", "@"))]


def test_commands_write_what_they_say(published: Home, tmp_path: Path) -> None:
    del published
    run = CliRunner().invoke
    told = run(export, ["cx-0128", "--out", str(tmp_path / "new" / "plan.json"), "--audience", "plant"])
    assert (told.exit_code, "0 material demands and 1 capacity groups" in told.output) == (0, True)
    assert json.loads((tmp_path / "new" / "plan.json").read_text())["planningDate"] == "2026-11-16"
    told = run(export, ["ubl", "--out", str(tmp_path / "ubl")])
    assert told.exit_code == 0
    assert "ForecastLine.csv: 4 rows" in told.output
    assert (tmp_path / "ubl" / "ForecastRevision.csv").read_text(encoding="utf-8").startswith("ID,UUID,UBLVersionID,IssueDate")
