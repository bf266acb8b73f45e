"""Sending over HTTP: which code answers what, bodies in every wrapping, keys, digests, and what a broken upload leaves."""

from __future__ import annotations

import base64
import errno
import gzip
import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from files import FEED, HEADER, forecast, large_forecast, receipt_of

from dagster_project import register
from dagster_project.intake import limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Client

SUBMISSIONS = "/v1/submissions"
PROBLEM = "application/problem+json"


def digest(body: bytes, name: str = "sha-256") -> dict[str, str]:
    value = hashlib.new(name.replace("-", ""), body).digest()
    return {"Content-Digest": f"{name}=:{base64.b64encode(value).decode()}:"}


def kind(answer) -> str:
    assert answer.headers["content-type"] == PROBLEM
    told = answer.json()
    assert (told["status"], told["request_id"]) == (answer.status_code, answer.headers["x-request-id"])
    return told["type"].removeprefix("/docs#")


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [(forecast(3, 4), 201, "accepted"), (forecast(3, "many"), 201, "partly_accepted"), (forecast("many"), 422, "refused")],
)
def test_the_code_follows_the_verdict_and_the_receipt_is_on_record(north: Client, body: bytes, code: int, status: str) -> None:
    answer = north.post(SUBMISSIONS, params=FEED, content=body)
    receipt = answer.json() if code == 201 else answer.json()["receipt"]
    assert (answer.status_code, receipt["status"], receipt["partner_id"]) == (code, status, "north-hospital")
    assert north.get(answer.headers["location"]).json() == receipt == register.receipt(receipt["submission_id"])


def test_a_refused_file_is_a_problem_with_its_receipt(north: Client) -> None:
    answer = north.post(SUBMISSIONS, params=FEED, content=b"a,b\n1,2\n")
    assert (answer.status_code, kind(answer)) == (422, "file-refused")
    assert answer.json()["detail"] == answer.json()["receipt"]["message"]


