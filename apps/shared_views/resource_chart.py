"""One week of one line: what each resource gives against what is needed. Bars that would run far beyond the need are cut, and say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from apps.shared_views import charts, words

if TYPE_CHECKING:
    import pandas as pd

BEYOND = 1.5  # times the need: more room than that says nothing more
LEAST = 2.0  # starts; a scale shorter than this would make a tenth of a patient look large
ROOM = 1.5  # times the longest bar, so that the figures at the end stand free


def cut_at(table: pd.DataFrame) -> float:
    """Where bars are cut: at one and a half times the need, never before the end of the resource that binds."""
    binding = table.loc[table["binds"], "capacity"].max()
    reach = 0.0 if words.is_missing(binding) else float(binding)
    return max(float(table["needed"].iloc[0]) * BEYOND, reach * BEYOND, LEAST)


def caption(table: pd.DataFrame, *, unit: str = "starts") -> str:
    """What the arrow heads mean; empty when no bar is cut."""
    limit = cut_at(table)
    return (
        f"Bars beyond {words.number(limit)} {unit} are cut and end in an arrow head; the figure at the right is the whole."
        if (table["capacity"] > limit).any()
        else ""
    )


def resource_bars(table: pd.DataFrame, *, unit: str = "starts") -> charts.Picture:
    """The resources as bars against the line of what is needed; the binding one stands out and says so, a cut one ends in an arrow head."""
    colours, limit, needed = charts.palette(), cut_at(table), float(table["needed"].iloc[0])
    table = table.assign(
        label=[f"{words.number(row.capacity)}{', binds' if row.binds else ''}" for row in table.itertuples()],
        is_cut=table["capacity"] > limit,
        shown=table["capacity"].clip(upper=limit),
    )
    y = alt.Y(
        "resource:N",
        sort=list(table.sort_values("capacity")["resource"]),
        title=None,
        axis=alt.Axis(labelLimit=150, ticks=False, domain=False),
    )
    # The scale goes on behind the longest bar for the figures; its ticks must not.
    axis = alt.Axis(grid=False, tickCount=5, labelExpr=f"datum.value <= {limit} ? datum.label : ''", ticks=False)
    base = alt.Chart(table).encode(
        y=y,
        x=alt.X("shown:Q", title=unit, scale=alt.Scale(domain=[0, limit * ROOM], nice=False), axis=axis),
        color=alt.condition(alt.datum.binds, alt.value(colours["alarm"]), alt.value(colours["spare"])),
        tooltip=[
            alt.Tooltip("resource:N", title="resource"),
            alt.Tooltip("capacity:Q", format=",.1f", title="there are"),
            alt.Tooltip("needed:Q", format=",.1f", title="needed"),
        ],
    )
    whole = base.transform_filter("!datum.is_cut").mark_bar(cornerRadiusEnd=3, height=20)
    cut = base.transform_filter("datum.is_cut").mark_bar(height=20)
    heads = base.transform_filter("datum.is_cut").mark_point(shape="triangle-right", filled=True, size=190, xOffset=9, opacity=1)
    text = (
        alt.Chart(table)
        .mark_text(align="right", dx=-2, color=colours["ink"], fontWeight=600)
        .encode(y=y, x=alt.value("width"), text="label:N")
    )
    need = alt.Chart(table.head(1)).encode(x=alt.X("needed:Q"))
    rule = need.mark_rule(color=colours["ink"], strokeWidth=2, strokeDash=[5, 3])
    note = need.mark_text(align="left", dx=5, dy=-8, baseline="bottom", color=colours["ink"]).encode(
        y=alt.value(0), text=alt.value(f"needed: {words.number(needed)}")
    )
    return alt.layer(whole, cut, heads, rule, text, note).properties(
        height=36 * len(table) + 50, padding={"top": 22, "left": 2, "right": 2, "bottom": 2}
    )
