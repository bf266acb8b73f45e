"""The application: its routes, its OpenAPI document and its pages. Nothing is opened before a request needs it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import anyio
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from sqlalchemy import text
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from apps.api import afterwards, feeds, reference, sending, submissions
from apps.api.answers import problems
from apps.api.handling import add_handlers
from apps.api.models import BadRequest, Health, Problem, RefusedOrReused
from apps.api.throttle import Throttle
from dagster_project import contracts
from dagster_project.register import open_register, reading

ABOUT = """Send plan files, get exact receipts. One request is one file for one feed; the answer is complete when it comes.

Every request but `/v1/health` needs a token of your organisation, which the operator issues. A token reads and sends only in the name of its
partner. Sending again is always safe: the same bytes are the same submission.

Whatever does not work is answered as a problem (RFC 9457) that says what was found, what was expected and what to do. Every answer carries an
`X-Request-Id`, by which the operator finds it.
"""
TAGS = [
    {"name": "Sending", "description": "A file in, a receipt out."},
    {"name": "Receipts", "description": "What became of the files you have sent."},
    {"name": "Feeds", "description": "What can be sent, and in which form."},
    {"name": "Service", "description": "Whether the service stands."},
]
FEED_NAMES = ("feed", "Veinway-Feed")
# Scripts, fonts and pictures from nowhere: the page is its text.
PAGE_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"}

service = APIRouter(tags=["Service"])


@dataclass
class Lanes:
    """How many files are worked on at once. Small ones have their own lane, so that they need not wait behind one that takes minutes."""

    small: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(2 * max(2, os.cpu_count() or 1)))
    large: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(1))


def create_app() -> FastAPI:
    """A new application."""
    app = FastAPI(
        title="Veinway: the door for machines",
        version=version("veinway"),
        description=ABOUT,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.throttle, app.state.lanes = Throttle(), Lanes()
    for router in (sending.router, submissions.router, afterwards.router, feeds.router, service):
        app.include_router(router)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    page = reference.html(app.openapi())
    app.add_api_route("/docs", lambda: HTMLResponse(page, headers=PAGE_HEADERS), include_in_schema=False)
    app.add_api_route("/", lambda: RedirectResponse("/docs"), include_in_schema=False)
    add_handlers(app)
    return app


@service.get("/v1/health", summary="Ask whether the service stands", response_model=Health, responses=problems(500, 503))
def health() -> Response:
    """`ok` when a submission would be taken right now. Needs no token."""
    with reading(open_register()) as connection:
        connection.execute(text("SELECT 1"))
    return JSONResponse({"status": "ok", "version": version("veinway")})


def _document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: the framework's, with our problems in place of its own kind of validation error."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, openapi_version="3.1.0", description=ABOUT, routes=app.routes, tags=TAGS
        )
        for methods in document["paths"].values():
            for operation in methods.values():
                for parameter in (each for each in operation.get("parameters", []) if each["name"] in FEED_NAMES):
                    parameter["schema"]["enum"] = [*contracts.feeds(), *([] if parameter["required"] else [None])]
                if "HTTPValidationError" in str(operation["responses"].get("422")):
                    del operation["responses"]["422"]
        schemas = document["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        shapes = [(shape, "serialization") for shape in (Problem, BadRequest, RefusedOrReused)]
        _, found = models_json_schema(shapes, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
        schemas |= found["$defs"]
        app.openapi_schema = document
    return app.openapi_schema
