"""Every query of the executive board: the KPIs over the whole period and by month, and the plan per week."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.shared_views import data

if TYPE_CHECKING:
    import pandas as pd


def kpis(of: data.Desk, therapy: str = data.SHOW_ALL) -> pd.DataFrame:
    """Every KPI of the network, or of one therapy."""
    frame = data.view(of, "kpis")
    kind = "network" if therapy == data.SHOW_ALL else "therapy"
    return frame[(frame["slice_kind"] == kind) & (frame["slice_value"] == therapy)]


def headline(frame: pd.DataFrame, code: str) -> pd.Series | None:
    """The KPI over the whole period; None when the edition has none."""
    rows = frame[(frame["kpi_code"] == code) & (frame["period_kind"] == "all")]
    return None if rows.empty else rows.iloc[0]


def trend(frame: pd.DataFrame, code: str) -> pd.DataFrame:
    """The KPI month by month."""
    rows = frame[(frame["kpi_code"] == code) & (frame["period_kind"] == "month")]
    return rows.dropna(subset=["value"]).sort_values("period_start_date").reset_index(drop=True)


def kpi_therapies(of: data.Desk) -> list[str]:
    """Therapies that have KPIs of their own."""
    frame = data.view(of, "kpis")
    return sorted(frame.loc[frame["slice_kind"] == "therapy", "slice_value"].unique())


def summary_by_week(frame: pd.DataFrame) -> pd.DataFrame:
    """The plan per week for the network: what is expected, what can start, who waits."""
    weeks = frame.groupby(["week_start_date", "iso_week"], as_index=False)[["demand", "served", "waiting"]].sum()
    return weeks.sort_values("week_start_date").reset_index(drop=True)
