"""Everything Dagster knows of Veinway, found in `defs/`. `dg dev` starts here."""

from __future__ import annotations

from dagster_project.telemetry import switch_off

switch_off()

import dagster as dg  # noqa: E402 - telemetry is off before Dagster is there

from dagster_project.home import PROJECT_ROOT  # noqa: E402


@dg.definitions
def definitions() -> dg.Definitions:
    """Assets, checks, job, schedule and sensor; steps run in one process, for they share one warehouse file."""
    return dg.Definitions.merge(dg.load_from_defs_folder(project_root=PROJECT_ROOT), dg.Definitions(executor=dg.in_process_executor))
