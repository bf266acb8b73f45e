"""The week's planning cycle as a picture: its nine steps under the four activities, what is done, and who is late at which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from apps.shared_views import cards, data, frame, words
from dagster_project.contracts import contracts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The worst first.
STATES = {"late": ("Late", "✕", "red"), "open": ("Open", "·", "gray"), "done": ("Done", "✓", "green")}
ACTIVITIES = ("strategy and planning", "demand and supply", "execution")
ANALYSIS = "All through the week: exceptions are settled in steps 5 and 8, and the key figures show what came of it."
NAMED = 3


def network(desk: data.Desk) -> None:
    """The coordinator's checklist: every step, how far it is, and who is late."""
    steps = cycle_steps(desk)
    if steps.empty:
        return
    st.subheader(f"The planning cycle of {steps['iso_week'].iloc[0]}", anchor=False)
    st.markdown(sentence(steps))
    picture({row["step_no"]: (row, network_lines(row)) for row in steps.to_dict("records")}, analysis=ANALYSIS)


def own(desk: data.Desk) -> None:
    """A partner's part: the steps that it owes something to, with what is late or open."""
    items = cycle_items(desk)
    if items.empty:
        return
    st.subheader("Your part of this week's cycle", anchor=False)
    titles = data.names(data.view(desk, "exceptions"), "criterion_code", "criterion_name")
    items = items.assign(item_title=items["item_code"].map(titles))
    steps = {}
    for number, rows in items.groupby("step_no"):
        first = rows.iloc[0]
        worst = next(state for state in STATES if state in set(rows["state"]))
        steps[int(str(number))] = (first.to_dict() | {"state": worst}, own_lines(rows))
    st.markdown(own_sentence(items))
    picture(steps)


def own_sentence(items: pd.DataFrame) -> str:
    """How much of a partner's part is done."""
    counts = {state: int((items["state"] == state).sum()) for state in STATES}
    rest = [
        f"{words.number(counts[state])} {words.verb(counts[state], 'is', 'are')} {state}" for state in ("late", "open") if counts[state]
    ]
    done = f"{words.number(counts['done'])} of {words.count(len(items), 'thing')} {words.verb(counts['done'], 'is', 'are')} done"
    return f"For the plan of {items['iso_week'].iloc[0]}: {', '.join([done, *rest])}."


def sentence(steps: pd.DataFrame) -> str:
    """How far the cycle is, and where it is late."""
    done = int((steps["state"] == "done").sum())
    late = steps[steps["state"] == "late"]
    said = f"{words.number(done)} of {words.count(len(steps), 'step')} {words.verb(done, 'is', 'are')} done"
    if late.empty:
        return f"{said}; nobody is late."
    where = "; ".join(
        f"step {row['step_no']}, {row['step_name'].lower()}: {some(row['late_partner_names'])}" for row in late.to_dict("records")
    )
    return f"{said}. Late at {where}."


def network_lines(row: Mapping[Any, Any]) -> list[str]:
    """What the coordinator reads under a step."""
    lines = [f"{words.number(row['items_done'])} of {words.number(row['items'])} done"] if row["items"] else ["Nothing is owed"]
    if row["state"] != "done":
        lines.append(str(row["what_is_asked"]))
    if not words.is_missing(row["due_at"]) and row["state"] != "done":
        lines.append(f"Due {due(row)}")
    for word, names in (
        ("Late", row["late_partner_names"]),
        ("Open", row["open_partner_names"]),
        ("Came late", row["came_late_partner_names"]),
    ):
        if len(names):
            lines.append(f"{word}: {some(names)}")
    return lines


def own_lines(rows: pd.DataFrame) -> list[str]:
    """What a partner reads under a step: its own things by state, with when they were due."""
    lines = []
    for state in ("late", "open"):
        group = rows[rows["state"] == state].sort_values("due_at")
        lines += [f"{STATES[state][0]}: {named(row)}, due {due(row)}" for row in group.to_dict("records")]
    done = rows[rows["state"] == "done"]
    if len(done):
        lines.append("Done: " + ", ".join(named(row) for row in done.to_dict("records")))
    return lines


def named(row: Mapping[Any, Any]) -> str:
    """What is owed, in words: a feed, the answer for a therapy, slots to make firm, or exceptions to settle."""
    code, number = str(row["item_code"]), int(row["step_no"])
    if code in contracts():
        return contracts()[code].title
    if number == 7:
        return f"answer for {code}"
    if number == 9:
        return f"slots of {code} made firm"
    title = row.get("item_title")
    return code.replace("_", " ") if words.is_missing(title) else str(title)


def due(row: Mapping[Any, Any]) -> str:
    """The moment at which something is owed; midnight is the end of the day before."""
    at = row["due_at"]
    if words.is_missing(at) or at != at.normalize():
        return words.moment(at)
    return f"by the end of {words.day(at - pd.Timedelta(days=1))}"


def some(names: Sequence[str]) -> str:
    """`Northgate Hospital, Prairie Health, Keystone Cells and 4 more`."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def picture(steps: Mapping[int, tuple[Mapping[Any, Any], Sequence[str]]], *, analysis: str = "") -> None:
    """One card for each activity that has a step here, and one for analysis, which has none of its own, when there is something to say of it."""
    found = []
    for activity in ACTIVITIES:
        inside = [(number, row, lines) for number, (row, lines) in sorted(steps.items()) if row["activity"] == activity]
        rows = [cards.step(number, row["step_name"], STATES[row["state"]], lines) for number, row, lines in inside]
        if rows:
            found.append(cards.steps(activity.capitalize(), rows, wide=len(rows) > NAMED))
    if analysis:
        found.append(cards.steps("Analysis", [cards.quiet(analysis)], wide=True))
    frame.html(cards.grid(found, least="15rem"))


def cycle_steps(of: data.Desk) -> pd.DataFrame:
    """The nine steps of the planning week's cycle, in their order: the coordinator's view."""
    frame = data.view(of, "cycle_steps")
    return frame[frame["cycle"] == "this"].sort_values("step_no").reset_index(drop=True)


def cycle_items(of: data.Desk) -> pd.DataFrame:
    """What the person's partner owes to the planning week's cycle, by step."""
    frame = data.view(of, "cycle_items")
    return frame[frame["cycle"] == "this"].sort_values(["step_no", "due_at", "item_code"]).reset_index(drop=True)
