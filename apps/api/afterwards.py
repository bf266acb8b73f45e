"""What is computed for a submission when it is asked for: changes, open references, the marked workbook, the X12 answer; and what is due.

None of it is part of the sealed receipt, because it depends on what others send.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, Response

from apps.api.access import Reader, known_query
from apps.api.answers import guarded
from apps.api.feeds import XLSX
from apps.api.models import ChangesAnswer, Due, OpenReferences
from apps.api.problems import ProblemError
from apps.api.submissions import Id, own
from dagster_project.cadence import due as due_of
from dagster_project.intake.adapting.x12.acknowledgement import NoAcknowledgementError, for_submission
from dagster_project.intake.answering.changes import changes as changes_of
from dagster_project.intake.answering.references import open_references as open_references_of
from dagster_project.intake.answering.workbooks import NoWorkbookError, annotated_submission
from dagster_project.register.tables import utc_text

X12 = "application/edi-x12"

router = APIRouter(prefix="/v1", dependencies=[Depends(known_query)])


@router.get(
    "/submissions/{submission_id}/changes",
    tags=["Receipts"],
    summary="Get what a plan changed",
    response_model=ChangesAnswer,
    responses=guarded(400, 404),
)
def changes(bearer: Reader, submission_id: Id) -> Response:
    """What an accepted plan changed against the version that it replaced; null when it replaced none."""
    own(bearer, submission_id)
    found = changes_of(submission_id)
    told = None if found is None else {**asdict(found), "sentence": found.sentence}
    return JSONResponse({"submission_id": submission_id, "changes": told})


@router.get(
    "/submissions/{submission_id}/open-references",
    tags=["Receipts"],
    summary="Get references that wait for another feed",
    response_model=OpenReferences,
    responses=guarded(400, 404),
)
def open_references(bearer: Reader, submission_id: Id) -> Response:
    """Values that no row of the feed they refer to has yet. They clear themselves when that feed arrives; the rows are accepted all the same."""
    own(bearer, submission_id)
    found = [asdict(reason) for reason in open_references_of(submission_id)]
    return JSONResponse({"submission_id": submission_id, "open_references": found})


@router.get(
    "/submissions/{submission_id}/annotated",
    tags=["Receipts"],
    summary="Get your file with its mistakes marked",
    responses={
        200: {"description": "The workbook.", "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}},
        **guarded(400, 404),
    },
)
def annotated(bearer: Reader, submission_id: Id) -> Response:
    """Your rows as a workbook, bad cells coloured and commented, to correct and send again. 404 where there is nothing to mark, and why."""
    own(bearer, submission_id)
    try:
        book = annotated_submission(submission_id)
    except NoWorkbookError as error:
        raise ProblemError("not-made", str(error)) from None
    told = {"Content-Disposition": f'attachment; filename="to-correct-{submission_id}.xlsx"'}
    return Response(book, media_type=XLSX, headers=told)


@router.get(
    "/submissions/{submission_id}/acknowledgement",
    tags=["Receipts"],
    summary="Get the X12 acknowledgement",
    responses={
        200: {"description": "TA1 and 997, as X12.", "content": {X12: {"schema": {"type": "string", "format": "binary"}}}},
        **guarded(400, 404),
    },
)
def acknowledgement(bearer: Reader, submission_id: Id) -> Response:
    """The functional acknowledgement of a file that was X12. 404 for any other file."""
    own(bearer, submission_id)
    try:
        text = for_submission(submission_id)
    except NoAcknowledgementError as error:
        raise ProblemError("not-made", str(error)) from None
    return Response(text, media_type=X12)


@router.get("/due", tags=["Feeds"], summary="Ask what is due", response_model=Due, responses=guarded(400))
def due(bearer: Reader) -> Response:
    """The last and the next deadline of every feed that your organisation owes, and whether it was met."""
    now, within = dt.datetime.now(dt.UTC), bearer.token.feeds
    found = [_deadline(asdict(each)) for each in due_of(bearer.token.partner_id, now) if within is None or each.feed in within]
    return JSONResponse({"at": utc_text(now), "deadlines": found})


def _deadline(values: dict[str, Any]) -> dict[str, Any]:
    moments = {name: None if values[name] is None else utc_text(values[name]) for name in ("due_at", "answered_at")}
    return {name: value for name, value in {**values, **moments}.items() if name != "partner_id"}
