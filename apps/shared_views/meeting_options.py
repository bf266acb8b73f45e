"""What could be done about an exception: the planning room's options with their effect on the draft, decisions taken so far included."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import cards, charts, data, frame, words
from dagster_project.meeting.quorum import changes_the_plan
from dagster_project.planning import options_for
from dagster_project.planning.changes import changed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from dagster_project.planning import Option, PlanTables

ARGUMENTS = ("therapy_code", "site_id", "week_start_date", "to_site_id", "to_week_start_date", "lot_id", "quantity")


@dataclass(frozen=True)
class Draft:
    """The plan as it would be with what was decided so far. `left_out` are decisions that do not fit this plan, in words."""

    tables: PlanTables
    left_out: tuple[str, ...]


def draft(plan: PlanTables, decisions: Sequence[Mapping[str, Any]]) -> Draft:
    """The plan after the newest decision about each exception, where it has an option and is resolved or accepted."""
    # Who merely notes it takes nothing back, as in the plan itself.
    said = sorted((row for row in decisions if row["state"] != "acknowledged"), key=lambda row: row["decided_at"])
    newest = {row["exception_key"] or row["decision_id"]: row for row in said}
    left_out = []
    for row in newest.values():
        if changes_the_plan(row):
            try:
                plan = replace(plan, frame=changed(plan, row))
            except LookupError as error:
                left_out.append(str(error))
    return Draft(plan, tuple(left_out))


def options(exception: Mapping[str, Any], plan: PlanTables) -> list[Option]:
    """The ways out, the one that saves most waiting first."""
    row = {name: None if words.is_missing(value) else value for name, value in exception.items() if name != "submission_ids"}
    if row.get("week_start_date") is not None:
        row["week_start_date"] = words.monday(row["week_start_date"])
    return options_for(row, plan)


def arguments(option: Option) -> dict[str, Any]:
    """The columns of the feed `decision` that the option fills."""
    return {"option_code": option.option_code} | {name: option.arguments[name] for name in ARGUMENTS if name in option.arguments}


def effect(option: Option) -> str:
    """`Saves 5.1 patient-weeks of waiting; nobody waits from 2027-W03 on.`."""
    saved, more = -option.effect.waiting_patient_weeks_delta, option.effect.served_delta
    parts = [f"Saves {words.count(saved, 'patient-week')} of waiting" if saved > 0 else "Saves no waiting"]
    if more >= data.WAITING * 10:
        parts.append(f"{words.patients(more)} more can start in these weeks")
    if option.effect.clears_week:
        parts.append(f"nobody waits from {words.week(option.effect.clears_week)} on")
    return words.sentence("; ".join(parts))


def card(place: int, option: Option, *, is_chosen: bool) -> str:
    """One way out: what would be done, what it brings, what else happens."""
    besides = "".join(f"<div>{cards.safe(text)}</div>" for text in option.effect.side_effects)
    chosen = " vw-chosen" if is_chosen else ""
    return (
        f'<div class="vw-card{chosen}"><div class="vw-head"><h4>{place}. {cards.safe(option.words)}</h4></div>'
        f'<div class="vw-gain">{cards.safe(effect(option))}</div><div class="vw-quiet">{besides}</div></div>'
    )


def choose(found: Sequence[Option], *, key: str) -> Option | None:
    """The options as cards, one of them chosen or none; below them the plan before and after the chosen one."""
    if not found:
        st.caption("No change of slots, weeks, plants, lots or couriers would shorten this line.")
        return None
    labels = ["None of them", *(f"Option {place}" for place in range(1, len(found) + 1))]
    if st.session_state.get(key) not in labels:
        st.session_state[key] = labels[1]
    spot = st.container()
    chosen = labels.index(str(st.segmented_control("Which one", labels, key=key, required=True))) - 1
    with spot:
        frame.html(cards.grid([card(i + 1, option, is_chosen=i == chosen) for i, option in enumerate(found)], least="17rem"))
    if chosen < 0:
        return None
    picture(found[chosen], key=f"{key}_picture")
    return found[chosen]


def picture(option: Option, *, key: str) -> None:
    """Who waits, week by week, before and after: the lines that the option touches, added up."""
    table = option.effect.table.to_pandas()
    weeks = table.groupby(["week_start_date", "iso_week"], as_index=False)[["waiting_before", "waiting_after"]].sum()
    seen = weeks[(weeks["waiting_before"] > data.WAITING) | (weeks["waiting_after"] > data.WAITING)]
    if seen.empty:
        return
    first, last = max(seen.index.min() - 1, 0), min(seen.index.max() + 1, len(weeks) - 1)
    st.altair_chart(charts.before_after(long(weeks.loc[first:last])), key=key, alt=f"Patients waiting before and after. {effect(option)}")


def long(weeks: pd.DataFrame) -> pd.DataFrame:
    """A row per week and side, for the picture."""
    sides = {"waiting_before": "before", "waiting_after": "after"}
    found = weeks.melt(id_vars=["iso_week"], value_vars=list(sides), var_name="side", value_name="waiting")
    return found.assign(side=found["side"].map(sides))


def waiting_weeks(plan: PlanTables) -> float:
    """Patient-weeks of waiting in the whole plan."""
    return float(plan.plan.waiting.sum())


def standing(before: PlanTables, after: PlanTables, decided: int) -> str:
    """What the decisions so far do to the draft, in one sentence."""
    was, now = waiting_weeks(before), waiting_weeks(after)
    if abs(was - now) < data.WAITING * 10:
        return f"The draft has {words.count(was, 'patient-week')} of waiting; nothing decided so far changes that."
    word = "fewer" if now < was else "more"
    return (
        f"With {words.count(decided, 'decision')} the draft has {words.count(now, 'patient-week')} of waiting:"
        f" {words.number(abs(was - now))} {word} than before."
    )
