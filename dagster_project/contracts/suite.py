"""The independent second check of a feed: a Great Expectations suite from its contract, and running it over landed rows.

GX costs five seconds to import, so it is imported inside functions and never at the door.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import cache, reduce
from itertools import combinations
from operator import and_
from typing import TYPE_CHECKING, Any

from dagster_project.contracts.arrow import arrow_schema
from dagster_project.contracts.data_docs import write_data_docs
from dagster_project.contracts.forms import NEEDS_SENDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import pandas as pd
    import pyarrow as pa
    from great_expectations.core.expectation_suite import ExpectationSuite

    from dagster_project.contracts.model import Column, Contract, Rule

__all__ = ["SuiteResult", "not_covered", "suite", "validate", "write_data_docs"]

# Present in a table of several files: what splits it into files, and when each was submitted.
SUBMISSION, AS_OF = "submission_id", "as_of"
NEEDS_AS_OF = frozenset({"not_before_week_of_submission", "not_after_submission"})
# These compare a row with the one right before it; once the door has refused that one, the landed rows cannot tell.
NEEDS_REFUSED_ROWS = frozenset({"no_gap", "increasing", "decreasing", "adjoining", "follows"})


@dataclass(frozen=True)
class SuiteResult:
    """What a suite found: `failures` in plain words, `statistics` as GX counts them, one entry of `details` per expectation."""

    feed: str
    success: bool
    failures: list[str]
    statistics: dict[str, Any]
    details: list[dict[str, Any]] = field(default_factory=list)


def not_covered(contract: Contract, *, with_as_of: bool = True) -> list[tuple[Rule, str]]:
    """Row rules of the contract that the suite leaves to the door, each with the reason."""
    left = [
        (rule, "looks at the row before, which the door may have refused") for rule in contract.rules if rule.form in NEEDS_REFUSED_ROWS
    ]
    left += [(rule, "needs to know who sends the file") for rule in contract.rules if rule.form in NEEDS_SENDER]
    if not with_as_of:
        left += [(rule, "needs the time of the submission") for rule in contract.rules if rule.form in NEEDS_AS_OF]
    return left


def suite(contract: Contract, *, with_as_of: bool = True, with_submission: bool = True) -> ExpectationSuite:
    """The expectations of a feed over a table of its typed rows.

    `with_as_of`: the table has a column `as_of` (UTC). `with_submission`: it has `submission_id`, and rules over
    several rows hold within a submission.
    """
    gx = _gx()
    within = [SUBMISSION] if with_submission else []
    found = [item for column in contract.columns for item in _column_expectations(column, within)]
    if contract.key:
        found.append(_unique([*within, *contract.key], "key"))
    for rule in contract.rules:
        # A row with a warning was accepted, so it is no mistake to find it here.
        if rule.severity == "warning" or rule.form in NEEDS_REFUSED_ROWS | NEEDS_SENDER or (rule.form in NEEDS_AS_OF and not with_as_of):
            continue
        found.extend(_rule_expectations(contract, rule, within))
    held: ExpectationSuite = gx.ExpectationSuite(name=f"{contract.feed} {contract.version}", expectations=found)
    return held


def validate(contract: Contract, table: pa.Table, *, as_of: datetime | None = None) -> SuiteResult:
    """Hold typed rows of a feed against its suite.

    `table` has the contract's columns and may hold several submissions when it has a column `submission_id`;
    `as_of` (or a column `as_of`) is the moment they stand for. A missing column is a failure and ends the check there.
    """
    missing = [name for name in arrow_schema(contract).names if name not in table.column_names]
    if missing:
        return SuiteResult(contract.feed, False, [f"column {name} is missing" for name in missing], {"evaluated_expectations": 0})
    frame = _frame(contract, table, as_of)
    held = suite(contract, with_as_of=AS_OF in frame.columns, with_submission=SUBMISSION in frame.columns)
    batch_definition, engine = _batch_definition()
    batch = batch_definition.get_batch(batch_parameters={"dataframe": frame})
    try:
        result = batch.validate(held, result_format="SUMMARY")
    finally:
        # The engine would keep every frame it has seen.
        engine.batch_manager._batch_data_cache.clear()  # noqa: SLF001
    details = [_detail(item) for item in result.results]
    failures = [_failure(item) for item in details if not item["success"]]
    return SuiteResult(contract.feed, bool(result.success), failures, dict(result.statistics), details)


def _gx() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations  # noqa: PLC0415  5 s

    return great_expectations


@cache
def _context() -> Any:
    gx = _gx()
    context = gx.get_context(mode="ephemeral")
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415  5 s

    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


@cache
def _batch_definition() -> tuple[Any, Any]:
    source = _context().data_sources.add_pandas("landing")
    return source.add_dataframe_asset("feed").add_batch_definition_whole_dataframe("rows"), source.get_execution_engine()


def _frame(contract: Contract, table: pa.Table, as_of: datetime | None) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415  half a second

    extra = [name for name in (SUBMISSION, AS_OF) if name in table.column_names]
    names = [column.name for column in contract.columns] + extra
    frame: pd.DataFrame = table.select(names).to_pandas(date_as_object=False, strings_to_categorical=False)
    if as_of is not None:
        frame[AS_OF] = pd.Timestamp(as_of)
    return frame


def _column_expectations(column: Column, within: list[str]) -> Iterator[Any]:
    expect, name = _gx().expectations, column.name
    from dagster_project.contracts.expectations import ExpectColumnValuesToBeIdentifiers, ExpectColumnValuesToHaveForm  # noqa: PLC0415

    if column.required:
        yield expect.ExpectColumnValuesToNotBeNull(column=name, meta=_meta("required"))
    if column.allowed:
        yield expect.ExpectColumnValuesToBeInSet(column=name, value_set=list(column.allowed), meta=_meta("allowed"))
    if column.minimum is not None or column.maximum is not None:
        yield expect.ExpectColumnValuesToBeBetween(column=name, min_value=column.minimum, max_value=column.maximum, meta=_meta("range"))
    if column.max_length is not None:
        yield expect.ExpectColumnValueLengthsToBeBetween(column=name, max_value=column.max_length, meta=_meta("max_length"))
    if column.pattern:
        yield ExpectColumnValuesToHaveForm(column=name, pattern=column.pattern, meta=_meta("pattern"))
    if column.identifier:
        yield ExpectColumnValuesToBeIdentifiers(column=name, kind=column.identifier, meta=_meta(column.identifier))
    if column.unique:
        yield _unique([*within, name], "unique")


def _rule_expectations(contract: Contract, rule: Rule, within: list[str]) -> Iterator[Any]:
    expect, meta = _gx().expectations, _meta(rule.name)
    if rule.form == "ascending":
        strictly = bool(rule.options.get("strictly"))
        for low, high in combinations(rule.arguments, 2):
            terms = {"column_A": high, "column_B": low, "or_equal": not strictly, "ignore_row_if": "either_value_is_missing"}
            yield expect.ExpectColumnPairValuesAToBeGreaterThanB(**terms, meta=meta)
    elif rule.form == "required_when":
        when = _condition(rule.arguments["when"])
        yield expect.ExpectColumnValuesToNotBeNull(column=rule.arguments["column"], row_condition=when, meta=meta)
    elif rule.form == "empty_when":
        when = _condition(rule.arguments["when"])
        yield expect.ExpectColumnValuesToBeNull(column=rule.arguments["column"], row_condition=when, meta=meta)
    elif rule.form == "unique":
        yield _unique([*within, *rule.arguments], rule.name)
    else:
        from dagster_project.contracts.expectations import ExpectRowsToKeepRule  # noqa: PLC0415  5 s

        columns = _columns_of(contract, rule, within)
        terms = {"form": rule.form, "arguments": rule.arguments, "within": within, "ignore_row_if": "never"}
        yield ExpectRowsToKeepRule(column_list=columns, **terms, meta=meta)


def _unique(columns: list[str], rule: str) -> Any:
    expect = _gx().expectations
    if len(columns) == 1:
        return expect.ExpectColumnValuesToBeUnique(column=columns[0], meta=_meta(rule))
    return expect.ExpectCompoundColumnsToBeUnique(column_list=columns, ignore_row_if="any_value_is_missing", meta=_meta(rule))


def _condition(when: dict[str, list[str]]) -> Any:
    from great_expectations.expectations.row_conditions import Column as Named  # noqa: PLC0415  5 s

    return reduce(and_, (Named(column).is_in(list(values)) for column, values in when.items()))


def _columns_of(contract: Contract, rule: Rule, within: list[str]) -> list[str]:
    # GX wants at least two columns; the key makes up for a rule that names one.
    named = mentioned(contract, rule) + list(within) + ([AS_OF] if rule.form in NEEDS_AS_OF else [])
    return named if len(named) > 1 else list(dict.fromkeys([*named, *(column.name for column in contract.columns)]))[:2]


def mentioned(contract: Contract, rule: Rule) -> list[str]:
    """Columns of the contract that a rule names, in contract order."""
    words = set(re.findall(r"\w+", str(rule.arguments)))
    return [column.name for column in contract.columns if column.name in words]


def _meta(rule: str) -> dict[str, str]:
    return {"rule": rule}


def _detail(item: Any) -> dict[str, Any]:
    config, result = item.expectation_config, item.result or {}
    columns = (
        config.kwargs.get("column") or config.kwargs.get("column_list") or [config.kwargs.get("column_A"), config.kwargs.get("column_B")]
    )
    return {
        "rule": (config.meta or {}).get("rule", ""),
        "expectation": config.type,
        "columns": [columns] if isinstance(columns, str) else list(columns),
        "success": bool(item.success),
        "rows": result.get("element_count", 0),
        "rows_broken": result.get("unexpected_count", 0),
        "error": _error(item),
    }


def _error(item: Any) -> str | None:
    info = item.exception_info or {}
    entries = [info] if "raised_exception" in info else list(info.values())
    return next(
        (str(entry.get("exception_message")) for entry in entries if isinstance(entry, dict) and entry.get("raised_exception")), None
    )


def _failure(detail: dict[str, Any]) -> str:
    place = ", ".join(detail["columns"])
    if detail["error"]:
        return f"{detail['rule']} ({place}): could not be checked: {detail['error']}"
    return f"{detail['rule']} ({place}): {detail['rows_broken']} of {detail['rows']} rows break it"
