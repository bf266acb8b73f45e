"""The door answers every sample file as recorded beside it. `pytest --bless` rewrites the records."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.contracts import feeds
from dagster_project.home import PROJECT_ROOT
from dagster_project.intake import check

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.intake import Receipt

# As partners' files are: in worker processes.
pytestmark = pytest.mark.usefixtures("workers")
SAMPLES = PROJECT_ROOT / "partner_feeds" / "samples"
SENT_AT = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
GOOD = sorted(SAMPLES.glob("*/good_*"))
BAD = sorted(path for path in SAMPLES.glob("*/bad_*") if not path.name.endswith(".receipt.json"))
# Samples of one name hold the same rows.
TWINS = [path for path in GOOD if path.suffix != ".csv" and path.with_suffix(".csv") in GOOD]
IDENTIFIERS = [path for path in BAD if path.stem.startswith("bad_identifier_")]


def _name(path: Path) -> str:
    return path.relative_to(SAMPLES).as_posix()


def _answer(path: Path) -> Receipt:
    return check(path, feed=path.parent.name, as_of=SENT_AT)


def _record(receipt: Receipt) -> dict[str, Any]:
    counts = {name: getattr(receipt, name) for name in ("status", "rows_sent", "rows_accepted", "rows_refused")}
    return {**counts, "refusals": [{"row": item.row, "column": item.column, "rule": item.rule} for item in receipt.refusals]}


@pytest.mark.parametrize("feed", feeds())
def test_every_feed_has_good_and_bad_samples(feed: str) -> None:
    assert [path for path in GOOD if path.parent.name == feed]
    assert [path for path in BAD if path.parent.name == feed]


@pytest.mark.parametrize("path", GOOD, ids=_name)
def test_good_sample_is_accepted_whole(path: Path) -> None:
    receipt = _answer(path)
    assert (receipt.status, receipt.refusals, receipt.rows_accepted) == ("accepted", (), receipt.rows_sent)
    assert receipt.rows_sent > 0


@pytest.mark.parametrize("path", BAD, ids=_name)
def test_bad_sample_is_answered_as_recorded(path: Path, bless: bool) -> None:
    record = path.with_suffix(".receipt.json")
    answer = _record(_answer(path))
    if bless:
        record.write_text(json.dumps(answer, indent=2) + "\n", encoding="utf-8")
    assert answer == json.loads(record.read_text(encoding="utf-8"))
    assert answer["status"] in {"refused", "partly_accepted"}
    assert answer["refusals"]


@pytest.mark.parametrize("path", BAD, ids=_name)
def test_every_refusal_says_what_was_expected_and_what_to_do(path: Path) -> None:
    for refusal in _answer(path).refusals:
        assert refusal.expected, refusal
        assert refusal.hint.endswith("."), refusal


@pytest.mark.parametrize("path", IDENTIFIERS, ids=_name)
def test_a_direct_identifier_refuses_the_file_and_is_never_repeated(path: Path) -> None:
    receipt = _answer(path)
    cells = re.split(r'[,;*|~"\n]', path.read_text(encoding="utf-8"))
    made_up = {cell for cell in cells if any(mark in cell for mark in ("MRN", "1900-01-01", "Nobody", "555", "@", "nobody"))}
    assert (receipt.status, receipt.rows_accepted) == ("refused", 0)
    assert made_up, "the sample carries no made-up identifier"
    assert [value for value in made_up if value in json.dumps(receipt.to_dict())] == []


@pytest.mark.parametrize("path", TWINS, ids=_name)
def test_the_same_rows_in_another_format_are_answered_alike(path: Path) -> None:
    assert _record(_answer(path)) == _record(_answer(path.with_suffix(".csv")))


def test_the_formats_are_shown() -> None:
    assert {path.suffix for path in TWINS} >= {".xlsx", ".parquet", ".x12"}
