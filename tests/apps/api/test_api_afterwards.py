"""What is computed when it is asked for: changes, open references, the marked workbook, the X12 answer, and what is due."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from files import FEED, MONDAY, forecast
from python_calamine import CalamineWorkbook

from apps.api import models
from dagster_project.cadence import Deadline
from dagster_project.contracts import contract
from dagster_project.intake.adapting.x12.acknowledgement import for_submission
from dagster_project.intake.answering import changes

if TYPE_CHECKING:
    from conftest import Client

SUBMISSIONS = "/v1/submissions"
SAMPLES = Path(__file__).resolve().parents[3] / "partner_feeds" / "samples"


def sent(client: Client, body: bytes, **params: str) -> str:
    answer = client.post(SUBMISSIONS, params=params or FEED, content=body).json()
    return answer.get("receipt", answer)["submission_id"]


def test_a_second_version_tells_what_it_changed_and_a_first_one_does_not(north: Client) -> None:
    first, second = sent(north, forecast(3, 4)), sent(north, forecast(3, 13))
    assert north.get(f"{SUBMISSIONS}/{first}/changes").json() == {"submission_id": first, "changes": None}
    told = north.get(f"{SUBMISSIONS}/{second}/changes").json()["changes"]
    assert (told["against"], told["rows_changed"], told["rows_same"]) == (first, 1, 1)
    assert told["sentence"] == "1 week changed (1 row changed); +9 patients (7 → 16)."


def test_a_reference_waits_until_the_other_feed_has_come(north: Client) -> None:
    feed = next(feed for feed in ("case_order", "collection", "apheresis_schedule") if any(c.reference for c in contract(feed).columns))
    sample = SAMPLES / feed / next(path.name for path in sorted((SAMPLES / feed).glob("good_*.csv")))
    waiting = north.get(f"{SUBMISSIONS}/{sent(north, sample.read_bytes(), feed=feed)}/open-references").json()["open_references"]
    assert waiting
    assert all(reason["column"] in {column.name for column in contract(feed).columns if column.reference} for reason in waiting)


def test_a_file_with_mistakes_comes_back_marked_and_one_that_was_not_kept_does_not(north: Client) -> None:
    bad, not_kept = sent(north, forecast(3, "many")), sent(north, b"a,b\n1,2\n")
    book = CalamineWorkbook.from_filelike(io.BytesIO(north.get(f"{SUBMISSIONS}/{bad}/annotated").content))
    assert "many" in str(book.get_sheet_by_index(0).to_python())
    answer = north.get(f"{SUBMISSIONS}/{not_kept}/annotated")
    assert (answer.status_code, answer.json()["type"]) == (404, "/docs#not-made")


def test_an_x12_file_has_an_acknowledgement_and_a_csv_has_none(as_partner, north: Client) -> None:
    path = next(iter(sorted(SAMPLES.glob("*/good*.x12"))))
    courier = as_partner({"courier": "swiftvein", "hospital": "north-hospital"}[contract(path.parent.name).senders[0]])
    submission_id = sent(courier, path.read_bytes(), feed=path.parent.name)
    answer = courier.get(f"{SUBMISSIONS}/{submission_id}/acknowledgement")
    assert (answer.headers["content-type"], answer.content) == ("application/edi-x12", for_submission(submission_id))
    assert answer.content.startswith(b"ISA")
    answer = north.get(f"{SUBMISSIONS}/{sent(north, forecast(3))}/acknowledgement")
    assert (answer.status_code, answer.json()["type"]) == (404, "/docs#not-made")


def test_what_is_due_is_what_the_own_role_owes(as_partner, north: Client) -> None:
    sent(north, forecast(3))
    due = north.get("/v1/due").json()
    owed = {each["feed"] for each in due["deadlines"]}
    assert "demand_forecast" in owed
    assert all("hospital" in contract(feed).senders for feed in owed)
    assert {each["which"] for each in due["deadlines"]} == {"last", "next"}
    limited = as_partner("north-hospital", feeds=["case_order"]).get("/v1/due").json()["deadlines"]
    assert {each["feed"] for each in limited} <= {"case_order"}
    assert as_partner("north-hospital", scopes=["submit"]).get("/v1/due").status_code == 403


@pytest.mark.parametrize(
    ("described", "given", "own"),
    [
        (models.Changes, changes.Changes, {"sentence"}),
        (models.Total, changes.Total, set()),
        (models.Change, changes.Change, set()),
    ],
)
def test_the_document_has_every_member_of_the_changes(described, given, own: set[str]) -> None:
    assert set(described.model_fields) == {field.name for field in dataclasses.fields(given)} | own


def test_the_document_has_every_member_of_a_deadline() -> None:
    assert set(models.Deadline.model_fields) | {"partner_id"} == {field.name for field in dataclasses.fields(Deadline)}


def test_the_week_that_files_speak_of_lies_ahead() -> None:
    assert MONDAY.isoweekday() == 1
