"""Ways out of an exception: concrete decisions, each with what the plan would be if it were taken. Nobody is ranked but the options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from dagster_project.planning import phrases
from dagster_project.planning.align import Frame, Plan, Stock, align
from dagster_project.planning.candidates import ENOUGH, candidates
from dagster_project.planning.changes import changed, without

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from dagster_project.planning.tables import PlanTables

Decision = dict[str, Any]
# Of the same kind, the best few: a list that is not read helps nobody.
SHOWN = {"other_plant": 3, "expedite_lot": 2}
NEARLY = 0.9


@dataclass(frozen=True)
class Effect:
    """What a decision changes in the whole plan. Patients; patient-weeks of waiting, less than zero where it saves some."""

    served_delta: float
    served_in_week_delta: float
    waiting_patient_weeks_delta: float
    clears_week: date | None
    side_effects: tuple[str, ...]
    table: pa.Table


@dataclass(frozen=True)
class Option:
    """A decision that could be taken: in words, as columns of the feed `decision`, and its effect."""

    option_code: str
    words: str
    arguments: Decision
    effect: Effect


def options_for(exception: Mapping[str, Any], tables: PlanTables) -> list[Option]:
    """The ways out of an exception (a row of the view `exceptions`), the one that saves most waiting first; none where nothing helps.

    An exception that names no plant is answered for the line of its therapy where most patients wait in that week.
    """
    spot = _spot(exception, tables)
    if spot is None:
        return []
    decisions = candidates(without(tables, exception.get("exception_key")), *spot)
    if exception.get("exception_key"):
        decisions = [decision | {"exception_key": exception["exception_key"]} for decision in decisions]
    options = [_option(decision, outcome, spot, tables) for decision, outcome in zip(decisions, outcomes(tables, decisions), strict=True)]
    return _best([option for option in options if _helps(option)])


def option_for(decision: Decision, tables: PlanTables) -> Option:
    """One decision as a person has put it together, with its effect. LookupError when the plan has no such line or week."""
    line = tables.places.get((decision["therapy_code"], decision["site_id"]))
    week = tables.week_no(decision["week_start_date"])
    if line is None or week is None:
        raise LookupError(f"The plan has no week of {decision['week_start_date']} for {decision['therapy_code']} at {decision['site_id']}.")
    return _option(decision, outcomes(tables, [decision])[0], (line, week), tables)


Outcome = tuple[np.ndarray[Any, np.dtype[np.int64]], Plan]


def outcomes(tables: PlanTables, decisions: Sequence[Decision]) -> list[Outcome]:
    """For each decision the lines that it touches and their plan: all of them in one walk. It replaces the one in force on its exception."""
    frames = [changed(without(tables, decision.get("exception_key")), decision) for decision in decisions]
    touched = [_touched(tables.frame, frame) for frame in frames]
    if not sum(map(len, touched)):
        return [(lines, align(tables.frame.rows(lines))) for lines in touched]
    plan = align(_stacked([frame.rows(lines) for frame, lines in zip(frames, touched, strict=True)]))
    ends = np.cumsum([len(lines) for lines in touched])
    return [
        (lines, Plan(**{name: getattr(plan, name)[end - len(lines) : end] for name in Plan.__dataclass_fields__}))
        for lines, end in zip(touched, ends, strict=True)
    ]


def _spot(exception: Mapping[str, Any], tables: PlanTables) -> tuple[int, int] | None:
    # The week of the key may have passed, or the run may begin later by now.
    week = tables.week_no(exception.get("first_week_start_date") or exception.get("week_start_date"))
    therapy, site = exception.get("therapy_code"), exception.get("site_id")
    lines = [place for (code, plant), place in tables.places.items() if code == therapy and site in {None, plant}]
    if week is None or not lines:
        return None
    line = max(lines, key=lambda line: (tables.plan.waiting[line, week], -line))
    # An exception keeps the week in which it began, though its first weeks may have found room since.
    short = np.flatnonzero(tables.plan.waiting[line, week:] > ENOUGH)
    return (line, week + int(short[0])) if len(short) else None


def _touched(before: Frame, after: Frame) -> np.ndarray[Any, np.dtype[np.int64]]:
    different = (before.demand != after.demand).any(axis=1)
    for name, values in before.capacity.items():
        different |= ~(np.isclose(values, after.capacity[name], rtol=0, atol=1e-9, equal_nan=True).all(axis=1))
    if before.stock is not after.stock:
        different |= (before.stock.first != after.stock.first).any(axis=(1, 2)) | (before.stock.quantity != after.stock.quantity).any(
            axis=(1, 2)
        )
    return np.flatnonzero(different)


def _stacked(frames: Sequence[Frame]) -> Frame:
    def joined(name: str) -> Any:
        return np.concatenate([getattr(frame, name) for frame in frames])

    stock = Stock(*(np.concatenate([getattr(frame.stock, name) for frame in frames]) for name in Stock.__dataclass_fields__))
    capacity = {name: np.concatenate([frame.capacity[name] for frame in frames]) for name in frames[0].capacity}
    return Frame(joined("demand"), joined("opening"), joined("failure_pct"), joined("lag"), joined("prior"), capacity, stock)


def _option(decision: Decision, outcome: Outcome, spot: tuple[int, int], tables: PlanTables) -> Option:
    lines, after = outcome
    before, (line, week) = tables.plan, spot
    waiting = after.waiting[lines == line][0] if line in lines else before.waiting[line]
    served = after.served[lines == line][0] if line in lines else before.served[line]
    clear = np.flatnonzero(waiting[week:] <= ENOUGH)
    effect = Effect(
        served_delta=round(float((after.served - before.served[lines]).sum()), 6) + 0.0,
        served_in_week_delta=round(float(served[week] - before.served[line, week]), 6) + 0.0,
        waiting_patient_weeks_delta=round(float((after.waiting - before.waiting[lines]).sum()), 6) + 0.0,
        clears_week=tables.weeks[week + int(clear[0])] if len(clear) else None,
        side_effects=phrases.side_effects(decision, outcome, spot, tables),
        table=_table(outcome, tables),
    )
    return Option(decision["option_code"], phrases.proposal(decision, tables), decision, effect)


def _table(outcome: Outcome, tables: PlanTables) -> pa.Table:
    """Before and after, one row per touched line and week: demand stays with the tables, starts and waiting are told twice."""
    lines, after = outcome
    weeks = len(tables.weeks)
    about = [tables.lines[line] for line in lines]

    def flat(values: Any) -> Any:
        return np.asarray(values).reshape(-1)

    return pa.table({
        "therapy_code": np.repeat([line.therapy_code for line in about], weeks).astype(object),
        "site_id": np.repeat([line.site_id for line in about], weeks).astype(object),
        "plant_name": np.repeat([line.plant_name for line in about], weeks).astype(object),
        "week_start_date": pa.array(list(tables.weeks) * len(about), pa.date32()),
        "iso_week": pa.array(list(tables.iso_weeks) * len(about), pa.string()),
        "served_before": flat(tables.plan.served[lines]),
        "served_after": flat(after.served),
        "waiting_before": flat(tables.plan.waiting[lines]),
        "waiting_after": flat(after.waiting),
    })  # fmt: skip


def _helps(option: Option) -> bool:
    return option.effect.waiting_patient_weeks_delta < -ENOUGH or option.effect.served_delta > ENOUGH


def _best(options: list[Option]) -> list[Option]:
    """What saves most waiting first; of a kind, the best few."""
    options.sort(key=lambda option: (round(option.effect.waiting_patient_weeks_delta, 1), option.words))
    kinds: dict[str, list[Option]] = {}
    for option in options:
        kinds.setdefault(option.option_code, []).append(option)
    moves = kinds.get("shift_week", [])
    for later in (True, False):
        kinds[f"shift {later}"] = _nearest([option for option in moves if (_weeks_away(option) > 0) is later])
    kinds.pop("shift_week", None)
    shown = [option for kind, found in kinds.items() for option in found[: SHOWN.get(kind, 1)]]
    return sorted(shown, key=options.index)


def _nearest(moves: list[Option]) -> list[Option]:
    """Of moves in time the least far one that saves nearly as much as the best."""
    if not moves:
        return []
    most = min(move.effect.waiting_patient_weeks_delta for move in moves)
    enough = NEARLY * most if most < 0 else most
    return [min((move for move in moves if move.effect.waiting_patient_weeks_delta <= enough), key=lambda move: abs(_weeks_away(move)))]


def _weeks_away(option: Option) -> int:
    to = option.arguments.get("to_week_start_date") or option.arguments["week_start_date"]
    return int((to - option.arguments["week_start_date"]).days // 7)
