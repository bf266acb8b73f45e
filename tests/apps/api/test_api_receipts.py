"""Looking up what was sent: pages, receipts, and every refusal as JSON and as a spreadsheet's CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from files import FEED, HEADER, MONDAY, forecast

from dagster_project import intake, register
from dagster_project.intake import limits

if TYPE_CHECKING:
    from conftest import Client

SUBMISSIONS = "/v1/submissions"


def table(answer) -> list[dict[str, str]]:
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_pages_hold_everything_once_newest_first(north: Client) -> None:
    sent = [north.post(SUBMISSIONS, params=FEED, content=forecast(figure)).json()["submission_id"] for figure in range(1, 8)]
    found, address = [], f"{SUBMISSIONS}?limit=3"
    while address:
        page = north.get(address).json()
        assert len(page["submissions"]) <= 3
        found += [row["submission_id"] for row in page["submissions"]]
        address = page["next"]
    assert found == sent[::-1]


def test_pages_can_be_narrowed_by_feed_and_verdict(north: Client) -> None:
    for body in (forecast(3), forecast("many"), forecast(3, "many")):
        north.post(SUBMISSIONS, params=FEED, content=body)
    for status in ("accepted", "partly_accepted", "refused"):
        rows = north.get(SUBMISSIONS, params={"status": status, "limit": 1}).json()
        assert ([row["status"] for row in rows["submissions"]], rows["next"]) == ([status], None)
    assert north.get(SUBMISSIONS, params={"feed": "case_order"}).json()["submissions"] == []
    assert len(north.get(SUBMISSIONS, params=FEED).json()["submissions"]) == 3
    for bad in (
        {"limit": 0},
        {"limit": 5000},
        {"status": "good"},
        {"feed": "nothing"},
        {"after": "x"},
        {"after": "0" * 20},
        {"afer": "0" * 20},
    ):
        assert north.get(SUBMISSIONS, params=bad).status_code == 400


def test_what_came_by_another_way_is_there_too(north: Client, tmp_path) -> None:
    path = tmp_path / "by_hand.csv"
    path.write_bytes(forecast(3))
    receipt = intake.submit(path, partner="north-hospital", feed="demand_forecast")
    assert north.get(f"{SUBMISSIONS}/{receipt.submission_id}").json() == receipt.to_dict()


def test_all_refusals_are_there_however_many(north: Client) -> None:
    many = limits.MAX_RECEIPT_REFUSALS + 500
    receipt = north.post(SUBMISSIONS, params=FEED, content=forecast(3, *["many"] * many)).json()
    address = f"{SUBMISSIONS}/{receipt['submission_id']}/refusals"
    document = north.get(address).json()
    assert (len(receipt["refusals"]), len(document["refusals"])) == (limits.MAX_RECEIPT_REFUSALS, many)
    assert document["refusals"][: limits.MAX_RECEIPT_REFUSALS] == receipt["refusals"]
    rows = table(north.get(address, params={"format": "csv"}))
    assert [int(row["row"]) for row in rows] == [reason["row"] for reason in document["refusals"]]
    assert table(north.get(address, headers={"Accept": "text/csv"})) == rows
    assert north.get(address, headers={"Accept": "application/json, text/csv"}).json() == document


def test_refusals_of_a_file_refused_whole_are_those_of_its_receipt(north: Client) -> None:
    receipt = north.post(SUBMISSIONS, params=FEED, content=b"a,b\n1,2\n").json()["receipt"]
    document = north.get(f"{SUBMISSIONS}/{receipt['submission_id']}/refusals").json()
    assert document == {"submission_id": receipt["submission_id"], "refusals": receipt["refusals"]}
    assert len(table(north.get(f"{SUBMISSIONS}/{receipt['submission_id']}/refusals?format=csv"))) == len(receipt["refusals"])


def test_an_accepted_file_has_no_refusals(north: Client) -> None:
    receipt = north.post(SUBMISSIONS, params=FEED, content=forecast(3)).json()
    address = f"{SUBMISSIONS}/{receipt['submission_id']}/refusals"
    assert north.get(address).json()["refusals"] == table(north.get(f"{address}?format=csv")) == []


def test_no_cell_of_the_csv_is_a_formula(north: Client) -> None:
    row = f"9501101530003,CART-101,{MONDAY},commercial,=1+1,,,pipeline,"
    receipt = north.post(SUBMISSIONS, params=FEED, content=f"{HEADER}\n{row}\n".encode()).json()["receipt"]
    rows = table(north.get(f"{SUBMISSIONS}/{receipt['submission_id']}/refusals?format=csv"))
    assert [(row["column"], row["found"]) for row in rows] == [("patients", "'=1+1")]
    assert register.receipt(receipt["submission_id"])["refusals"][0]["found"] == "=1+1"
