"""Every picture of the screens. Colours are colour-blind safe, and a shape or a word always says the same thing again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import streamlit as st

from apps.shared_views import words

if TYPE_CHECKING:
    import pandas as pd

LIGHT = {
    "ink": "#17343E",
    "quiet": "#6B8088",
    "served": "#2A8C8C",
    "waiting": "#E3A33B",
    "alarm": "#BE3A34",
    "spare": "#A9C3C8",
    "calm": "#E6EFF0",
    "warm": ["#EDF3F3", "#F3D9A4", "#E3A33B", "#BE5A2A"],
    "slot": "#2F6690",
    "vector": "#8A3F8F",
    "courier": "#C4552D",
    "chair": "#4B7F2B",
    "bed": "#74591F",
    "container": "#1F7A6B",
    "material": "#5B5B9E",
}
DARK = {
    "ink": "#E2EDEF",
    "quiet": "#8FA6AE",
    "served": "#3BA6A3",
    "waiting": "#EDB454",
    "alarm": "#F0877F",
    "spare": "#47646F",
    "calm": "#1A2D35",
    "warm": ["#182A32", "#5C4A22", "#C08A33", "#F2A07A"],
    "slot": "#86B7E0",
    "vector": "#D39ADB",
    "courier": "#F39A78",
    "chair": "#A5CC7E",
    "bed": "#D6BB7F",
    "container": "#7FD1C0",
    "material": "#B3B3EA",
}
Picture = Any  # Altair's own types change with each step of a chain
WEEK_LABEL = "substring(datum.value, 5)"
TWO_LINES = "split(datum.value, regexp(' [·→] '))"  # therapy over plant, sender over receiver: short enough for a phone
WEEK_PICK = "week"
ROW, AROUND = 36, 152  # pixels of one row of a heat map, and of its legend and axis: a single row is as high as one of many


def palette() -> dict[str, Any]:
    """The colours of the theme that the reader's browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def plan_picture(weeks: pd.DataFrame, *, selected: str | None, supply: bool = True, unit: str = "patients") -> Picture:
    """Columns of starts and waiting per week against the supply line; above each short week the symbol of what binds.

    `weeks`: iso_week, served, waiting, supply, binding_constraint, demand. A click on a column picks its week.
    """
    colours = palette()
    weeks = weeks.assign(top=weeks["served"] + weeks["waiting"], binds=weeks["binding_constraint"].map(words.binding))
    axis = _week_axis(list(weeks["iso_week"]))
    long = weeks.melt(
        id_vars=["iso_week", "demand", "binds", *(["supply"] if supply else [])],
        value_vars=["served", "waiting"],
        var_name="part",
        value_name="value",
    )
    long["name"] = long["part"].map({"served": "can start", "waiting": "must wait"})
    long["place"] = long["part"].map({"served": 0, "waiting": 1})
    pick = alt.selection_point(name=WEEK_PICK, fields=["iso_week"], on="click", empty=False)
    tips = [
        alt.Tooltip("iso_week:N", title="week"),
        alt.Tooltip("name:N", title=unit),
        alt.Tooltip("value:Q", format=",.1f", title="how many"),
        alt.Tooltip("demand:Q", format=",.1f", title="new this week"),
        *([alt.Tooltip("supply:Q", format=",.1f", title="could start"), alt.Tooltip("binds:N", title="held back by")] if supply else []),
    ]
    columns = (
        alt.Chart(long)
        .mark_bar(cornerRadiusTopLeft=2, cornerRadiusTopRight=2, cursor="pointer")
        .encode(
            x=axis,
            y=alt.Y("value:Q", stack="zero", title=unit, axis=alt.Axis(tickMinStep=0.5, grid=True)),
            color=alt.Color(
                "name:N",
                title=None,
                scale=alt.Scale(domain=["can start", "must wait"], range=[colours["served"], colours["waiting"]]),
                legend=alt.Legend(orient="top", symbolType="square"),
            ),
            order=alt.Order("place:Q"),
            tooltip=tips,
        )
        .add_params(pick)
    )
    layers = [_band(weeks, selected, axis), columns]
    if supply:
        line = alt.Chart(weeks).mark_line(interpolate="step", strokeWidth=2, strokeDash=[5, 3], color=colours["ink"], clip=True)
        layers += [line.encode(x=axis, y=alt.Y("supply:Q")), *_signs(weeks, axis, tips[:1] + tips[-1:])]
    return alt.layer(*layers).resolve_scale(color="independent", shape="independent").properties(height=340)


def heat_map(lines: pd.DataFrame, *, row: str) -> Picture:
    """Rows by week: the deeper the colour the more wait; the symbol says what binds. A click picks week and row."""
    return _map(lines, row=row, value=("waiting", "patients waiting"), colours=palette()["warm"], pick=True)


def slot_map(lines: pd.DataFrame, *, row: str) -> Picture:
    """Rows by week: how many slots there are; a symbol where the week is short."""
    return _map(lines, row=row, value=("slots", "manufacturing slots"), colours=[palette()["calm"], palette()["served"]], pick=False)


