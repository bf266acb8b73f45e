"""POST /v1/submissions and /v1/checks: a body goes to the one intake function, its receipt comes back."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

import anyio
from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import JSONResponse, Response

from apps.api import problems
from apps.api.access import Submitter, known_query, require_feed
from apps.api.answers import guarded, headers
from apps.api.models import EXAMPLE_CHECK, EXAMPLE_RECEIPT, CheckAnswer, Receipt
from apps.api.upload import FILE_NAME_LENGTH, Upload, received
from dagster_project import intake, register
from dagster_project.intake import limits
from dagster_project.intake.answering.again import said_again
from dagster_project.intake.answering.preview import preview
from dagster_project.register import idempotency

if TYPE_CHECKING:
    from collections.abc import Callable

    from dagster_project.register.tokens import Bearer

router = APIRouter(prefix="/v1", tags=["Sending"], dependencies=[Depends(known_query)])
Feed = Annotated[
    str | None,
    Query(
        max_length=80,
        description="The feed it is for, such as `demand_forecast`. Or as the header `Veinway-Feed`.",
        examples=["demand_forecast"],
    ),
]
FeedHeader = Annotated[str | None, Header(alias="Veinway-Feed", max_length=80, description="The feed, instead of the query parameter.")]
FileName = Annotated[
    str | None,
    Query(
        max_length=FILE_NAME_LENGTH,
        description='The file\'s name, for people who look the receipt up. Or as `Content-Disposition: attachment; filename="…"`, which no proxy logs.',
        examples=["forecast_w48.csv"],
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=255,
        pattern=r"^[\x21-\x7e ]{1,255}$",
        description="A name of your own for this request, unique for each new file, such as a UUID. Sent again with the same file it brings the same answer;"
        " with another file it is refused. Kept as long as the submission.",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]
ContentDigest = Annotated[
    str | None,
    Header(
        alias="Content-Digest",
        description="The SHA-256 or SHA-512 of the body (RFC 9530). A body that arrives otherwise is not taken.",
        examples=["sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"],
    ),
]
FILE = {"type": "string", "format": "binary", "description": "The file."}
BODY = {
    "description": "The file's own bytes, or a form with the file as its one file part. What it is, is seen from its content, not from its media type.",
    "required": True,
    "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        "text/csv": {
            "schema": {"type": "string"},
            "example": "hospital_id,therapy_code,week_start_date,category,patients,basis\n9501101530003,CART-101,2026-W52,commercial,3,pipeline\n",
        },
        "application/json": {
            "schema": {},
            "example": [{"hospital_id": "9501101530003", "therapy_code": "CART-101", "week_start_date": "2026-W52"}],
        },
        "multipart/form-data": {
            "schema": {"type": "object", "properties": {"file": FILE, "feed": {"type": "string"}}, "required": ["file"]},
            "encoding": {"file": {"contentType": "application/octet-stream"}},
        },
    },
}
RECEIPT: dict[str, Any] = {"model": Receipt, "content": {"application/json": {"example": EXAMPLE_RECEIPT}}}
CHECKED: dict[str, Any] = {"model": CheckAnswer, "content": {"application/json": {"example": EXAMPLE_CHECK}}}
CODES = {intake.ACCEPTED: HTTPStatus.CREATED, intake.PARTLY_ACCEPTED: HTTPStatus.CREATED, intake.REFUSED: HTTPStatus.UNPROCESSABLE_ENTITY}


@router.post(
    "/submissions",
    summary="Send a file",
    status_code=201,
    response_model=Receipt,
    responses={
        201: RECEIPT
        | {
            "description": "New and accepted, whole or in part: look at `status` and `refusals`.",
            "headers": headers("Location", "Idempotency-Replayed"),
        },
        200: RECEIPT
        | {
            "description": "The same bytes were accepted before; this is their receipt. What that means now stands in `sent_again`.",
            "headers": headers("Location"),
        },
        **guarded(400, 408, 413, 415, 422),
    },
    openapi_extra={"requestBody": BODY},
)
async def submit(  # noqa: PLR0913, PLR0917 - each is a part of the request that the document describes
    request: Request,
    bearer: Submitter,
    feed: Feed = None,
    feed_header: FeedHeader = None,
    file_name: FileName = None,
    idempotency_key: IdempotencyKey = None,
    content_digest: ContentDigest = None,
) -> Response:
    """Send one file for one feed. The answer is its receipt, complete when it comes: what it says accepted is on disk and on record.

    Sending again is always safe: the same bytes are the same submission, whoever lost the answer. A plan that is sent again after a later
    one is in force again.
    A file that is refused whole is answered with 422 and its receipt in the member `receipt`; it is on record, too.
    """
    del content_digest  # counted while the body comes in
    key = _one_key(request, idempotency_key)
    work = partial(_submit, key=key, request_id=problems.request_id(request))
    return await _answered(request, bearer, (feed, feed_header), file_name, work)


@router.post(
    "/checks",
    summary="Ask what the answer would be",
    response_model=CheckAnswer,
    responses={
        200: CHECKED | {"description": "The verdict, whichever it is: look at `status`. Nothing was kept."},
        **guarded(400, 408, 413, 415),
    },
    openapi_extra={"requestBody": BODY},
)
async def check(
    request: Request,
    bearer: Submitter,
    feed: Feed = None,
    feed_header: FeedHeader = None,
    file_name: FileName = None,
    content_digest: ContentDigest = None,
) -> Response:
    """The receipt that this file would get, and what it would change. Nothing is kept of it, and no submission is made."""
    del content_digest  # counted while the body comes in
    return await _answered(request, bearer, (feed, feed_header), file_name, _check)


async def _answered(
    request: Request,
    bearer: Bearer,
    feeds: tuple[str | None, ...],
    file_name: str | None,
    work: Callable[[Bearer, str, str | None, Upload], Response],
) -> Response:
    """Take the body in, then work in a thread. The door is a queue: what waits in it costs nobody anything."""
    if any(feeds):
        require_feed(bearer, _one(feeds))
    async with received(request, bearer.token.max_megabytes) as upload:
        feed = _one((*feeds, upload.fields.get("feed")))
        require_feed(bearer, feed)
        name = file_name or upload.sent_name
        lanes = request.app.state.lanes
        lane: anyio.CapacityLimiter = lanes.small if upload.size <= limits.SMALL_FILE_BYTES else lanes.large
        return await anyio.to_thread.run_sync(work, bearer, feed, name and name[:FILE_NAME_LENGTH], upload, limiter=lane)


def _one_key(request: Request, said: str | None) -> str | None:
    """The key, without quotes. ProblemError when the headers name several: one of them would be passed over."""
    if len({key.strip() for key in request.headers.getlist("Idempotency-Key")}) > 1:
        raise problems.ProblemError(
            "bad-request", "Idempotency-Key is there more than once, with different values: send one key for one file."
        )
    return None if said is None else said.strip().strip('"')


def _one(feeds: tuple[str | None, ...]) -> str:
    """The feed, wherever it was said; in several places it must be the same."""
    said = {feed for feed in feeds if feed is not None}
    if len(said) != 1:
        words = "Say which feed it is for, with ?feed=FEED or the header Veinway-Feed" + (", and say the same in both." if said else ".")
        raise problems.ProblemError("bad-request", words)
    return said.pop()


def _submit(bearer: Bearer, feed: str, file_name: str | None, upload: Upload, *, key: str | None, request_id: str) -> Response:
    partner = bearer.token.partner_id
    if key:
        claim = _claim(partner, key, feed, upload)
        if claim.submission_id is not None and (known := register.receipt(claim.submission_id)) is not None:
            told = known | {"sent_again": said_again(claim.submission_id).sentence} if claim.answer_code == HTTPStatus.OK else known
            return _said(
                told, claim.answer_code or HTTPStatus.OK, request_id, {**_location(claim.submission_id), "Idempotency-Replayed": "true"}
            )
    receipt = intake.submit(upload.data, partner=partner, feed=feed, file_name=file_name or "unnamed", way_in="api")
    code = CODES[receipt.status]
    if receipt.is_repeat and code == HTTPStatus.CREATED:
        code = HTTPStatus.OK
    # A file that no reader got through is not on record: sent again, it has its chance.
    is_on_record = receipt.status != intake.REFUSED or register.receipt(receipt.submission_id) is not None
    if key and is_on_record:
        idempotency.answer(partner, key, submission_id=receipt.submission_id, code=code)
    told = receipt.to_dict() | ({"sent_again": receipt.again.sentence} if receipt.again else {})
    return _said(told, code, request_id, _location(receipt.submission_id) if is_on_record else {})


def _check(bearer: Bearer, feed: str, file_name: str | None, upload: Upload) -> Response:
    found = preview(upload.data, feed=feed, partner=bearer.token.partner_id, file_name=file_name or "unnamed")
    changes = None if found.changes is None else {**asdict(found.changes), "sentence": found.changes.sentence}
    references = [asdict(reason) for reason in found.references]
    return JSONResponse({**found.receipt.to_dict(), "changes": changes, "open_references": references})


def _claim(partner: str, key: str, feed: str, upload: Upload) -> idempotency.Claim:
    request_sha256 = hashlib.sha256(f"{feed}\n{upload.sha256()}".encode()).hexdigest()
    try:
        return idempotency.claim(partner, key, request_sha256)
    except idempotency.KeyReusedError:
        raise problems.ProblemError(
            "key-reused", "Under this key another file, or the same file for another feed, was sent before. Nothing was accepted."
        ) from None


def _location(submission_id: str) -> dict[str, str]:
    return {"Location": f"/v1/submissions/{submission_id}"}


def _said(receipt: dict[str, Any], code: int, request_id: str, headers: dict[str, str]) -> Response:
    if code == HTTPStatus.UNPROCESSABLE_ENTITY:
        told = problems.body("file-refused", receipt["message"], request_id=request_id, receipt=receipt)
        return JSONResponse(told, status_code=code, headers=headers, media_type=problems.MEDIA_TYPE)
    return JSONResponse(receipt, status_code=code, headers=headers)
