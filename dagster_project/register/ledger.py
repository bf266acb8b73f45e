"""The ledger: one entry per receipt, edition or decision, chained by hash, so that any later change shows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from dagster_project.home import home
from dagster_project.register.store import FIRST_HASH, open_register, reading, writing
from dagster_project.register.tables import LEDGER_ENTRY, LEDGER_HEAD, SENDING, SUBMISSION, TOKEN, utc_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy.engine import Connection, Engine, RowMapping

    from dagster_project.home import Home

RECEIPT = "receipt"
SENT = "sending"
PURGE = "purge"
LEDGER_TOKEN, ISSUED, REVOKED = "token", "issued", "revoked"
# What changes in a token's life: its end has an entry of its own, its last use is only for whoever tidies up.
OF_LIFE = ("token_id", "revoked_at", "last_used_at")
# What a purge leaves of the columns that name files.
NOTHING_KEPT: dict[str, None] = dict.fromkeys(("refused_path", "refused_sha256", "raw_sha256"))
# What a receipt's entry seals: the columns of `submission` that must never change.
SEALED = tuple(column.name for column in SUBMISSION.columns if column.name != "receipt_json")


@dataclass(frozen=True)
class Finding:
    """One thing that is not as the ledger says: what, and in words a person can act on."""

    subject: str
    problem: str


def canonical(value: Any) -> str:
    """JSON in the one form that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def append(kind: str, subject_id: str, body: dict[str, Any], at: dt.datetime, *, engine: Engine | None = None) -> str:
    """Add one entry in a transaction of its own; returns its hash."""
    with writing(engine or open_register()) as connection:
        return append_within(connection, kind, subject_id, body, at)


def append_within(connection: Connection, kind: str, subject_id: str, body: dict[str, Any], at: dt.datetime) -> str:
    """Add one entry to a `writing` transaction, so that it stands or falls with what it records; returns its hash."""
    head = connection.execute(select(LEDGER_HEAD.c.number, LEDGER_HEAD.c.hash)).one()
    number, text = head.number + 1, canonical(body)
    entry_hash = _entry_hash(number, kind, subject_id, utc_text(at), text, head.hash)
    values = {"number": number, "kind": kind, "subject_id": subject_id, "at": at, "body_json": text}
    connection.execute(insert(LEDGER_ENTRY).values(**values, previous_hash=head.hash, hash=entry_hash))
    connection.execute(update(LEDGER_HEAD).values(number=number, hash=entry_hash))
    return entry_hash


def seal(submission: dict[str, Any]) -> dict[str, Any]:
    """The body of a receipt's entry: every fact of the submission, and the receipt by its hash."""
    facts = {name: submission[name] for name in SEALED}
    moments = {name: utc_text(facts[name]) for name in ("as_of", "received_at")}
    return {**facts, **moments, "receipt_sha256": hashlib.sha256(submission["receipt_json"].encode()).hexdigest()}


def verify(*, engine: Engine | None = None, at_home: Home | None = None) -> list[Finding]:
    """Everything that differs from the ledger: the chain, the register's rows, the files. Empty when all is as it was written."""
    engine, place = engine or open_register(), at_home or home()
    with reading(engine) as connection:
        entries = connection.execute(select(LEDGER_ENTRY).order_by(LEDGER_ENTRY.c.number)).mappings().all()
        head = connection.execute(select(LEDGER_HEAD)).mappings().one()
        held = {row["submission_id"]: dict(row) for row in connection.execute(select(SUBMISSION)).mappings()}
        came = connection.execute(select(SENDING)).mappings().all()
        tokens = {row["token_id"]: row for row in connection.execute(select(TOKEN)).mappings()}
    receipts = {entry["subject_id"]: json.loads(entry["body_json"]) for entry in entries if entry["kind"] == RECEIPT}
    purges = {entry["subject_id"]: json.loads(entry["body_json"]) for entry in entries if entry["kind"] == PURGE}
    for submission_id in purges.keys() & receipts.keys():
        # What holds now is what the purge left.
        receipts[submission_id] |= {**NOTHING_KEPT, "receipt_sha256": purges[submission_id]["receipt_sha256"]}
    told = [json.loads(entry["body_json"]) for entry in entries if entry["kind"] == SENT]
    of_sendings = _sending_findings(told, came, held)
    of_rows = (*_row_findings(receipts, held), *of_sendings, *_token_findings(entries, tokens))
    return [*_chain_findings(entries, head), *of_rows, *_file_findings(receipts, place)]


def _entry_hash(*facts: int | str) -> str:
    """The hash of an entry: over its number, kind, subject, time, body and the hash before it, in this order."""
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def _chain_findings(entries: Sequence[RowMapping], head: RowMapping) -> Iterator[Finding]:
    expected_number, previous_hash = 1, FIRST_HASH
    for entry in entries:
        subject = f"ledger entry {entry['number']} ({entry['kind']} {entry['subject_id']})"
        if entry["number"] != expected_number:
            yield Finding(subject, f"entries {expected_number} to {entry['number'] - 1} are missing")
        elif entry["previous_hash"] != previous_hash:
            yield Finding(subject, "does not follow the entry before it: one of the two was replaced")
        own = _entry_hash(
            entry["number"], entry["kind"], entry["subject_id"], utc_text(entry["at"]), entry["body_json"], entry["previous_hash"]
        )
        if own != entry["hash"]:
            yield Finding(subject, "was changed after it was written")
        expected_number, previous_hash = entry["number"] + 1, entry["hash"]
    if (head["number"], head["hash"]) != (expected_number - 1, previous_hash):
        yield Finding("ledger", f"should end with entry {head['number']} but ends with entry {expected_number - 1}")


