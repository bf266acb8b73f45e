"""Publishing: whole or not at all, the same content under the same name, old ones kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from datetime import date, timedelta

import duckdb
import pytest

from dagster_project.editions import current_edition, edition_ids, open_edition
from dagster_project.editions.publish import is_whole
from dagster_project.editions.store import KEPT, prune
from dagster_project.home import PROJECT_ROOT

AFTER = date(2026, 11, 17)


def change_warehouse(home) -> None:
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute("UPDATE marts.fct_case_timeline SET days_open = 99 WHERE case_id = 'lakeside-clinic-case-7'")


def test_the_manifest_says_what_the_edition_is_made_of(publish_now):
    manifest = publish_now().manifest
    assert (manifest["planning_date"], manifest["data_as_of"]) == ("2026-11-16", "2026-11-16T23:59:59+00:00")
    assert manifest["inputs"]["submissions"] == 2
    assert manifest["tests"] == {"unique_cases": "pass"}
    assert manifest["audiences"]["northgate-hospital"]["tables"]["cases"]["rows"] == 50
    assert manifest["audiences"]["operator"]["tables"]["cases"]["rows"] == 100
    assert sorted(manifest["audiences"]) == ["executive", "lakeside-clinic", "northgate-hospital", "operator"]
    assert manifest["contracts"]["partner"]


def test_the_folder_holds_one_file_per_audience_the_inputs_and_the_manifest(publish_now, warehouse):
    edition = warehouse.editions / publish_now().edition_id
    names = {"executive.duckdb", "lakeside-clinic.duckdb", "northgate-hospital.duckdb", "operator.duckdb", "inputs.txt", "manifest.json"}
    assert {path.name for path in edition.iterdir()} == names
    assert (edition / "inputs.txt").read_text() == "s1\ns2\n"
    assert sorted(path.name for path in warehouse.editions.iterdir()) == sorted([edition.name, "current"])


def test_the_same_content_is_the_same_edition_whenever_it_is_published(publish_now, ledger):
    first, again = publish_now(), publish_now()
    assert (first.is_new, again.is_new) == (True, False)
    assert again.manifest == first.manifest
    assert [entry[0] for entry in ledger] == [first.edition_id]


def test_another_row_or_another_planning_date_is_another_edition(publish_now, warehouse):
    first = publish_now()
    later = publish_now(AFTER)
    change_warehouse(warehouse)
    changed = publish_now()
    assert len({first.edition_id, later.edition_id, changed.edition_id}) == 3
    assert edition_ids(warehouse.editions) == [changed.edition_id, later.edition_id, first.edition_id]


def test_planning_an_earlier_date_again_leaves_the_later_plan_current(publish_now, warehouse):
    first = publish_now()
    later = publish_now(AFTER)
    again = publish_now()
    assert (again.is_new, again.edition_id) == (False, first.edition_id)
    assert current_edition(warehouse.editions) == later.edition_id


def test_a_damaged_edition_is_replaced_by_a_whole_one(publish_now, warehouse):
    first = publish_now()
    file = warehouse.editions / first.edition_id / "operator.duckdb"
    file.chmod(0o644)
    file.write_bytes(b"damaged")
    again = publish_now()
    assert (again.edition_id, again.is_new) == (first.edition_id, True)
    assert is_whole(warehouse.editions / first.edition_id)


def test_only_the_newest_editions_are_kept_and_never_without_the_current_one(publish_now, warehouse):
    made = [publish_now(date(2026, 11, 16) + timedelta(days=day)).edition_id for day in range(KEPT + 2)]
    assert edition_ids(warehouse.editions) == made[:1:-1]
    oldest = made[2]
    (warehouse.editions / "current").write_text(oldest + "\n")
    assert prune(warehouse.editions, keep=3) == made[-4:2:-1]
    assert edition_ids(warehouse.editions) == [*made[:-4:-1], oldest]


# Each moment is a place where the power may fail: (module to patch, name, call after which the child dies, before or after it).
MOMENTS = {
    "after half of the audience files": ("publish", "_write_audience", 2, "after"),
    "before the draft gets its name": ("publish.os", "rename", 1, "before"),
    "after the draft got its name": ("publish.os", "rename", 1, "after"),
    "before current is replaced": ("store.os", "replace", 1, "before"),
    "after current was replaced": ("store.os", "replace", 1, "after"),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_while_publishing_leaves_a_whole_edition_and_the_next_run_completes(publish_now, warehouse, moment):
    first = publish_now()
    change_warehouse(warehouse)
    assert kill_while_publishing(warehouse, *MOMENTS[moment]) == -signal.SIGKILL
    left = current_edition(warehouse.editions)
    assert (left == first.edition_id) is (moment != "after current was replaced")
    assert is_whole(warehouse.editions / left)
    assert open_edition("operator", folder=warehouse.editions).query("cases").num_rows == 100
    second = publish_now()
    assert second.edition_id != first.edition_id
    assert current_edition(warehouse.editions) == second.edition_id
    assert sorted(path.name for path in warehouse.editions.iterdir()) == sorted([first.edition_id, second.edition_id, "current"])
    assert is_whole(warehouse.editions / second.edition_id)


def kill_while_publishing(home, module: str, name: str, call: int, when: str) -> int:
    script = f"""
    import os, signal
    from datetime import UTC, date, datetime
    from pathlib import Path
    from dagster_project.editions import publish, store
    from dagster_project.home import Home
    step, calls = {module}.{name}, []
    def watched(*arguments, **named):
        calls.append(1)
        if len(calls) == {call} and {when!r} == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = step(*arguments, **named)
        if len(calls) == {call}:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    {module}.{name} = watched
    publish.publish(
        Home(Path({str(home.root)!r})), planning_date=date(2026, 11, 16), created_at=datetime(2026, 11, 20, 10, tzinfo=UTC),
        append=lambda *_: None, tests={{"unique_cases": "pass"}},
    )
    """
    child = [sys.executable, "-c", textwrap.dedent(script)]
    return subprocess.run(child, env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT)}, check=False).returncode
