"""Every query of the screens. Each one names audience and edition, and passes the wall before it answers, cached or not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from apps.shared_views import identity, overdue, words
from dagster_project import editions, register
from dagster_project.home import home
from dagster_project.planning import PlanTables

SHOW_ALL = "all"
UNPLACED = ("operator", "hospital", "plant", "supplier")  # a courier's files are no input of the plan's capacity
WAITING = 0.005  # patients; below it a week counts as covered, as in the plan


class NothingPublishedError(Exception):
    """There is no edition yet."""


@dataclass(frozen=True)
class Desk:
    """What a page needs to ask for data: who is asking, and which edition answers."""

    person: identity.Person
    edition_id: str
    planning_date: dt.date

    @property
    def role(self) -> str:
        """The person's role."""
        return self.person.role


@st.cache_data(max_entries=8, show_spinner="Opening the edition …")
def _manifest(folder: str, edition_id: str) -> dict[str, Any]:
    return editions.read_manifest(Path(folder) / edition_id)


def manifest(edition_id: str) -> dict[str, Any]:
    """What the edition says about itself: planning date, audiences, hashes."""
    return _manifest(str(home().editions), edition_id)


def current_edition_id() -> str:
    """Id of the edition in force: a tiny text file, read on every run. NothingPublishedError when there is none."""
    found = editions.current_edition(home().editions)
    if found is None:
        raise NothingPublishedError
    return found


def people(edition_id: str) -> dict[str, identity.Person]:
    """Everyone this edition was published for."""
    return identity.directory(manifest(edition_id))


def desk(person: identity.Person, edition_id: str) -> Desk:
    """The person's desk in this edition."""
    return Desk(person, edition_id, dt.date.fromisoformat(str(manifest(edition_id)["planning_date"])[:10]))


def today() -> dt.date:
    """Today's date: for telling an edition's age, never for what a plan says."""
    return dt.datetime.now(tz=dt.UTC).date()


@st.cache_data(max_entries=256, show_spinner="Reading the edition …")
def _read(folder: str, audience: str, edition_id: str, view: str) -> pd.DataFrame:
    frame: pd.DataFrame = editions.open_edition(audience, edition_id, folder=Path(folder)).query(view).to_pandas()
    return frame


def view(of: Desk, name: str) -> pd.DataFrame:
    """One report of the person's own edition file. WallError when the person is not the one of this session."""
    identity.require_audience(of.person, people(of.edition_id))
    return _read(str(home().editions), of.person.audience, of.edition_id, name)


@st.cache_resource(max_entries=4, show_spinner="Reading the plan …")
def _plan_tables(folder: str, audience: str, edition_id: str) -> PlanTables:
    return PlanTables.read(editions.open_edition(audience, edition_id, folder=Path(folder)))


def plan_tables(of: Desk) -> PlanTables | None:
    """The plan as the planning room walks it; None for everybody whose edition does not hold all of it."""
    identity.require_audience(of.person, people(of.edition_id))
    try:
        return _plan_tables(str(home().editions), of.person.audience, of.edition_id)
    except LookupError:
        return None


# ---------------------------------------------------------------- partner desk


def feed_status(of: Desk) -> pd.DataFrame:
    """Feeds due and late, the urgent ones first."""
    frame = view(of, "feed_status").copy()
    frame["urgency"] = frame["state"].map({state: place for place, state in enumerate(words.FEED_STATES)}).fillna(9)
    return frame.sort_values(["urgency", "due_at", "partner_id", "feed"]).reset_index(drop=True)


def submissions(of: Desk) -> pd.DataFrame:
    """The person's submissions, newest first. `is_planned` is false for their files that came after this edition was built."""
    planned = view(of, "submissions").assign(is_planned=True)
    since = waiting(of, set(planned["submission_id"]))
    both = planned if since.empty else pd.concat([planned, since.reindex(columns=planned.columns)])
    return both.sort_values("as_of", ascending=False).reset_index(drop=True)


def waiting(of: Desk, planned: set[str]) -> pd.DataFrame:
    """What the door has taken from this person's partner that the edition does not know yet; never cached, so a sender sees it at once."""
    identity.require_audience(of.person, people(of.edition_id))
    since = [row for row in register.submissions(partner=of.person.partner_id) if row["submission_id"] not in planned]
    return pd.DataFrame(since).assign(is_planned=False)


