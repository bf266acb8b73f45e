"""Joint planning for one partner: a hospital's own demand and the supply ahead, a supplier's doses, a courier's lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import cards, charts, commits, data, forecasts, frame, lists, planning_network, starts, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

ALL = data.SHOW_ALL


# -------------------------------------------------------------------- hospital


def hospital(desk: data.Desk) -> None:
    """Own demand and what becomes of it, one week opened up, own open cases, the aggregate supply ahead."""
    demand = data.own_demand(desk)
    if demand.empty:
        frame.empty(
            "No demand of yours is in this plan.", "Send your demand forecast on the partner desk; it counts from the next plan on."
        )
    else:
        own_demand(demand, data.therapy_names(desk))
        forecasts.show(desk)
    own_cases(desk)
    supply_ahead(desk)


def own_demand(demand: pd.DataFrame, names: Mapping[str, str]) -> None:
    """The hospital's own patients by week: who can start, who waits, and why."""
    therapies = sorted(demand["therapy_code"].unique())
    therapy = st.selectbox(
        "Therapy",
        [ALL, *therapies],
        format_func=lambda code: "All therapies" if code == ALL else words.therapy(code, names),
        key="therapy",
        width=320,
    )
    rows = data.choose(demand, therapy=therapy)
    weeks = data.own_weeks(rows)
    chosen = planning_network.week_choice(weeks)
    late = weeks[weeks["is_short"]]
    text = f"{starts.finding(weeks)}."
    frame.lead(
        f"{text} Nobody has to wait."
        if late.empty
        else f"{text} In {words.count(len(late), 'week')} somebody has to wait; the first is {late.iloc[0]['iso_week']}."
    )
    st.subheader("Your patients, week by week", anchor=False)
    picture = charts.plan_picture(weeks, selected=chosen, supply=False)
    st.altair_chart(picture, key="own_picture", on_select=lambda: planning_network.pick_week("own_picture"), alt=text)
    st.caption("Weeks are those in which manufacture starts. Click a column to see why somebody waits.")
    own_week(weeks, rows, chosen, names)


def own_week(weeks: pd.DataFrame, rows: pd.DataFrame, chosen: str, names: Mapping[str, str]) -> None:
    """One week of the hospital: every therapy and plant with its reason."""
    st.selectbox("Week", list(weeks["iso_week"]), key="opened_week", width=180)
    with st.container(border=True):
        st.markdown(f"**{chosen}: what is planned, and why not more**")
        several = len(rows["hospital_id"].unique()) > 1
        lines = [
            row
            for row in data.plan_lines(rows, chosen).to_dict("records")
            if max(row["demand"], row["served"], row["waiting"]) >= starts.LEAST
        ]
        if not lines:
            st.caption("Nobody of yours is to start in this week.")
        frame.html("".join(cards.who(place(row, names, several=several), row) for row in lines))


def place(row: Mapping[Any, Any], names: Mapping[str, str], *, several: bool) -> str:
    """Therapy and plant, and the hospital too when the partner runs several."""
    where = f"{words.therapy(row['therapy_code'], names)} at {row['plant_name']}"
    return f"{row['hospital_name']}: {where}" if several else where


def own_cases(desk: data.Desk) -> None:
    """The hospital's open cases with their planned dates."""
    cases = data.open_cases(desk)
    st.subheader("Your open cases", anchor=False)
    if cases.empty:
        frame.empty("You have no open case.", "A case appears here when its order has been accepted.")
        return
    cases = cases.assign(case=cases["case_id"].map(words.case), step=cases["current_step"].str.capitalize())
    columns = {
        "overdue": lists.overdue_column(),
        "case": "Case",
        "therapy_code": "Therapy",
        "step": "Is now at",
        "plant_name": "Plant",
        "apheresis_planned_at": frame.time_column("Planned collection"),
        "manufacture_planned_at": frame.time_column("Planned start"),
        "delivery_planned_at": frame.time_column("Planned return"),
        "infusion_planned_at": frame.time_column("Planned infusion"),
        "days_open": frame.figure_column("Open for", unit="days", decimals=0),
    }
    frame.table(cases, columns, key="own_cases")


