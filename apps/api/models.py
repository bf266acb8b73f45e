"""The shapes of the answers, for the OpenAPI document: each member in words for whoever builds the sending system."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["accepted", "partly_accepted", "refused"]
EXAMPLE_REASON = {
    "row": 7,
    "column": "week_start_date",
    "rule": "type",
    "found": "2026-W54",
    "expected": "the Monday of the ISO week as YYYY-MM-DD, or the week as 2026-W48",
    "hint": "Write the Monday of that week.",
    "source_column": None,
    "source_place": None,
}
EXAMPLE_SUBMISSION = {
    "submission_id": "3f9a1c20b7de45a810cc",
    "feed": "demand_forecast",
    "file_name": "forecast_w48.csv",
    "status": "partly_accepted",
    "rows_sent": 26,
    "rows_accepted": 25,
    "rows_refused": 1,
    "received_at": "2026-11-20T08:15:02.114000Z",
    "as_of": "2026-11-20T08:15:02.114000Z",
    "supersedes": None,
}
EXAMPLE_RECEIPT = {
    **EXAMPLE_SUBMISSION,
    "partner_id": "northgate-hospital",
    "refusals": [EXAMPLE_REASON],
    "is_replay": False,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "contract_version": "1.0.0",
    "message": (
        "25 rows accepted. 1 row was refused; what you stated for it earlier stays in force until a corrected file arrives."
        " Correct it and send the whole file again."
    ),
    "format": "csv",
    "mapping": None,
    "looks_like": None,
    "rows_warned": 0,
    "warnings": [],
}
EXAMPLE_CHECK = {**EXAMPLE_RECEIPT, "changes": None, "open_references": []}


def _with_example(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


class Reason(BaseModel):
    """One reason why a row, or the whole file, was refused, or what is odd about a row that was accepted."""

    model_config = _with_example(EXAMPLE_REASON)
    row: int | None = Field(description="The row as a spreadsheet counts it: the header is row 1. Null when the whole file is meant.")
    column: str | None = Field(description="The column as the contract calls it.")
    rule: str = Field(description="The rule that was broken, by its short name.")
    found: str | None = Field(description="What stands there. Null when nothing does, or when it must not be repeated.")
    expected: str = Field(description="What the contract expects.")
    hint: str = Field(description="How to put it right.")
    source_column: str | None = Field(default=None, description="Your own name of the column, where it is another than the contract's.")
    source_place: str | None = Field(
        default=None, description="Where in a document without rows it stands, such as 'event 3, sensor report 2'."
    )


class Receipt(BaseModel):
    """The receipt of a submission. It never changes: the same file again gives the same receipt."""

    model_config = _with_example(EXAMPLE_RECEIPT)
    submission_id: str = Field(description="The id of the submission; it follows from partner, feed and the bytes of the file.")
    partner_id: str | None = Field(description="The partner that the token belongs to.")
    feed: str
    file_name: str = Field(description="The file's name as it was sent, unless it looked like it names a person.")
    status: Status = Field(description="`accepted`: every row; `partly_accepted`: the good rows; `refused`: none.")
    rows_sent: int = Field(description="0 when the file was refused before its rows were counted.")
    rows_accepted: int
    rows_refused: int
    refusals: list[Reason] = Field(description="Up to 1,000 reasons; all of them are at /v1/submissions/{id}/refusals.")
    received_at: dt.datetime = Field(description="When it came, UTC.")
    as_of: dt.datetime = Field(description="The moment it stands for, UTC; as a rule that of its receipt.")
    is_replay: bool = Field(description="Whether the operator entered it later, for an earlier moment.")
    sha256: str = Field(description="The SHA-256 of the file as it arrived.")
    contract_version: str | None = Field(description="The version of the contract it was judged by.")
    supersedes: str | None = Field(description="The submission whose version of the plan this one replaces.")
    message: str = Field(description="The verdict in a sentence.")
    format: str | None = Field(description="What the file turned out to be: csv, xlsx, parquet, json and so on.")
    mapping: str | None = Field(description="The mapping by which your own column names were read, if any.")
    looks_like: str | None = Field(description="Another feed whose columns the file has; probably the one that was meant.")
    rows_warned: int = Field(description="Accepted rows with a warning.")
    warnings: list[Reason] = Field(description="What is odd about rows that were accepted.")
    sent_again: str | None = Field(
        default=None,
        description="Only in the answer to bytes that were here before, and no part of the receipt: what it means that they came again.",
    )


class Submission(BaseModel):
    """One line of the list of submissions."""

    model_config = _with_example(EXAMPLE_SUBMISSION)
    submission_id: str
    feed: str
    file_name: str
    status: Status
    rows_sent: int
    rows_accepted: int
    rows_refused: int
    received_at: dt.datetime
    as_of: dt.datetime
    supersedes: str | None


class SubmissionPage(BaseModel):
    """A page of your submissions, newest first."""

    submissions: list[Submission]
    next: str | None = Field(description="The address of the next page; null on the last one.")


class Refusals(BaseModel):
    """Every refusal of a submission, however many there are."""

    submission_id: str
    refusals: list[Reason]


class Total(BaseModel):
    """The sum of a column over the rows of both versions that speak of the same time."""

    column: str
    unit: str
    before: float
    after: float


class Change(BaseModel):
    """One value that is another one now."""

    row: str = Field(description="The row, by its key in words.")
    column: str
    before: str
    after: str


class Changes(BaseModel):
    """A plan against the version that it replaced. Weeks (or days) that the version before did not reach are counted apart, as beyond."""

    sentence: str = Field(description="All of it in one line.")
    against: str = Field(description="The submission that it replaced.")
    rows_same: int
    rows_changed: int
    rows_added: int
    rows_removed: int
    rows_kept: int = Field(description="Rows that the file leaves out and that stay in force, because rows of it were refused.")
    rows_beyond: int
    periods: int = Field(description="Weeks (or days) in which anything is different.")
    periods_beyond: int
    period_word: str = Field(description="What is counted as periods, such as `week`; empty for a plan without any.")
    totals: list[Total]
    largest: list[Change] = Field(description="The largest changes.")


class ChangesAnswer(BaseModel):
    """What a plan changed."""

    submission_id: str
    changes: Changes | None = Field(description="Null when it replaced no other version.")


class CheckAnswer(Receipt):
    """The receipt that a file would get, and what would come of it."""

    model_config = _with_example(EXAMPLE_CHECK)
    changes: Changes | None = Field(
        description="What it would change against the version it would replace. Null for a first version, for events, for a refused file"
        " and for one too large to compare before it is sent."
    )
    open_references: list[Reason] = Field(
        description="Values that no row of the feed they refer to has yet; the rows would be accepted all the same."
    )


class OpenReferences(BaseModel):
    """References of a submission that wait for another feed."""

    submission_id: str
    open_references: list[Reason]


class Deadline(BaseModel):
    """The last or the next deadline of a feed."""

    feed: str
    which: Literal["last", "next"]
    due_at: dt.datetime = Field(description="UTC.")
    time_zone: str = Field(description="The zone in which it is meant.")
    is_owed: bool = Field(description="False before you joined, and while no agreement holds.")
    state: Literal["early", "on_time", "late", "missing", "not_due"]
    answered_at: dt.datetime | None = Field(description="When the file came that answers it, UTC.")
    submission_id: str | None = Field(description="That file's submission.")


class Due(BaseModel):
    """What is due, and what became of what was."""

    at: dt.datetime = Field(description="The moment of this answer, UTC.")
    deadlines: list[Deadline]


class Feed(BaseModel):
    """A feed: what it is for and whether this token may send it."""

    feed: str
    title: str
    purpose: str
    one_row: str = Field(description="What one row stands for.")
    contract_version: str
    delivery: str = Field(
        description="`snapshot`: a file restates the plan of its period; `events`: each row replaces the earlier row of its key."
    )
    senders: list[str] = Field(description="The roles that send it.")
    cadence: str | None = Field(description="When a file is expected, as a cron line in your own time zone.")
    takes_part_of_a_file: bool = Field(
        description="Whether good rows are accepted when others are refused; otherwise it is all or nothing."
    )
    may_send: bool = Field(description="Whether this token may send it.")
    contract: str = Field(description="Where its contract is.")
    template: str = Field(description="Where its empty workbook is.")


class FeedList(BaseModel):
    """All feeds."""

    feeds: list[Feed]


class Health(BaseModel):
    """Whether a submission would be taken right now."""

    model_config = _with_example({"status": "ok", "version": "0.1.0"})
    status: Literal["ok"]
    version: str


class Where(BaseModel):
    """A part of the request that cannot be read."""

    where: str
    expected: str


class Problem(BaseModel):
    """Why it did not work (RFC 9457). Machines look at `type`, people read `detail` and `remedy`."""

    model_config = ConfigDict(extra="allow")
    type: str = Field(description="The kind of problem; it leads to the words about it.")
    title: str
    status: int
    detail: str
    remedy: str = Field(description="What to do.")
    instance: str
    request_id: str = Field(description="The id of this request in our log; also in the header X-Request-Id.")


class BadRequest(Problem):
    """A request that cannot be read."""

    errors: list[Where] | None = Field(default=None, description="The parts that cannot be read, where they can be named.")


class RefusedOrReused(Problem):
    """A refused file (`/docs#file-refused`, with its receipt) or an Idempotency-Key used twice (`/docs#key-reused`, without)."""

    receipt: Receipt | None = Field(default=None, description="The receipt of the refused file.")
