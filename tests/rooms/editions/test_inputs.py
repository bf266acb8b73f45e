"""What an edition is made from."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dagster_project.editions.inputs import code_version, default_planning_date, inputs_of

RECEIPTS = [
    {"submission_id": "b", "as_of": datetime(2026, 11, 16, 23, 59, 59, tzinfo=UTC)},
    {"submission_id": "c", "as_of": datetime(2026, 11, 17, tzinfo=UTC)},
    {"submission_id": "a", "as_of": datetime(2026, 11, 1, tzinfo=UTC)},
]


def test_a_plan_sees_what_came_in_up_to_the_end_of_its_date():
    found = inputs_of(RECEIPTS, date(2026, 11, 16))
    assert (found.submission_ids, found.data_as_of) == (("a", "b"), RECEIPTS[0]["as_of"])
    assert inputs_of(RECEIPTS[::-1], date(2026, 11, 16)).sha256 == found.sha256 != inputs_of(RECEIPTS, date(2026, 11, 17)).sha256


def test_bytes_that_came_again_are_part_of_what_a_plan_rests_on():
    day, first = date(2026, 11, 16), {"submission_id": "a", "sent_at": RECEIPTS[2]["as_of"]}
    again, too_late, unknown = (
        {"submission_id": which, "sent_at": datetime(2026, 11, at, 12, tzinfo=UTC)} for which, at in (("a", 10), ("a", 17), ("c", 10))
    )
    without = inputs_of(RECEIPTS, day).sha256
    assert inputs_of(RECEIPTS, day, sendings=[first, too_late, unknown]).sha256 == without
    found = inputs_of(RECEIPTS, day, sendings=[first, again])
    assert found.sent_again == ("a 2026-11-10T12:00:00+00:00",)
    assert found.sha256 != without


def test_the_data_are_as_new_as_the_last_file_that_came_also_when_it_was_here_before():
    again = {"submission_id": "a", "sent_at": datetime(2026, 11, 10, 12, tzinfo=UTC)}
    assert inputs_of(RECEIPTS[2:], date(2026, 11, 16), sendings=[again]).data_as_of == again["sent_at"]
    assert inputs_of(RECEIPTS, date(2026, 11, 16), sendings=[again]).data_as_of == RECEIPTS[0]["as_of"]


def test_what_partners_agreed_on_counts_although_it_came_later():
    found = inputs_of(RECEIPTS, date(2026, 11, 16), counted=["c"])
    assert (found.submission_ids, found.data_as_of) == (("a", "b", "c"), RECEIPTS[1]["as_of"])
    assert found.sha256 == inputs_of(RECEIPTS, date(2026, 11, 17)).sha256


def test_the_default_planning_date_is_that_of_the_newest_submission():
    assert default_planning_date(RECEIPTS) == date(2026, 11, 17)
    with pytest.raises(LookupError, match="Nothing has been submitted yet"):
        default_planning_date([])


def test_the_code_version_follows_models_and_not_what_tools_generate(tmp_path):
    model = tmp_path / "dbt" / "models" / "fct.sql"
    model.parent.mkdir(parents=True)
    model.write_text("select 1")
    before = code_version(tmp_path)
    generated = tmp_path / "dbt" / "target" / "fct.sql"
    generated.parent.mkdir()
    generated.write_text("select 2")
    assert code_version(tmp_path) == before
    model.write_text("select 2")
    assert code_version(tmp_path) != before
