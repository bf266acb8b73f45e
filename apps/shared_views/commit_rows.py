"""A plant's answer to the newest forecast as rows: what is asked, what was answered, what was typed, and what would be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from apps.shared_views import words
from dagster_project.contracts import contract

if TYPE_CHECKING:
    import datetime as dt

FEED = "capacity_commit"
SHOWN = 1  # decimals; what reads alike is alike, as in the plan
LINE = ["site_id", "therapy_code", "week_start_date"]
EDITABLE = ["answer", "maximum", "reason_code", "note"]
Typed = dict[str, dict[str, Any]]
# state -> (place in the list, how it reads in the grid)
STATES = {
    "overdue": (0, "✕ Overdue"),
    "unexplained": (1, "! Short, no reason given"),
    "short": (2, "! Short"),
    "open": (3, "· To be answered"),
    "answered": (4, "✓ Answered"),
}


def reasons() -> tuple[str, ...]:
    """Codes for why an answer is short, as the contract lists them."""
    return next(column.allowed for column in contract(FEED).columns if column.name == "reason_code")


def reason(code: Any) -> str:
    """`No staff` for `no_staff`."""
    return "" if words.is_missing(code) else str(code).replace("_", " ").capitalize()


def ahead(commits: pd.DataFrame, since: dt.date) -> pd.DataFrame:
    """The weeks from `since` on that the newest forecast asks for, one row per plant, therapy and week: what needs an answer stands first.

    `commits` is the report of the role, with every version. The new answer begins as the answer to this version, else as what is asked.
    """
    dated = commits.assign(week_start_date=pd.to_datetime(commits["week_start_date"]))
    rows = dated[dated["is_newest_version"] & (dated["week_start_date"] >= pd.Timestamp(since))]
    earlier = dated[[*LINE, "version_date", "committed_starts", "maximum_starts"]].rename(
        columns={"version_date": "last_answered_version_date", "committed_starts": "earlier_answer", "maximum_starts": "earlier_maximum"}
    )
    rows = rows.merge(earlier, on=[*LINE, "last_answered_version_date"], how="left")
    answered = rows["is_answered"]
    last = rows["committed_starts"].where(answered, rows["earlier_answer"])
    asked = rows["requested_starts"].round(2)
    answer = rows["committed_starts"].where(answered, asked)
    most = rows["maximum_starts"].where(answered, rows["earlier_maximum"])
    states = [state(row) for row in rows.to_dict("records")]
    rows = rows.assign(
        asked=asked,
        last_answer=last,
        change=[moved(value) for value in rows["changed_since_last_answer"]],
        answer=answer,
        maximum=most.where(most >= answer, answer),
        state=[STATES[code][1] for code in states],
        urgency=[STATES[code][0] for code in states],
        week=[f"{row['iso_week'][5:]} · {words.day(row['week_start_date'], year=False)}" for row in rows.to_dict("records")],
        line=[line(row) for row in rows.to_dict("records")],
    )
    return rows.sort_values(["urgency", *LINE[::-1]]).set_index("line")


def line(row: Any) -> str:
    """The name of a row of the grid, the same in every edition."""
    return "|".join((row["site_id"], row["therapy_code"], f"{row['week_start_date']:%Y-%m-%d}"))


def state(row: Any) -> str:
    """Where a week stands."""
    if not row["is_answered"]:
        return "overdue" if row["is_overdue"] else "open"
    if not row["is_mismatch"]:
        return "answered"
    return "unexplained" if row["is_short_without_reason"] else "short"


def moved(change: Any) -> str:
    """`▲ 0.4` when more is asked for than at the last answer, `▼ 0.4` when less."""
    if words.is_missing(change) or round(abs(change), SHOWN) == 0:
        return words.DASH
    return f"{'▲' if change > 0 else '▼'} {abs(change):.{SHOWN}f}"


def with_typed(rows: pd.DataFrame, typed: Typed) -> pd.DataFrame:
    """The rows with what was typed into them; what belongs to a week that is no longer asked for is left out."""
    rows = rows.copy()
    for name in typed.keys() & set(rows.index):
        for column, value in typed[name].items():
            rows.loc[name, column] = value
    return rows


def typed_in(before: pd.DataFrame, after: pd.DataFrame) -> Typed:
    """What somebody typed: the cells of `after` that are not as they were in `before`, by row. An emptied cell is None."""
    found: Typed = {}
    for name, row in after[EDITABLE].iterrows():
        for column, value in row.items():
            now, was = _plain(value), _plain(before.loc[str(name), str(column)])
            if now != was:
                found.setdefault(str(name), {})[str(column)] = now
    return found


def _plain(value: Any) -> Any:
    return None if words.is_missing(value) or value == "" else value


def short(rows: pd.DataFrame) -> pd.Series:
    """Weeks whose new answer is below what is asked."""
    below: pd.Series = rows["requested_starts"].round(SHOWN) > rows["answer"].astype(float).round(SHOWN)
    return below


def problems(rows: pd.DataFrame) -> list[str]:
    """What keeps the answer from being sent, in words: a week without an answer, a short one without a reason, a maximum below the answer."""
    checks = [
        (rows["answer"].isna(), "Your answer is empty in {}. Say how many starts you can make; 0 if none."),
        (short(rows) & rows["reason_code"].isna(), "Your answer is below what is asked in {}. Choose a reason."),
        (rows["maximum"] < rows["answer"], "Your maximum is below your answer in {}. Raise it: it is what you could start at most."),
    ]
    return [text.format(_weeks(rows[wrong])) for wrong, text in checks if wrong.any()]


def _weeks(rows: pd.DataFrame, at_most: int = 4) -> str:
    named = [f"{row['iso_week']} ({row['therapy_code']})" for row in rows.to_dict("records")]
    more = f" and {words.count(len(named) - at_most, 'more', 'more')}" if len(named) > at_most else ""
    return ", ".join(named[:at_most]) + more


def raised(rows: pd.DataFrame, typed: Typed) -> pd.DataFrame:
    """The rows with a maximum that follows the answer upwards, except where somebody typed a maximum."""
    follows = [name for name in rows.index if "maximum" not in typed.get(name, {})]
    follow = rows.index.isin(follows) & (rows["answer"] > rows["maximum"])
    return rows.assign(maximum=rows["maximum"].where(~follow, rows["answer"]))


def to_send(rows: pd.DataFrame) -> bytes:
    """Every week of the grid as a file of the feed: a plan restates all weeks between its first and its last. A reason counts in short weeks only."""
    notes = rows["note"].map(lambda note: None if words.is_missing(note) else " ".join(str(note).split()))
    sent = rows.assign(
        week_start_date=rows["week_start_date"].dt.strftime("%Y-%m-%d"),
        forecast_version_date=pd.to_datetime(rows["version_date"]).dt.strftime("%Y-%m-%d"),
        actual_starts=rows["answer"],
        maximum_starts=rows["maximum"],
        reason_code=rows["reason_code"].where(short(rows)),
        note=notes,
    )
    text: str = sent[[column.name for column in contract(FEED).columns]].to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8")
