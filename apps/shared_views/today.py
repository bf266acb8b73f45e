"""What each role finds first: one sentence, three or four figures, and what waits. Puts figures of `data` into words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.shared_views import data, words
from dagster_project.contracts import contract

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

SHOWN = 6


@dataclass(frozen=True)
class Facts:
    """The content of the first page. `figures`: label, value, note. `waiting`: tone and text, the urgent ones first."""

    sentence: str
    figures: list[tuple[str, str, str]]
    waiting: list[tuple[str, str]]


def facts(desk: data.Desk) -> Facts:
    """The first page of the person's role."""
    makers: dict[str, Callable[[data.Desk], Facts]] = {
        "operator": _operator,
        "executive": _executive,
        "hospital": _hospital,
        "plant": _plant,
        "supplier": _supplier,
        "courier": _courier,
    }
    return makers[desk.role](desk)


def _operator(desk: data.Desk) -> Facts:
    plan, status = data.plan(desk), data.feed_status(desk)
    weeks = data.by_week(plan) if len(plan) else plan
    figures = [*_plan_figures(weeks), _feeds_figure(status)]
    sentence = f"The plan covers {words.count(plan['therapy_code'].nunique(), 'therapy', 'therapies')} at {words.count(plan['site_id'].nunique(), 'plant')}."
    return Facts(sentence, figures, _behind(status, name_partner=True) + _short_lines(plan))


def _executive(desk: data.Desk) -> Facts:
    rows = data.kpis(desk)
    figures, misses = [], []
    for code in ("vein_to_vein", "turnaround_first_pass", "on_time_first_promise", "right_first_time"):
        row = data.headline(rows, code)
        if row is None:
            continue
        target = "no target set" if words.is_missing(row["target"]) else f"target {words.measure(row['target'], row['unit'])}"
        figures.append((row["kpi_name"], words.measure(row["value"], row["unit"]), f"n = {words.number(row['n'])}, {target}"))
    for _, row in rows[(rows["period_kind"] == "all") & rows["target"].notna() & rows["value"].notna()].iterrows():
        missed = row["value"] > row["target"] if row["direction"] == "lower" else row["value"] < row["target"]
        if missed:
            misses.append(
                (
                    "orange",
                    f"{row['kpi_name']}: {words.measure(row['value'], row['unit'])} against a target of {words.measure(row['target'], row['unit'])}.",
                )
            )
    sentence = "The network in four figures. Every figure has its definition, its sample and its published benchmark on the board."
    return Facts(sentence, figures, misses[:SHOWN])


def _hospital(desk: data.Desk) -> Facts:
    status, demand, cases = data.feed_status(desk), data.own_demand(desk), data.open_cases(desk)
    waiting = _behind(status)
    figures = [_feeds_figure(status), ("Open cases", words.number(len(cases)), "of yours, from order to infusion")]
    if len(demand):
        weeks = data.own_weeks(demand)
        late = weeks[weeks["is_short"]]
        figures.append(
            (
                "Expected patients",
                words.number(weeks["demand"].sum()),
                f"in the next {len(weeks)} weeks; {words.number(weeks['served'].sum())} can start",
            )
        )
        figures.append(
            (
                "Weeks with waiting",
                f"{len(late)} of {len(weeks)}",
                f"the first is {late.iloc[0]['iso_week']}" if len(late) else "nobody waits",
            )
        )
        waiting += _own_waiting(demand)
    return Facts("Your feeds, your patients' places in the plan, and where somebody has to wait.", figures, waiting[:SHOWN])


def _own_waiting(demand: pd.DataFrame) -> list[tuple[str, str]]:
    """One line per therapy: since when somebody waits, and when most do."""
    notes = []
    for therapy, rows in demand.groupby("therapy_code"):
        weeks = data.own_weeks(rows)
        late, peak = weeks[weeks["is_short"]], weeks.loc[weeks["waiting"].idxmax()]
        if len(late):
            most = f"most in {peak['iso_week']} ({words.number(peak['waiting'])} patients)"
            notes.append(
                (
                    "orange",
                    f"{therapy}: somebody waits in {words.count(len(late), 'week')}; the first is {late.iloc[0]['iso_week']}, {most}.",
                )
            )
    return notes


