"""Executive board: every KPI with its definition, sample, target, published band and trend. Nothing about a single case."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from apps.shared_views import board_data, cards, charts, data, frame, starts, words

GROUPS = {
    "How long it takes": ("vein_to_vein", "turnaround_first_pass", "turnaround_all_attempts", "vein_to_door"),
    "How well it is made": ("right_first_time", "first_pass_success", "out_of_specification"),
    "How reliable it is": ("on_time_first_promise", "on_time_last_promise", "drop_out"),
    "How well it is planned": ("forecast_wape_lag_4", "forecast_bias_lag_4", "commit_to_request", "plan_attainment"),
}
LADDER = ("slot_committed", "slot_booked", "slot_started", "slot_released")
LOST = "slot_lost"


def page() -> None:
    """One sentence, the groups of KPIs, the slot ladder, the weeks ahead."""
    desk = frame.enter("executive_board", "Executive board")
    every = board_data.kpis(desk)
    if every.empty:
        frame.empty("There are no KPIs yet.", "They appear with the first edition that holds finished cases.")
        return
    therapies = board_data.kpi_therapies(desk)
    known = data.therapy_names(desk)
    names = {data.SHOW_ALL: "All therapies"} | {code: words.therapy(code, known) for code in therapies}
    therapy = st.segmented_control(
        "Therapy", list(names), format_func=lambda code: names[code], default=data.SHOW_ALL, required=True, key="kpi_therapy"
    )
    rows = board_data.kpis(desk, therapy or data.SHOW_ALL)
    frame.lead(summary(rows))
    frame.html(cards.band_key(frame.ink()))
    for title, codes in GROUPS.items():
        group(title, codes, rows)
    slots(rows)
    ahead(desk, therapy or data.SHOW_ALL)


def summary(rows: pd.DataFrame) -> str:
    """What the board says first: the two clocks, never mixed, and promises kept."""
    parts = []
    for code, text in (
        ("vein_to_vein", "Half of the patients have their cells back within {} of collection (vein-to-vein)"),
        ("turnaround_first_pass", "half of the first-pass batches are released within {} (turnaround)"),
        ("on_time_first_promise", "{} of deliveries kept their first promise"),
    ):
        row = board_data.headline(rows, code)
        if row is not None and not words.is_missing(row["value"]):
            parts.append(text.format(words.measure(row["value"], row["unit"])))
    return words.sentence("; ".join(parts)) if parts else "There are too few finished cases for a summary."


def group(title: str, codes: tuple[str, ...], rows: pd.DataFrame) -> None:
    """The cards of one group."""
    made = [card(rows, code) for code in codes]
    shown = [one for one in made if one]
    if shown:
        st.subheader(title, anchor=False)
        frame.html(cards.grid(shown, least="22rem" if len(shown) % 2 == 0 else "16rem"))


def card(rows: pd.DataFrame, code: str) -> str:
    """One KPI with its months."""
    row = board_data.headline(rows, code)
    if row is None:
        return ""
    months = board_data.trend(rows, code)
    labels = (
        (words.month(months["period_start_date"].iloc[0]), words.month(months["period_start_date"].iloc[-1])) if len(months) else ("", "")
    )
    return cards.kpi(row, list(months["value"]), labels, ink=frame.ink())


def slots(rows: pd.DataFrame) -> None:
    """The slot ladder: each step as a share of the one before, then the slots lost."""
    found = [board_data.headline(rows, code) for code in LADDER]
    steps = [
        {
            "name": row["kpi_name"],
            "value": row["value"],
            "label": f"{words.measure(row['value'], row['unit'])} of {words.number(row['n'])}",
        }
        for row in found
        if row is not None and not words.is_missing(row["value"])
    ]
    st.subheader("What becomes of the slots", anchor=False)
    if not steps:
        frame.empty("No slot has run its course yet.", "The ladder appears when slots have been offered and used.")
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.altair_chart(
            charts.ladder(pd.DataFrame(steps)), key="ladder", alt="Slot ladder: share of slots reaching each step from the one before"
        )
        st.caption(
            "Each bar is the share of slots that reached this step from the step before. There is no published benchmark for slot use."
        )
    with right:
        lost = card(rows, LOST)
        if lost:
            frame.html(cards.grid([lost]))


def ahead(desk: data.Desk, therapy: str) -> None:
    """The weeks ahead, for the network as a whole."""
    plan = data.choose(data.plan(desk), therapy=therapy)
    st.subheader("The weeks ahead", anchor=False)
    if plan.empty:
        frame.empty("There is no plan for this therapy.", "It appears when a forecast and a slot plan meet.")
        return
    weeks = board_data.summary_by_week(plan)
    short = weeks[weeks["waiting"] > data.WAITING]
    text = (
        f"{starts.finding(weeks)}, but in {words.count(len(short), 'week')} somebody waits."
        if len(short)
        else f"{starts.finding(weeks)} in time."
    )
    frame.lead(text)
    st.altair_chart(charts.waiting_ahead(weeks), key="ahead", alt=text)


page()
