"""GET /v1/submissions: a partner's own submissions, their receipts, and every refusal. Those of others are not there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, Path, Query
from starlette.responses import JSONResponse, Response, StreamingResponse

from apps.api import refusals
from apps.api.access import Reader, known_query
from apps.api.answers import guarded
from apps.api.models import EXAMPLE_RECEIPT, Receipt, Refusals, Status, Submission, SubmissionPage
from apps.api.problems import ProblemError
from dagster_project.contracts import feeds
from dagster_project.register.listing import own_page, own_submission
from dagster_project.register.tables import utc_text

if TYPE_CHECKING:
    from dagster_project.register.tokens import Bearer

router = APIRouter(prefix="/v1/submissions", tags=["Receipts"], dependencies=[Depends(known_query)])
LONGEST_PAGE = 500
Id = Annotated[
    str, Path(description="The `submission_id` of a receipt.", pattern="^[0-9a-f]{20}$", examples=[EXAMPLE_RECEIPT["submission_id"]])
]
Accept = Annotated[str | None, Header(include_in_schema=False)]


@router.get("", summary="List your submissions", response_model=SubmissionPage, responses=guarded(400))
def page(
    bearer: Reader,
    feed: Annotated[str | None, Query(max_length=80, description="Only those of this feed.")] = None,
    status: Annotated[Status | None, Query(description="Only those with this verdict.")] = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="How many on a page.")] = 50,
    after: Annotated[
        str | None, Query(pattern="^[0-9a-f]{20}$", description="Go on after this submission: the last one of the page before.")
    ] = None,
) -> Response:
    """Newest first, page by page; `next` leads to the next page."""
    if feed is not None and feed not in feeds():
        raise ProblemError("unknown-feed", f"There is no feed of that name. The feeds are: {', '.join(feeds())}.")
    within = bearer.token.feeds
    chosen = within if feed is None else {feed} if within is None or feed in within else set()
    try:
        rows = own_page(bearer.token.partner_id, limit=limit + 1, after=after, feeds=chosen, status=status)
    except LookupError:
        raise ProblemError("bad-request", "The submission that `after` names is none of yours.") from None
    shown = rows[:limit]
    asked = {"feed": feed, "status": status, "limit": limit}
    more = (
        urlencode({name: value for name, value in asked.items() if value is not None} | {"after": shown[-1]["submission_id"]})
        if rows[limit:]
        else None
    )
    return JSONResponse({"submissions": [_line(row) for row in shown], "next": f"/v1/submissions?{more}" if more else None})


@router.get("/{submission_id}", summary="Get a receipt", response_model=Receipt, responses=guarded(400, 404))
def receipt(bearer: Reader, submission_id: Id) -> Response:
    """The receipt as it was given when the file came."""
    return JSONResponse(json.loads(own(bearer, submission_id)["receipt_json"]))


@router.get(
    "/{submission_id}/refusals",
    summary="Get every refusal",
    response_model=Refusals,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **guarded(400, 404)},
)
def all_refusals(
    bearer: Reader,
    submission_id: Id,
    kind: Annotated[Literal["json", "csv"] | None, Query(alias="format", description="Instead of the header Accept.")] = None,
    accept: Accept = None,
) -> Response:
    """All of them, streamed: the receipt holds the first thousand. The CSV opens in a spreadsheet as it is."""
    row = own(bearer, submission_id)
    if kind == "csv" or (kind is None and wants(accept, "text/csv", "application/json")):
        told = {"Content-Disposition": f'attachment; filename="refusals-{submission_id}.csv"'}
        return StreamingResponse(refusals.as_csv(row), media_type="text/csv", headers=told)
    return StreamingResponse(refusals.as_json(row), media_type="application/json")


def wants(accept: str | None, this: str, rather_than: str) -> bool:
    """Whether an Accept header names `this`, and not `rather_than` before it."""
    kinds = [part.split(";")[0].strip().lower() for part in (accept or "").split(",")]
    return this in kinds and (rather_than not in kinds or kinds.index(this) < kinds.index(rather_than))


def own(bearer: Bearer, submission_id: str) -> dict[str, Any]:
    """A partner's own submission within the token's feeds. Of any other, nobody learns whether it exists."""
    row = own_submission(bearer.token.partner_id, submission_id)
    if row is None or (bearer.token.feeds is not None and row["feed"] not in bearer.token.feeds):
        raise ProblemError("not-found", "You have sent no submission of that id.")
    return row


def _line(row: dict[str, Any]) -> dict[str, Any]:
    moments = {name: utc_text(row[name]) for name in ("received_at", "as_of")}
    return {name: moments.get(name, row[name]) for name in Submission.model_fields}
