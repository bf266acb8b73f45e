"""GET /v1/feeds: what can be sent, by which contract, and the empty file to fill in."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from fastapi import APIRouter, Depends, Header, Path, Query
from starlette.responses import JSONResponse, Response

from apps.api.access import Anyone, known_query, may_send
from apps.api.answers import guarded
from apps.api.models import FeedList
from apps.api.problems import ProblemError
from apps.api.submissions import wants
from dagster_project.contracts import Contract, contracts, feeds
from dagster_project.contracts import contract as contract_of
from dagster_project.contracts.model import CONTRACTS_FOLDER, SUFFIX
from dagster_project.contracts.template import csv_header, write_xlsx

if TYPE_CHECKING:
    from dagster_project.register.tokens import Bearer

router = APIRouter(prefix="/v1/feeds", tags=["Feeds"], dependencies=[Depends(known_query)])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
YAML = "application/yaml"
Name = Annotated[str, Path(description="The feed.", max_length=80, examples=["demand_forecast"])]


@router.get("", summary="List the feeds", response_model=FeedList, responses=guarded(400))
def list_feeds(bearer: Anyone) -> Response:
    """Every feed, and which of them this token may send."""
    return JSONResponse({"feeds": [_line(terms, bearer) for terms in contracts().values()]})


@router.get(
    "/{feed}",
    summary="Get a contract",
    responses={
        200: {
            "description": "The contract, an ODCS 3.1 document: columns, units, keys, rules and cadence.",
            "content": {"application/json": {"schema": {"type": "object"}}, YAML: {"schema": {"type": "object"}}},
        },
        **guarded(400, 404),
    },
)
def contract_document(
    bearer: Anyone,
    feed: Name,
    kind: Annotated[Literal["json", "yaml"] | None, Query(alias="format", description="Instead of the header Accept.")] = None,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """The contract that every file of this feed is judged by. As YAML it is the very file that the door reads."""
    del bearer
    text = (CONTRACTS_FOLDER / f"{_known(feed)}{SUFFIX}").read_text(encoding="utf-8")
    if kind == "yaml" or (kind is None and wants(accept, YAML, "application/json")):
        return Response(text, media_type=YAML)
    # Dates in a contract are text for a machine.
    return Response(json.dumps(yaml.safe_load(text), default=str, ensure_ascii=False), media_type="application/json")


@router.get(
    "/{feed}/template",
    summary="Get an empty file",
    responses={
        200: {
            "description": "A workbook with lists, units and examples, or the first line of a CSV.",
            "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}, "text/csv": {"schema": {"type": "string"}}},
        },
        **guarded(400, 404),
    },
)
def template(
    bearer: Anyone, feed: Name, kind: Annotated[Literal["xlsx", "csv"], Query(alias="format", description="Which kind of file.")] = "xlsx"
) -> Response:
    """The empty file of a feed, ready to fill in."""
    del bearer
    terms = contract_of(_known(feed))
    told = {"Content-Disposition": f'attachment; filename="{feed}-template.{kind}"'}
    if kind == "csv":
        return Response(csv_header(terms), media_type="text/csv", headers=told)
    book = io.BytesIO()
    write_xlsx(terms, book)
    return Response(book.getvalue(), media_type=XLSX, headers=told)


def _known(feed: str) -> str:
    if feed not in feeds():
        raise ProblemError("not-found", "There is no feed of that name. GET /v1/feeds lists those there are.")
    return feed


def _line(terms: Contract, bearer: Bearer) -> dict[str, Any]:
    address = f"/v1/feeds/{terms.feed}"
    return {
        "feed": terms.feed,
        "title": terms.title,
        "purpose": terms.purpose,
        "one_row": terms.grain,
        "contract_version": terms.version,
        "delivery": terms.delivery,
        "senders": list(terms.senders),
        "cadence": terms.cadence,
        "takes_part_of_a_file": terms.refusal_policy == "accept_good_rows",
        "may_send": may_send(bearer, terms.feed),
        "contract": address,
        "template": f"{address}/template",
    }
