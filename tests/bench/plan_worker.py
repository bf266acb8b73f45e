"""One `plan()` in this process, over a horizon of so many weeks: prints what it took, as JSON. `python -m tests.bench.plan_worker 104`."""

from __future__ import annotations

import json
import resource
import sys
import time

from dagster_project.defs import transform
from dagster_project.defs.planning import Planning
from dagster_project.defs.run import plan


def main(weeks: int) -> None:
    """Plan, then print wall and CPU seconds in all and by step, and the peak memory of this process and of dbt."""
    transform.variables = lambda planning: json.dumps({"planning_date": Planning.date(planning).isoformat(), "horizon_weeks": weeks})
    started = time.perf_counter()
    steps: dict[str, float] = {}
    last = [started]

    def hear(step: str, what: str, done: int, total: int) -> None:
        del what, done, total
        now = time.perf_counter()
        steps[step] = steps.get(step, 0.0) + now - last[0]
        last[0] = now

    planned = plan(progress=hear)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({
        "edition": planned.edition_id, "seconds": time.perf_counter() - started, "steps": steps,
        "cpu_seconds": sum(each.ru_utime + each.ru_stime for each in used), "peak_mb": max(each.ru_maxrss for each in used) / 1024,
    }))  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
