"""The register's tables. Columns only; what is done with them is said elsewhere."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class UtcTime(TypeDecorator[dt.datetime]):
    """A moment, kept as fixed-width text in UTC: it sorts as time and reads the same in every database."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """To text. ValueError for a time without its zone."""
        return None if value is None else utc_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """From text, aware, in UTC."""
        return None if value is None else dt.datetime.strptime(value, TIME_FORMAT).replace(tzinfo=dt.UTC)


def utc_text(value: dt.datetime) -> str:
    """`2026-11-16T08:00:00.000000Z`. ValueError for a time without its zone."""
    if value.tzinfo is None:
        raise ValueError(f"the time {value.isoformat()} does not say its zone")
    return value.astimezone(dt.UTC).strftime(TIME_FORMAT)


METADATA = MetaData()

PARTNER = Table(
    "partner",
    METADATA,
    Column("partner_id", String(40), primary_key=True),
    Column("role", String(20), nullable=False),
)

SUBMISSION = Table(
    "submission",
    METADATA,
    Column("submission_id", String(20), primary_key=True),
    Column("partner_id", String(40), nullable=False),
    Column("feed", String(80), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("rows_sent", Integer, nullable=False),
    Column("rows_accepted", Integer, nullable=False),
    Column("rows_refused", Integer, nullable=False),
    Column("as_of", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("is_replay", Boolean, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("raw_sha256", String(64)),
    Column("contract_version", String(20), nullable=False),
    Column("period_from", String(10)),
    Column("period_to", String(10)),
    Column("supersedes", String(20)),
    Column("landing_path", Text),
    Column("landing_sha256", String(64)),
    Column("refused_path", Text),
    Column("refused_sha256", String(64)),
    Column("receipt_json", Text, nullable=False),
    Index("submission_by_partner", "partner_id", "feed", "as_of"),
    Index("submission_by_receipt", "partner_id", "received_at"),
)

# One row per time a file came. The same bytes again are the same submission, and yet they were sent.
SENDING = Table(
    "sending",
    METADATA,
    Column("submission_id", String(20), primary_key=True),
    Column("sent_at", UtcTime, primary_key=True),
    Column("received_at", UtcTime, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("way_in", String(20), nullable=False),
)

EDITION = Table(
    "edition",
    METADATA,
    Column("edition_id", String(64), primary_key=True),
    Column("planning_date", String(10), nullable=False),
    Column("published_at", UtcTime, nullable=False),
    Column("manifest_json", Text, nullable=False),
)

# Which exceptions a published edition held open, and which of those before it were gone. Rows are added and never changed.
EXCEPTION_SIGHTING = Table(
    "exception_sighting",
    METADATA,
    Column("exception_key", String(160), primary_key=True),
    Column("planning_date", String(10), primary_key=True),
    Column("edition_id", String(64), primary_key=True),
    Column("recorded_at", UtcTime, nullable=False),
    Column("sighted", String(10), nullable=False),
    Column("criterion_code", String(40), nullable=False),
    Column("object_kind", String(20), nullable=False),
    Column("object_code", String(120), nullable=False),
    Column("title", Text, nullable=False),
    Column("severity", String(20), nullable=False),
    Column("owner_role", String(20), nullable=False),
    Column("owner_partner_id", String(40)),
    Column("patients", Float, nullable=False),
    Column("days", Float, nullable=False),
    Column("figure", Float, nullable=False),
)

# What lets a machine of a partner in. The secret itself is nowhere: only its SHA-256. `feeds` and `scopes` are words joined by spaces.
TOKEN = Table(
    "token",
    METADATA,
    Column("token_id", String(16), primary_key=True),
    Column("partner_id", String(40), nullable=False),
    Column("name", String(80), nullable=False),
    Column("secret_sha256", String(64), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("feeds", Text),
    Column("requests_per_minute", Integer, nullable=False),
    Column("max_megabytes", Integer, nullable=False),
    Column("issued_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    Column("last_used_at", UtcTime),
)

# What was answered under a sender's own key for a request; without answer while, or because, the work was not finished.
IDEMPOTENCY_KEY = Table(
    "idempotency_key",
    METADATA,
    Column("partner_id", String(40), primary_key=True),
    Column("key_sha256", String(64), primary_key=True),
    Column("request_sha256", String(64), nullable=False),
    Column("claimed_at", UtcTime, nullable=False),
    Column("submission_id", String(20)),
    Column("answer_code", Integer),
)

LEDGER_ENTRY = Table(
    "ledger_entry",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(40), nullable=False),
    Column("subject_id", String(80), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("body_json", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# One row: the end of the chain. Whoever appends locks it first, so entries queue up in every database.
LEDGER_HEAD = Table(
    "ledger_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
