"""The Arrow schema of a feed's accepted rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from dagster_project.contracts.model import Contract

ARROW_TYPES = {
    "string": pa.string(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}
SQL_TYPES = {
    "string": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
}


def arrow_schema(contract: Contract) -> pa.Schema:
    """One field per column, in contract order; key and required columns are not nullable."""
    return pa.schema([pa.field(column.name, ARROW_TYPES[column.type], nullable=not column.required) for column in contract.columns])