def _plant(desk: data.Desk) -> Facts:
    plan, status = data.plan(desk), data.feed_status(desk)
    figures = [*(_plan_figures(data.by_week(plan)) if len(plan) else []), _feeds_figure(status)]
    return Facts("What the plan asks of your lines, and what you owe the plan.", figures, _behind(status) + _short_lines(plan))


def _supplier(desk: data.Desk) -> Facts:
    status, doses, lots = data.feed_status(desk), data.view(desk, "dose_demand"), data.view(desk, "lots")
    figures = [_feeds_figure(status)]
    # Withheld where too few patients stand behind it.
    if len(doses) and doses["doses_demanded"].notna().all():
        figures.append(
            (
                "Doses needed",
                words.number(doses["doses_demanded"].sum(), decimals=0),
                f"in the next {doses['iso_week'].nunique()} weeks, all your vectors",
            )
        )
    if len(lots):
        released = lots[lots["status"] == "released"]
        figures.append(("Released lots", words.number(len(released)), f"of {words.count(len(lots), 'lot')} known"))
    return Facts("What the plan needs of your vectors, and what you owe the plan.", figures, _behind(status))


def _courier(desk: data.Desk) -> Facts:
    status, due = data.feed_status(desk), data.due_shipments(desk)
    figures = [_feeds_figure(status), ("Shipments due", words.number(len(due)), "neither delivered nor cancelled")]
    if len(due):
        first = due.iloc[0]
        figures.append(("Next pickup", words.day(first["pickup_open_at"], year=False), words.moment(first["pickup_open_at"])))
    return Facts("Shipments that are due on your lanes, and what you owe the plan.", figures, _behind(status))


def _plan_figures(weeks: pd.DataFrame) -> list[tuple[str, str, str]]:
    if weeks.empty:
        return []
    short = weeks[weeks["is_short"]]
    peak = weeks.loc[weeks["waiting"].idxmax()]
    return [
        (
            "Expected starts",
            words.number(weeks["demand"].sum(), decimals=0),
            f"patients in {len(weeks)} weeks; {words.number(weeks['served'].sum(), decimals=0)} can start",
        ),
        (
            "Weeks short",
            f"{len(short)} of {len(weeks)}",
            f"the first is {short.iloc[0]['iso_week']}" if len(short) else "every week is covered",
        ),
        (
            "Longest waiting line",
            words.number(peak["waiting"]),
            f"patients, in {peak['iso_week']}" if peak["waiting"] > 0 else "nobody waits",
        ),
    ]


def _feeds_figure(status: pd.DataFrame) -> tuple[str, str, str]:
    counts = status["state"].value_counts()
    late, missing, on_time = (int(counts.get(state, 0)) for state in ("late", "missing", "on_time"))
    return ("Feeds late or missing", words.number(late + missing), f"{words.count(on_time, 'feed')} on time")


def _behind(status: pd.DataFrame, *, name_partner: bool = False) -> list[tuple[str, str]]:
    rows = status[status["state"].isin(["missing", "late"])].head(SHOWN)
    notes = []
    for row in rows.to_dict("records"):
        word, _, tone = words.FEED_STATES[row["state"]]
        who = f"{words.partner(row['partner_id'])}: " if name_partner else ""
        notes.append((tone, f"{who}{contract(row['feed']).title} is {word.lower()}; it was due {words.moment(row['due_at'])}."))
    return notes


def _short_lines(plan: pd.DataFrame) -> list[tuple[str, str]]:
    short = plan[plan["is_short"]].sort_values("waiting", ascending=False).drop_duplicates(["therapy_code", "site_id"]).head(SHOWN)
    return [
        (
            "orange",
            f"{row['therapy_code']} at {row['plant_name']}: {words.number(row['waiting'])} patients wait in {row['iso_week']}, for {words.binding(row['binding_constraint'])}.",
        )
        for row in short.to_dict("records")
    ]
