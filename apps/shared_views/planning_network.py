"""Joint planning for the coordinator and for plants: the whole aligned plan, or that of their own sites, and the drill into one week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import cards, charts, data, forecasts, frame, lists, meeting_data, provenance, resource_chart, starts, today, words
from dagster_project import planning

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

ALL = data.SHOW_ALL
MANY = 5  # hospitals that fit beside the bars


def show(desk: data.Desk) -> None:
    """Filters, the finding in one sentence, figures, the picture by week, the overview by line, one week opened up."""
    plan = data.plan(desk)
    if plan.empty:
        frame.empty("There is no plan for you yet.", "It appears with the first edition in which a forecast and a slot plan meet.")
        return
    therapy, site = filters(plan)
    lines, names = data.choose(plan, therapy=therapy, site=site), data.therapy_names(desk)
    if lines.empty:
        frame.empty("This plant does not make this therapy.", "Choose another plant or another therapy.")
        return
    weeks = data.by_week(lines)
    frame.lead(finding(weeks, lines))
    frame.figures(headlines(weeks, lines))
    chosen = week_choice(weeks)
    st.subheader("Demand against supply, week by week", anchor=False)
    legend(lines)
    picture = charts.plan_picture(weeks, selected=chosen)
    st.altair_chart(picture, key="plan_picture", on_select=lambda: pick_week("plan_picture"), alt=finding(weeks, lines))
    st.caption(
        "Click a column to open its week below. The dashed line is what the tightest resource of each therapy and plant allows, added up:"
        " a free place of one therapy cannot serve another."
    )
    overview(lines)
    drill(desk, lines, chosen, names)
    forecasts.show(desk, therapy=therapy)
    if desk.role == "operator":
        lists.overdue(desk, names)


def filters(plan: pd.DataFrame) -> tuple[str, str]:
    """Therapy and plant. One choice alone is not asked for."""
    therapies, plants = data.names(plan, "therapy_code", "therapy_name"), data.names(plan, "site_id", "plant_name")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        therapy = st.selectbox(
            "Therapy",
            [ALL, *therapies],
            format_func=lambda code: "All therapies" if code == ALL else words.therapy(code, therapies),
            key="therapy",
            width=320,
        )
        site = (
            st.selectbox(
                "Plant", [ALL, *plants], format_func=lambda one: "All plants" if one == ALL else plants[one], key="site", width=240
            )
            if len(plants) > 1
            else ALL
        )
    return therapy, site


def finding(weeks: pd.DataFrame, lines: pd.DataFrame) -> str:
    """What the plan says, in two sentences."""
    expected = f"{starts.finding(weeks)}."
    short = lines[lines["is_short"]]
    if short.empty:
        return f"{expected} Every week has room for all of them."
    last = weeks.iloc[-1]
    cause = short["binding_constraint"].value_counts()
    still = (
        f"{words.number(last['waiting'])} still {words.verb(last['waiting'], 'waits', 'wait')} at the end of {last['iso_week']}."
        if last["waiting"] > data.WAITING
        else "Some of them wait on the way."
    )
    return f"{expected} {still} Most often the plan is held back by {words.binding(cause.index[0])}: {cause.iloc[0]} of {count_lines(len(short))}."


def count_lines(number: int) -> str:
    """`14 short weeks`, counted per therapy and plant."""
    return f"{words.count(number, 'short week')} (per therapy and plant)"


def headlines(weeks: pd.DataFrame, lines: pd.DataFrame) -> list[tuple[str, str, str]]:
    """The four figures above the picture."""
    peak = weeks.loc[weeks["waiting"].idxmax()]
    short = weeks[weeks["is_short"]]
    first = "every week is covered" if short.empty else f"the first is {short.iloc[0]['iso_week']}"
    cause = lines.loc[lines["is_short"], "binding_constraint"].value_counts()
    tight = "nothing" if cause.empty else words.binding(cause.index[0])
    share = weeks["served"].sum() / max(starts.wanted(weeks), 1e-9)
    return [
        (
            "Patients to start",
            words.number(starts.wanted(weeks)),
            f"{weeks.iloc[0]['iso_week']} to {weeks.iloc[-1]['iso_week']}: {starts.made_of(weeks)}",
        ),
        ("Can start", f"{share:.0%}", f"{words.patients(weeks['served'].sum())} within {words.count(len(weeks), 'week')}"),
        ("Longest waiting line", words.number(peak["waiting"]), today.longest(peak.to_dict(), lines)),
        ("Weeks short", f"{len(short)} of {len(weeks)}", f"{first}; tightest: {tight}"),
    ]


def legend(lines: pd.DataFrame, *, line: bool = True) -> None:
    """The symbols above the columns, in words, as far as they occur."""
    present = [code for code in words.CONSTRAINTS if (lines["binding_constraint"] == code).any()]
    frame.html(cards.symbol_key(present, charts.palette(), line=line))


def week_choice(weeks: pd.DataFrame) -> str:
    """The week that is opened: picked in a picture or in the list; at first the first short one."""
    options = list(weeks["iso_week"])
    short = weeks.loc[weeks["is_short"], "iso_week"]
    if st.session_state.get("opened_week") not in options:
        st.session_state["opened_week"] = short.iloc[0] if len(short) else options[0]
    return str(st.session_state["opened_week"])


def pick_week(chart: str) -> None:
    """A click in a picture opens its week, and its line when the picture has lines."""
    spots = st.session_state[chart].get("selection", {}).get(charts.WEEK_PICK, [])
    if spots:
        st.session_state["opened_week"] = spots[0]["iso_week"]
        forget_line()
        if "line" in spots[0]:
            st.session_state["opened_line"] = spots[0]["line"]


def forget_line() -> None:
    """Another week opens with its own longest waiting line."""
    st.session_state.pop("opened_line", None)


def named_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """The plan's rows with one name for therapy and plant together: short beside a picture, and `spelled` out."""
    single = len(lines["site_id"].unique()) == 1
    rows = lines.assign(line=lines["therapy_code"] if single else lines["therapy_code"] + " · " + lines["plant_name"])
    return rows.assign(
        spelled=[spelled(line, {code: name}) for line, code, name in rows[["line", "therapy_code", "therapy_name"]].to_numpy()]
    )