def refusals(of: Desk, submission_id: str) -> pd.DataFrame:
    """Refused rows of one submission, in the order of the file."""
    frame = view(of, "refusals")
    return frame[frame["submission_id"] == submission_id].sort_values("row_number").reset_index(drop=True)


def may_mark(of: Desk, submission_id: str) -> bool:
    """Whether the person sent this file and its bytes are kept: nobody is shown what somebody else typed."""
    identity.require_audience(of.person, people(of.edition_id))
    row = register.submission(submission_id)
    return row is not None and row["partner_id"] == of.person.partner_id and row["raw_sha256"] is not None


def unplaced(of: Desk) -> pd.DataFrame:
    """Accepted rows that the plan could not use, and why: the coordinator's view holds those of everybody."""
    if of.role not in UNPLACED:
        return pd.DataFrame()
    return view(of, "unplaced").sort_values(["feed", "partner_id", "first_row_number"], na_position="first").reset_index(drop=True)


# -------------------------------------------------------------- joint planning

PLAN_VIEW = {"operator": "plan", "plant": "plan", "executive": "plan_summary"}


def therapy_names(of: Desk) -> dict[str, str]:
    """Therapy code to its name, as far as the person's own edition file says it."""
    if of.role == "hospital":
        return names(supply_ahead(of), "therapy_code", "therapy_name")
    return names(plan(of), "therapy_code", "therapy_name") if of.role in PLAN_VIEW else {}


def plan(of: Desk) -> pd.DataFrame:
    """One row per therapy, plant and week: the aligned plan the person may see."""
    return view(of, PLAN_VIEW[of.role])


def supply_ahead(of: Desk) -> pd.DataFrame:
    """What a hospital may see of the plants' offers. `grain` says whether a row stands for a week, a month or the whole plan, as agreed."""
    by_terms = view(of, "supply_ahead_by_terms").drop(columns="partner_id")
    everybodys = view(of, "supply_ahead").assign(grain="week")
    if by_terms.empty or everybodys.empty:
        return everybodys if by_terms.empty else by_terms
    return pd.concat([everybodys, by_terms[everybodys.columns]], ignore_index=True)


def choose(frame: pd.DataFrame, *, therapy: str = SHOW_ALL, site: str = SHOW_ALL) -> pd.DataFrame:
    """The rows of one therapy and one plant, or of all."""
    if therapy != SHOW_ALL:
        frame = frame[frame["therapy_code"] == therapy]
    if site != SHOW_ALL and "site_id" in frame:
        frame = frame[frame["site_id"] == site]
    return frame


def names(frame: pd.DataFrame, code: str, name: str) -> dict[str, str]:
    """Code to name, as they stand in the rows, sorted by code."""
    if name not in frame:
        return {value: value for value in sorted(frame[code].dropna().unique())}
    return dict(sorted(frame[[code, name]].drop_duplicates(code).itertuples(index=False, name=None)))


