"""Every query of the weekly meeting: the agenda, what was said since the edition, who is at risk, and the rows behind a figure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from apps.shared_views import data, identity, meeting_words, words
from dagster_project import editions, meeting, register
from dagster_project.home import home
from dagster_project.meeting import Standing, standings, taken

Row = dict[str, Any]
AT_RISK = ("operator", "hospital")  # whose editions hold cases and links
LEAST = 0.05  # patients; a twentieth is the finest the screens count


@dataclass(frozen=True)
class Said:
    """What was said since the edition, oldest first, as far as the person may see it, and how each role stands to the draft."""

    decisions: list[Row]
    approvals: list[Row]
    standings: list[Standing]

    def newest(self, key: str) -> Row | None:
        """The last decision about an exception; None when there is none."""
        about = [row for row in self.decisions if row["exception_key"] == key]
        return max(about, key=lambda row: row["decided_at"]) if about else None


@lru_cache(maxsize=32)
def _inputs(folder: str, edition_id: str) -> frozenset[str]:
    return editions.input_ids(Path(folder) / edition_id)


def inputs(edition_id: str) -> frozenset[str]:
    """The submissions that an edition rests on."""
    return _inputs(str(home().editions), edition_id)


def is_replaced(of: data.Desk) -> bool:
    """Whether another edition has come into force since the page was drawn: then the page must be drawn anew."""
    return data.current_edition_id() != of.edition_id


def outdated(of: data.Desk) -> str:
    """Why nobody can agree on this plan any more, because files that belong to it came after it; empty while it can be."""
    identity.require_audience(of.person, data.people(of.edition_id))
    late = meeting.came_since(of.planning_date, inputs(of.edition_id))
    return meeting.outdated(late) if late else ""


def said(of: data.Desk) -> Said:
    """Decisions and approvals since the edition; never cached, so that everybody in the meeting sees them at once."""
    identity.require_audience(of.person, data.people(of.edition_id))
    known = inputs(of.edition_id)
    every, approvals = taken("decision", known=known), taken("approval", known=known)
    found = standings(needed(of), approvals, every, edition_id=of.edition_id, roles=register.partners())
    mine = every if of.role == "operator" else [row for row in every if _is_mine(of, row)]
    return Said(mine, approvals, found)


def _is_mine(of: data.Desk, row: Row) -> bool:
    """A partner sees what it decided itself, and what was decided about exceptions in its own edition."""
    return row["partner_id"] == of.person.partner_id or row["exception_key"] in set(data.view(of, "exceptions")["exception_key"])


def needed(of: data.Desk) -> dict[str, int]:
    """Role -> how many of its partners must approve, in the order of the roles."""
    rows = data.view(of, "quorum").set_index("role")["quorum"]
    return {role: int(rows[role]) for role in words.ROLES if role in rows}


def agenda(of: data.Desk) -> pd.DataFrame:
    """The exceptions that ask for attention in this edition, the most patients and days at stake first."""
    rows = data.view(of, "exceptions")
    rows = rows[~rows["state"].isin(meeting_words.SETTLED)]
    return rows.sort_values(["place", "exception_key"], na_position="last").reset_index(drop=True)


def settled(of: data.Desk) -> pd.DataFrame:
    """The exceptions that were resolved or accepted before this edition and still stand in it."""
    rows = data.view(of, "exceptions")
    return rows[rows["state"].isin({"resolved", "accepted"})].reset_index(drop=True)


def history(of: data.Desk, key: str) -> pd.DataFrame:
    """What happened to an exception before this edition, oldest first; empty for partners, whose editions do not hold it."""
    if of.role != "operator":
        return pd.DataFrame()
    rows = data.view(of, "exception_history")
    return rows[rows["exception_key"] == key].sort_values("planning_date").reset_index(drop=True)


def chain(of: data.Desk, exception: Any) -> pd.DataFrame:
    """The links of the exception's line and week, a row per hospital: from the forecast to the bed, and what holds it back."""
    if of.role not in AT_RISK or words.is_missing(exception["therapy_code"]) or words.is_missing(exception["week_start_date"]):
        return pd.DataFrame()
    rows: pd.DataFrame = data.view(of, "links")
    rows = rows[(rows["therapy_code"] == exception["therapy_code"]) & (rows["week_start_date"] == exception["week_start_date"])]
    for column in ("site_id", "hospital_id"):
        if not words.is_missing(exception.get(column)):
            rows = rows[rows[column] == exception[column]]
    return rows.sort_values("waiting", ascending=False).reset_index(drop=True)


def rows_behind(of: data.Desk, key: str) -> pd.DataFrame:
    """The rows of partners' files that an exception rests on."""
    rows = data.view(of, "exception_rows")
    return rows[rows["exception_key"] == key].reset_index(drop=True)


