"""The forms a row rule of a contract can take: each turns its arguments into the SQL that is true where the rule is broken.

A form is `(arguments, options) -> (violation SQL, columns concerned)`. Nulls pass: whether a value must be
there is a matter of `required`. Rows compare with the rows of the same file only.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _window(group: list[str], order: str, frame: str = "") -> str:
    return f" OVER (PARTITION BY {', '.join(map(_name, group))} ORDER BY {order}{frame})"


EARLIER_ROWS = " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"


def ascending(columns: list[str], options: dict[str, Any]) -> tuple[str, list[str]]:
    """Each column is not above any later one; `strictly`: below it."""
    sign = ">=" if options.get("strictly") else ">"
    return "(" + " OR ".join(f"coalesce({_name(low)} {sign} {_name(high)}, false)" for low, high in combinations(columns, 2)) + ")", columns


def _condition(when: dict[str, list[str]]) -> str:
    return " AND ".join(f"{_name(column)} IN ({', '.join(map(_text, values))})" for column, values in when.items())


def required_when(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """`column` is filled when other columns have the listed values."""
    return f"({_condition(arguments['when'])} AND {_name(arguments['column'])} IS NULL)", [arguments["column"], *arguments["when"]]


def empty_when(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """`column` is empty when other columns have the listed values."""
    return f"({_condition(arguments['when'])} AND {_name(arguments['column'])} IS NOT NULL)", [arguments["column"], *arguments["when"]]


def longest(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """From `from` to `to` it takes at most `hours`."""
    start, end = arguments["from"], arguments["to"]
    return f"{_name(end)} - {_name(start)} > INTERVAL {int(arguments['hours'])} HOUR", [end, start]


def not_before_week_of_submission(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """A date lies in the ISO week of the submission or later."""
    return f"{_name(arguments['column'])} < CAST(date_trunc('week', CAST(getvariable('as_of') AS TIMESTAMPTZ)) AS DATE)", [
        arguments["column"]
    ]


def not_after_submission(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """A moment, or a local date anywhere on earth, is not later than the submission."""
    column = _name(arguments["column"])
    # A local date may be up to 14 hours ahead of UTC; a moment (TIMESTAMPTZ) may not. A date compares as its midnight.
    allowance = f"CASE typeof({column}) WHEN 'DATE' THEN INTERVAL 14 HOUR ELSE INTERVAL 0 HOUR END"
    return f"CAST({column} AS TIMESTAMPTZ) > CAST(getvariable('as_of') AS TIMESTAMPTZ) + {allowance}", [arguments["column"]]


def of_sender(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """`column` is the role of the partner that sends the file, as far as it is known."""
    column = _name(arguments["column"])
    return f"coalesce({column} <> getvariable('sender_role'), false)", [arguments["column"]]


def unique(columns: list[str], _: dict[str, Any]) -> tuple[str, list[str]]:
    """No two rows share these values; a row with an empty one is left alone."""
    filled = " AND ".join(f"{_name(column)} IS NOT NULL" for column in columns)
    return f"({filled} AND count(*){_window(columns, 'row_number', ' ROWS UNBOUNDED PRECEDING')} > 1)", columns


def no_overlap(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """Within a group, periods (both ends included) do not overlap."""
    start, end = _name(arguments["start"]), _name(arguments["end"])
    latest_end = f"max({end}){_window(arguments['group'], f'{start}, row_number', EARLIER_ROWS)}"
    return f"coalesce({start} <= {latest_end}, false)", [arguments["start"], arguments["end"], *arguments["group"]]


def no_gap(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """Within a group, whole numbers follow each other without a gap."""
    column = _name(arguments["column"])
    return f"coalesce({column} - lag({column}){_window(arguments['group'], column)} > 1, false)", [arguments["column"]]


def increasing(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """Within a group, in the order of `order`, `column` never goes back."""
    column = _name(arguments["column"])
    return f"coalesce({column} < lag({column}){_window(arguments['group'], _name(arguments['order']))}, false)", [arguments["column"]]


def decreasing(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """Within a group, in the order of `order`, `column` never goes up."""
    column = _name(arguments["column"])
    return f"coalesce({column} > lag({column}){_window(arguments['group'], _name(arguments['order']))}, false)", [arguments["column"]]


def adjoining(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """Within a group, the first row begins `from` 1, each other one right after the `to` of the row before."""
    start, end = _name(arguments["from"]), _name(arguments["to"])
    window = _window(arguments["group"], _name(arguments["order"]))
    # A row after an open-ended one begins nowhere, so nothing is right.
    begins = f"CASE WHEN row_number(){window} = 1 THEN 1 ELSE lag({end}){window} + 1 END"
    return f"coalesce({start} <> {begins}, {start} IS NOT NULL)", [arguments["from"], arguments["to"]]


def follows(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """Within a group, `from` of a row is `to` of the row before."""
    source, target = _name(arguments["from"]), _name(arguments["to"])
    return f"coalesce({source} <> lag({target}){_window(arguments['group'], _name(arguments['order']))}, false)", [
        arguments["from"],
        arguments["to"],
    ]


def same_within(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """Within a group, `column` has one value: that of the first row that has any."""
    column = _name(arguments["column"])
    return f"coalesce({column} <> first_value({column} IGNORE NULLS){_window(arguments['group'], 'row_number')}, false)", [
        arguments["column"],
        *arguments["group"],
    ]


def in_step_order(arguments: dict[str, Any], _: dict[str, Any]) -> tuple[str, list[str]]:
    """Within a group, the time `at` of a step is not before that of any earlier step of `order`."""
    at, step = _name(arguments["at"]), _name(arguments["step"])
    rank = f"list_position([{', '.join(map(_text, arguments['order']))}], {step})"
    return f"coalesce({at} < max({at}){_window(arguments['group'], rank, EARLIER_ROWS)}, false)", [arguments["at"], arguments["step"]]


def sql(expression: str, options: dict[str, Any]) -> tuple[str, list[str]]:
    """A boolean SQL expression over the row's columns that must not be false; `column` names the one it is about."""
    return f"(({expression}) IS FALSE)", [options["column"]] if "column" in options else []


# What these ask is told by the register, not by the rows.
NEEDS_SENDER = frozenset({of_sender.__name__})
FORMS: dict[str, Any] = {
    form.__name__: form
    for form in (
        ascending,
        required_when,
        empty_when,
        longest,
        not_before_week_of_submission,
        not_after_submission,
        of_sender,
        unique,
        no_overlap,
        no_gap,
        increasing,
        decreasing,
        adjoining,
        follows,
        same_within,
        in_step_order,
        sql,
    )
}