def lane_map(lanes: pd.DataFrame) -> Picture:
    """Lanes by week: expected shipments."""
    return _map(
        lanes.assign(binding_constraint=None),
        row="lane",
        value=("shipments_expected", "expected shipments"),
        colours=[palette()["calm"], palette()["served"]],
        pick=False,
    )


def doses_needed(weeks: pd.DataFrame) -> Picture:
    """Doses needed per week as columns, a diamond over weeks in which a plant is short of vector."""
    colours = palette()
    tips = [
        alt.Tooltip("iso_week:N", title="week"),
        alt.Tooltip("doses_demanded:Q", format=",.1f", title="doses needed"),
        alt.Tooltip("plants_short_of_vector:Q", title="plants short of vector"),
    ]
    base = alt.Chart(weeks).encode(x=_week_axis(list(weeks["iso_week"])), tooltip=tips)
    columns = base.mark_bar(color=colours["served"], cornerRadiusEnd=2).encode(y=alt.Y("doses_demanded:Q", title="doses needed"))
    signs = (
        base.transform_filter("datum.plants_short_of_vector > 0")
        .mark_point(shape="diamond", filled=True, size=75, yOffset=-11, color=colours["vector"], opacity=1)
        .encode(y="doses_demanded:Q")
    )
    return alt.layer(columns, signs).properties(height=250)


def doses_usable(weeks: pd.DataFrame) -> Picture:
    """Usable doses at the plants at the start of each week."""
    colours = palette()
    tips = [alt.Tooltip("iso_week:N", title="week"), alt.Tooltip("doses_at_plants:Q", format=",.1f", title="usable doses")]
    y = alt.Y("doses_at_plants:Q", title="usable doses")
    return (
        alt.Chart(weeks)
        .mark_bar(color=colours["spare"], cornerRadiusEnd=2)
        .encode(x=_week_axis(list(weeks["iso_week"])), y=y, tooltip=tips)
        .properties(height=250)
    )


def before_after(weeks: pd.DataFrame) -> Picture:
    """Patients waiting per week as two columns side by side: before in grey, after in colour. `weeks`: iso_week, side, waiting."""
    colours, sides = palette(), ["before", "after"]
    tips = [
        alt.Tooltip("iso_week:N", title="week"),
        alt.Tooltip("side:N", title="plan"),
        alt.Tooltip("waiting:Q", format=",.1f", title="patients waiting"),
    ]
    scale = alt.Scale(domain=sides, range=[colours["spare"], colours["served"]])
    return (
        alt.Chart(weeks)
        .mark_bar(cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(
            x=_week_axis(list(dict.fromkeys(weeks["iso_week"]))),
            xOffset=alt.XOffset("side:N", sort=sides),
            y=alt.Y("waiting:Q", title="patients waiting", axis=alt.Axis(tickMinStep=0.5)),
            color=alt.Color("side:N", title=None, scale=scale, legend=alt.Legend(orient="top", symbolType="square")),
            tooltip=tips,
        )
        .properties(height=220)
    )


def waterfall(versions: pd.DataFrame) -> Picture:
    """A line per forecast version over the weeks of collection, older ones fainter, and a dot per week for who came.

    `versions`: version_kind (forecast, actual), version_label, iso_week, patients.
    """
    colours = palette()
    weeks, labels = (
        sorted(versions["iso_week"].unique()),
        sorted(versions.loc[versions["version_kind"] == "forecast", "version_label"].unique()),
    )
    tips = [
        alt.Tooltip("iso_week:N", title="week of collection"),
        alt.Tooltip("version_label:N", title="forecast of"),
        alt.Tooltip("patients:Q", format=",.1f", title="patients"),
    ]
    shades = {label: 0.15 + 0.6 * place / max(len(labels) - 1, 1) for place, label in enumerate(labels)}
    shades[labels[-1]] = 1.0
    base = alt.Chart(versions.assign(shade=versions["version_label"].map(shades).fillna(1.0))).encode(
        x=_week_axis(weeks, "week of collection"), y=alt.Y("patients:Q", title="patients", scale=alt.Scale(zero=True)), tooltip=tips
    )
    lines = (
        base.transform_filter("datum.version_kind == 'forecast'")
        .mark_line(color=colours["served"], interpolate="monotone", strokeWidth=2)
        .encode(detail="version_label:N", opacity=alt.Opacity("shade:Q", scale=None, legend=None))
    )
    dots = base.transform_filter("datum.version_kind == 'actual'").mark_point(filled=True, size=70, opacity=1, color=colours["ink"])
    return alt.layer(lines, dots).properties(height=280)


def waiting_ahead(weeks: pd.DataFrame) -> Picture:
    """The network's weeks ahead: who can start and who must wait."""
    return plan_picture(weeks.assign(binding_constraint=None), selected=None, supply=False)


def ladder(steps: pd.DataFrame) -> Picture:
    """The slot ladder: what share of the slots reached each step from the one before."""
    colours = palette()
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=180, ticks=False, domain=False))
    base = alt.Chart(steps).encode(y=y)
    scale = alt.Scale(domain=[0, 100])
    full = base.mark_bar(height=18, cornerRadius=4, color=colours["calm"]).encode(x=alt.value("width"))
    bars = base.mark_bar(height=18, cornerRadius=4, color=colours["served"]).encode(
        x=alt.X("value:Q", scale=scale, title=None, axis=alt.Axis(labelExpr="datum.value + ' %'", tickCount=5)),
        tooltip=[alt.Tooltip("label:N", title="share")],
    )
    text = base.mark_text(align="right", dx=-8, color="#FFFFFF", fontWeight=600).encode(x=alt.X("value:Q"), text="label:N")
    return alt.layer(full, bars, text).properties(height=34 * len(steps) + 30)


