"""What a plan changes against the version before, and which references nothing answers to yet."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from dagster_project import register
from dagster_project.contracts import contract
from dagster_project.contracts.template import csv_header
from dagster_project.home import PROJECT_ROOT
from dagster_project.intake import submit
from dagster_project.intake.answering import known
from dagster_project.intake.answering.changes import Changes, changes
from dagster_project.intake.answering.preview import preview
from dagster_project.intake.answering.references import open_references
from dagster_project.intake.engine import cursor

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.intake import Receipt, Refusal

AS_OF = dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC)
HEADER = "hospital_id,therapy_code,week_start_date,category,patients,basis"


def week(number: int, patients: float, *, therapy: str = "CART-101", site: str = "9501101530003") -> str:
    return f"{site},{therapy},2026-W{number},commercial,{patients},pipeline"


def plan(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows, ""]).encode()


def send(data: bytes, *, partner: str = "north-hospital", feed: str = "demand_forecast", hours: int = 0) -> Receipt:
    return submit(data, partner=partner, feed=feed, as_of=AS_OF + dt.timedelta(hours=hours))


def therapy(code: str) -> bytes:
    """The operator's list with one therapy: the example of the contract under another code."""
    of = contract("therapy")
    cells = [code if column.name == "therapy_code" else str(column.examples[0]) for column in of.columns]
    return (csv_header(of) + ",".join(cells) + "\n").encode()


@pytest.fixture
def before(state: Path) -> Receipt:
    """A first version: three weeks."""
    return send(plan(week(49, 3), week(50, 4), week(51, 5)))


def told(found: Changes | None) -> str:
    assert found is not None
    return found.sentence


def test_changed_added_removed_and_new_weeks_are_told_with_the_figure_of_the_same_weeks(before: Receipt) -> None:
    after = send(plan(week(49, 3), week(50, 9), week(51, 5, therapy="CART-201"), week(52, 7)), hours=1)
    assert after.supersedes == before.submission_id
    assert told(changes(after.submission_id)) == (
        "2 weeks changed (1 row changed, 1 row added, 1 row removed); +5 patients (12 \u2192 17); 1 week new (1 row)."
    )


def test_the_largest_change_comes_first_with_both_values(before: Receipt) -> None:
    found = changes(send(plan(week(49, 2), week(50, 9), week(51, 5)), hours=1).submission_id)
    assert found is not None
    assert [(change.row, change.before, change.after) for change in found.largest] == [
        ("9501101530003, CART-101, 2026-W50, commercial", "4", "9"),
        ("9501101530003, CART-101, 2026-W49, commercial", "3", "2"),
    ]


def test_another_hospitals_rows_are_not_taken_for_removed(before: Receipt) -> None:
    after = send(plan(*(week(number, 1, site="9501101530102") for number in (49, 50, 51))), hours=1)
    found = changes(after.submission_id)
    assert found is not None
    assert (found.rows_added, found.rows_removed) == (3, 0)


def test_what_a_file_with_refused_rows_leaves_out_is_not_taken_for_removed(before: Receipt) -> None:
    partly = send(plan(week(49, 6), week(50, 4).replace(",4,", ",many,"), week(51, 5)), hours=1)
    assert partly.message == (
        "2 rows accepted. 1 row was refused; what you stated for it earlier stays in force until a corrected file arrives."
        " Correct it and send the whole file again."
    )
    assert told(changes(partly.submission_id)) == (
        "1 week changed (1 row changed); +3 patients (12 \u2192 15); 1 row that this file does not restate stays in force."
    )
    # The next file is held against all that is in force: both files before it.
    after = send(plan(week(49, 6), week(51, 5)), hours=2)
    assert told(changes(after.submission_id)) == "1 week changed (1 row removed); \u22124 patients (15 \u2192 11)."


def test_older_bytes_again_change_the_plan_back(before: Receipt) -> None:
    data = plan(week(49, 3), week(50, 9), week(51, 5))
    later = send(data, hours=1)
    again = send(plan(week(49, 3), week(50, 4), week(51, 5)), hours=2)
    assert again.submission_id == before.submission_id
    assert again.again is not None
    assert again.again.set_aside == (later.submission_id,)
    assert told(changes(again.submission_id)) == "1 week changed (1 row changed); \u22125 patients (17 \u2192 12)."
    # A retry says the same, and a third version replaces the one that is in force.
    assert send(plan(week(49, 3), week(50, 4), week(51, 5)), hours=3).again == again.again
    assert told(changes(again.submission_id)) == "1 week changed (1 row changed); \u22125 patients (17 \u2192 12)."
    assert send(plan(week(49, 1), week(50, 4), week(51, 5)), hours=4).supersedes == before.submission_id


