"""The door and Great Expectations come to the same verdict, row by row, on made-up files with planted mistakes.

The door reads CSV, types the cells and applies the contract's rules as compiled SQL; GX gets the same typed rows, before any is refused, and
applies its suite in pandas. Rules that compare a row with the one right before it (no_gap, increasing, decreasing, adjoining, follows) are left
to the door and not compared (see `suite.not_covered`); nor are warnings, which refuse nothing. Of rows that are alike GX names all, the door all but the first.

    VEINWAY_AGREEMENT_FILES=1000 pytest tests/rooms/contracts/test_agreement.py -m ''

holds 1,000 files of every family of feeds against each other; without it a few are enough to notice a difference in passing.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pytest
from fuzzed_files import AS_OF, as_csv, example_row, fuzzed_file

from dagster_project.contracts import contracts
from dagster_project.contracts.suite import SUBMISSION, _batch_definition, _frame, not_covered, suite
from dagster_project.intake import check
from dagster_project.intake.engine import cursor
from dagster_project.intake.judging.judgement import examine
from dagster_project.intake.reading.content import open_content, survey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.contracts import Contract

FILES = int(os.environ.get("VEINWAY_AGREEMENT_FILES", "12"))
# GX holds the rows of so many files at once.
FILES_AT_ONCE = 250

Verdict = tuple[int, int, str]


class Judged(NamedTuple):
    """One file as the door judged it: its typed rows, and (row, rule) of every reason."""

    rows: pa.Table
    reasons: set[tuple[int, str]]


def _families() -> dict[str, list[str]]:
    """Hospitals and plants send plans and events; each of the others sends one family of feeds."""
    found: dict[str, list[str]] = {}
    for feed, held in contracts().items():
        role = held.senders[0]
        kind = {"snapshot": " plans", "events": " events"}[held.delivery] if role in ("hospital", "plant") else ""
        found.setdefault(role + kind, []).append(feed)
    return found


FAMILIES = _families()


def test_every_feed_is_in_one_of_seven_families() -> None:
    assert sorted(FAMILIES) == ["courier", "hospital events", "hospital plans", "operator", "plant events", "plant plans", "supplier"]
    assert sorted(feed for feeds in FAMILIES.values() for feed in feeds) == sorted(contracts())


def test_two_identities_in_a_batch_are_found_also_when_its_first_row_has_none() -> None:
    """Found by a run of a thousand files: the door used to compare with the first row only."""
    held = contracts()["batch_milestone"]
    row = example_row(held) | {"batch_id": "B-1"}
    identities = (None, "CHA999926ABC123", "CHA999926ABC124")
    data = as_csv(held, [row | {"coi_id": coi, "attempt": number} for number, coi in enumerate(identities, start=1)])
    found = [(reason.row, reason.rule) for reason in check(data, feed="batch_milestone", as_of=AS_OF).refusals]
    assert (4, "one_identity_per_batch") in found
    assert (3, "one_identity_per_batch") not in found


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_the_door_and_gx_refuse_the_same_rows(family: str) -> None:
    feeds = FAMILIES[family]
    forms: Counter[str] = Counter()
    compared = 0
    for place, feed in enumerate(feeds):
        held = contracts()[feed]
        files = FILES // len(feeds) + (place < FILES % len(feeds))
        for start in range(0, files, FILES_AT_ONCE):
            judged = {number: _judged(held, feed, number) for number in range(start, min(start + FILES_AT_ONCE, files))}
            by_door = {(number, row, rule) for number, file in judged.items() for row, rule in file.reasons}
            by_gx = _by_gx(held, judged)
            assert by_door - by_gx == set(), f"{feed}: only the door refuses"
            assert by_gx - by_door == set(), f"{feed}: only GX refuses"
            compared += len(judged)
            forms.update(_form(held, rule) for _, _, rule in by_door)
    assert compared == FILES
    assert forms, "nothing was refused: the files are too tame"
    if FILES >= 1000:
        assert {rule.form for feed in feeds for rule in _compared_rules(contracts()[feed])} <= set(forms), "a form of rule was never broken"
    print(f"\n{family}: {compared:,} files, {sum(forms.values()):,} reasons alike: {dict(forms.most_common())}")


def _judged(held: Contract, feed: str, number: int) -> Judged:
    """A file through the door; one that is refused whole (it looks like it names a person) is made again."""
    for attempt in range(20):
        content = open_content(fuzzed_file(held, random.Random(f"{feed}-{number}-{attempt}")))
        with cursor() as connection:
            outcome = examine(connection, content, survey(content), held, partner=None, as_of=AS_OF)
            if not outcome.is_clear_of_identifiers:
                continue
            names = ", ".join(f'"{column.name}"' for column in held.columns)
            rows = connection.execute(f"SELECT {names}, row_number FROM staged ORDER BY row_number").to_arrow_table()
            # Without a refusal there may be no such view.
            query = "SELECT row_number, rule FROM refusal"
            reasons = set(connection.execute(query).fetchall()) if outcome.refusals else set()
            assert "type" not in {rule for _, rule in reasons}, "the generator writes readable cells only"
            return Judged(rows, {(row, rule) for row, rule in reasons if rule not in _left_out(held)})
    raise AssertionError(f"{feed}: every attempt at file {number} was refused whole")


def _by_gx(held: Contract, judged: dict[int, Judged]) -> set[Verdict]:
    """(file, row, rule) of everything that GX finds in the typed rows of these files."""
    tables = [file.rows.append_column(SUBMISSION, pa.array([str(number)] * len(file.rows))) for number, file in judged.items()]
    table = pa.concat_tables(tables)
    frame = _frame(held, table, AS_OF)
    places = list(zip(map(int, table[SUBMISSION].to_pylist()), table["row_number"].to_pylist(), strict=True))
    batch_definition, engine = _batch_definition()
    batch = batch_definition.get_batch(batch_parameters={"dataframe": frame})
    try:
        result = batch.validate(suite(held), result_format={"result_format": "COMPLETE"})
    finally:
        engine.batch_manager._batch_data_cache.clear()
    found: set[Verdict] = set()
    for item in result.results:
        assert not any(entry.get("raised_exception") for entry in _exceptions(item)), item.exception_info
        rule = item.expectation_config.meta["rule"]
        indices = item.result.get("unexpected_index_list") or []
        if "unique" in item.expectation_config.type:
            indices = _later_ones(frame, indices, item.expectation_config.kwargs)
        found |= {(*places[index], rule) for index in indices}
    return found


def _exceptions(item: Any) -> Iterator[dict[str, Any]]:
    info = item.exception_info or {}
    yield from [info] if "raised_exception" in info else info.values()


def _later_ones(frame: Any, indices: list[int], terms: dict[str, Any]) -> list[int]:
    """Of rows that are alike, all but the first of the file."""
    columns = terms.get("column_list") or [terms["column"]]
    alike = frame.loc[sorted(indices), columns]
    return list(alike.index[alike.duplicated(keep="first")])


def _compared_rules(held: Contract) -> list[Any]:
    return [rule for rule in held.rules if rule.name not in _left_out(held) and rule.severity == "error"]


def _left_out(held: Contract) -> set[str]:
    return {rule.name for rule, _ in not_covered(held)}


def _form(held: Contract, rule: str) -> str:
    return next((each.form for each in held.rules if each.name == rule), rule)