def _row_findings(receipts: dict[str, dict[str, Any]], held: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    for submission_id, body in receipts.items():
        if submission_id not in held:
            yield Finding(f"submission {submission_id}", "is in the ledger but was removed from the register")
            continue
        now = seal(held[submission_id])
        for name in (name for name in body if now.get(name) != body[name]):
            what = "receipt text" if name == "receipt_sha256" else name
            told = "" if name == "receipt_sha256" else f": the ledger says {body[name]!r}, the register {now.get(name)!r}"
            yield Finding(f"submission {submission_id}", f"{what} was changed{told}")
    for submission_id in sorted(held.keys() - receipts.keys()):
        yield Finding(f"submission {submission_id}", "is in the register but has no entry in the ledger")


def sealed_sending(sending: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a sending's entry."""
    return {**sending, **{name: utc_text(sending[name]) for name in ("sent_at", "received_at")}}


def _sending_findings(told: Sequence[dict[str, Any]], came: Sequence[RowMapping], held: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    """A first sending at the moment its submission stands for is sealed with its receipt; every other one has its own entry."""
    sealed = {(body["submission_id"], body["sent_at"]): body for body in told}
    now = {(row["submission_id"], utc_text(row["sent_at"])): sealed_sending(dict(row)) for row in came}
    for key, body in sealed.items():
        if key not in now:
            yield Finding(f"submission {key[0]}", f"was sent again at {key[1]} by the ledger, but that was removed from the register")
        elif now[key] != body:
            yield Finding(f"submission {key[0]}", f"what is on record of its sending at {key[1]} was changed")
    for submission_id, sent_at in sorted(now.keys() - sealed.keys()):
        # Without its submission a sending counts for nothing, and that the submission is gone is told already.
        if submission_id in held and utc_text(held[submission_id]["as_of"]) != sent_at:
            yield Finding(f"submission {submission_id}", f"a sending at {sent_at} is in the register but has no entry in the ledger")


def sealed_token(token: Mapping[str, Any]) -> dict[str, Any]:
    """What the entry of a token says of it: all that it is good for, and its secret by its hash."""
    facts = {name: value for name, value in token.items() if name not in OF_LIFE}
    return {**facts, **{name: utc_text(facts[name]) for name in ("issued_at", "expires_at")}}


def _token_findings(entries: Sequence[RowMapping], tokens: Mapping[str, RowMapping]) -> Iterator[Finding]:
    """A token is as it was issued, and ended exactly when the ledger says so."""
    told = [(entry["subject_id"], json.loads(entry["body_json"])) for entry in entries if entry["kind"] == LEDGER_TOKEN]
    issued = {token_id: body for token_id, body in told if body["event"] == ISSUED}
    ended = {token_id: body["revoked_at"] for token_id, body in told if body["event"] == REVOKED}
    for token_id, body in issued.items():
        if token_id not in tokens:
            yield Finding(f"token {token_id}", "is in the ledger but was removed from the register")
            continue
        now = sealed_token(dict(tokens[token_id]))
        for name in (name for name in body if name in now and now[name] != body[name]):
            yield Finding(f"token {token_id}", f"{name} was changed")
        revoked_at = tokens[token_id]["revoked_at"]
        if ended.get(token_id) != (revoked_at and utc_text(revoked_at)):
            yield Finding(f"token {token_id}", "the ledger and the register differ about its end")
    for token_id in sorted(tokens.keys() - issued.keys()):
        yield Finding(f"token {token_id}", "is in the register but has no entry in the ledger")


def kept_files(submission: Mapping[str, Any], place: Home) -> dict[str, tuple[Path, str]]:
    """Where a submission's files are and their SHA-256, by kind: landing, refused, raw."""
    files = {
        kind: (place.root / submission[f"{kind}_path"], submission[f"{kind}_sha256"])
        for kind in ("landing", "refused")
        if submission[f"{kind}_path"]
    }
    raw = submission["raw_sha256"]
    return {**files, "raw": (place.raw / raw[:2] / raw, raw)} if raw else files


def _file_findings(receipts: dict[str, dict[str, Any]], place: Home) -> Iterator[Finding]:
    for submission_id, body in receipts.items():
        for kind, (path, sha256) in kept_files(body, place).items():
            problem = _file_problem(path, sha256)
            if problem:
                yield Finding(f"submission {submission_id}", f"{kind} file {path.relative_to(place.root)} {problem}")


def _file_problem(path: Path, sha256: str) -> str | None:
    if not path.is_file():
        return "is missing"
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return None if found == sha256 else f"was changed: its sha256 is {found}, the ledger says {sha256}"