def supply_ahead(desk: data.Desk) -> None:
    """Aggregate supply by therapy, plant and week: room, and where it is tight. Nobody's demand is shown."""
    supply = data.supply_ahead(desk)
    st.subheader("Supply ahead", anchor=False)
    if supply.empty:
        frame.empty("There is no supply to show.", "It appears when a plant has sent its slot plan and your agreements share it with you.")
        return
    lines = planning_network.named_lines(supply)
    st.altair_chart(charts.slot_map(lines, row="line"), key="supply_ahead", alt="Slots per line and week")
    st.caption("Starts that each plant offers per week, to all hospitals together. A symbol marks weeks that are short, and of what.")
    planning_network.legend(lines, line=False)
    coarse = lines[lines["grain"] != "week"]
    for grain, rows in coarse.groupby("grain"):
        period = "month" if grain == "month" else "plan"
        st.caption(f"By agreement in one figure for the whole {period}, under its first week: {', '.join(sorted(set(rows['line'])))}.")


# ----------------------------------------------------------------------- plant


def plant(desk: data.Desk) -> None:
    """The plan of the own sites as the coordinator sees it, the answer to the forecast, how far the vector reaches and the batches in work."""
    planning_network.show(desk)
    commits.panel(desk)
    cover(desk)
    batches(desk)


def cover(desk: data.Desk) -> None:
    """Vector at hand in the first week of the plan, and how many weeks of average demand it covers."""
    st.subheader("Vector cover", anchor=False)
    rows = data.vector_cover(desk, words.week(desk.planning_date))
    rows = rows[rows["vector_doses"].notna()]
    if rows.empty:
        frame.empty("No vector cover is known.", "It appears when a supplier has allocated lots to your site.")
        return
    names = data.therapy_names(desk)
    cards_of = [
        (
            f"{row['vector_code']} for {words.therapy(row['therapy_code'], names)}",
            words.count(row["cover_weeks"], "week"),
            f"{words.count(row['vector_doses'], 'usable dose')} now",
        )
        for row in rows.to_dict("records")
    ]
    frame.figures(cards_of)


def batches(desk: data.Desk) -> None:
    """Own batches between start and quality decision."""
    st.subheader("Batches in work", anchor=False)
    rows = data.batches_in_work(desk)
    if rows.empty:
        frame.empty("No batch is in work.", "A batch appears here from its start until its quality decision.")
        return
    columns = {
        "batch_id": "Batch",
        "therapy_code": "Therapy",
        "attempt": frame.figure_column("Attempt", decimals=0),
        "manufacture_start_at": frame.time_column("Started"),
        "manufacture_end_at": frame.time_column("Ended"),
        "disposition_planned_at": frame.time_column("Planned release"),
    }
    frame.table(rows, columns, key="batches")


# -------------------------------------------------------------------- supplier


def supplier(desk: data.Desk) -> None:
    """Doses asked for by vector and week, against the lots there are."""
    doses = data.view(desk, "dose_demand")
    if doses.empty:
        frame.empty(
            "No doses are asked for yet.", "Dose demand appears when hospitals have sent forecasts for a therapy that uses your vector."
        )
        return
    vectors = sorted(doses["vector_code"].unique())
    vector = st.segmented_control("Vector", vectors, default=vectors[0], required=True, key="vector") or vectors[0]
    rows = data.dose_weeks(doses, vector)
    if rows["doses_demanded"].isna().any():
        frame.empty(f"So few patients need {vector} that their number is not shown.", "It appears when the plan holds enough patients.")
        commits.panel(desk)
        lots(desk)
        return
    asked, short = rows["doses_demanded"].sum(), rows[rows["plants_short_of_vector"] > 0]
    span = commits.period(rows)
    text = f"The plants need {words.count(round(asked), 'dose')} of {vector} for the patients expected in the next {words.count(len(rows), span)}."
    frame.lead(
        f"{text} In every {span} there is enough."
        if short.empty
        else f"{text} In {words.count(len(short), span)} a plant is short of it; the first begins in {short.iloc[0]['iso_week']}."
    )
    frame.figures(dose_figures(rows, span))
    if span != "week":
        st.caption(f"By agreement in one figure for the whole {span}, under its first week.")
    st.subheader(f"Doses needed, {span} by {span}", anchor=False)
    st.altair_chart(charts.doses_needed(rows), key="doses_needed", alt=text)
    st.subheader("Usable doses at the plants", anchor=False)
    st.altair_chart(charts.doses_usable(rows), key="doses_usable", alt=f"Usable doses at the plants, {span} by {span}")
    commits.panel(desk)
    lots(desk)


