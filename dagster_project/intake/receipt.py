"""What a sender gets back: the receipt and its refusals, and the error that refuses a whole file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagster_project.intake.answering.again import Again

ACCEPTED = "accepted"
PARTLY_ACCEPTED = "partly_accepted"
REFUSED = "refused"


@dataclass(frozen=True)
class Refusal:
    """One reason. `row` is the row as a person counts it in the file (header = 1), None when the whole file is meant.

    `source_column` is the sender's own name of the column where it is another than the contract's; `source_place` says where
    in a document without rows the value stands, such as "event 3, sensor report 2".
    """

    row: int | None
    column: str | None
    rule: str
    found: str | None
    expected: str
    hint: str
    source_column: str | None = None
    source_place: str | None = None


@dataclass(frozen=True)
class Receipt:
    """The answer to one submission. Times are UTC, as text; `refusals` and `warnings` hold the first thousand.

    A row with a warning is accepted. `format` is what the file turned out to be, `mapping` the partner's mapping it was read with,
    `looks_like` another feed whose columns the file has.
    """

    submission_id: str
    partner_id: str | None
    feed: str
    file_name: str
    status: str
    rows_sent: int
    rows_accepted: int
    rows_refused: int
    refusals: tuple[Refusal, ...]
    received_at: str
    as_of: str
    is_replay: bool
    sha256: str
    contract_version: str | None
    supersedes: str | None
    message: str
    format: str | None = None
    mapping: str | None = None
    looks_like: str | None = None
    rows_warned: int = 0
    warnings: tuple[Refusal, ...] = ()
    # Said to whoever sends the same bytes again; no part of the receipt, which stays what it was.
    is_repeat: bool = field(default=False, compare=False)
    again: Again | None = field(default=None, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain values only: ready for JSON."""
        values = {name: value for name, value in asdict(self).items() if name not in {"is_repeat", "again"}}
        return {**values, "refusals": list(values["refusals"]), "warnings": list(values["warnings"])}

    @staticmethod
    def from_dict(values: dict[str, Any]) -> Receipt:
        """The receipt that `to_dict` wrote."""
        reasons = {name: tuple(Refusal(**reason) for reason in values.get(name, ())) for name in ("refusals", "warnings")}
        return Receipt(**{**values, **reasons})


class FileRefusedError(Exception):
    """The whole file is refused. `looks_like` names another feed whose columns it has."""

    def __init__(self, message: str, refusals: list[Refusal] | None = None, *, looks_like: str | None = None, rows_sent: int = 0) -> None:
        """Say why; without refusals the message itself becomes the one refusal of the file."""
        super().__init__(message)
        self.message = message
        self.refusals = refusals or []
        self.looks_like = looks_like
        self.rows_sent = rows_sent


def refuse(
    rule: str, found: str | None, expected: str, hint: str, *, row: int | None = None, column: str | None = None
) -> FileRefusedError:
    """The error that refuses a whole file for one reason."""
    where = "" if row is None else f"Row {row}: "
    found_words = "" if found is None else f"found {found}; "
    message = f"{where}{found_words}expected {expected}. {hint}"
    return FileRefusedError(message[0].upper() + message[1:], [Refusal(row, column, rule, found, expected, hint)])
