"""Tokens: what lets a partner's machine in. Random, shown once, kept as a hash; limited in time, scope, feeds, rate and size."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from dagster_project.register.ledger import ISSUED, LEDGER_TOKEN, REVOKED, append_within, sealed_token
from dagster_project.register.partners import partner_role
from dagster_project.register.store import open_register, reading, writing
from dagster_project.register.tables import PARTNER, TOKEN, utc_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.engine import Engine, RowMapping

PREFIX = "vw"
SUBMIT, READ = "submit", "read"
SCOPES = (SUBMIT, READ)
DEFAULT_DAYS, LONGEST_DAYS = 90, 366
DEFAULT_PER_MINUTE, DEFAULT_MEGABYTES = 300, 10_240
# `last_used_at` is for a person who tidies up; a write for every request would cost more than the request.
LAST_USED_STEP = dt.timedelta(minutes=1)
NOBODY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Token:
    """A token without its secret. `feeds` is None when it is good for every feed that its partner may send."""

    token_id: str
    partner_id: str
    name: str
    scopes: frozenset[str]
    feeds: frozenset[str] | None
    requests_per_minute: int
    max_megabytes: int
    issued_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None

    def state(self, now: dt.datetime) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if now >= self.expires_at else "active"


@dataclass(frozen=True)
class Bearer:
    """Who stands behind a token that was shown: the token, and the role of its partner."""

    token: Token
    role: str


class TokenRefusedError(Exception):
    """The text that was shown lets nobody in. Its message is for the sender and does not say more than the holder may know."""


@dataclass(frozen=True)
class Terms:
    """What a new token is good for."""

    scopes: Collection[str] = SCOPES
    feeds: Collection[str] | None = None
    days: int = DEFAULT_DAYS
    requests_per_minute: int = DEFAULT_PER_MINUTE
    max_megabytes: int = DEFAULT_MEGABYTES


def issue(partner: str, *, name: str, terms: Terms | None = None, engine: Engine | None = None) -> tuple[Token, str]:
    """A new token and its text, which is shown now and never again. ValueError for an unknown partner, scope or term."""
    engine, terms = engine or open_register(), terms or Terms()
    _require(partner, name, terms, engine)
    token_id, secret = secrets.token_hex(6), _random_text()
    now = dt.datetime.now(dt.UTC)
    row = {
        "token_id": token_id,
        "partner_id": partner,
        "name": name,
        "secret_sha256": _hash(secret),
        "scopes": " ".join(sorted(terms.scopes)),
        "feeds": None if terms.feeds is None else " ".join(sorted(terms.feeds)),
        "requests_per_minute": terms.requests_per_minute,
        "max_megabytes": terms.max_megabytes,
        "issued_at": now,
        "expires_at": now + dt.timedelta(days=terms.days),
        "revoked_at": None,
        "last_used_at": None,
    }
    with writing(engine) as connection:
        connection.execute(insert(TOKEN).values(**row))
        append_within(connection, LEDGER_TOKEN, token_id, {"event": ISSUED, **sealed_token(row)}, now)
    return _token(row), f"{PREFIX}_{token_id}_{secret}"


def revoke(token_id: str, *, reason: str = "", engine: Engine | None = None) -> Token:
    """End a token now; one that has been revoked stays as it was. LookupError when there is none of that id."""
    now = dt.datetime.now(dt.UTC)
    with writing(engine or open_register()) as connection:
        row = connection.execute(select(TOKEN).where(TOKEN.c.token_id == token_id)).mappings().one_or_none()
        if row is None:
            raise LookupError(f"There is no token {token_id!r}. `veinway token list` shows those there are.")
        if row["revoked_at"] is None:
            connection.execute(update(TOKEN).where(TOKEN.c.token_id == token_id).values(revoked_at=now))
            body = {"event": REVOKED, "partner_id": row["partner_id"], "reason": reason, "revoked_at": utc_text(now)}
            append_within(connection, LEDGER_TOKEN, token_id, body, now)
        return _token({**row, "revoked_at": row["revoked_at"] or now})


def tokens(*, partner: str | None = None, engine: Engine | None = None) -> list[Token]:
    """All tokens, or those of one partner, oldest first."""
    query = select(TOKEN).order_by(TOKEN.c.issued_at, TOKEN.c.token_id)
    if partner is not None:
        query = query.where(TOKEN.c.partner_id == partner)
    with reading(engine or open_register()) as connection:
        return [_token(row) for row in connection.execute(query).mappings()]


def bearer(text: str, *, engine: Engine | None = None) -> Bearer:
    """Who shows this token. TokenRefusedError when it is unknown, expired or revoked, or when its partner no longer takes part."""
    engine = engine or open_register()
    token_id, secret = _parts(text)
    with reading(engine) as connection:
        row = connection.execute(select(TOKEN).where(TOKEN.c.token_id == token_id)).mappings().one_or_none()
        role = None if row is None else connection.execute(_role_of(row["partner_id"])).scalar_one_or_none()
    # An unknown id costs the same comparison as a wrong secret.
    is_right = hmac.compare_digest(_hash(secret), row["secret_sha256"] if row is not None else NOBODY)
    if row is None or not is_right:
        raise TokenRefusedError("The token is not known here. Copy the whole of it, or ask the operator for a new one.")
    token, now = _token(row), dt.datetime.now(dt.UTC)
    state = token.state(now)
    if state != "active":
        raise TokenRefusedError(
            f"The token {token_id} has {'been revoked' if state == 'revoked' else 'expired'}. Ask the operator for a new one."
        )
    if role is None:
        raise TokenRefusedError(f"The partner of the token {token_id} takes no part here. Ask the operator.")
    if token.last_used_at is None or now - token.last_used_at >= LAST_USED_STEP:
        _note_use(engine, token_id, now)
    return Bearer(token, role)


def _require(partner: str, name: str, terms: Terms, engine: Engine) -> None:
    if partner_role(partner, engine=engine) is None:
        raise ValueError(f"There is no partner {partner!r}. Let it in first: veinway partner add {partner} --role ROLE")
    if not name.strip() or len(name) > 80:
        raise ValueError("Say in 1 to 80 characters what the token is for, such as 'nightly export'.")
    unknown = sorted(set(terms.scopes) - set(SCOPES))
    if unknown or not terms.scopes:
        raise ValueError(f"A token has one or more of the scopes {', '.join(SCOPES)}; found {', '.join(unknown) or 'none'}.")
    if terms.feeds is not None and not terms.feeds:
        raise ValueError("Name at least one feed, or none to let the token send every feed of its partner.")
    if not 1 <= terms.days <= LONGEST_DAYS:
        raise ValueError(f"A token lives 1 to {LONGEST_DAYS} days; found {terms.days}.")
    if terms.requests_per_minute < 1 or terms.max_megabytes < 1:
        raise ValueError("Requests per minute and megabytes are 1 or more.")


def _note_use(engine: Engine, token_id: str, now: dt.datetime) -> None:
    with writing(engine) as connection:
        connection.execute(update(TOKEN).where(TOKEN.c.token_id == token_id).values(last_used_at=now))


def _role_of(partner_id: str) -> Any:
    return select(PARTNER.c.role).where(PARTNER.c.partner_id == partner_id)


def _random_text() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def _parts(text: str) -> tuple[str, str]:
    """Id and secret of a token's text; two empty texts when it is none."""
    parts = text.split("_", 2)
    return (parts[1], parts[2]) if len(parts) == 3 and parts[0] == PREFIX and text.isascii() else ("", "")


def _hash(secret: str) -> str:
    # A plain hash is right for 256 random bits: there is nothing to guess that a slow hash would protect.
    return hashlib.sha256(secret.encode()).hexdigest()


def _token(row: RowMapping | dict[str, Any]) -> Token:
    facts = {name: row[name] for name in Token.__dataclass_fields__ if name not in ("scopes", "feeds")}
    feeds = None if row["feeds"] is None else frozenset(row["feeds"].split())
    return Token(**facts, scopes=frozenset(row["scopes"].split()), feeds=feeds)
