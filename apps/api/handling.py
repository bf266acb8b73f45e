"""What surrounds every request: its id, one line in the log, and the turning of errors into problems. No value of a file enters a log."""

from __future__ import annotations

import logging
import time
import traceback
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from apps.api.problems import RETRY_SECONDS, ProblemError, of_status, said

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("veinway.api")
FIXED_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"), (b"referrer-policy", b"no-referrer"))
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What nginx writes when nobody waits for the answer any more; never sent.
GONE = 499


class Surrounding:
    """ASGI middleware: request id, fixed headers, the log line, and an answer whatever happens inside."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and look at what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, start, status = str(uuid.uuid4()), time.perf_counter(), 0
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], *FIXED_HEADERS, (b"x-request-id", request_id.encode())]}
            await send(message)

        try:
            await self.app(scope, receive, send_marked)
        except ClientDisconnect:
            status = GONE
        except Exception as error:  # noqa: BLE001 - nothing may reach the sender as a stack trace
            _log_error(request_id, error)
            if not status:
                await said(Request(scope), _as_problem(error))(scope, receive, send_marked)
        finally:
            _log_request(scope, request_id, status, time.perf_counter() - start)


def add_handlers(app: FastAPI) -> None:
    """Have the framework's own errors told as problems, too."""
    app.add_middleware(Surrounding)
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - what it was registered for
    return said(request, error)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it was registered for
    # Never the value: whoever mixes up two fields may have sent a name.
    found = [{"where": " ".join(str(part) for part in each["loc"]), "expected": each["msg"]} for each in error.errors()]
    if all(each["loc"][0] == "path" for each in error.errors()):
        return said(request, ProblemError("not-found", "There is nothing of that name or id."))
    detail = "; ".join(f"{each['where']}: {each['expected']}" for each in found)
    return said(request, ProblemError("bad-request", detail, errors=found))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it was registered for
    words = {404: "There is nothing at this address.", 405: f"{request.method} is not taken here."}
    detail = words.get(error.status_code, str(error.detail))
    headers = {"Allow": _allowed(request)} if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    return said(request, ProblemError(of_status(error.status_code), detail, headers=headers))


def _allowed(request: Request) -> str:
    """Every method that this address takes. The framework names those of the first route only."""
    scopes = ({**request.scope, "method": method} for method in METHODS)
    return ", ".join(scope["method"] for scope in scopes if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes))


def _as_problem(error: Exception) -> ProblemError:
    """Trouble with the disk or the register passes; anything else is a fault of ours."""
    if isinstance(error, OSError | SQLAlchemyError):
        words = "The register or the disk cannot be used at the moment. Nothing was accepted; sending it again is safe."
        return ProblemError("not-now", words, headers={"Retry-After": str(RETRY_SECONDS)})
    return ProblemError("server-error", "The request failed for a reason that does not lie in what you sent. Sending it again is safe.")


def _log_error(request_id: str, error: Exception) -> None:
    # Where it happened, not what it said: messages of readers and databases repeat cells.
    places = " < ".join(
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(traceback.extract_tb(error.__traceback__))
    )
    LOG.error("%s failed: %s at %s", request_id, type(error).__name__, places)


def _log_request(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    # The address as this API knows it, never as it was typed: an id or a file name in it may name a person.
    state: dict[str, Any] = scope["state"]
    who = f"{state.get('partner', '-')}/{state.get('token', '-')}"
    LOG.info("%s %s %s %s %d %.0f ms", request_id, who, scope["method"], _route(scope), status, 1000 * seconds)


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", "(no such address)"))
