"""The drop folder as a sensor: whoever runs Dagster's daemon needs no cron for it. New submissions then start the plan as always."""

import dagster as dg

from dagster_project.intake.dropping import BusyError, visit

HALF_A_MINUTE = 30


@dg.sensor(minimum_interval_seconds=HALF_A_MINUTE, description="Takes complete files of the drop folder through the door.")
def drop_folder(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """One round through the drop folder; it starts no run itself."""
    try:
        done = visit()
    except BusyError as error:
        return dg.SkipReason(str(error))
    for place, why in (*done.notes, *done.problems):
        context.log.warning("%s: %s", place, why)
    return dg.SkipReason(f"{len(done.receipts)} files taken, {len(done.waiting)} not complete yet.")