def by_week(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of the plan added up per week. `supply` is what could start: what did start where the week is short, else the least capacity.

    `binding_constraint` of a week is that of its longest waiting line.
    """
    rows = with_supply(frame)
    totals = rows.groupby(["week_start_date", "iso_week"], as_index=False)[["demand", "backlog_in", "served", "waiting", "supply"]].sum()
    short = rows[rows["is_short"]].sort_values("waiting", ascending=False).drop_duplicates("iso_week")
    totals = totals.merge(short[["iso_week", "binding_constraint"]], on="iso_week", how="left")
    totals["is_short"] = totals["binding_constraint"].notna()
    return totals.sort_values("week_start_date").reset_index(drop=True)


def plan_lines(frame: pd.DataFrame, iso_week: str) -> pd.DataFrame:
    """Therapies and plants of one week, the longest waiting line first."""
    return frame[frame["iso_week"] == iso_week].sort_values(["waiting", "demand"], ascending=False).reset_index(drop=True)


def resources(line: pd.Series) -> pd.DataFrame:
    """The stated resources of one line of the plan against what is needed: what waited before and what is new."""
    rows = [
        {
            "code": code,
            "resource": words.CONSTRAINTS[code][1],
            "capacity": line.get(column),
            "binds": line.get("binding_constraint") == code,
        }
        for code, column in words.CAPACITY_COLUMNS.items()
    ]
    table = pd.DataFrame(rows).dropna(subset=["capacity"])
    table["needed"] = float(line["backlog_in"]) + float(line["demand"]) + float(line.get("remake", 0.0))
    return table.reset_index(drop=True)


def demand_of(of: Desk, *, iso_week: str, therapy: str, site: str) -> pd.DataFrame:
    """Who asks in one week for one therapy at one plant, the longest waiting line first."""
    frame = choose(view(of, "demand"), therapy=therapy, site=site)
    frame = frame[(frame["iso_week"] == iso_week) & ((frame["demand"] > 0) | (frame["waiting"] > 0) | (frame["served"] > 0))]
    return frame.sort_values(["waiting", "demand"], ascending=False).reset_index(drop=True)


def cases_of(of: Desk, *, monday: dt.date, therapy: str, site: str) -> pd.DataFrame:
    """Open cases whose manufacture is planned in the week and has not begun."""
    frame = choose(view(of, "cases"), therapy=therapy, site=site)
    planned = pd.to_datetime(frame["manufacture_planned_at"], utc=True)
    start = pd.Timestamp(monday, tz="UTC")
    inside = (planned >= start) & (planned < start + pd.Timedelta(weeks=1))
    waiting = (frame["case_status"] == "open") & frame["manufacture_start_at"].isna()
    frame = frame.assign(days_open=frame["days_open"].round())
    return overdue.first(frame[inside & waiting], "manufacture_planned_at")


def with_supply(frame: pd.DataFrame) -> pd.DataFrame:
    """The plan's rows with `supply`: what could start in the week, at most."""
    least = frame[["perishable_capacity", "vector_doses", *({"material_starts"} & set(frame))]].min(axis=1)
    return frame.assign(supply=least.where(~frame["is_short"], frame["served"]))


def own_demand(of: Desk) -> pd.DataFrame:
    """A hospital's own rows of the plan."""
    return view(of, "demand")


def own_weeks(frame: pd.DataFrame) -> pd.DataFrame:
    """A hospital's rows added up per week of manufacturing start."""
    weeks = frame.groupby(["week_start_date", "iso_week"], as_index=False)[["demand", "served", "waiting"]].sum()
    return weeks.assign(is_short=weeks["waiting"] > WAITING, binding_constraint=None).sort_values("week_start_date").reset_index(drop=True)


def open_cases(of: Desk) -> pd.DataFrame:
    """Open cases: the overdue ones first, then by planned infusion."""
    frame = view(of, "cases")
    frame = frame.assign(days_open=frame["days_open"].round())
    return overdue.first(frame[frame["case_status"] == "open"], "infusion_planned_at")


def dose_weeks(frame: pd.DataFrame, vector: str) -> pd.DataFrame:
    """Doses of one vector per week."""
    return frame[frame["vector_code"] == vector].sort_values("week_start_date").reset_index(drop=True)


def lanes_ahead(of: Desk) -> pd.DataFrame:
    """Expected shipments per lane and week, each lane under one name."""
    frame = view(of, "lanes_ahead")
    totals = frame.groupby(["from_site_name", "to_site_name", "week_start_date", "iso_week"], as_index=False)[
        ["shipments_expected", "courier_capacity"]
    ].sum()
    return totals.assign(lane=totals["from_site_name"] + " → " + totals["to_site_name"])


def batches_in_work(of: Desk) -> pd.DataFrame:
    """Batches that have begun and are not decided, the oldest first."""
    frame = view(of, "batches")
    begun = frame["manufacture_start_at"].notna() & frame["disposition_at"].isna()
    return frame[begun].sort_values("manufacture_start_at").reset_index(drop=True)


def vector_cover(of: Desk, week: str) -> pd.DataFrame:
    """How far the vector reaches at the plant's sites, as of one week."""
    frame = view(of, "vector_cover")
    return frame[frame["iso_week"] == week].sort_values("cover_weeks").reset_index(drop=True)


def due_shipments(of: Desk) -> pd.DataFrame:
    """Bookings neither delivered nor cancelled: the overdue ones first, then by pickup."""
    frame = view(of, "shipments")
    return overdue.first(frame[~frame["status"].isin(["delivered", "cancelled"])], "pickup_open_at")
