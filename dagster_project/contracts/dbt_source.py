"""The dbt source of every feed: the landing tables as dbt sees them, written from the contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dagster_project.contracts.model import Column, Contract

HEADING = "# Written from partner_feeds/contracts by `veinway contracts derive`. Change the contract, not this file.\n"
DATA_TYPES = {
    "string": "varchar",
    "number": "double",
    "integer": "bigint",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp with time zone",
}
# What the door and the loader add to every row.
LANDING_COLUMNS = (
    ("row_number", "bigint", "Row of the file, as a person sees it in a spreadsheet."),
    ("submission_id", "varchar", "Submission that brought the row."),
)


def dbt_source(contracts: Iterable[Contract]) -> str:
    """The YAML text of the source `landing`, one table per contract."""
    tables = [_table(contract) for contract in sorted(contracts, key=lambda item: item.feed)]
    source = {"name": "landing", "schema": "landing", "description": "Accepted rows, as partners sent them.", "tables": tables}
    body = yaml.safe_dump({"version": 2, "sources": [source]}, sort_keys=False, allow_unicode=True, width=140)
    return HEADING + str(body)


def _table(contract: Contract) -> dict[str, Any]:
    terms = {"delivery": contract.delivery, "period": contract.period, "scope": contract.scope, "key": list(contract.key)}
    terms |= {"owner_site": contract.owner_site}
    # fct_feed_status asks who owes the feed and when.
    terms |= {"senders": list(contract.senders), "cadence": contract.cadence}
    columns = [_column(column) for column in contract.columns]
    columns += [{"name": name, "description": text, "data_type": data_type} for name, data_type, text in LANDING_COLUMNS]
    return {"name": contract.feed, "description": contract.grain, "config": {"meta": terms}, "columns": columns}


def _column(column: Column) -> dict[str, Any]:
    description = f"{column.description} Unit: {column.unit}." if column.unit else column.description
    return {"name": column.name, "description": description, "data_type": DATA_TYPES[column.type]}