def overview(lines: pd.DataFrame) -> None:
    """Therapy and plant by week as a heat map."""
    named = named_lines(lines)
    st.subheader("Where patients wait", anchor=False)
    st.altair_chart(
        charts.heat_map(named, row="line"),
        key="heat_map",
        on_select=lambda: pick_week("heat_map"),
        alt="Waiting patients per line and week",
    )
    st.caption("Each row is one therapy at one plant. The deeper the colour, the more patients wait at the end of that week.")


def drill(desk: data.Desk, lines: pd.DataFrame, chosen: str, names: Mapping[str, str]) -> None:
    """One week opened up: which lines, why, the resources, who waits, which cases."""
    st.subheader(f"One week opened up: {chosen}", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Week", sorted(lines["iso_week"].unique()), key="opened_week", width=160, on_change=forget_line)
        in_week = data.plan_lines(named_lines(lines), chosen)
        options = list(in_week["line"])
        if st.session_state.get("opened_line") not in options:
            st.session_state["opened_line"] = options[0]
        line_name = st.selectbox(
            "Therapy and plant, the longest waiting line first",
            options,
            format_func=lambda name: spelled(name, names),
            key="opened_line",
            width=420,
        )
    line = in_week[in_week["line"] == line_name].iloc[0]
    with st.container(border=True):
        frame.lead(why(line, names))
        for sentence in what_if(desk, line):
            st.write(sentence)
        left, right = st.columns([5, 6], gap="medium")
        with left:
            st.markdown("**What the week has, against what it needs**")
            table = data.resources(line)
            st.altair_chart(resource_chart.resource_bars(table), key="resources", alt=why(line, names))
            if resource_chart.caption(table):
                st.caption(resource_chart.caption(table))
        with right:
            people_of_the_week(desk, line)
    if desk.role == "operator":
        cases_of_the_week(desk, line)
    provenance.panel(desk, meeting_data.rows_of_week(desk, line), line["submission_ids"], key="week_rows")


def spelled(name: str, names: Mapping[str, str]) -> str:
    """A line's name with that of its therapy: `Aurocel (CART-101) · Leiden CellWorks`."""
    code, dot, plant = name.partition(" · ")
    return f"{words.therapy(code, names)}{dot}{plant}"


def why(line: Any, names: Mapping[str, str]) -> str:
    """Why not everything is planned, from the figures of the line."""
    again = line.get("remake", 0.0)
    ready = line["backlog_in"] + line["demand"] + again
    opening = (
        f"{words.therapy(line['therapy_code'], names)} at {line['plant_name']}, week of {words.day(line['week_start_date'])}:"
        f" {words.patients(ready)} {words.verb(ready, 'is', 'are')} ready to start"
        f" ({words.number(line['backlog_in'])} carried over, {words.number(line['demand'])} new{f', {words.number(again)} again' if again > 0.05 else ''})."
    )
    if not line["is_short"]:
        return f"{opening} All of them can start."
    one, many, _ = words.CONSTRAINTS[line["binding_constraint"]]
    has = line[words.CAPACITY_COLUMNS[line["binding_constraint"]]]
    only = f"there {words.verb(has, 'is', 'are')} {'only ' if has > 0 else ''}{words.count(has, one, many)}"
    return f"{opening} {words.number(line['served'])} can start and {words.number(line['waiting'])} must wait, because {only}."


def what_if(desk: data.Desk, line: Any) -> list[str]:
    """What one more of the scarcest resource would bring, and a word where nobody has stated the vector. Only for who has the whole plan."""
    tables = data.plan_tables(desk)
    if tables is None:
        return []
    spot = tables.places[line["therapy_code"], line["site_id"]], tables.iso_weeks.index(line["iso_week"])
    found = [planning.one_more(planning.marginals(tables, [spot])[0], tables)] if line["is_short"] else []
    if not tables.states_vector(spot[0]):
        found.append("Nobody has stated any vector for this therapy, so the plan takes it that there is enough.")
    return found


def people_of_the_week(desk: data.Desk, line: Any) -> None:
    """Which hospitals ask, what they get, and why not all of it. A plant sees the total only."""
    if desk.role != "operator":
        st.markdown("**Who asks**")
        st.write(
            "Hospitals' own figures stay with them. You see the sum for your site; infusion of these patients is planned around "
            f"{words.day(line['infusion_week_start_date'])}."
        )
        return
    st.markdown("**Who asks, and why not all is planned**")
    rows = data.demand_of(desk, iso_week=line["iso_week"], therapy=line["therapy_code"], site=line["site_id"])
    if rows.empty:
        frame.empty("No hospital asks in this week.", "What is planned here was carried over from earlier weeks.")
        return
    with st.container(height=300 if len(rows) > MANY else "content", border=False):
        frame.html("".join(cards.who(str(row["hospital_name"]), row) for row in rows.to_dict("records")))


def cases_of_the_week(desk: data.Desk, line: Any) -> None:
    """Cases that were to start in this week and have not."""
    rows = data.cases_of(desk, monday=words.monday(line["week_start_date"]), therapy=line["therapy_code"], site=line["site_id"])
    st.markdown(f"**Cases booked into this week:** {words.count(len(rows), 'open case')}")
    if rows.empty:
        st.caption("No single case is booked here yet; the demand of this week is forecast.")
        return
    rows = rows.assign(case=rows["case_id"].map(words.case), step=rows["current_step"].str.capitalize())
    columns = {
        "overdue": lists.overdue_column(),
        "case": "Case",
        "hospital_name": "Hospital",
        "step": "Is now at",
        "manufacture_planned_at": frame.time_column("Planned start"),
        "infusion_planned_at": frame.time_column("Planned infusion"),
        "days_open": frame.figure_column("Open for", unit="days", decimals=0),
    }
    frame.table(rows, columns, key="cases_of_the_week")