def test_the_same_bytes_again_are_a_repeat_with_the_first_receipt(north: Client) -> None:
    first, again = (north.post(SUBMISSIONS, params=FEED, content=forecast(3)) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    told = again.json()
    assert told.pop("sent_again").startswith("These bytes were here before (")
    assert told == first.json()
    assert len(register.submissions()) == 1


def test_an_older_plan_that_is_sent_again_says_that_it_is_in_force_again(north: Client) -> None:
    key = {"Idempotency-Key": "back-to-three"}
    for body in (forecast(3), forecast(4)):
        assert "sent_again" not in north.post(SUBMISSIONS, params=FEED, content=body).json()
    answers = [north.post(SUBMISSIONS, params=FEED, content=forecast(3), headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["sent_again"].endswith(" has been set aside: this plan is in force again from now.")


def test_it_is_on_record_that_it_came_by_the_api(north: Client) -> None:
    north.post(SUBMISSIONS, params=FEED, content=forecast(3))
    assert [row["way_in"] for row in register.sendings()] == ["api"]


def test_a_check_says_what_a_submission_would_and_keeps_nothing(north: Client) -> None:
    for body in (forecast(3, 4), forecast(3, "many"), forecast("many"), b"", b"a,b\n1,2\n"):
        answer = north.post("/v1/checks", params=FEED, content=body)
        assert answer.status_code == 200
        assert register.submissions() == []
        checked = answer.json()
        sent = north.post(SUBMISSIONS, params=FEED, content=body)
        receipt = sent.json().get("receipt", sent.json())
        own = {"received_at", "as_of", "supersedes", "changes", "open_references"}
        assert {name: value for name, value in checked.items() if name not in own} == {n: v for n, v in receipt.items() if n not in own}
        with register.writing(register.open_register()) as connection:
            connection.exec_driver_sql("DELETE FROM submission")


def test_a_check_says_what_the_plan_would_change(north: Client) -> None:
    assert north.post("/v1/checks", params=FEED, content=forecast(3, 4)).json()["changes"] is None
    north.post(SUBMISSIONS, params=FEED, content=forecast(3, 4))
    told = north.post("/v1/checks", params=FEED, content=forecast(3, 5)).json()
    assert (told["status"], told["changes"]["rows_changed"], told["changes"]["rows_same"]) == ("accepted", 1, 1)
    assert told["changes"]["sentence"]
    assert north.post("/v1/checks", params=FEED, content=forecast("many")).json()["changes"] is None


def test_the_name_comes_from_the_query_the_disposition_or_the_form(north: Client) -> None:
    named = {"Content-Disposition": "attachment; filename*=UTF-8''f%C3%BCr%20KW48.csv"}
    answers = [
        north.post(SUBMISSIONS, params={**FEED, "file_name": "a.csv"}, content=forecast(1)),
        north.post(SUBMISSIONS, params=FEED, content=forecast(2), headers=named),
        north.post(SUBMISSIONS, params=FEED, files={"file": ("c.csv", forecast(3), "text/csv")}),
        north.post(SUBMISSIONS, files={"file": ("d.csv", forecast(4))}, data=FEED),
        north.post(SUBMISSIONS, content=forecast(5), headers={"Veinway-Feed": "demand_forecast"}),
    ]
    assert [answer.json()["file_name"] for answer in answers] == ["a.csv", "für KW48.csv", "c.csv", "d.csv", "unnamed"]


def test_raw_form_and_pieces_without_length_are_the_same_file(north: Client) -> None:
    body = forecast(3)

    def pieces() -> Iterator[bytes]:
        yield from (body[place : place + 7] for place in range(0, len(body), 7))

    raw = north.post(SUBMISSIONS, params=FEED, content=body)
    form = north.post(SUBMISSIONS, params=FEED, files={"file": ("x.csv", body)})
    streamed = north.post(SUBMISSIONS, params=FEED, content=pieces())
    assert receipt_of(raw) == receipt_of(form) == receipt_of(streamed)


def test_a_file_too_large_for_memory_goes_by_disk(north: Client) -> None:
    body = large_forecast(40_000)
    assert len(body) > limits.SMALL_FILE_BYTES
    raw = north.post(SUBMISSIONS, params=FEED, content=body)
    form = north.post(SUBMISSIONS, params=FEED, files={"file": ("x.csv", body)})
    assert (raw.status_code, raw.json()["rows_accepted"], raw.json()["sha256"]) == (201, 40_000, hashlib.sha256(body).hexdigest())
    assert receipt_of(form) == receipt_of(raw)


def test_a_key_brings_the_same_answer_again_and_never_stands_for_another_file(north: Client) -> None:
    key = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
    first, again = (north.post(SUBMISSIONS, params=FEED, content=forecast(3), headers=key) for _ in range(2))
    other = north.post(SUBMISSIONS, params=FEED, content=forecast(4), headers=key)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert (other.status_code, kind(other)) == (422, "key-reused")
    assert len(register.submissions()) == 1
    bare = north.post(SUBMISSIONS, params=FEED, content=forecast(3), headers={"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"})
    assert bare.headers["idempotency-replayed"] == "true"


def test_a_key_of_a_refused_file_brings_the_refusal_again(north: Client) -> None:
    answers = [north.post(SUBMISSIONS, params=FEED, content=forecast("many"), headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json()["receipt"] == answers[1].json()["receipt"]
    assert answers[1].headers["idempotency-replayed"] == "true"


def test_keys_of_two_partners_do_not_meet(as_partner) -> None:
    for partner, figure in (("north-hospital", 3), ("south-hospital", 4)):
        answer = as_partner(partner).post(SUBMISSIONS, params=FEED, content=forecast(figure), headers={"Idempotency-Key": "k"})
        assert answer.status_code == 201


@pytest.mark.parametrize("name", ["sha-256", "sha-512"])
def test_a_right_digest_is_taken_and_a_wrong_one_is_not(north: Client, name: str) -> None:
    body = forecast(3)
    wrong = north.post(SUBMISSIONS, params=FEED, content=body, headers=digest(body + b"x", name))
    assert (wrong.status_code, kind(wrong), register.submissions()) == (400, "digest-mismatch", [])
    assert north.post(SUBMISSIONS, params=FEED, content=body, headers=digest(body, name)).status_code == 201


def test_of_two_digests_none_is_passed_over(north: Client) -> None:
    body = forecast(3)
    twice = [("Content-Digest", digest(body)["Content-Digest"]), ("Content-Digest", digest(body + b"x")["Content-Digest"])]
    answer = north.post(SUBMISSIONS, params=FEED, content=body, headers=twice)
    assert (answer.status_code, kind(answer), register.submissions()) == (400, "bad-request", [])
    assert north.post(SUBMISSIONS, params=FEED, content=body, headers=[twice[0], twice[0]]).status_code == 201


def test_of_two_keys_none_is_passed_over(north: Client) -> None:
    keys = [("Idempotency-Key", "a" * 20), ("Idempotency-Key", "b" * 20)]
    answer = north.post(SUBMISSIONS, params=FEED, content=forecast(3), headers=keys)
    assert (answer.status_code, kind(answer), register.submissions()) == (400, "bad-request", [])
    assert "Idempotency-Key" in answer.json()["detail"]
    assert north.post(SUBMISSIONS, params=FEED, content=forecast(3), headers=[keys[0], keys[0]]).status_code == 201


def test_a_parameter_that_is_said_twice_is_not_chosen_from(north: Client) -> None:
    answer = north.post(f"{SUBMISSIONS}?feed=case_order&feed=demand_forecast", content=forecast(3))
    assert (answer.status_code, kind(answer), register.submissions()) == (400, "bad-request", [])


def test_signs_without_a_look_in_a_file_name_are_not_kept(north: Client) -> None:
    answer = north.post(SUBMISSIONS, params={**FEED, "file_name": "a\0b\n.csv"}, content=forecast(3))
    assert (answer.status_code, answer.json()["file_name"]) == (201, "a_b_.csv")


def test_a_digest_of_a_form_is_that_of_the_whole_body(north: Client) -> None:
    request = north.build_request("POST", SUBMISSIONS, params=FEED, files={"file": ("x.csv", forecast(3))})
    body = request.read()
    headers = {"Content-Type": request.headers["content-type"], **digest(body)}
    assert north.post(SUBMISSIONS, params=FEED, content=body, headers=headers).status_code == 201


@pytest.mark.parametrize("header", ["sha-256=abc", "sha-256=:YWJj:", "md5=:XrY7u+Ae7tCTyyK7j1rNww==:", "", "sha-256=:%%:", "garbage"])
def test_a_digest_that_cannot_be_checked_is_not_passed_over(north: Client, header: str) -> None:
    answer = north.post(SUBMISSIONS, params=FEED, content=forecast(3), headers={"Content-Digest": header})
    assert (answer.status_code, kind(answer)) == (400, "bad-request")
    assert "sha-256" in answer.headers["want-content-digest"]


def test_more_than_the_token_may_send_is_refused_before_it_is_read_and_while(as_partner) -> None:
    client = as_partner("north-hospital", max_megabytes=1)
    body = b"x" * (limits.MEGABYTE + 1)
    announced = client.post(SUBMISSIONS, params=FEED, content=body)
    unannounced = client.post(SUBMISSIONS, params=FEED, content=iter([body[:1000], body[1000:]]))
    for answer in (announced, unannounced):
        assert (answer.status_code, kind(answer)) == (413, "too-large")
    assert register.submissions() == []


@pytest.mark.parametrize(
    ("request_parts", "code", "of_kind"),
    [
        ({"content": forecast(3)}, 400, "bad-request"),
        ({"params": {"feed": "nothing"}, "content": forecast(3)}, 400, "unknown-feed"),
        ({"params": FEED, "headers": {"Veinway-Feed": "case_order"}, "content": forecast(3)}, 400, "bad-request"),
        ({"params": {"feed": "temperature_reading"}, "content": forecast(3)}, 403, "not-allowed"),
        ({"params": {**FEED, "file_name": "x" * 300}, "content": forecast(3)}, 400, "bad-request"),
        ({"params": FEED, "content": forecast(3), "headers": {"Idempotency-Key": "k" * 300}}, 400, "bad-request"),
        ({"params": FEED, "content": gzip.compress(forecast(3)), "headers": {"Content-Encoding": "gzip"}}, 415, "wrong-encoding"),
        ({"params": FEED, "content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400, "bad-request"),
        ({"params": FEED, "content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, 400, "bad-request"),
        ({"params": FEED, "data": {"a": "1"}, "files": {"b": (None, "2")}}, 400, "bad-request"),
        ({"params": FEED, "files": [("a", ("a.csv", b"1")), ("b", ("b.csv", b"2"))]}, 400, "bad-request"),
    ],
)
def test_a_request_that_cannot_be_taken_says_why(north: Client, request_parts: dict, code: int, of_kind: str) -> None:
    answer = north.post(SUBMISSIONS, **request_parts)
    assert (answer.status_code, kind(answer)) == (code, of_kind)
    assert answer.json()["remedy"].endswith(".")
    assert register.submissions() == []


def test_what_cannot_be_read_is_not_repeated(north: Client) -> None:
    answer = north.post(SUBMISSIONS, params={**FEED, "file_name": "Jane Doe " * 40}, content=forecast(3))
    assert answer.status_code == 400
    assert "Jane" not in answer.text


def test_a_file_name_that_names_a_person_is_not_kept(north: Client) -> None:
    answer = north.post(SUBMISSIONS, params={**FEED, "file_name": "jane.doe@example.org.csv"}, content=forecast(3))
    assert "jane" not in json.dumps(answer.json())


def test_an_unreadable_row_is_told_with_its_place(north: Client) -> None:
    receipt = north.post(SUBMISSIONS, params=FEED, content=forecast(3, "many")).json()
    assert [(reason["row"], reason["column"], reason["found"]) for reason in receipt["refusals"]] == [(3, "patients", "many")]


def test_the_contracts_header_is_the_samples_header(north: Client) -> None:
    assert north.get("/v1/feeds/demand_forecast/template", params={"format": "csv"}).text.strip() == HEADER


def test_a_full_disk_is_no_verdict_and_the_same_key_goes_through_later(north: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/srv/state/landing")

    key = {"Idempotency-Key": "k"}
    with monkeypatch.context() as patch:
        patch.setattr("apps.api.sending.intake.submit", full)
        answer = north.post(SUBMISSIONS, params=FEED, content=forecast(3), headers=key)
    assert (answer.status_code, kind(answer)) == (503, "not-now")
    assert int(answer.headers["retry-after"]) > 0
    assert "/srv" not in answer.text
    assert north.post(SUBMISSIONS, params=FEED, content=forecast(3), headers=key).status_code == 201
