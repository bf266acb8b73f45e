"""Who is asking: the bearer token of a request, its scope, and its rate. A partner is what its token says, never what a request says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from apps.api import problems
from apps.api.throttle import Throttle
from dagster_project.contracts import contract, feeds
from dagster_project.register import tokens
from dagster_project.register.tokens import Bearer

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEME = HTTPBearer(
    scheme_name="token",
    auto_error=False,
    description="The token that the operator issued for your machine: `Authorization: Bearer vw_…`. It belongs to one partner, ends on a day, and can be revoked.",
)
Shown = Annotated[HTTPAuthorizationCredentials | None, Depends(SCHEME)]


def allowed(scope: str | None) -> Callable[[Request, HTTPAuthorizationCredentials | None], Bearer]:
    """A dependency that gives who asks, when the token has the scope and asks no more often than it may."""

    def who(request: Request, shown: Shown) -> Bearer:
        if shown is None:
            raise problems.no_token()
        try:
            found = tokens.bearer(shown.credentials)
        except tokens.TokenRefusedError as error:
            raise problems.token_refused(str(error)) from None
        request.scope["state"] |= {"partner": found.token.partner_id, "token": found.token.token_id}
        if scope is not None and scope not in found.token.scopes:
            raise problems.scope_missing(scope)
        _require_rate(request, found)
        return found

    return who


Submitter = Annotated[Bearer, Depends(allowed(tokens.SUBMIT))]
Reader = Annotated[Bearer, Depends(allowed(tokens.READ))]
Anyone = Annotated[Bearer, Depends(allowed(None))]


def require_feed(bearer: Bearer, feed: str) -> None:
    """ProblemError when there is no such feed, or this token may not send it."""
    if feed not in feeds():
        raise problems.ProblemError("unknown-feed", f"There is no feed of that name. The feeds are: {', '.join(feeds())}.")
    if not may_send(bearer, feed):
        senders = contract(feed).senders
        why = f"it comes from: {' or '.join(senders)}" if bearer.role not in senders else "the token is limited to other feeds"
        raise problems.ProblemError("not-allowed", f"This token may not send the feed {feed}: {why}.")


def may_send(bearer: Bearer, feed: str) -> bool:
    """Whether the token is good for sending this feed: by the role of its partner and by its own limits."""
    is_in_reach = bearer.token.feeds is None or feed in bearer.token.feeds
    return tokens.SUBMIT in bearer.token.scopes and is_in_reach and bearer.role in contract(feed).senders


def _require_rate(request: Request, bearer: Bearer) -> None:
    throttle: Throttle = request.app.state.throttle
    seconds = throttle.wait(bearer.token.token_id, bearer.token.requests_per_minute)
    if seconds:
        words = f"This token may ask {bearer.token.requests_per_minute:,} times a minute."
        raise problems.ProblemError("too-many-requests", words, headers={"Retry-After": str(seconds)})


def known_query(request: Request) -> None:
    """ProblemError when the query has a parameter twice, or one that this address does not know: it would be passed over in silence."""
    known = sorted(parameter.alias for parameter in request.scope["route"].dependant.query_params)
    said = [name for name, _ in request.query_params.multi_items()]
    if len(said) > len(set(said)):
        raise problems.ProblemError("bad-request", "The query says a parameter twice. Say each of them once.")
    if not set(said) <= set(known):
        words = f"The parameters of this address are: {', '.join(known)}." if known else "This address takes no parameters."
        raise problems.ProblemError("bad-request", f"The query holds an unknown parameter. {words}")
