"""Verifying an edition and comparing two."""

from __future__ import annotations

import hashlib
import json

import duckdb
import pytest

from dagster_project.editions.compare import Difference, diff_editions, verify_edition


@pytest.fixture
def edition(publish_now, warehouse):
    return warehouse.editions / publish_now().edition_id


def rewrite(path, text: str) -> None:
    path.chmod(0o644)
    path.write_text(text)


def test_an_untouched_edition_is_as_published(edition, ledger):
    assert verify_edition(edition, sealed=ledger[0][1]) == []


def test_a_changed_byte_in_a_file_is_found(edition, ledger):
    file = edition / "operator.duckdb"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert verify_edition(edition, sealed=ledger[0][1]) == ["operator.duckdb was changed, added or removed"]


def test_a_changed_row_is_found_even_when_the_manifest_was_made_to_agree(edition, ledger):
    file, manifest = edition / "lakeside-clinic.duckdb", edition / "manifest.json"
    file.chmod(0o644)
    with duckdb.connect(str(file)) as con:
        con.execute("UPDATE cases SET days_open = 1 WHERE case_id = 'lakeside-clinic-case-9'")
    body = json.loads(manifest.read_text())
    body["files"][file.name]["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    rewrite(manifest, json.dumps(body))
    found = ["manifest.json is not the one in the ledger", "lakeside-clinic: view cases does not hold what the manifest says"]
    assert verify_edition(edition, sealed=ledger[0][1]) == found


def test_a_manifest_of_another_edition_is_found(edition, ledger):
    body = json.loads((edition / "manifest.json").read_text()) | {"planning_date": "2026-11-17"}
    rewrite(edition / "manifest.json", json.dumps(body))
    found = verify_edition(edition, sealed=ledger[0][1])
    assert found == ["manifest.json does not describe an edition of this name", "manifest.json is not the one in the ledger"]


def test_an_edition_that_the_ledger_does_not_know_is_found(edition):
    assert verify_edition(edition, sealed=None) == ["the ledger has no entry for it"]


def test_the_difference_counts_rows_of_each_side_and_leaves_equal_views_out(edition, publish_now, warehouse):
    with duckdb.connect(str(warehouse.warehouse)) as con:
        con.execute("UPDATE marts.fct_case_timeline SET days_open = 99 WHERE case_id = 'lakeside-clinic-case-7'")
        con.execute("DELETE FROM marts.fct_case_timeline WHERE case_id = 'lakeside-clinic-case-8'")
        con.execute("CREATE TABLE reports.rpt_executive__news AS SELECT 1 AS one")
    after = warehouse.editions / publish_now().edition_id
    assert diff_editions(edition, edition) == []
    assert diff_editions(edition, after) == [
        Difference("executive", "news", None, 1, 0, 1),
        Difference("lakeside-clinic", "cases", 50, 49, 2, 1),
        Difference("operator", "cases", 100, 99, 2, 1),
    ]