def test_what_older_bytes_do_not_cover_stays_and_is_said(before: Receipt) -> None:
    send(plan(week(50, 9), week(51, 5), week(52, 1)), hours=1)
    again = send(plan(week(49, 3), week(50, 4), week(51, 5)), hours=2)
    assert again.again is not None
    assert again.again.sentence == (
        "These bytes were here before (2026-11-16 08:00 UTC). Your later file of 2026-11-16 09:00 UTC has been set aside:"
        " this plan is in force again from now, for 2026-11-30 to 2026-12-14; what that file states beyond that stays."
    )


def test_a_later_file_of_another_site_is_not_set_aside(before: Receipt) -> None:
    send(plan(week(50, 9, site="9501101530102")), hours=1)
    again = send(plan(week(49, 3), week(50, 4), week(51, 5)), hours=2)
    assert again.again is not None
    assert (
        again.again.sentence == "These bytes were here before (2026-11-16 08:00 UTC): nothing was added, and the file counts as sent again."
    )


def test_bytes_that_came_before_a_later_file_do_not_set_it_aside(before: Receipt) -> None:
    send(plan(week(50, 9)), hours=5)
    again = send(plan(week(49, 3), week(50, 4), week(51, 5)), hours=2)
    assert again.again is not None
    assert again.again.sentence == (
        "These bytes were here before (2026-11-16 08:00 UTC): nothing was added. Your later file of 2026-11-16 13:00 UTC stays in force;"
        " to go back to this one, send it again now."
    )


def test_the_same_plan_in_another_order_changes_nothing(before: Receipt) -> None:
    after = send(plan(week(51, 5), week(50, 4), week(49, 3.0)), hours=1)
    assert told(changes(after.submission_id)) == "Nothing changes: 3 rows as in the version before."


def test_a_first_version_changes_nothing_that_was(before: Receipt) -> None:
    assert changes(before.submission_id) is None


def test_the_preview_says_what_the_receipt_will_say_and_keeps_nothing(before: Receipt) -> None:
    data = plan(week(49, 3), week(50, 9), week(51, 5))
    shown = preview(data, feed="demand_forecast", partner="north-hospital", as_of=AS_OF + dt.timedelta(hours=1))
    assert len(register.submissions()) == 1
    sent = send(data, hours=1)
    assert told(shown.changes) == told(changes(sent.submission_id))
    assert list(shown.references) == open_references(sent.submission_id)


def test_a_preview_in_a_worker_gives_the_same(before: Receipt, workers: None) -> None:
    data = plan(week(49, 3), week(50, 9), week(51, 5))
    shown = preview(data, feed="demand_forecast", partner="north-hospital", as_of=AS_OF + dt.timedelta(hours=1))
    assert told(shown.changes).startswith("1 week changed (1 row changed); +5 patients")


def of_therapies(submission: Receipt) -> list[Refusal]:
    return [finding for finding in open_references(submission.submission_id) if finding.column == "therapy_code"]


def test_a_reference_is_open_until_the_other_feed_arrives(before: Receipt) -> None:
    register.add_partner("network-office", "operator")
    (found,) = of_therapies(before)
    assert (found.row, found.found, found.rule) == (2, "CART-101 (in 3 rows)", "reference")
    send(therapy("CART-101"), partner="network-office", feed="therapy")
    assert of_therapies(before) == []


def test_an_open_reference_asks_for_the_known_value_that_looks_like_it(state: Path) -> None:
    register.add_partner("network-office", "operator")
    send(therapy("CART-101"), partner="network-office", feed="therapy")
    (found,) = of_therapies(send(plan(week(49, 3, therapy="CART-1O1"))))
    assert found.hint.startswith("Did you mean CART-101? If not, nothing needs to be done")


def test_nobody_is_told_a_value_that_only_another_partner_sent(state: Path) -> None:
    register.add_partner("other-courier", "courier")
    bookings = (PROJECT_ROOT / "partner_feeds/samples/shipment_booking/good_weekly.csv").read_bytes()
    send(bookings, partner="other-courier", feed="shipment_booking")
    with cursor() as connection:
        assert known.held(connection, feed="shipment_booking", column="booking_id", partners=["swiftvein"]) == set()
        assert known.held(connection, feed="shipment_booking", column="booking_id", partners=["other-courier"]) != set()


def test_files_are_read_newest_first_and_only_until_all_is_found(before: Receipt, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        send(plan(week(49, number, therapy=f"CART-9{number:02}")), hours=number + 1)
    monkeypatch.setattr(known, "FIRST_FILES", 1)
    with cursor() as connection:
        assert known.missing(connection, ["CART-907"], feed="demand_forecast", column="therapy_code") == set()
        assert len(known._shelf("demand_forecast", "therapy_code").read) == 1
        assert known.missing(connection, ["CART-999"], feed="demand_forecast", column="therapy_code") == {"CART-999"}
        assert len(known._shelf("demand_forecast", "therapy_code").read) == 9
