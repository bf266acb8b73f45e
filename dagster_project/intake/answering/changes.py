"""What a plan file changes: its rows set against those of the sender's version in force, by key, within the scope and period it restates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster_project import register
from dagster_project.contracts import contract as contract_of
from dagster_project.contracts.identifiers import format_iso_week
from dagster_project.contracts.rules import quoted
from dagster_project.intake.answering.landed import in_force, landed
from dagster_project.intake.engine import cursor
from dagster_project.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from dagster_project.contracts import Column, Contract

PLAN = "snapshot"
LARGEST = 5
# Units whose sum over rows means nothing, and those that another column names row by row.
NOT_ADDED = re.compile(r"percent|fraction|celsius|degrees|hours|days|weeks|unit_code|TU_per_mL|TU|mL|g")
QUANTILES = re.compile(r".*_p\d\d")


@dataclass(frozen=True)
class Total:
    """The sum of a column over the rows that were compared, before and after."""

    column: str
    unit: str
    before: float
    after: float


@dataclass(frozen=True)
class Change:
    """One value of one row that is another one now. `row` names the row by its key in words."""

    row: str
    column: str
    before: str
    after: str


@dataclass(frozen=True)
class Changes:
    """A plan file against the version it replaces. `periods` counts the weeks (or days) that both speak of and in which anything is different.

    `rows_kept` are those of before that the file leaves out and that stay, because rows of it were refused.
    A plan rolls on: rows of weeks that the version before did not reach are counted as `rows_beyond` in `periods_beyond`, so that the
    totals compare the same weeks.
    """

    against: str
    rows_same: int
    rows_changed: int
    rows_added: int
    rows_removed: int
    rows_kept: int
    rows_beyond: int
    periods: int
    periods_beyond: int
    period_word: str
    totals: tuple[Total, ...]
    largest: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the file says the same as the version before it."""
        return not (self.rows_changed or self.rows_added or self.rows_removed or self.rows_beyond)

    @property
    def sentence(self) -> str:
        """In one line: `12 weeks changed (10 rows changed, 3 rows added); +9 patients (312 → 321); 1 week new (4 rows).`."""
        if self.is_empty:
            return f"Nothing changes: {count_of(self.rows_same + self.rows_kept, 'row')} as in the version before."
        parts = [*self._rows(), *(total_words(total) for total in self.totals)]
        if self.rows_beyond:
            parts.append(f"{count_of(self.periods_beyond, self.period_word)} new ({count_of(self.rows_beyond, 'row')})")
        if self.rows_kept:
            stays = "stays" if self.rows_kept == 1 else "stay"
            parts.append(f"{count_of(self.rows_kept, 'row')} that this file does not restate {stays} in force")
        return "; ".join(parts) + "."

    def _rows(self) -> list[str]:
        words = ((self.rows_changed, "changed"), (self.rows_added, "added"), (self.rows_removed, "removed"))
        rows = [f"{count_of(amount, 'row')} {word}" for amount, word in words if amount]
        if rows and self.period_word:
            return [f"{count_of(self.periods, self.period_word)} changed ({', '.join(rows)})"]
        return [", ".join(rows)] if rows else []


def total_words(total: Total) -> str:
    """`+9 patients (312 → 321)`; a column that is not named like its unit says its name."""
    unit = total.unit.replace("_", " ")
    name = unit if total.column == total.unit else f"{total.column} ({unit})"
    if total.before == total.after:
        return f"{name} as before ({_figure(total.before)})"
    return f"{_signed(total.after - total.before)} {name} ({_figure(total.before)} → {_figure(total.after)})"


def changes(submission_id: str) -> Changes | None:
    """What an accepted plan changed when it came into force last; None when nothing was in force before, or nothing of it was accepted.

    A file that came again while it was the newest changed nothing: then it is what it changed before.
    """
    row = register.submission(submission_id)
    if row is None or row["landing_path"] is None or contract_of(row["feed"]).delivery != PLAN:
        return None
    contract, rows = contract_of(row["feed"]), landed(row["landing_path"])
    for moment in reversed(register.statements([submission_id])[submission_id]):
        before = register.versions(partner=row["partner_id"], feed=row["feed"], as_of=moment, before=submission_id)
        overlapping = [version for version in before if _overlaps(version, row["period_from"], row["period_to"])]
        if overlapping and overlapping[0]["submission_id"] != submission_id:
            with cursor() as connection:
                return compare(connection, contract, rows, overlapping, is_whole=not row["rows_refused"])
    return None


