"""A partner's answer to the newest forecast as rows: what is asked, what was answered, what was typed, and what would be sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from apps.shared_views import words
from dagster_project.contracts import contract

if TYPE_CHECKING:
    import datetime as dt

SHOWN = 1  # decimals; what reads alike is alike, as in the plan
Typed = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Form:
    """How a role answers: in which feed, about which lines, in what unit. `asked`, `answered` and `maximum` are columns of the report.

    `sent_as` is the feed's column of the answer; that of the maximum is called as in the report.
    """

    feed: str
    view: str
    line: tuple[str, ...]
    unit: str
    asked: str
    answered: str
    sent_as: str
    maximum: str = ""
    most: int = 1000

    @property
    def editable(self) -> list[str]:
        """Columns of the grid that somebody may type into."""
        return ["answer", *(["maximum"] if self.maximum else []), "reason_code", "note"]

    @property
    def by(self) -> list[str]:
        """Columns that name a row."""
        return [*self.line, "week_start_date"]


PLANT = Form(
    "capacity_commit",
    "commits",
    ("site_id", "therapy_code"),
    "start",
    "requested_starts",
    "committed_starts",
    "actual_starts",
    "maximum_starts",
)
SUPPLY = Form(
    "supply_commit", "supply_commits", ("resource_kind", "resource_code"), "dose", "requested_quantity", "committed_quantity", "committed_quantity",
    most=10_000,
)  # fmt: skip
FORMS = {"plant": PLANT, "supplier": SUPPLY, "courier": replace(SUPPLY, unit="shipment")}
# state -> (place in the list, how it reads in the grid)
STATES = {
    "overdue": (0, "✕ Overdue"),
    "unexplained": (1, "! Short, no reason given"),
    "short": (2, "! Short"),
    "open": (3, "· To be answered"),
    "answered": (4, "✓ Answered"),
}


def reasons(form: Form = PLANT) -> tuple[str, ...]:
    """Codes for why an answer is short, as the contract lists them."""
    return next(column.allowed for column in contract(form.feed).columns if column.name == "reason_code")


def reason(code: Any) -> str:
    """`No staff` for `no_staff`."""
    return "" if words.is_missing(code) else str(code).replace("_", " ").capitalize()


def ahead(commits: pd.DataFrame, since: dt.date, form: Form = PLANT) -> pd.DataFrame:
    """The weeks from `since` on that the newest forecast asks for, one row per line and week: what needs an answer stands first.

    `commits` is the report of the role, with every version. The new answer begins as the answer to this version, else as what is asked.
    """
    dated = commits.assign(
        week_start_date=pd.to_datetime(commits["week_start_date"]),
        requested=commits[form.asked],
        committed=commits[form.answered],
        most=commits[form.maximum or form.answered],
    )
    rows = dated[dated["is_newest_version"] & (dated["week_start_date"] >= pd.Timestamp(since))]
    earlier = dated[[*form.by, "version_date", "committed", "most"]].rename(
        columns={"version_date": "last_answered_version_date", "committed": "earlier_answer", "most": "earlier_maximum"}
    )
    rows = rows.merge(earlier, on=[*form.by, "last_answered_version_date"], how="left")
    answered = rows["is_answered"]
    asked = rows["requested"].round(2)
    answer = rows["committed"].where(answered, asked)
    most = rows["most"].where(answered, rows["earlier_maximum"])
    states = [state(row) for row in rows.to_dict("records")]
    rows = rows.assign(
        asked=asked,
        last_answer=rows["committed"].where(answered, rows["earlier_answer"]),
        change=[moved(value) for value in rows["changed_since_last_answer"]],
        answer=answer,
        maximum=most.where(most >= answer, answer),
        state=[STATES[code][1] for code in states],
        urgency=[STATES[code][0] for code in states],
        week=[f"{row['iso_week'][5:]} · {words.day(row['week_start_date'], year=False)}" for row in rows.to_dict("records")],
        line=[line(row, form) for row in rows.to_dict("records")],
        about=[row[form.line[-1]] for row in rows.to_dict("records")],
    )
    return rows.sort_values(["urgency", *form.by[::-1]]).set_index("line")


def line(row: Any, form: Form = PLANT) -> str:
    """The name of a row of the grid, the same in every edition."""
    return "|".join((*(row[column] for column in form.line), f"{row['week_start_date']:%Y-%m-%d}"))


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


def typed_in(before: pd.DataFrame, after: pd.DataFrame, form: Form = PLANT) -> Typed:
    """What somebody typed: the cells of `after` that are not as they were in `before`, by row. An emptied cell is None."""
    found: Typed = {}
    for name, row in after[form.editable].iterrows():
        for column, value in row.items():
            now, was = _plain(value), _plain(before.loc[str(name), str(column)])
            if now != was:
                found.setdefault(str(name), {})[str(column)] = now
    return found


def _plain(value: Any) -> Any:
    return None if words.is_missing(value) or value == "" else value


def short(rows: pd.DataFrame) -> pd.Series:
    """Weeks whose new answer is below what is asked."""
    below: pd.Series = rows["requested"].round(SHOWN) > rows["answer"].astype(float).round(SHOWN)
    return below


def problems(rows: pd.DataFrame, form: Form = PLANT) -> list[str]:
    """What keeps the answer from being sent, in words: a week without an answer, a short one without a reason, a maximum below the answer."""
    checks = [
        (
            rows["answer"].isna(),
            f"Your answer is empty in {{}}. Say how many {form.unit}s you can {'make' if form.maximum else 'commit to'}; 0 if none.",
        ),
        (short(rows) & rows["reason_code"].isna(), "Your answer is below what is asked in {}. Choose a reason."),
        (rows["maximum"] < rows["answer"], "Your maximum is below your answer in {}. Raise it: it is what you could start at most."),
    ]
    return [text.format(_weeks(rows[wrong])) for wrong, text in checks if wrong.any()]


def _weeks(rows: pd.DataFrame, at_most: int = 4) -> str:
    named = [f"{row['iso_week']} ({row['about']})" for row in rows.to_dict("records")]
    more = f" and {words.count(len(named) - at_most, 'more', 'more')}" if len(named) > at_most else ""
    return ", ".join(named[:at_most]) + more


def raised(rows: pd.DataFrame, typed: Typed) -> pd.DataFrame:
    """The rows with a maximum that follows the answer upwards, except where somebody typed a maximum."""
    follows = [name for name in rows.index if "maximum" not in typed.get(name, {})]
    follow = rows.index.isin(follows) & (rows["answer"] > rows["maximum"])
    return rows.assign(maximum=rows["maximum"].where(~follow, rows["answer"]))


def to_send(rows: pd.DataFrame, form: Form = PLANT) -> bytes:
    """Every week of the grid as a file of the feed: a plan restates all weeks between its first and its last. A reason counts in short weeks only."""
    notes = rows["note"].map(lambda note: None if words.is_missing(note) else " ".join(str(note).split()))
    sent = rows.assign(
        week_start_date=rows["week_start_date"].dt.strftime("%Y-%m-%d"),
        forecast_version_date=pd.to_datetime(rows["version_date"]).dt.strftime("%Y-%m-%d"),
        reason_code=rows["reason_code"].where(short(rows)),
        note=notes,
        **{form.sent_as: rows["answer"]},
        **({form.maximum: rows["maximum"]} if form.maximum else {}),
    )
    text: str = sent[[column.name for column in contract(form.feed).columns]].to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8")