def dose_figures(rows: pd.DataFrame, span: str) -> list[tuple[str, str, str]]:
    """Need a week (or as fine as the agreements share it), stock now, and how long it would last."""
    need, stock = rows["doses_demanded"].mean(), float(rows.iloc[0]["doses_at_plants"])
    lasts = words.count(stock / need, span) if need else "for ever"
    return [
        ("Needed", f"{words.number(need)} a {span}", f"on average of {words.count(len(rows), span)}"),
        ("Usable now", words.number(stock), f"doses at the plants, {rows.iloc[0]['iso_week']}"),
        ("Would last", lasts, "if nothing were added"),
    ]


def lots(desk: data.Desk) -> None:
    """The supplier's own lots, the first to expire first."""
    st.subheader("Your lots", anchor=False)
    rows = data.view(desk, "lots")
    if rows.empty:
        frame.empty("No lot of yours is known.", "Send your vector inventory on the partner desk.")
        return
    rows = rows.assign(
        status=rows["status"].str.replace("_", " "),
        plan_used_doses=rows["plan_used_doses"].round(),
        expiring_unused_doses=rows["expiring_unused_doses"].round(),
    )
    columns = {
        "lot_code": "Lot",
        "vector_code": "Vector",
        "status": "Status",
        "site_name": "Stored at",
        "dose_equivalents": frame.figure_column("Doses", decimals=0),
        "allocated_doses": frame.figure_column("Allocated", decimals=0),
        "plan_used_doses": frame.figure_column("Used in the plan", decimals=0),
        "expiring_unused_doses": frame.figure_column("Would expire unused", decimals=0),
        "release_date": frame.date_column("Release"),
        "expiry_date": frame.date_column("Expires"),
    }
    frame.table(rows.sort_values("expiry_date"), columns, key="lots")


# --------------------------------------------------------------------- courier


def courier(desk: data.Desk) -> None:
    """Shipments ahead by lane and week, then the single shipments that are due."""
    lanes = data.lanes_ahead(desk)
    if lanes.empty:
        frame.empty("Nothing is expected on your lanes.", "It appears when the plan sends cells between sites that you serve.")
    else:
        total, busiest = lanes["shipments_expected"].sum(), lanes.groupby("iso_week")["shipments_expected"].sum().idxmax()
        frame.lead(
            f"About {words.count(round(total), 'collection')} {words.verb(round(total), 'is', 'are')} expected on your lanes"
            f" in the next {words.count(lanes['iso_week'].nunique(), 'week')}, most of them in {busiest}."
        )
        st.subheader("Your lanes, week by week", anchor=False)
        st.altair_chart(charts.lane_map(lanes), key="lanes", alt="Expected shipments per lane and week")
        st.caption("Expected collections per lane and week of collection, from the aligned plan. Deeper colour: more of them.")
    commits.panel(desk)
    shipments(desk)


def shipments(desk: data.Desk) -> None:
    """Bookings that are not delivered yet."""
    st.subheader("Shipments due", anchor=False)
    rows = data.due_shipments(desk)
    if rows.empty:
        frame.empty("No shipment is due.", "Bookings that are neither delivered nor cancelled stand here.")
        return
    lists.shipments(rows, key="shipments")
