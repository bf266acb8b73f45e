"""What the OpenAPI document says about answers that many addresses share: their codes, shapes and headers."""

from __future__ import annotations

from typing import Any

from apps.api.models import BadRequest, Problem, RefusedOrReused
from apps.api.problems import KINDS, MEDIA_TYPE, body

Responses = dict[int | str, dict[str, Any]]
REQUEST_ID = "00000000-0000-4000-8000-000000000000"
HEADERS = {
    "WWW-Authenticate": "How to be let in, and what was wrong with the token.",
    "Retry-After": "Seconds to wait.",
    "Want-Content-Digest": "The hashes that are taken.",
    "Accept-Encoding": "What is taken.",
    "Location": "Where the receipt stays.",
    "Idempotency-Replayed": "`true` when this is the answer that was given before under the same key.",
    "Allow": "The methods that are taken.",
}
OF_CODE = {
    400: ["Want-Content-Digest"],
    401: ["WWW-Authenticate"],
    403: ["WWW-Authenticate"],
    415: ["Accept-Encoding"],
    422: ["Location", "Idempotency-Replayed"],
    429: ["Retry-After"],
    503: ["Retry-After"],
}
SHAPES: dict[int, type[Problem]] = {400: BadRequest, 422: RefusedOrReused}


def problems(*codes: int) -> Responses:
    """Problems that an address may answer with."""
    return {code: _problem(code) for code in codes}


def guarded(*codes: int) -> Responses:
    """The same for an address that needs a token: those of the token come along."""
    return problems(*sorted({401, 403, 429, 500, 503, *codes}))


def headers(*names: str) -> dict[str, Any]:
    """Headers as OpenAPI describes them."""
    return {name: {"description": HEADERS[name], "schema": {"type": "string"}} for name in names}


def _problem(code: int) -> dict[str, Any]:
    kinds = {name: kind for name, kind in KINDS.items() if kind.status == code}
    examples = {name: {"summary": kind.title, "value": body(name, kind.title + ".", request_id=REQUEST_ID)} for name, kind in kinds.items()}
    shape = SHAPES.get(code, Problem)
    return {
        "description": "; ".join(kind.title for kind in kinds.values()) + ".",
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}, "examples": examples}},
        "headers": headers(*OF_CODE.get(code, [])),
    }
