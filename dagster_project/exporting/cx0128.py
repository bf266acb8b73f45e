"""The plan of an audience as Catena-X CX-0128 documents: WeekBasedMaterialDemand and WeekBasedCapacityGroup, version 3.

Field names, nesting and required fields are that standard's. Two things differ, because the network has no business partner numbers:
`customer` and `supplier` are partner ids, locations are GLNs. Weeks are weeks of manufacturing start, given as their Monday.
"""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.exporting.identities import identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dagster_project.editions.reader import Edition

SCHEMA = Path(__file__).with_name("cx0128.schema.json")
# The standard's code for demand that is not told apart by category.
DEFAULT_CATEGORY = {"demandCategoryCode": "0001"}
PIECE = "unit:piece"
Row = dict[str, Any]


def cx0128(edition: Edition) -> Row:
    """Every material demand and capacity group that this audience has.

    LookupError when it has neither; ValueError, with the place, if a document would not be what the standard asks for.
    """
    known = set(edition.views)
    if not known & {"demand", "capacity_match"}:
        raise LookupError(
            f"{edition.audience} has neither demand nor capacity in edition {edition.edition_id}, so there is nothing to export."
        )
    demand = (
        edition.query("demand", order_by=["hospital_id", "therapy_code", "site_id", "week_start_date"]).to_pylist()
        if "demand" in known
        else []
    )
    groups = (
        edition.query("capacity_match", order_by=["site_id", "therapy_code", "week_start_date"]).to_pylist()
        if "capacity_match" in known
        else []
    )
    changed_at = edition.manifest["data_as_of"]
    document = {
        "edition": edition.edition_id,
        "planningDate": edition.manifest["planning_date"],
        "weekBasedMaterialDemand": list(_material_demands(demand, changed_at)),
        "weekBasedCapacityGroup": list(_capacity_groups(groups, demand, changed_at)),
    }
    require_valid(document)
    return document


def _material_demands(rows: Iterable[Row], changed_at: str) -> Iterator[Row]:
    """One per customer, supplier and material, as the standard has it; its series are told apart by the customer's location."""
    ordered = sorted(rows, key=lambda row: (*_parties(row), row["hospital_id"], row["week_start_date"]))
    for (customer, supplier, therapy), group in groupby(ordered, key=_parties):
        yield {
            "materialDemandId": identity("demand", customer, supplier, therapy),
            "customer": customer,
            "supplier": supplier,
            "materialNumberCustomer": therapy,
            "materialNumberSupplier": therapy,
            "materialDescriptionCustomer": therapy,
            "unitOfMeasure": PIECE,
            "unitOfMeasureIsOmitted": False,
            "materialDemandIsInactive": False,
            "changedAt": changed_at,
            "demandSeries": [
                {
                    "customerLocation": hospital,
                    "expectedSupplierLocation": site,
                    "demandCategory": DEFAULT_CATEGORY,
                    "demands": [{"pointInTime": row["week_start_date"].isoformat(), "demand": row["demand"]} for row in weeks],
                }
                for (hospital, site), weeks in _series(group)
            ],
        }


def _series(rows: Iterable[Row]) -> list[tuple[tuple[str, str], list[Row]]]:
    """A hospital's rows in one series; where several plants of a supplier share them, the first named is only what is expected."""
    found = []
    for hospital, group in groupby(rows, key=lambda row: row["hospital_id"]):
        weeks = list(group)
        totals: dict[Any, Row] = {}
        for row in weeks:
            week = row["week_start_date"]
            totals[week] = row | {"demand": row["demand"] + totals[week]["demand"]} if week in totals else row
        found.append(((hospital, min(row["site_id"] for row in weeks)), list(totals.values())))
    return found


def _capacity_groups(rows: Iterable[Row], demand: Iterable[Row], changed_at: str) -> Iterator[Row]:
    """One per plant and therapy.

    The standard's groups are between two parties; `customer` is the operator, for all of a plant's hospitals together, because the plant
    states one capacity for them.
    """
    # Editions from before agreements stated a factor have no column of it.
    linked: dict[tuple[str, str], dict[str, float]] = {}
    for row in demand:
        linked.setdefault((row["site_id"], row["therapy_code"]), {})[row["hospital_id"]] = row.get("load_factor", 1.0)
    for (site, therapy), group in groupby(rows, key=lambda row: (row["site_id"], row["therapy_code"])):
        weeks = list(group)
        yield {
            "capacityGroupId": identity("capacity", site, therapy),
            "name": f"{therapy} at {weeks[0]['plant_name'] or site}",
            "customer": "operator",
            "supplier": weeks[0]["plant_partner_id"] or site,
            "supplierLocations": [site],
            "unitOfMeasure": PIECE,
            "unitOfMeasureIsOmitted": False,
            "capacityGroupIsInactive": False,
            "changedAt": changed_at,
            "linkedDemandSeries": [
                {"materialNumberCustomer": therapy, "customerLocation": hospital, "demandCategory": DEFAULT_CATEGORY, "loadFactor": factor}
                for hospital, factor in sorted(linked.get((site, therapy), {}).items())
            ],
            "capacities": [_capacity(row) for row in weeks],
        }


def _capacity(row: Row) -> Row:
    found = {
        "pointInTime": row["week_start_date"].isoformat(),
        "actualCapacity": row["actual_capacity"],
        "maximumCapacity": row["maximum_capacity"],
    }
    if row["agreed_capacity"] is not None:
        found["agreedCapacity"] = row["agreed_capacity"]
    if row["load_shift"]:
        found["deltaProductionResult"] = row["load_shift"]
    return found


def _parties(row: Row) -> tuple[str, str, str]:
    """Customer, supplier and material; a site stands for its partner where the operator has named none."""
    return (row["hospital_partner_id"] or row["hospital_id"], row["plant_partner_id"] or row["site_id"], row["therapy_code"])


def require_valid(document: Row) -> None:
    """ValueError, naming the place, when the document is not what the schema asks for."""
    # A quarter of a second of imports, for exports only.
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")), format_checker=Draft202012Validator.FORMAT_CHECKER)
    for error in validator.iter_errors(document):
        raise ValueError(f"This would not be a CX-0128 document: {error.json_path}: {error.message}. Nothing was written.")