def rows_of_week(of: data.Desk, line: Any) -> pd.DataFrame:
    """The rows behind a line's week of the plan, where an exception speaks of it; otherwise none is singled out."""
    week = {"case_id": None, "red_link": None, "first_date": line["week_start_date"], "last_date": line["week_start_date"]}
    found = exception_of(agenda(of), {**week, "therapy_code": line["therapy_code"], "site_id": line["site_id"]})
    return rows_behind(of, found["exception_key"] if found else "")


def files_behind(of: data.Desk, submission_ids: Any) -> pd.DataFrame:
    """The files that a figure rests on, as far as the person may know of them, the newest first."""
    rows = data.view(of, "submissions")
    rows = rows[rows["submission_id"].isin(set(submission_ids))]
    return rows.sort_values("as_of", ascending=False).reset_index(drop=True)


def at_risk(of: data.Desk) -> pd.DataFrame:
    """Patients who would start later than they should, by month of manufacturing start, the most patients first.

    One row per booked case that cannot start as booked (`case_id`), and per hospital, therapy, plant and month of forecast patients who must
    wait (`patients`): of those who come in a week, as many wait as the line is long, because who came first starts first.
    """
    if of.role not in AT_RISK:
        return pd.DataFrame()
    rows: pd.DataFrame = pd.concat([_cases_at_risk(of), _expected_at_risk(of)], ignore_index=True)
    rows["month"] = pd.to_datetime(rows["first_date"]).dt.to_period("M").astype(str)
    return rows.sort_values(["month", "case_id", "patients"], ascending=[True, True, False], na_position="last").reset_index(drop=True)


def _cases_at_risk(of: data.Desk) -> pd.DataFrame:
    rows = data.view(of, "case_links")
    # Where every link is green, nothing but the start itself is late: that is no risk but an overdue case.
    late = rows[
        (rows["is_later_than_booked"].astype("boolean").fillna(value=False) & rows["red_link"].notna()) | rows["earliest_start_date"].isna()
    ]
    first = late["earliest_start_date"].fillna(late["booked_start_date"])
    return late.assign(patients=1.0, first_date=first, last_date=first)[
        [
            "case_id",
            "hospital_name",
            "therapy_code",
            "site_id",
            "plant_name",
            "patients",
            "first_date",
            "last_date",
            "red_link",
            "explanation",
        ]
    ]


def _expected_at_risk(of: data.Desk) -> pd.DataFrame:
    rows = data.view(of, "demand").merge(
        data.view(of, "links")[["hospital_id", "therapy_code", "site_id", "week_start_date", "red_link"]],
        on=["hospital_id", "therapy_code", "site_id", "week_start_date"],
        how="left",
    )
    rows = rows.assign(delayed=rows[["demand", "waiting"]].min(axis=1), month=pd.to_datetime(rows["week_start_date"]).dt.to_period("M"))
    # Booked cases are counted one by one, by their own dates.
    rows = rows[(rows["delayed"] >= LEAST) & (rows["bookings"].fillna(0) == 0)]
    keys = ["month", "hospital_name", "therapy_code", "site_id", "plant_name"]
    found = rows.groupby(keys, as_index=False).agg(
        patients=("delayed", "sum"),
        first_date=("week_start_date", "min"),
        last_date=("week_start_date", "max"),
        red_link=("red_link", "first"),
    )
    return found.drop(columns="month").assign(case_id=None, explanation=None)


def exception_of(rows: pd.DataFrame, risk: Any) -> Row | None:
    """The exception of the agenda that stands behind somebody's risk: about the case itself, or else about its line and weeks."""
    if not words.is_missing(risk["case_id"]):
        own = rows[rows["object_code"] == risk["case_id"]]
        if len(own):
            return dict(own.iloc[0])
    if risk["red_link"] == "authorisation":
        return None
    line = rows[(rows["therapy_code"] == risk["therapy_code"]) & (rows["site_id"] == risk["site_id"])]
    first, last = words.monday(risk["first_date"]), words.monday(risk["last_date"])
    for _, row in line.dropna(subset=["week_start_date"]).iterrows():
        begins, ends = span(row)
        if begins <= last and first <= ends:
            return dict(row)
    return None


def span(row: Any) -> tuple[Any, Any]:
    """First and last day that an exception speaks of."""
    begins = row.get("first_week_start_date")
    ends = row.get("last_week_start_date")
    begins = row["week_start_date"] if words.is_missing(begins) else begins
    ends = begins if words.is_missing(ends) else ends
    return words.monday(begins), words.monday(ends) + pd.Timedelta(days=6).to_pytimedelta()
