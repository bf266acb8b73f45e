"""The forecasts and commits of an audience as CSV files with the names of UBL 2.1 (ISO/IEC 19845).

Forecast and ForecastLine are the demand, ForecastRevision and ForecastRevisionLine the plants' answers. A column is named by the path of its
element; what a spreadsheet would run is guarded.
"""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from dagster_project.editions.export import cell
from dagster_project.exporting.identities import identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dagster_project.editions.reader import Edition

Row = dict[str, Any]
FORECAST = (
    "ID", "UUID", "UBLVersionID", "IssueDate", "BasedOnConsensusIndicator", "ForecastPurposeCode", "ForecastPeriod/StartDate", "ForecastPeriod/EndDate",
    "SenderParty/PartyIdentification/ID", "BuyerCustomerParty/Party/PartyIdentification/ID", "SellerSupplierParty/Party/PartyIdentification/ID",
)  # fmt: skip
LINE = (
    "Forecast/ID", "ID", "FrozenDocumentIndicator", "ForecastTypeCode", "ForecastPeriod/StartDate", "ForecastPeriod/EndDate", "SalesItem/Quantity",
    "SalesItem/Quantity/@unitCode", "SalesItem/Item/SellersItemIdentification/ID", "Note",
)  # fmt: skip
REVISION = (
    "ID",
    "UUID",
    "UBLVersionID",
    "IssueDate",
    "RevisionStatusCode",
    "PurposeCode",
    "OriginalDocumentReference/ID",
    "SellerSupplierParty/Party/PartyIdentification/ID",
)
REVISION_LINE = (
    "ForecastRevision/ID", "ID", "RevisedForecastLineID", "SourceForecastIssueDate", "AdjustmentReasonCode", "ForecastPeriod/StartDate",
    "ForecastPeriod/EndDate", "SalesItem/Quantity", "SalesItem/Quantity/@unitCode", "SalesItem/Item/SellersItemIdentification/ID", "Note",
)  # fmt: skip
# UN/ECE Recommendation 20: one.
ONE = "C62"


def ubl(edition: Edition) -> dict[str, str]:
    """File name -> CSV text: the demand as Forecast, the plants' answers as ForecastRevision. LookupError when there is neither."""
    views = set(edition.views)
    if not views & {"demand", "commits"}:
        raise LookupError(
            f"{edition.audience} has neither demand nor commits in edition {edition.edition_id}, so there is nothing to export."
        )
    files: dict[str, str] = {}
    if "demand" in views:
        order = ["hospital_id", "therapy_code", "site_id", "week_start_date"]
        heads, lines = _forecasts(edition.query("demand", order_by=order).to_pylist(), edition)
        files |= {"Forecast.csv": _csv(FORECAST, heads), "ForecastLine.csv": _csv(LINE, lines)}
    if "commits" in views:
        order = ["site_id", "therapy_code", "version_date", "week_start_date"]
        answers = edition.query("commits", where={"is_answered": True, "is_newest_version": True}, order_by=order).to_pylist()
        heads, lines = _revisions(answers)
        files |= {"ForecastRevision.csv": _csv(REVISION, heads), "ForecastRevisionLine.csv": _csv(REVISION_LINE, lines)}
    return files


def _forecasts(rows: Iterable[Row], edition: Edition) -> tuple[list[list[Any]], list[list[Any]]]:
    heads, lines = [], []
    for (hospital, therapy, site), group in groupby(rows, key=lambda row: (row["hospital_id"], row["therapy_code"], row["site_id"])):
        weeks = list(group)
        name = f"FC-{hospital}-{therapy}-{site}"
        heads.append([
            name, identity("forecast", edition.edition_id, name), "2.1", edition.manifest["planning_date"], False, "ORDER_FORECAST",
            weeks[0]["week_start_date"], weeks[-1]["week_start_date"] + timedelta(days=6),
            "operator", weeks[0]["hospital_partner_id"], weeks[0]["plant_partner_id"],
        ])  # fmt: skip
        for number, row in enumerate(weeks, start=1):
            # UBL's indicator says "modifiable (true)"; a frozen week is not.
            lines.append([
                name, str(number), not row.get("is_frozen"), "TOTAL", *_period(row), row["demand"], ONE, therapy, row["reason"],
            ])  # fmt: skip
    return heads, lines


def _revisions(rows: Iterable[Row]) -> tuple[list[list[Any]], list[list[Any]]]:
    heads, lines = [], []
    for (site, therapy, version), group in groupby(rows, key=lambda row: (row["site_id"], row["therapy_code"], row["version_date"])):
        weeks = list(group)
        name = f"FR-{site}-{therapy}-{version.isoformat()}"
        issued = max(row["answered_at"] for row in weeks).date()
        heads.append(
            [
                name,
                identity("revision", name),
                "2.1",
                issued,
                "REVISED",
                "COMMIT",
                f"{therapy} {version.isoformat()}",
                weeks[0]["plant_partner_id"],
            ]
        )
        for number, row in enumerate(weeks, start=1):
            lines.append([
                name, str(number), f"{row['iso_week']}", version, row["reason_code"], *_period(row), row["committed_starts"], ONE, therapy, row["note"],
            ])  # fmt: skip
    return heads, lines


def _period(row: Row) -> tuple[Any, Any]:
    return row["week_start_date"], row["week_start_date"] + timedelta(days=6)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()