def changes_of(
    connection: duckdb.DuckDBPyConnection, contract: Contract, relation: str, versions: Sequence[Mapping[str, Any]], *, is_whole: bool
) -> Changes | None:
    """What the rows of `relation` would change if they were sent now; `versions` are the sender's accepted ones, the newest first.

    `is_whole`: no row of the file was refused, so it withdraws what it leaves out.
    """
    if contract.delivery != PLAN:
        return None
    first, last = _span(connection, contract, relation)
    before = [version for version in versions if _overlaps(version, first, last)]
    return compare(connection, contract, relation, before, is_whole=is_whole) if before else None


def _overlaps(version: Mapping[str, Any], first: str | None, last: str | None) -> bool:
    """As the register sees it when it says which version a plan supersedes."""
    if first is None or last is None or version["period_from"] is None:
        return True
    return bool(version["period_from"] <= last and version["period_to"] >= first)


def compare(
    connection: duckdb.DuckDBPyConnection, contract: Contract, after: str, versions: Sequence[Mapping[str, Any]], *, is_whole: bool
) -> Changes:
    """Set rows against what was in force by `versions`, the newest first. Rows outside of what `after` restates are left out.

    What a file with refused rows (not `is_whole`) leaves out stays: it counts as the same, and as kept.
    """
    before = in_force(connection, contract, after, versions)
    names = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {before}").fetchall()]
    # An earlier version of the contract may not have had every column.
    columns = [column for column in contract.columns if column.name in names]
    values = [column for column in columns if not column.is_key]
    key = [column for column in columns if column.is_key]
    picked = ", ".join(quoted(column.name) for column in columns)
    same_key = " AND ".join(f"a.{quoted(column.name)} = b.{quoted(column.name)}" for column in key)
    differs = " OR ".join(f"a.{quoted(column.name)} IS DISTINCT FROM b.{quoted(column.name)}" for column in values) or "false"
    left_out = "removed" if is_whole else "kept"
    one, beyond = quoted(key[0].name), _beyond(connection, contract, before)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE veinway_after AS SELECT {picked} FROM {after};"
        f"CREATE OR REPLACE TEMP TABLE veinway_before AS SELECT {picked} FROM {before} WHERE {_restated(contract)};"
        f"CREATE OR REPLACE TEMP TABLE veinway_diff AS SELECT a, b,"
        f" CASE WHEN {beyond} THEN 'beyond' WHEN b.{one} IS NULL THEN 'added' WHEN a.{one} IS NULL THEN '{left_out}'"
        f" WHEN {differs} THEN 'changed' ELSE 'same' END AS kind"
        f" FROM veinway_after a FULL JOIN veinway_before b ON {same_key}"
    )
    counts = dict(connection.execute("SELECT kind, count(*) FROM veinway_diff GROUP BY kind").fetchall())
    word = _period_word(contract)
    found = Changes(
        against=versions[0]["submission_id"],
        rows_same=counts.get("same", 0),
        rows_changed=counts.get("changed", 0),
        rows_added=counts.get("added", 0),
        rows_removed=counts.get("removed", 0),
        rows_kept=counts.get("kept", 0),
        rows_beyond=counts.get("beyond", 0),
        periods=_periods(connection, contract, "kind NOT IN ('same', 'kept', 'beyond')"),
        periods_beyond=_periods(connection, contract, "kind = 'beyond'"),
        period_word=word,
        totals=_totals(connection, columns),
        largest=_largest(connection, key, values) if counts.get("changed") else (),
    )
    connection.execute("DROP TABLE veinway_diff; DROP TABLE veinway_before; DROP TABLE veinway_after")
    return found


def _beyond(connection: duckdb.DuckDBPyConnection, contract: Contract, before: str) -> str:
    """Which rows of the later version lie outside the period that the earlier one had."""
    first, last = _span(connection, contract, before)
    return (
        f"coalesce(a.{quoted(contract.period)} NOT BETWEEN DATE '{first}' AND DATE '{last}', false)"
        if contract.period and first
        else "false"
    )


