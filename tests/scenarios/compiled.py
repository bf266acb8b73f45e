"""The dbt models as compiled SQL, run on a warehouse in memory: one start of dbt serves every scenario and every random network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.home import PROJECT_ROOT

DBT = PROJECT_ROOT / "dbt"
CATALOG = "warehouse"
FILE = "models.json"
# The plan that scenarios and random networks are laid out for: short enough to be worked out by hand.
PLANNING_DATE = "2026-11-16"
WEEKS = 8


@dataclass(frozen=True)
class Compiled:
    """Every model and seed by its unique id, as dbt's manifest has them."""

    nodes: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, folder: Path) -> Compiled:
        """What `write` has put into a folder."""
        return cls(json.loads((folder / FILE).read_text(encoding="utf-8")))

    def write(self, folder: Path) -> None:
        """Keep the models in a folder, for other processes."""
        (folder / FILE).write_text(json.dumps(self.nodes), encoding="utf-8")

    def build(self, con: duckdb.DuckDBPyConnection, *targets: str, given: frozenset[str] = frozenset()) -> None:
        """Make `targets` and all that they rest on. Models in `given` are tables that the caller has made."""
        for node in self._ordered(targets, given):
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.{node['schema']}")
            kind = "VIEW" if node["config"]["materialized"] == "view" else "TABLE"
            con.execute(f"CREATE OR REPLACE {kind} {CATALOG}.{node['schema']}.{node['name']} AS {_select(node)}")

    def _ordered(self, targets: tuple[str, ...], given: frozenset[str]) -> list[dict[str, Any]]:
        names = {node["name"]: unique_id for unique_id, node in self.nodes.items()}
        done: dict[str, dict[str, Any]] = {}

        def visit(unique_id: str) -> None:
            node = self.nodes.get(unique_id)
            if node is None or unique_id in done or node["name"] in given:
                return
            for parent in node["depends_on"].get("nodes", []):
                visit(parent)
            done[unique_id] = node

        for target in targets:
            visit(names[target])
        return list(done.values())


def _select(node: dict[str, Any]) -> str:
    if node["resource_type"] == "model":
        return str(node["compiled_code"])
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in node["config"]["column_types"].items())
    return f"SELECT * FROM read_csv('{DBT / node['original_file_path']}', header = true, columns = {{{types}}})"


def run_dbt(*arguments: str, warehouse: Path, folder: Path, variables: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """One dbt command of the project as it stands; its own files go below `folder`."""
    command = [str(Path(sys.executable).with_name("dbt")), *arguments, "--project-dir", str(DBT), "--profiles-dir", str(DBT)]
    command += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs"), "--vars", json.dumps(variables)]
    environment = os.environ | {"VEINWAY_WAREHOUSE": str(warehouse), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def compile_models(folder: Path, variables: dict[str, Any]) -> Compiled:
    """Compile the whole project. AssertionError with dbt's own words when it does not compile."""
    result = run_dbt("compile", warehouse=folder / f"{CATALOG}.duckdb", folder=folder, variables=variables)
    assert result.returncode == 0, result.stdout
    manifest = json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    return Compiled({key: node for key, node in manifest["nodes"].items() if node["resource_type"] in {"model", "seed"}})


def open_memory() -> duckdb.DuckDBPyConnection:
    """An empty warehouse in memory, under the name that the compiled models know."""
    con = duckdb.connect(config={"threads": 2})
    con.execute("SET TimeZone = 'UTC'")
    con.execute(f"ATTACH ':memory:' AS {CATALOG}")
    con.execute(f"USE {CATALOG}")
    return con
