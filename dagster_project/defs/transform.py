"""Group `dbt`: every model as an asset, every dbt test as its check; one `dbt build` in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets

from dagster_project.defs.landing import POOL
from dagster_project.defs.planning import Planning
from dagster_project.defs.progress import reporter
from dagster_project.editions.inputs import code_version
from dagster_project.home import PROJECT_ROOT, home
from dagster_project.landing.warehouse import half_the_memory

DBT_FOLDER = PROJECT_ROOT / "dbt"
DBT = Path(sys.executable).parent / "dbt"
KINDS = ("model", "seed", "test")


class Groups(DagsterDbtTranslator):
    """Everything dbt builds is in the group `dbt`; its sources are the landing tables, whatever dbt calls the source."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Schema and name."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])
        return super().get_asset_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """One group."""
        del dbt_resource_props
        return "dbt"


def target() -> Path:
    """Where dbt leaves its manifest, results and log."""
    return home().root / "dbt"


def environment() -> dict[str, str]:
    """What dbt needs to know that its project file does not say."""
    return {
        "VEINWAY_WAREHOUSE": str(home().warehouse),
        "DBT_TARGET_PATH": str(target()),
        "DBT_LOG_PATH": str(target()),
        # At its default, debug, dbt writes ten megabytes a run, which costs more than many models.
        "DBT_LOG_LEVEL_FILE": "info",
        "VEINWAY_MEMORY_LIMIT": half_the_memory(),
    }


def manifest() -> Path:
    """The parsed project; parsed now when it is missing or the models have changed since. RuntimeError when dbt cannot read it."""
    path, stamp = target() / "manifest.json", target() / "manifest.version"
    version = code_version(rooms=("dbt",))
    if not path.is_file() or not stamp.is_file() or stamp.read_text() != version:
        target().mkdir(parents=True, exist_ok=True)
        run = subprocess.run(
            [DBT, "parse", "--project-dir", DBT_FOLDER, "--profiles-dir", DBT_FOLDER, "--quiet"],
            env=os.environ | environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            raise RuntimeError(f"dbt cannot read the project in {DBT_FOLDER}:\n{run.stdout}{run.stderr}")
        stamp.write_text(version)
    return path


def variables(planning: Planning) -> str:
    """Dbt's variables of a run, as its command line wants them."""
    return json.dumps({"planning_date": planning.date().isoformat()})


def results() -> list[dict[str, Any]]:
    """What the last build left: one entry per node, with `unique_id`, `status` and `message`."""
    found: list[dict[str, Any]] = json.loads((target() / "run_results.json").read_text(encoding="utf-8"))["results"]
    return found


def test_results() -> dict[str, str]:
    """Status of every test of the last build, by its name."""
    return {item["unique_id"]: item["status"] for item in results() if item["unique_id"].startswith("test.")}


def _total(manifest_path: Path) -> int:
    document = json.loads(manifest_path.read_text(encoding="utf-8"))
    return sum(node["resource_type"] in KINDS for node in document["nodes"].values())


@cache
def build_assets(manifest_path: Path) -> dg.AssetsDefinition:
    """The dbt project as assets; worked out once, for the dbt group and for what comes after it."""
    total = _total(manifest_path)

    @dbt_assets(manifest=manifest_path, name="build_dbt", dagster_dbt_translator=Groups(), pool=POOL)
    def build(context: dg.AssetExecutionContext, dbt: DbtCliResource, planning: Planning) -> Iterator[Any]:
        os.environ.update(environment())
        report = reporter("dbt")
        # Unit tests try the code on made-up rows; `make test` runs them. A run tests the data.
        arguments = ["build", "--vars", variables(planning), "--exclude-resource-type", "unit_test"]
        for done, event in enumerate(dbt.cli(arguments, context=context, target_path=target()).stream(), start=1):
            report("", min(done, total), total)
            yield event

    return build


@dg.definitions
def transform() -> dg.Definitions:
    """The dbt assets and the resource that runs dbt."""
    dbt = DbtCliResource(project_dir=str(DBT_FOLDER), profiles_dir=str(DBT_FOLDER), dbt_executable=str(DBT))
    return dg.Definitions(assets=[build_assets(manifest())], resources={"dbt": dbt})
