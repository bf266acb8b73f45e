"""When the plan is built: weekly, and whenever new submissions have come in. All at once, never one run per file."""

import dagster as dg
from sqlalchemy import func, select

from dagster_project.register import open_register, reading
from dagster_project.register.tables import LEDGER_ENTRY, SUBMISSION

EVERY_MINUTE = 60
SAID = ("decision", "approval")

plan_job = dg.define_asset_job(
    "plan",
    selection=dg.AssetSelection.all(),
    description="Load what is new, check it, build the aligned plan and publish the edition.",
    # Steps take seconds and share one warehouse file: processes of their own would only cost their start.
    executor_def=dg.in_process_executor,
)

# After the last weekly feed's deadline (Thursday noon) everywhere, before the meeting's week begins.
weekly = dg.ScheduleDefinition(name="weekly_plan", job=plan_job, cron_schedule="0 4 * * FRI", execution_timezone="UTC")


def newest_receipt() -> int:
    """Number of the newest receipt, or file sent again, in the ledger; 0 before the first. Editions are entries too, and must not start a run.

    Nor must what is said in a meeting: the draft that people are looking at would change under them.
    """
    said = select(SUBMISSION.c.submission_id).where(SUBMISSION.c.feed.in_(SAID))
    query = select(func.max(LEDGER_ENTRY.c.number)).where(
        LEDGER_ENTRY.c.kind.in_(["receipt", "sending"]), LEDGER_ENTRY.c.subject_id.not_in(said)
    )
    with reading(open_register()) as connection:
        return connection.execute(query).scalar_one() or 0


@dg.sensor(job=plan_job, minimum_interval_seconds=EVERY_MINUTE, description="Starts one run for all submissions since the last look.")
def new_submissions(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One run when the ledger has receipts beyond the cursor; a run that fails is not started again by itself."""
    newest, seen = newest_receipt(), int(context.cursor or 0)
    if newest <= seen:
        return dg.SkipReason(f"Nothing new since ledger entry {seen}.")
    context.update_cursor(str(newest))
    return dg.RunRequest(run_key=f"receipt-{newest}")
