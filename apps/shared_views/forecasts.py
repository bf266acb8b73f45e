"""How the forecasts moved from cycle to cycle, what came of them, and what they are worth beside simpler guesses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shared_views import charts, data, frame, words

if TYPE_CHECKING:
    import pandas as pd

SLICES = {"operator": "hospital", "hospital": "hospital", "plant": "plant"}
USUAL_LAG = 4  # weeks: by then slots and vector have to be found
GUESSES = {"naive": "last week", "seasonal": "last year", "average": "four-week mean"}


def show(desk: data.Desk, *, therapy: str = data.SHOW_ALL) -> None:
    """The waterfall as a picture, the finding in a sentence, the measures per lag as a table."""
    st.subheader("How the forecast moved, and what came of it", anchor=False)
    moved = versions(data.view(desk, "forecast_waterfall"), SLICES[desk.role], therapy)
    if moved.empty:
        frame.empty("No forecast has a past yet.", "The picture appears when a forecast has been sent in two cycles.")
        return
    measures = accuracy(data.view(desk, "forecast_accuracy"), therapy)
    found = finding(measures)
    st.altair_chart(charts.waterfall(moved), alt=found)
    st.caption(f"{found} Each line is what was forecast when a week ended, the newest one strongest; dots are the patients who came.")
    if measures.empty:
        return
    names = data.therapy_names(desk)
    measures = measures.assign(therapy=[words.therapy(code, names) if code else "All therapies" for code in measures["therapy_code"]])
    with st.expander("How good the forecast was, by weeks ahead"):
        frame.table(measures, _columns(), key="forecast_accuracy")
        st.caption(
            "Off by: the differences of all weeks without their signs, in per cent of the patients who came. Gain: by how many points a simpler"
            f" guess is off by more. Counted per {measures.iloc[0]['level']}: {measures.iloc[0]['sign_convention']}. Zeros: {measures.iloc[0]['zero_rule']}."
        )


def versions(waterfall: pd.DataFrame, slice_kind: str, therapy: str) -> pd.DataFrame:
    """Patients per version (its ISO week, or `actual`) and week of collection, added up over what the reader sees: one row each."""
    rows = data.choose(waterfall[waterfall["slice_kind"] == slice_kind], therapy=therapy)
    if rows["version_date"].nunique() < 2:
        return rows.iloc[0:0]
    return rows.groupby(["version_kind", "version_label", "iso_week"])[["patients"]].sum().reset_index()


def accuracy(measures: pd.DataFrame, therapy: str) -> pd.DataFrame:
    """The measures of the reader's largest slices: the network's where there is one, else each therapy's; one row per therapy and lag."""
    if therapy != data.SHOW_ALL:
        rows = measures[measures["therapy_code"] == therapy]
        return _widest(rows)
    network = measures[measures["slice_kind"] == "network"]
    return _widest(measures) if network.empty else network.sort_values("lag_weeks")


def _widest(rows: pd.DataFrame) -> pd.DataFrame:
    for kind in ("therapy", "plant", "hospital"):
        found = rows[rows["slice_kind"] == kind]
        if not found.empty:
            return found.sort_values(["therapy_code", "lag_weeks"])
    return rows


def finding(measures: pd.DataFrame) -> str:
    """How far off the forecast is at the usual lag, and whether repeating the last week would do as well."""
    usual = measures[measures["lag_weeks"] == USUAL_LAG].dropna(subset=["wape_pct"]) if not measures.empty else measures
    if usual.empty:
        return "Too few weeks have passed to say how good the forecast is."
    actual = usual["actual"].sum()
    if not actual:
        return "Nobody was collected in the weeks that are measured."
    bias = 100 * (usual["forecast"].sum() - actual) / actual
    error = (usual["wape_pct"] * usual["actual"]).sum() / actual
    gained = (usual["value_added_naive_pct"].fillna(0) * usual["actual"]).sum() / actual
    lean = "neither too high nor too low" if abs(bias) < 1 else f"{abs(bias):.0f} % too {'high' if bias > 0 else 'low'}"
    worth = "more" if gained > 0 else "no more"
    return (
        f"Four weeks ahead the forecasts were {lean} in all, and each week's figure was off by {error:.0f} % of the patients who came:"
        f" worth {worth} than repeating the last week ({error + gained:.0f} %)."
    )


def _columns() -> dict[str, Any]:
    return {
        "therapy": "Therapy",
        "lag_weeks": frame.figure_column("Weeks ahead", decimals=0),
        "forecast": frame.figure_column("Forecast", unit="patients"),
        "actual": frame.figure_column("Came", unit="patients"),
        "bias_pct": frame.figure_column("Bias", unit="%"),
        "wape_pct": frame.figure_column("Off by", unit="%"),
        **{f"value_added_{code}_pct": frame.figure_column(f"Gain on {name}") for code, name in GUESSES.items()},
        "cells_without_forecast": frame.figure_column("Weeks without a forecast", decimals=0),
    }
