"""A contract's rules as set-based SQL: how text becomes typed values, and which rows break which rule.

Expressions speak of a table of typed columns that also has `row_number`; the variable `as_of`
(TIMESTAMPTZ, read by `getvariable`) is the moment the submission stands for, `sender_role` the role of its sender, if known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from dagster_project.contracts.forms import FORMS
from dagster_project.contracts.identifiers import EXPECTED, valid_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.contracts.model import Column, Contract, Rule

TYPE_EXPECTED = {
    "string": "text",
    "number": "a number with a decimal point, such as 2.5",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": "a date as YYYY-MM-DD",
    "timestamp": "a time with its offset, such as 2026-11-24T08:00:00+01:00 or …Z",
}
TIME_WITH_OFFSET = r".*[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)? ?[+-]((0[0-9]|1[0-3])(:?[0-5][0-9])?|14(:?00)?)"
# No plan and no record of one lies outside of these years; a year such as 0026 or 1926 is a slip.
FIRST_DAY, DAY_AFTER_LAST = "2000-01-01", "2100-01-01"
# What spreadsheets, databases and people write where there is no value; none of it is a code or a name.
NOTHING = (
    "-", "--", "\u2013", "\u2014", "?", "??", "na", "n/a", "n.a.", "nan", "nil", "none", "null", "tbd", "undefined",
    "#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!",
)  # fmt: skip
COUNTRY_CODE = "^[A-Z]{2}$"


@dataclass(frozen=True)
class Check:
    """One rule ready to run: `violation_sql` is true exactly on the rows that break it.

    `crosses_rows` says that the verdict depends on other rows of the file (a window function).
    """

    rule: str
    column: str
    violation_sql: str
    expected: str
    hint: str
    severity: str
    crosses_rows: bool


def quoted(name: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """A value as an SQL literal."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else "'" + str(value).replace("'", "''") + "'"


def expected_type(column: Column) -> str:
    """What a reader should have written in this column, in words."""
    return EXPECTED["iso_week"] if column.identifier == "iso_week" else TYPE_EXPECTED[column.type]


def cast_sql(column: Column, text: str) -> str:
    """DuckDB expression for the typed value of a text expression; NULL when the text cannot be read as that type."""
    match column.type:
        case "number":
            return f"CASE WHEN isfinite({number_sql(text)}) THEN TRY_CAST({text} AS DOUBLE) END"
        case "integer":
            # A plain cast would round 3.7 to 4.
            return f"CASE WHEN {number_sql(text)} = TRY_CAST({text} AS BIGINT) THEN TRY_CAST({text} AS BIGINT) END"
        case "boolean":
            return f"CASE lower({text}) WHEN 'true' THEN true WHEN 'yes' THEN true WHEN '1' THEN true WHEN 'false' THEN false WHEN 'no' THEN false WHEN '0' THEN false END"
        case "date":
            day = f"CASE WHEN length({text}) = 10 THEN TRY_CAST({text} AS DATE) END"
            return f"coalesce({day}, {_week_sql(text)})" if column.identifier == "iso_week" else day
        case "timestamp":
            # Nested, because only the branches of a CASE are spared where they do not apply, and patterns over millions of times are slow.
            has_offset = (
                f"CASE WHEN ends_with({text}, 'Z') THEN length({text}) >= 17 ELSE regexp_full_match({text}, '{TIME_WITH_OFFSET}') END"
            )
            with_seconds = f"regexp_replace({text}, '^(.{{10}}[T ][0-9]{{2}}:[0-9]{{2}})(Z|[ +-].*)$', '\\1:00\\2')"
            plain, completed = f"TRY_CAST({text} AS TIMESTAMPTZ)", f"TRY_CAST({with_seconds} AS TIMESTAMPTZ)"
            return f"CASE WHEN {has_offset} THEN CASE WHEN {plain} IS NULL THEN {completed} ELSE {plain} END END"
        case _:
            return text


def number_sql(text: str) -> str:
    """DuckDB expression for the number that a text expression says; NULL when it says none. A plain cast would read 2_5 as 25 and +-3 as -3."""
    return f"CASE WHEN NOT (contains({text}, '_') OR contains({text}, '+-')) THEN TRY_CAST({text} AS DOUBLE) END"


def _week_sql(text: str) -> str:
    monday = f"CAST(try_strptime({text} || '-1', '%G-W%V-%u') AS DATE)"
    # strptime rolls week 53 of a short year into the next one; writing the week back shows it.
    return f"CASE WHEN length({text}) = 8 AND strftime({monday}, '%G-W%V') = {text} THEN {monday} END"


@cache
def checks(contract: Contract) -> tuple[Check, ...]:
    """Every check of the contract: columns first, then the key, then the row rules."""
    found = [check for column in contract.columns for check in _column_checks(column)]
    if contract.key:
        found.append(_key_check(contract))
    return (*found, *(_row_check(rule) for rule in contract.rules))


