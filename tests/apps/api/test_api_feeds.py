"""Feeds, contracts and templates, the reference page, and that the document describes the receipts that are given."""

from __future__ import annotations

import dataclasses
import io
import re
from typing import TYPE_CHECKING

import pytest
import yaml
from python_calamine import CalamineWorkbook

from apps.api import models
from apps.api.app import create_app
from apps.api.problems import KINDS
from dagster_project.contracts import contract, feeds
from dagster_project.contracts.model import CONTRACTS_FOLDER, SUFFIX
from dagster_project.contracts.template import csv_header
from dagster_project.intake import Receipt, Refusal

if TYPE_CHECKING:
    from conftest import Client

FEED = "demand_forecast"


def test_every_feed_is_listed_and_what_may_be_sent_follows_the_role(as_partner) -> None:
    for partner, role in (("north-hospital", "hospital"), ("swiftvein", "courier")):
        listed = as_partner(partner).get("/v1/feeds").json()["feeds"]
        assert [row["feed"] for row in listed] == feeds()
        assert {row["feed"] for row in listed if row["may_send"]} == {feed for feed in feeds() if role in contract(feed).senders}


def test_a_contract_comes_as_the_file_it_is_or_as_json(north: Client) -> None:
    text = (CONTRACTS_FOLDER / f"{FEED}{SUFFIX}").read_text(encoding="utf-8")
    assert (
        north.get(f"/v1/feeds/{FEED}?format=yaml").text
        == north.get(f"/v1/feeds/{FEED}", headers={"Accept": "application/yaml"}).text
        == text
    )
    as_json = north.get(f"/v1/feeds/{FEED}").json()
    assert as_json["name"] == FEED
    assert as_json.keys() == yaml.safe_load(text).keys()


def test_a_template_comes_as_a_workbook_or_a_line(north: Client) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(north.get(f"/v1/feeds/{FEED}/template").content))
    header = [column.name for column in contract(FEED).columns]
    assert book.get_sheet_by_index(0).to_python()[0] == header
    assert north.get(f"/v1/feeds/{FEED}/template?format=csv").text == csv_header(contract(FEED))


@pytest.mark.parametrize(
    "path", ["/v1/feeds/nothing", "/v1/feeds/nothing/template", "/v1/nothing", "/v2", "/v1/feeds/", "/v1/feeds/..%2f..%2fpyproject"]
)
def test_what_is_not_there_is_a_problem(north: Client, path: str) -> None:
    answer = north.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["type"] == "/docs#not-found"


def test_a_wrong_method_names_the_right_ones(north: Client) -> None:
    answer = north.delete("/v1/submissions")
    assert (answer.status_code, answer.json()["type"]) == (405, "/docs#wrong-method")
    assert answer.headers["allow"] == "GET, POST"


def test_health_needs_no_token_and_says_when_nothing_can_be_kept(stranger: Client, tmp_path, monkeypatch) -> None:
    assert stranger.get("/v1/health").json()["status"] == "ok"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path / "file" / "state"))
    answer = stranger.get("/v1/health")
    assert (answer.status_code, answer.json()["type"]) == (503, "/docs#not-now")
    assert int(answer.headers["retry-after"]) > 0
    assert str(tmp_path) not in answer.text


def test_a_fault_of_ours_is_told_without_its_words_and_logged_without_values(stranger: Client, monkeypatch, caplog) -> None:
    def broken():
        raise RuntimeError("Jane Doe")

    monkeypatch.setattr("apps.api.app.open_register", broken)
    answer = stranger.get("/v1/health")
    assert (answer.status_code, answer.json()["type"]) == (500, "/docs#server-error")
    assert "Jane" not in answer.text + caplog.text
    assert f"{answer.headers['x-request-id']} failed: RuntimeError at test_api_feeds.py" in caplog.text


def test_the_document_has_every_member_of_a_receipt_and_the_examples_fit() -> None:
    for described, given in ((models.Receipt, Receipt), (models.Reason, Refusal)):
        members = {field.name for field in dataclasses.fields(given)} - {"is_repeat", "again"}
        assert set(described.model_fields) - {"sent_again"} == members
        for example in described.model_config["json_schema_extra"]["examples"]:
            assert set(example) == members
            described.model_validate(example, strict=False)
    models.Submission.model_validate(models.EXAMPLE_SUBMISSION)


def test_every_answer_of_the_document_is_in_words() -> None:
    document = create_app().openapi()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            assert operation["description"], path
            assert all(each.get("description") for each in operation.get("parameters", [])), (path, method)
            assert all(
                each["description"] not in {"", "Successful Response"} for code, each in operation["responses"].items() if code != "200"
            ), (path, method)
    assert "HTTPValidationError" not in str(document)


def test_the_reference_page_needs_nothing_from_elsewhere(stranger: Client) -> None:
    page = stranger.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert re.findall(r"<script|<link|<img|@import|url\(|src=", page.text) == []
    assert [link for link in re.findall(r'href="([^"]*)"', page.text) if not link.startswith(("/", "#"))] == []
    assert all(f'id="{kind}"' in page.text for kind in KINDS)
    assert all(path in page.text for path in create_app().openapi()["paths"])
    assert stranger.get("/").headers["location"] == "/docs"
