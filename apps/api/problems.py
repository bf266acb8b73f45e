"""Every answer that is not what was asked for, as problem+json (RFC 9457): which kinds there are and how they are said."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

MEDIA_TYPE = "application/problem+json"
REALM = 'Bearer realm="veinway"'


@dataclass(frozen=True)
class Kind:
    """One kind of problem: the HTTP status it comes with, its title, and what its reader can do."""

    status: int
    title: str
    remedy: str


KINDS = {
    "bad-request": Kind(400, "The request cannot be read", "Compare it with this page and send it again."),
    "unknown-feed": Kind(400, "There is no such feed", "GET /v1/feeds lists the feeds."),
    "digest-mismatch": Kind(400, "The body is not what its Content-Digest says", "It changed on the way, or the digest is of something else: send it again."),
    "no-token": Kind(401, "A token is needed", "Send the header 'Authorization: Bearer TOKEN'. The operator issues tokens."),
    "token-refused": Kind(401, "The token lets nobody in", "Ask the operator for a new token."),
    "not-allowed": Kind(403, "The token does not reach that far", "Ask the operator for a token with the scope or feed that is named."),
    "not-found": Kind(404, "There is nothing here", "Check the address; of submissions, only your own can be seen."),
    "not-made": Kind(404, "There is no such answer to this file", "See the receipt."),
    "wrong-method": Kind(405, "This address does not take that method", "The header Allow names those it takes."),
    "upload-stalled": Kind(408, "The upload stood still", "Send it again."),
    "too-large": Kind(413, "The file is larger than this token may send", "Split the file, or ask the operator for a larger limit."),
    "wrong-encoding": Kind(415, "The body is packed in a way that is not taken", "Send it without Content-Encoding; a .gz or .zip file is taken as it is."),
    "file-refused": Kind(422, "The file was refused", "The member 'receipt' says row by row what to correct. Correct it and send it again."),
    "key-reused": Kind(422, "This Idempotency-Key stands for another request", "Use a new key for each new file."),
    "too-many-requests": Kind(429, "Too many requests", "Wait for the seconds in Retry-After."),
    "server-error": Kind(500, "Something went wrong on our side", "Send it again; tell the operator the request id when it happens twice."),
    "not-now": Kind(503, "The service cannot keep anything at the moment", "Nothing was accepted. Send it again after the seconds in Retry-After."),
}  # fmt: skip
RETRY_SECONDS = 10


class ProblemError(Exception):
    """Ends a request with a problem. `detail` is for the sender; `members` and `headers` go along."""

    def __init__(self, kind: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        """Name the kind, say what it is this time."""
        super().__init__(detail)
        self.kind, self.detail, self.headers, self.members = kind, detail, dict(headers or {}), members


def no_token() -> ProblemError:
    """Nothing was shown that could let anybody in."""
    return ProblemError("no-token", "This address needs a token and none was sent.", headers={"WWW-Authenticate": REALM})


def token_refused(words: str) -> ProblemError:
    """What was shown lets nobody in."""
    return ProblemError("token-refused", words, headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'})


def scope_missing(scope: str) -> ProblemError:
    """The token is good, but not for this."""
    header = f'{REALM}, error="insufficient_scope", scope="{scope}"'
    return ProblemError("not-allowed", f"This token does not have the scope '{scope}'.", headers={"WWW-Authenticate": header})


def said(request: Request, error: ProblemError) -> JSONResponse:
    """The answer that tells a problem."""
    return JSONResponse(
        body(error.kind, error.detail, request_id=request_id(request), **error.members),
        status_code=KINDS[error.kind].status,
        headers=error.headers,
        media_type=MEDIA_TYPE,
    )


def body(kind: str, detail: str, *, request_id: str, **members: Any) -> dict[str, Any]:
    """The members of a problem. `type` leads to the words about it on the reference page of this server."""
    about = KINDS[kind]
    return {
        "type": f"/docs#{kind}",
        "title": about.title,
        "status": about.status,
        "detail": detail,
        "remedy": about.remedy,
        "instance": f"urn:uuid:{request_id}",
        "request_id": request_id,
        **members,
    }


def request_id(request: Request) -> str:
    """The id under which this request stands in the log."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def of_status(status: int) -> str:
    """The kind that stands for an HTTP status which the framework gave by itself."""
    known = {400: "bad-request", 404: "not-found", 405: "wrong-method", 413: "too-large"}
    return known.get(status, "server-error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "bad-request")