def _column_checks(column: Column) -> Iterator[Check]:
    name = quoted(column.name)

    def broken(rule: str, violation: str, expected: str, hint: str, *, crosses_rows: bool = False) -> Check:
        return Check(rule, column.name, violation, expected, hint, "error", crosses_rows)

    if column.required:
        yield broken("required", f"{name} IS NULL", f"a value: {column.description}", f"Fill in {column.name}.")
    if column.allowed:
        values = ", ".join(column.allowed)
        yield broken(
            "allowed",
            f"{name} NOT IN ({', '.join(map(literal, column.allowed))})",
            f"one of: {values}",
            "Use one of the listed words exactly.",
        )
    if column.minimum is not None or column.maximum is not None:
        yield broken(
            "range",
            _range_sql(column, name),
            _range_words(column),
            f"Check the unit{f' ({column.unit})' if column.unit else ''} and the decimal point.",
        )
    yield from _plausibility_checks(column, name)
    if column.max_length is not None:
        yield broken("max_length", f"length({name}) > {column.max_length}", f"at most {column.max_length} characters", "Shorten the text.")
    if column.pattern:
        yield broken(
            "pattern",
            f"NOT regexp_full_match({name}, {literal(column.pattern)})",
            _pattern_words(column),
            "Copy the code from its source system.",
        )
    if column.identifier:
        expected = EXPECTED[column.identifier]
        yield broken(
            column.identifier,
            f"NOT {valid_sql(column.identifier, name)}",
            expected,
            "Look for a mistyped or missing character, or a lost leading zero.",
        )
    if column.unique:
        violation = f"{name} IS NOT NULL AND count(*) OVER (PARTITION BY {name} ORDER BY row_number ROWS UNBOUNDED PRECEDING) > 1"
        yield broken("unique", violation, "a value that no earlier row has", "Keep one of the rows.", crosses_rows=True)


def _plausibility_checks(column: Column, name: str) -> Iterator[Check]:
    """A day outside of all plans; a code or a name that stands for nothing: refused where it is needed, else a warning."""
    if column.type in ("date", "timestamp"):
        years = f"({name} < '{FIRST_DAY}' OR {name} >= '{DAY_AFTER_LAST}')"
        hint = "Write the year with its four digits, as in 2026-11-24."
        yield Check("year", column.name, years, "a day of the years 2000 to 2099", hint, "error", False)
    if column.type != "string" or column.allowed or column.identifier:
        return
    is_needed = column.required or column.is_key
    # Two capital letters: NA is Namibia.
    words = [word for word in NOTHING if (word, column.pattern) != ("na", COUNTRY_CODE)]
    yield Check(
        "nothing",
        column.name,
        f"CASE WHEN length({name}) <= {max(map(len, words))} THEN lower({name}) IN ({', '.join(map(literal, words))}) ELSE false END",
        f"a value: {column.description}" if is_needed else "a value, or an empty cell",
        f"This stands for nothing: write the real {column.name}." if is_needed else "If there is no value, leave the cell empty.",
        "error" if is_needed or column.pattern else "warning",
        False,
    )


def _pattern_words(column: Column) -> str:
    """A pattern for people: by its example and the signs it is made of."""
    pattern = column.pattern or ""
    if not column.examples:
        return f"text of the form {pattern}"
    marks = {"A-Z": "capital letters", "a-z": "small letters", "0-9": "digits", r"\d": "digits"}
    signs = list(dict.fromkeys(words for mark, words in marks.items() if mark in pattern))
    loose = re.sub(r"\w-\w", "", pattern)
    signs += [words for mark, words in (("_", "underscores"), ("-", "hyphens")) if mark in loose]
    kinds = {"capital letters": "A-Z", "small letters": "a-z", "digits": "0-9", "underscores": "_", "hyphens": "-"}
    # A form that these words do not cover is told by its example alone.
    if not signs or re.fullmatch(f"[{''.join(kinds[words] for words in signs)}]+", str(column.examples[0])) is None:
        return f"a code such as {column.examples[0]}"
    made_of = f" ({' and '.join([', '.join(signs[:-1]), signs[-1]] if len(signs) > 1 else signs)})"
    return f"a code such as {column.examples[0]}{made_of}"


def _range_sql(column: Column, name: str) -> str:
    low = f"{name} < {column.minimum}" if column.minimum is not None else "false"
    high = f"{name} > {column.maximum}" if column.maximum is not None else "false"
    return f"({low} OR {high})"


def _range_words(column: Column) -> str:
    unit = f" {column.unit}" if column.unit else ""
    if column.maximum is None:
        return f"{column.minimum} or more{unit}"
    return f"at most {column.maximum}{unit}" if column.minimum is None else f"between {column.minimum} and {column.maximum}{unit}"


def _key_check(contract: Contract) -> Check:
    key = ", ".join(map(quoted, contract.key))
    complete = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in contract.key)
    words = ", ".join(contract.key)
    return Check(
        rule="key",
        column=contract.key[0],
        violation_sql=f"{complete} AND count(*) OVER (PARTITION BY {key} ORDER BY row_number ROWS UNBOUNDED PRECEDING) > 1",
        expected=f"one row for each {words}",
        hint="An earlier row of this file has the same key: keep one of them.",
        severity="error",
        crosses_rows=True,
    )


def _row_check(rule: Rule) -> Check:
    form = FORMS.get(rule.form)
    if form is None:
        raise ValueError(f"rule {rule.name} has the unknown form {rule.form}; known: {', '.join(sorted(FORMS))}")
    violation, columns = form(rule.arguments, rule.options)
    hint = f"Correct {' or '.join(columns)}." if columns else "Correct the row."
    return Check(rule.name, columns[0] if columns else "", violation, rule.description, hint, rule.severity, " OVER (" in violation)