def _restated(contract: Contract) -> str:
    """Which rows of the earlier version the later one speaks about: those of its scope and its period."""
    conditions = ["true"]
    if contract.scope:
        conditions.append(f"{quoted(contract.scope)} IN (SELECT {quoted(contract.scope)} FROM veinway_after)")
    if contract.period:
        name = quoted(contract.period)
        conditions.append(f"{name} BETWEEN (SELECT min({name}) FROM veinway_after) AND (SELECT max({name}) FROM veinway_after)")
    return " AND ".join(conditions)


def _span(connection: duckdb.DuckDBPyConnection, contract: Contract, relation: str) -> tuple[str | None, str | None]:
    if contract.period is None:
        return None, None
    day = f"CAST({quoted(contract.period)} AS DATE)"
    first, last = connection.execute(f"SELECT CAST(min({day}) AS VARCHAR), CAST(max({day}) AS VARCHAR) FROM {relation}").fetchall()[0]
    return first, last


def _period_word(contract: Contract) -> str:
    if contract.period is None:
        return ""
    return "week" if contract.column(contract.period).identifier == "iso_week" else "day"


def _periods(connection: duckdb.DuckDBPyConnection, contract: Contract, which: str) -> int:
    if contract.period is None:
        return 0
    name = quoted(contract.period)
    query = f"SELECT count(DISTINCT coalesce(a.{name}, b.{name})) FROM veinway_diff WHERE {which}"
    return int(connection.execute(query).fetchall()[0][0])


def _totals(connection: duckdb.DuckDBPyConnection, columns: list[Column]) -> tuple[Total, ...]:
    summed = [column for column in columns if _is_added_up(column)]
    if not summed:
        return ()
    sums = ", ".join(f"coalesce(sum({{side}}.{quoted(column.name)}), 0)" for column in summed)
    after_sums = sums.format(side="(CASE WHEN kind = 'kept' THEN b ELSE a END)")
    query = f"SELECT {sums.format(side='b')}, {after_sums} FROM veinway_diff WHERE kind <> 'beyond'"
    figures = [round(float(figure), 6) for figure in connection.execute(query).fetchall()[0]]
    before, after = figures[: len(summed)], figures[len(summed) :]
    totals = [Total(column.name, column.unit or "", old, new) for column, old, new in zip(summed, before, after, strict=True)]
    # A figure that the plan is about is said even when it stays; others only when they move.
    return tuple(total for total in totals if total.before != total.after or total.column == total.unit)


def _is_added_up(column: Column) -> bool:
    is_figure = column.type in ("number", "integer") and column.unit is not None and not column.is_key
    return is_figure and not NOT_ADDED.fullmatch(column.unit or "") and not QUANTILES.fullmatch(column.name)


def _largest(connection: duckdb.DuckDBPyConnection, key: list[Column], values: list[Column]) -> tuple[Change, ...]:
    """The rows whose first figure moved most; in a plan without figures, the first rows in the order of their key."""
    figures = [column for column in values if _is_added_up(column)]
    moved = [f"abs(coalesce(a.{quoted(figure.name)}, 0) - coalesce(b.{quoted(figure.name)}, 0)) DESC" for figure in figures]
    order = ", ".join([*moved, *(f"a.{quoted(column.name)}" for column in key)])
    rows = connection.execute(f"SELECT a, b FROM veinway_diff WHERE kind = 'changed' ORDER BY {order} LIMIT {LARGEST}").fetchall()
    found = []
    for after, before in rows:
        different = [column for column in (*figures, *values) if after[column.name] != before[column.name]]
        row = ", ".join(_shown(after[column.name], column) for column in key)
        found.append(
            Change(row, different[0].name, _shown(before[different[0].name], different[0]), _shown(after[different[0].name], different[0]))
        )
    return tuple(found)


def _shown(value: Any, column: Column) -> str:
    if value is None:
        return "(empty)"
    if column.identifier == "iso_week":
        return format_iso_week(value)
    return _figure(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4f}".rstrip("0").rstrip(".")


def _signed(value: float) -> str:
    return f"+{_figure(value)}" if value > 0 else f"\u2212{_figure(-value)}"
