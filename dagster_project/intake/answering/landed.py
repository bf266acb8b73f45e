"""The accepted rows of a submission, and what was in force of a plan, as relations to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster_project.contracts.rules import quoted
from dagster_project.home import home
from dagster_project.intake.reading.csv_text import quoted_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from dagster_project.contracts import Contract

# Of a site that nobody has planned before, no version says anything: enough are looked at.
MOST_VERSIONS = 30


def landed(path: str) -> str:
    """What follows FROM to read a submission's accepted rows."""
    return f"read_parquet({quoted_path(home().root / path)}, hive_partitioning = false)"


def in_force(connection: duckdb.DuckDBPyConnection, contract: Contract, relation: str, versions: Sequence[Mapping[str, Any]]) -> str:
    """What follows FROM to read what was in force of a plan before `relation`; `versions` are those before it, the newest first.

    That is the newest version and, as long as rows were refused of it, what the ones before state beside it: of every scope (a site)
    that `relation` speaks of, back to a version that was accepted whole. There must be at least one version.
    """
    unanswered, parts = scopes(connection, contract, relation), []
    for place, version in enumerate(versions[:MOST_VERSIONS]):
        rows = landed(version["landing_path"])
        listed = ", ".join(f"'{scope}'" for scope in sorted(unanswered))
        parts.append(f"SELECT *, {place} AS veinway_place FROM {rows} WHERE {_scope_text(contract)} IN ({listed})")
        if not version["rows_refused"]:
            unanswered -= scopes(connection, contract, rows)
        if not unanswered:
            break
    key = ", ".join(quoted(column.name) for column in contract.columns if column.is_key)
    newest = f"row_number() OVER (PARTITION BY {key} ORDER BY veinway_place)"
    return f"(SELECT * EXCLUDE (veinway_place) FROM ({' UNION ALL BY NAME '.join(parts)}) QUALIFY {newest} = 1)"


def scopes(connection: duckdb.DuckDBPyConnection, contract: Contract, relation: str) -> set[str]:
    """What the rows of a plan restate: the sites that they name, or one thing where the contract has no scope."""
    return {scope for (scope,) in connection.execute(f"SELECT DISTINCT {_scope_text(contract)} FROM {relation}").fetchall()}


def _scope_text(contract: Contract) -> str:
    """The scope as SQL text without quotes, so that it can be listed in quotes."""
    return "''" if contract.scope is None else f"replace(CAST({quoted(contract.scope)} AS VARCHAR), chr(39), '')"
