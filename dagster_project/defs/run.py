"""One run of the job in this process: `plan()`. It finds out first whether there is anything to do, before Dagster is imported."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import yaml

from dagster_project.defs.remembering import remember_exceptions
from dagster_project.editions.inputs import code_version, default_planning_date, inputs_of
from dagster_project.editions.publish import is_whole
from dagster_project.editions.store import current_edition, edition_ids, plans_later, read_manifest
from dagster_project.home import home
from dagster_project.register import sendings, submissions
from dagster_project.telemetry import switch_off

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from dagster import DagsterEvent, DagsterInstance, ExecuteInProcessResult

    from dagster_project.defs.progress import Listener

INSTANCE = """# Written by Veinway. One pool, one writer: the warehouse is one file.
telemetry:
  enabled: false
concurrency:
  pools:
    default_limit: 1
freshness:
  enabled: true
"""


LATEST_PLAN = timedelta(days=366)
# What our own rooms raise for a person to read; deeper causes are the libraries'.
IN_PLAIN_WORDS = {"RuntimeError", "ValueError", "LookupError"}


@dataclass(frozen=True)
class Planned:
    """The edition of the planning date. `is_reused`: nothing had changed, so nothing was run. `is_current`: it is what the screens show."""

    edition_id: str
    planning_date: date
    is_reused: bool
    is_current: bool = True


class PlanFailedError(RuntimeError):
    """A step or a gate failed; nothing was published and the last edition stays."""


def plan(planning_date: date | None = None, *, consensus: Mapping[str, Any] | None = None, progress: Listener | None = None) -> Planned:
    """Build the plan of a date (default: that of the newest submission) and publish its edition.

    It is a draft, or what `consensus` says: then the plan of the agreed draft's date, from its submissions and what was said about it. `progress` hears (step, what, done, total). LookupError when nothing has been submitted; PlanFailedError, saying which gate
    closed and which edition stays, when a step fails.
    """
    switch_off()
    receipts, came = submissions(), sendings()
    in_force = _agreed_before()
    asked = date.fromisoformat(consensus["planning_date"]) if consensus else planning_date or _newest(receipts, came, in_force)
    _require_submissions(receipts, asked)
    agreed = consensus or (in_force if in_force.get("planning_date") == asked.isoformat() else {})
    reused = _made_already(receipts, came, asked, consensus, counted=agreed.get("counted", ()))
    if reused:
        # A run killed between publishing and remembering is made good here.
        remember_exceptions(reused)
        return Planned(reused, asked, is_reused=True, is_current=reused == current_edition(home().editions))
    before = current_edition(home().editions)
    result = _run(asked, consensus, progress)
    edition_id = _published(result)
    if edition_id is None:
        raise PlanFailedError(_why(result, before))
    return Planned(edition_id, asked, is_reused=False, is_current=edition_id == current_edition(home().editions))


def _require_submissions(receipts: list[dict[str, Any]], planning_date: date) -> None:
    """LookupError when a plan of this date would be a plan of nothing, or of what is long past: then the year was mistyped."""
    seen = inputs_of(receipts, planning_date)
    if seen.data_as_of is None:
        first = min((receipt["as_of"] for receipt in receipts), default=None)
        known = f"The first submission is of {first:%Y-%m-%d}." if first else "Nothing has been submitted yet."
        raise LookupError(f"Nothing had been submitted by {planning_date}, so there is no plan of that date. {known}")
    if planning_date - seen.data_as_of.date() > LATEST_PLAN:
        raise LookupError(
            f"The newest submission is of {seen.data_as_of:%Y-%m-%d}; {planning_date} is more than a year after it. Check the year."
        )


def _agreed_before() -> Mapping[str, Any]:
    """What the edition in force says about agreement; empty for a draft, and before the first edition."""
    current = current_edition(home().editions)
    with contextlib.suppress(LookupError):
        agreed = read_manifest(home().editions / current).get("consensus") if current else None
        return agreed if agreed and "counted" in agreed else {}
    return {}


def _newest(receipts: list[dict[str, Any]], came: list[dict[str, Any]], agreed: Mapping[str, Any]) -> date:
    """The planning date that nobody named: that of the newest submission. What a consensus in force counts already makes no later plan of itself."""
    counted = set(agreed.get("counted", ()))
    rest = ({"as_of": each["sent_at"]} for each in came if each["submission_id"] not in counted)
    newest = default_planning_date([*(receipt for receipt in receipts if receipt["submission_id"] not in counted), *rest])
    return max(newest, date.fromisoformat(agreed["planning_date"])) if agreed else newest


def _made_already(
    receipts: list[dict[str, Any]],
    came: list[dict[str, Any]],
    planning_date: date,
    consensus: Mapping[str, Any] | None,
    *,
    counted: Collection[str],
) -> str | None:
    """Id of an edition that is what a run would make: same date, same submissions, same code, whole on disk, and current if it should be.

    What was agreed on is not made again as a draft; a draft is made again once it is agreed on.
    """
    wanted = (planning_date.isoformat(), inputs_of(receipts, planning_date, sendings=came, counted=counted).sha256, code_version())
    current = current_edition(home().editions)
    past = edition_ids(home().editions) if plans_later(home().editions, planning_date) else []
    for edition_id in [*([current] if current else []), *past]:
        try:
            manifest = read_manifest(home().editions / edition_id)
        except LookupError:
            continue
        found = (manifest["planning_date"], manifest["inputs"]["sha256"], manifest["code_version"])
        is_same = consensus is None or manifest.get("consensus") == consensus
        if wanted == found and is_same and is_whole(home().editions / edition_id):
            return edition_id
    return None


def _published(result: ExecuteInProcessResult) -> str | None:
    """Id of the edition that a run has published; None when it failed."""
    for event in result.all_events if result.success else []:
        if event.is_step_materialization and event.materialization.asset_key.path[0] == "editions":
            return str(event.materialization.metadata["edition_id"].value)
    return None


def _run(planning_date: date, consensus: Mapping[str, Any] | None, progress: Listener | None) -> ExecuteInProcessResult:
    from dagster_project.defs.progress import listening  # noqa: PLC0415 - see the first line

    if progress:
        progress("start", "Dagster", 0, 1)
    from dagster_project.definitions import definitions  # noqa: PLC0415

    config = {
        "resources": {"planning": {"config": {"planning_date": planning_date.isoformat(), "consensus": _json(consensus)}}},
        # The terminal belongs to the progress display; Dagster keeps every event in its own history.
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    with _log(), instance() as history, listening(progress):
        job = definitions().resolve_job_def("plan")
        return job.execute_in_process(run_config=config, instance=history, raise_on_error=False)


def _json(consensus: Mapping[str, Any] | None) -> str:
    return json.dumps(consensus) if consensus else ""


@contextlib.contextmanager
def _log() -> Iterator[None]:
    """What dbt prints goes to a file in the state folder, newest run only."""
    home().dagster.mkdir(parents=True, exist_ok=True)
    with (home().dagster / "plan.log").open("w", encoding="utf-8") as file, contextlib.redirect_stdout(file):
        yield


def instance() -> DagsterInstance:
    """An instance for one run, in memory: writing 700 events to disk one by one would double the time a plan takes.

    `dg dev` keeps its own history; `prepare_history` sets up a folder for it.
    """
    from dagster import DagsterInstance  # noqa: PLC0415

    return DagsterInstance.ephemeral(settings=yaml.safe_load(INSTANCE))


def prepare_history() -> Path:
    """The folder to name in DAGSTER_HOME for `dg dev`, with settings that suit one warehouse file and no telemetry."""
    home().dagster.mkdir(parents=True, exist_ok=True)
    (home().dagster / "dagster.yaml").write_text(INSTANCE, encoding="utf-8")
    return home().dagster


def _why(result: ExecuteInProcessResult, before: str | None) -> str:
    """What went wrong, where, and what stays: for a person."""
    found = [*_failed_checks(result.all_events), *_failed_models(result.all_events)] or _failed_steps(result.all_events)
    stays = f"Edition {before} stays in place." if before else "There is no edition yet."
    return "The plan was not published. " + stays + "".join(f"\n  {line}" for line in found)


def _failed_checks(events: Sequence[DagsterEvent]) -> list[str]:
    results = [event.event_specific_data for event in events if event.event_type_value == "ASSET_CHECK_EVALUATION"]
    failed: list[Any] = [item for item in results if not getattr(item, "passed", True) and item.severity.value == "ERROR"]  # type: ignore[union-attr]
    return [f"{item.check_name} of {item.asset_key.path[-1]}: {item.description or 'failed'}" for item in failed]


def _failed_models(events: Sequence[DagsterEvent]) -> list[str]:
    if not any(event.is_step_failure and event.step_key == "build_dbt" for event in events):
        return []
    from dagster_project.defs.transform import results  # noqa: PLC0415

    failed = [item for item in results() if item["status"] in {"error", "fail", "runtime error"}]
    return [f"dbt {item['unique_id']}: {(item['message'] or item['status']).strip()}" for item in failed]


def _failed_steps(events: Sequence[DagsterEvent]) -> list[str]:
    lines = []
    for event in events:
        if event.is_step_failure and event.step_failure_data.error:
            error = event.step_failure_data.error
            while error.cause and error.cls_name not in IN_PLAIN_WORDS:
                error = error.cause
            lines.append(f"{event.step_key}: {error.message.strip()}")
    return lines
