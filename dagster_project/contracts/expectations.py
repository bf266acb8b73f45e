"""Our own Great Expectations: identifiers with their check digits, and row rules in pandas. Importing this imports GX (5 s).

Nothing here reads the compiled SQL of `rules.py`: the two must come to the same verdict by different ways.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation, MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import column_condition_partial
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import ColumnMapMetricProvider
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_condition_partial import multicolumn_condition_partial
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_map_metric_provider import MulticolumnMapMetricProvider

from dagster_project.contracts.identifiers import is_valid

if TYPE_CHECKING:
    from collections.abc import Callable

# A boolean pd.Series, one verdict per row; the stubs lose the type at every comparison.
Verdicts = Any
# A local date may lie up to 14 hours ahead of UTC.
DATE_ALLOWANCE = pd.Timedelta(hours=14)


class ColumnValuesIdentifier(ColumnMapMetricProvider):
    """True where a value is a well-formed identifier of the kind."""

    condition_metric_name = "column_values.veinway_identifier"
    condition_value_keys = ("kind",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, kind: str, **_: Any) -> Verdicts:  # noqa: N805  GX calls it with the class
        texts = column.dt.strftime("%Y-%m-%d") if pd.api.types.is_datetime64_any_dtype(column) else column.astype(str)
        return _by_distinct(texts, lambda text: is_valid(kind, text))


class ExpectColumnValuesToBeIdentifiers(ColumnMapExpectation):
    """Expect every value to be a well-formed identifier of a kind: gln, gtin, sscc, din, coi, iso_week."""

    map_metric = "column_values.veinway_identifier"
    success_keys: ClassVar[tuple[str, ...]] = ("kind", "mostly")
    args_keys = ("column", "kind")
    kind: str


class ColumnValuesWholePattern(ColumnMapMetricProvider):
    """True where the whole value has the form of a pattern."""

    condition_metric_name = "column_values.veinway_pattern"
    condition_value_keys = ("pattern",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, pattern: str, **_: Any) -> Verdicts:  # noqa: N805  GX calls it with the class
        form = re.compile(pattern)
        return _by_distinct(column, lambda text: form.fullmatch(text) is not None)


class ExpectColumnValuesToHaveForm(ColumnMapExpectation):
    """Expect the whole of every value to have the form of a pattern (GX's own looks for it anywhere, and at every row)."""

    map_metric = "column_values.veinway_pattern"
    success_keys: ClassVar[tuple[str, ...]] = ("pattern", "mostly")
    args_keys = ("column", "pattern")
    pattern: str


class RowsKeepRule(MulticolumnMapMetricProvider):
    """True where a row keeps a row rule."""

    condition_metric_name = "multicolumn_values.veinway_rule"
    condition_value_keys = ("form", "arguments", "within")

    @multicolumn_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column_list: pd.DataFrame, form: str, arguments: Any, within: list[str], **_: Any) -> Verdicts:  # noqa: N805
        return ROW_FORMS[form](column_list, arguments, within)


class ExpectRowsToKeepRule(MulticolumnMapExpectation):
    """Expect every row to keep a row rule of the contract; `within` names columns that split the table into files."""

    map_metric = "multicolumn_values.veinway_rule"
    success_keys: ClassVar[tuple[str, ...]] = ("form", "arguments", "within", "mostly")
    args_keys = ("column_list", "form")
    form: str
    arguments: Any
    within: list[str]


def _by_distinct(column: pd.Series, keeps: Callable[[str], bool]) -> Verdicts:
    # A column of codes repeats few of them: ask once per distinct value.
    codes, values = pd.factorize(column)
    verdicts = pd.array([keeps(value) for value in values], dtype=bool)
    return pd.Series(verdicts.take(codes), index=column.index, dtype=bool)


def _longest(rows: pd.DataFrame, arguments: dict[str, Any], _: list[str]) -> Verdicts:
    taken = rows[arguments["to"]] - rows[arguments["from"]]
    return ~(taken > pd.Timedelta(hours=arguments["hours"]))


def _not_before_week_of_submission(rows: pd.DataFrame, arguments: dict[str, Any], _: list[str]) -> Verdicts:
    day = rows["as_of"].dt.tz_convert("UTC").dt.tz_localize(None).dt.normalize()
    monday = day - pd.to_timedelta(day.dt.weekday, unit="D")
    return ~(rows[arguments["column"]] < monday)


def _not_after_submission(rows: pd.DataFrame, arguments: dict[str, Any], _: list[str]) -> Verdicts:
    moment = rows[arguments["column"]]
    if getattr(moment.dt, "tz", None) is None:
        return ~(moment.dt.tz_localize("UTC") > rows["as_of"] + DATE_ALLOWANCE)
    return ~(moment > rows["as_of"])


def _no_overlap(rows: pd.DataFrame, arguments: dict[str, Any], within: list[str]) -> Verdicts:
    group, start, end = [*within, *arguments["group"]], arguments["start"], arguments["end"]
    ordered = rows.sort_values(start, kind="stable")
    keys = [ordered[name] for name in group]
    latest = ordered[end].groupby(keys, dropna=False, sort=False).cummax()
    earlier = latest.groupby(keys, dropna=False, sort=False).ffill().groupby(keys, dropna=False, sort=False).shift()
    return (~(ordered[start] <= earlier)).reindex(rows.index)


def _same_within(rows: pd.DataFrame, arguments: dict[str, Any], within: list[str]) -> Verdicts:
    keys = [rows[name] for name in (*within, *arguments["group"])]
    column = rows[arguments["column"]]
    return ~(column.notna() & (column != column.groupby(keys, dropna=False, sort=False).transform("first")))


def _in_step_order(rows: pd.DataFrame, arguments: dict[str, Any], within: list[str]) -> Verdicts:
    at = arguments["at"]
    places = {step: place for place, step in enumerate(arguments["order"])}
    happened = rows[rows[at].notna()]
    ordered = happened.assign(_place=happened[arguments["step"]].map(places)).sort_values("_place", kind="stable")
    keys = [ordered[name] for name in (*within, *arguments["group"])]
    latest = ordered[at].groupby(keys, dropna=False, sort=False).cummax()
    broken = ordered[at] < latest
    return ~broken.reindex(rows.index, fill_value=False)


def _sql(rows: pd.DataFrame, expression: str, _: list[str]) -> Verdicts:
    import duckdb  # noqa: PLC0415  only contracts with an expression of their own need it

    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("rows_of_feed", rows.reset_index(drop=True))
        kept = connection.execute(f"SELECT coalesce(({expression}), true) AS kept FROM rows_of_feed").fetch_df()["kept"]
    return pd.Series(kept.to_numpy(dtype=bool), index=rows.index)


ROW_FORMS: dict[str, Callable[[pd.DataFrame, Any, list[str]], Verdicts]] = {
    "longest": _longest,
    "not_before_week_of_submission": _not_before_week_of_submission,
    "not_after_submission": _not_after_submission,
    "no_overlap": _no_overlap,
    "same_within": _same_within,
    "in_step_order": _in_step_order,
    "sql": _sql,
}