def _map(lines: pd.DataFrame, *, row: str, value: tuple[str, str], colours: list[str], pick: bool) -> Picture:
    ink, edge = palette()["ink"], palette()["calm"]
    figure, title = value
    lines = lines.assign(binds=lines["binding_constraint"].map(words.binding))
    weeks = sorted(lines["iso_week"].unique())
    # The second line of a name hangs below its row unless the first one is lifted.
    lifted = -6 if lines[row].str.contains(" [·→] ").any() else 0
    names = alt.Axis(
        labelExpr=TWO_LINES, labelOffset=lifted, labelOverlap=False, labelFontSize=10, labelLimit=150, ticks=False, domain=False
    )
    base = alt.Chart(lines).encode(
        x=_week_axis(weeks, "week"),
        y=alt.Y(f"{row}:N", title=None, axis=names),
    )
    legend = alt.Legend(orient="top", gradientLength=140, gradientThickness=9, titleLimit=200, tickCount=3)
    cells = base.mark_rect(cornerRadius=3, stroke=edge, strokeWidth=1).encode(
        color=alt.Color(f"{figure}:Q", title=title, scale=alt.Scale(range=colours, domainMin=0, interpolate="rgb"), legend=legend),
        tooltip=[
            alt.Tooltip("spelled:N" if "spelled" in lines else f"{row}:N", title="line"),
            alt.Tooltip("iso_week:N", title="week"),
            alt.Tooltip(f"{figure}:Q", format=",.1f", title=title),
            alt.Tooltip("binds:N", title="held back by"),
        ],
    )
    if pick:
        cells = cells.add_params(alt.selection_point(name=WEEK_PICK, fields=["iso_week", row], on="click", empty=False))
    signs = (
        base.transform_filter("datum.binding_constraint != null")
        .mark_point(filled=True, size=34, opacity=0.85, color=ink)
        .encode(shape=_shape(lines, legend=False))
    )
    return alt.layer(cells, signs).resolve_scale(color="independent").properties(height=ROW * lines[row].nunique() + AROUND)


def _week_axis(weeks: list[str], title: str = "week of manufacturing start") -> alt.X:
    axis = alt.Axis(labelExpr=WEEK_LABEL, labelAngle=0, labelOverlap="greedy", labelSeparation=5, title=title, ticks=False)
    return alt.X("iso_week:O", sort=weeks, axis=axis, scale=alt.Scale(paddingInner=0.18, paddingOuter=0.1))


def _shape(rows: pd.DataFrame, *, legend: bool) -> alt.Shape:
    present = [code for code in words.CONSTRAINTS if (rows["binding_constraint"] == code).any()]
    return alt.Shape(
        "binds:N",
        title=None,
        scale=alt.Scale(domain=[words.CONSTRAINTS[code][1] for code in present], range=[words.CONSTRAINTS[code][2] for code in present]),
        legend=alt.Legend(orient="top", symbolSize=70) if legend else None,
    )


def _signs(weeks: pd.DataFrame, axis: alt.X, tips: list[alt.Tooltip]) -> list[Any]:
    """A symbol over every short week, and the word where a run of weeks with the same cause begins."""
    short = weeks[weeks["binding_constraint"].notna()]
    if short.empty:
        return []
    colours = palette()
    present = [code for code in words.CONSTRAINTS if (short["binding_constraint"] == code).any()]
    named = [words.CONSTRAINTS[code][1] for code in present]
    tint = alt.Color("binds:N", scale=alt.Scale(domain=named, range=[colours[code] for code in present]), title="short of", legend=None)
    base = alt.Chart(short).encode(x=axis, y=alt.Y("top:Q"))
    return [
        base.mark_point(filled=True, size=75, yOffset=-11, opacity=1).encode(shape=_shape(short, legend=False), color=tint, tooltip=tips)
    ]


def _band(weeks: pd.DataFrame, selected: str | None, axis: alt.X) -> Any:
    """The open week stands on a grey band; over every other week an unseen one takes the clicks that miss a low column."""
    bands = weeks.assign(shade=[0.22 if week == selected else 0.001 for week in weeks["iso_week"]])
    shade = alt.Opacity("shade:Q", scale=None, legend=None)
    return alt.Chart(bands).mark_rect(color=palette()["quiet"], cursor="pointer").encode(x=axis, opacity=shade)
