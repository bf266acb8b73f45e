"""What each role finds first: one sentence, three or four figures, and what waits. Puts figures of `data` into words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from apps.shared_views import board_data, data, meeting_data, starts, words
from dagster_project.contracts import contract

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

SHOWN = 6


class Notice(NamedTuple):
    """One thing that waits. With a `page` it is the way to the things that did not fit."""

    tone: str
    text: str
    page: str = ""


@dataclass(frozen=True)
class Facts:
    """The content of the first page. `figures`: label, value, note. `waiting`: the urgent ones first."""

    sentence: str
    figures: list[tuple[str, str, str]]
    waiting: list[Notice]


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
    found = makers[desk.role](desk)
    return found if desk.role == "executive" else replace(found, waiting=[*_agenda(desk), *found.waiting])


def _operator(desk: data.Desk) -> Facts:
    plan, status = data.plan(desk), data.feed_status(desk)
    weeks = data.by_week(plan) if len(plan) else plan
    figures = [*_plan_figures(weeks, plan), _feeds_figure(status)]
    sentence = f"The plan covers {words.count(plan['therapy_code'].nunique(), 'therapy', 'therapies')} at {words.count(plan['site_id'].nunique(), 'plant')}."
    late = _overdue(data.open_cases(desk), "case") + _overdue(data.due_shipments(desk), "shipment")
    return Facts(sentence, figures, late + behind(status, name_partner=True) + _short_lines(plan, data.therapy_names(desk)))


def _executive(desk: data.Desk) -> Facts:
    rows = board_data.kpis(desk)
    figures: list[tuple[str, str, str]] = []
    misses: list[Notice] = []
    for code in ("vein_to_vein", "turnaround_first_pass", "on_time_first_promise", "right_first_time"):
        row = board_data.headline(rows, code)
        if row is None:
            continue
        target = "no target set" if words.is_missing(row["target"]) else f"target {words.measure(row['target'], row['unit'])}"
        figures.append((row["kpi_name"], words.measure(row["value"], row["unit"]), f"{words.number(row['n'])} counted, {target}"))
    for _, row in rows[(rows["period_kind"] == "all") & rows["target"].notna() & rows["value"].notna()].iterrows():
        missed = row["value"] > row["target"] if row["direction"] == "lower" else row["value"] < row["target"]
        if missed:
            misses.append(
                Notice(
                    "orange",
                    f"{row['kpi_name']}: {words.measure(row['value'], row['unit'])} against a target of {words.measure(row['target'], row['unit'])}.",
                )
            )
    sentence = "The network in four figures. Every figure has its definition, its sample and its published benchmark on the board."
    return Facts(sentence, figures, _first(misses, "KPI", "executive_board"))


def _hospital(desk: data.Desk) -> Facts:
    status, demand, cases = data.feed_status(desk), data.own_demand(desk), data.open_cases(desk)
    waiting = _overdue(cases, "case") + behind(status)
    figures = [_feeds_figure(status), ("Open cases", words.number(len(cases)), "of yours, from order to infusion")]
    if len(demand):
        weeks = data.own_weeks(demand)
        late = weeks[weeks["is_short"]]
        figures.append(
            (
                "Patients to start",
                words.number(starts.wanted(weeks)),
                f"in {words.count(len(weeks), 'week')}: {starts.made_of(weeks)}; {words.number(weeks['served'].sum())} can",
            )
        )
        figures.append(
            (
                "Weeks with waiting",
                f"{len(late)} of {len(weeks)}",
                f"the first is {late.iloc[0]['iso_week']}" if len(late) else "nobody waits",
            )
        )
        waiting += _own_waiting(demand, data.therapy_names(desk))
    return Facts("Your feeds, your patients' places in the plan, and where somebody has to wait.", figures, waiting)


def _own_waiting(demand: pd.DataFrame, names: Mapping[str, str]) -> list[Notice]:
    """One line per therapy: since when somebody waits, and when most do."""
    notes: list[Notice] = []
    for therapy, rows in demand.groupby("therapy_code"):
        weeks = data.own_weeks(rows)
        late, peak = weeks[weeks["is_short"]], weeks.loc[weeks["waiting"].idxmax()]
        if len(late):
            most = f"most in {peak['iso_week']} ({words.patients(peak['waiting'])})"
            notes.append(
                Notice(
                    "orange",
                    f"{words.therapy(therapy, names)}: somebody waits in {words.count(len(late), 'week')}; the first is {late.iloc[0]['iso_week']}, {most}.",
                )
            )
    return notes


def _plant(desk: data.Desk) -> Facts:
    plan, status = data.plan(desk), data.feed_status(desk)
    figures = [*(_plan_figures(data.by_week(plan), plan) if len(plan) else []), _feeds_figure(status)]
    waiting = behind(status) + _short_lines(plan, data.therapy_names(desk))
    return Facts("What the plan asks of your lines, and what you owe the plan.", figures, waiting)


def _supplier(desk: data.Desk) -> Facts:
    status, doses, lots = data.feed_status(desk), data.view(desk, "dose_demand"), data.view(desk, "lots")
    figures = [_feeds_figure(status)]
    # Withheld where too few patients stand behind it.
    if len(doses) and doses["doses_demanded"].notna().all() and set(doses["grain"]) == {"week"}:
        figures.append(
            (
                "Doses needed",
                words.number(doses["doses_demanded"].sum(), decimals=0),
                f"in the next {words.count(doses['iso_week'].nunique(), 'week')}, all your vectors",
            )
        )
    if len(lots):
        released = lots[lots["status"] == "released"]
        figures.append(("Released lots", words.number(len(released)), f"of {words.count(len(lots), 'lot')} known"))
    return Facts("What the plan needs of your vectors, and what you owe the plan.", figures, behind(status))


def _courier(desk: data.Desk) -> Facts:
    status, due = data.feed_status(desk), data.due_shipments(desk)
    figures = [_feeds_figure(status), ("Shipments due", words.number(len(due)), "neither delivered nor cancelled")]
    ahead = due[due["pickup_open_at"] >= pd.Timestamp(desk.planning_date, tz="UTC")].sort_values("pickup_open_at")
    if len(ahead):
        first = ahead.iloc[0]
        figures.append(("Next pickup", words.day(first["pickup_open_at"], year=False), words.moment(first["pickup_open_at"])))
    return Facts("Shipments that are due on your lanes, and what you owe the plan.", figures, _overdue(due, "shipment") + behind(status))


def _agenda(desk: data.Desk) -> list[Notice]:
    """What waits for an answer in the meeting: the way there, and what stands first."""
    rows = meeting_data.agenda(desk)
    if rows.empty:
        return []
    first = rows.iloc[0]
    waits = f"{words.count(len(rows), 'exception')} {words.verb(len(rows), 'waits', 'wait')} for an answer in the weekly meeting"
    return [
        Notice(
            "red" if first["severity"] == "critical" else "orange",
            f"{words.sentence(waits)} First: {words.sentence(first['title'])}",
            "meeting",
        )
    ]


def _plan_figures(weeks: pd.DataFrame, plan: pd.DataFrame) -> list[tuple[str, str, str]]:
    if weeks.empty:
        return []
    short = weeks[weeks["is_short"]]
    peak = weeks.loc[weeks["waiting"].idxmax()]
    return [
        (
            "Patients to start",
            words.number(starts.wanted(weeks)),
            f"in {words.count(len(weeks), 'week')}: {starts.made_of(weeks)}; {words.number(weeks['served'].sum())} can",
        ),
        (
            "Weeks short",
            f"{len(short)} of {len(weeks)}",
            f"the first is {short.iloc[0]['iso_week']}" if len(short) else "every week is covered",
        ),
        (
            "Longest waiting line",
            words.number(peak["waiting"]),
            longest(peak.to_dict(), plan),
        ),
    ]


def together(plan: pd.DataFrame) -> str:
    """What the sum of these rows of the plan is the sum of: `all plants together`; empty for one therapy at one plant."""
    if len(set(plan["site_id"])) > 1:
        return "all plants together"
    return "all therapies together" if len(set(plan["therapy_code"])) > 1 else ""


def longest(peak: Mapping[Hashable, Any], plan: pd.DataFrame) -> str:
    """Whose the longest line is, since a sum over plants is more than the line at any of them: `patients, all plants together, in 2027-W02`."""
    if peak["waiting"] <= data.WAITING:
        return "nobody waits"
    parts = ["patient" if words.number(peak["waiting"]) == "1" else "patients", together(plan), f"in {peak['iso_week']}"]
    return ", ".join(part for part in parts if part)


def _feeds_figure(status: pd.DataFrame) -> tuple[str, str, str]:
    counts = status["state"].value_counts()
    late, missing, on_time = (int(counts.get(state, 0)) for state in ("late", "missing", "on_time"))
    return ("Feeds late or missing", words.number(late + missing), f"{words.count(on_time, 'feed')} on time")


def _first(notes: list[Notice], noun: str, page: str) -> list[Notice]:
    """The first few, and the way to the others: nothing is left out unsaid."""
    more = len(notes) - SHOWN
    return notes if more <= 0 else [*notes[:SHOWN], Notice("gray", f"and {words.count(more, f'more {noun}')}", page)]


def _overdue(rows: pd.DataFrame, noun: str) -> list[Notice]:
    late = int(rows["is_overdue"].sum())
    return [Notice("red", f"{words.count(late, noun)} {words.verb(late, 'is', 'are')} overdue.", "joint_planning")] if late else []


def behind(status: pd.DataFrame, *, name_partner: bool = False) -> list[Notice]:
    """Feeds that are missing or late, the missing ones first, and how many more there are."""
    notes = []
    for row in status[status["state"].isin(["missing", "late"])].to_dict("records"):
        word, _, tone = words.FEED_STATES[row["state"]]
        who = f"{words.partner(row['partner_id'])}: " if name_partner else ""
        notes.append(Notice(tone, f"{who}{contract(row['feed']).title} is {word.lower()}; it was due {words.moment(row['due_at'])}."))
    return _first(notes, "feed", "partner_desk")


def _short_lines(plan: pd.DataFrame, names: Mapping[str, str]) -> list[Notice]:
    short = plan[plan["is_short"]].sort_values("waiting", ascending=False).drop_duplicates(["therapy_code", "site_id"])
    notes = [
        Notice(
            "orange",
            f"{words.therapy(row['therapy_code'], names)} at {row['plant_name']} alone: {words.wait(row['waiting'])} in {row['iso_week']}, for {words.binding(row['binding_constraint'])}.",
        )
        for row in short.to_dict("records")
    ]
    return _first(notes, "line", "joint_planning")
