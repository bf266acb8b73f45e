"""The references between feeds as dbt sees them: a macro with one entry per column that refers to another feed, written from the contracts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dagster_project.contracts.model import Contract

HEADING = "{# Written from partner_feeds/contracts by `veinway contracts derive`. Change the contract, not this file.\n   "
# A macro, because dbt must know the models that a model reads before it has read the sources.
TEXT = "Which column of which feed refers to which column of which other feed. #}\n"


def dbt_references(contracts: Iterable[Contract]) -> str:
    """The text of the macro `contract_references`, in the order of feeds and their columns."""
    lines = [
        json.dumps({"feed": contract.feed, "column": column.name, "to_feed": column.reference[0], "to_column": column.reference[1]})
        for contract in sorted(contracts, key=lambda held: held.feed)
        for column in contract.columns
        if column.reference is not None
    ]
    listed = "".join(f"    {line},\n" for line in lines)
    return f"{HEADING}{TEXT}{{% macro contract_references() -%}}\n{{{{ return([\n{listed}]) }}}}\n{{%- endmacro %}}\n"
