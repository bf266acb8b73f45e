"""Partner desk: what is due, sending a file, its receipt with the refused rows in place, and what was sent before."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from apps.shared_views import answers, cards, cycle, data, deadlines, exports, frame, references, sending, words
from dagster_project.contracts import contract
from dagster_project.intake.answering.workbooks import annotated_submission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster_project.cadence import Deadline


def page() -> None:
    """Due and late, then sending, then history."""
    desk = frame.enter("partner_desk", "Partner desk")
    due(desk)
    if desk.role != "operator":
        cycle.own(desk)
    sending.panel(desk)
    unplaced(desk)
    references.panel(desk)
    versions(desk)


def due(desk: data.Desk) -> None:
    """Every feed the partner owes, the urgent ones first; for the coordinator those of everybody that are not on time."""
    status = data.feed_status(desk)
    if desk.role == "operator":
        frame.lead(standing(list(status["state"]), everyone=True, day=words.day(desk.planning_date)))
        everyone(status)
        deadlines.everyones(desk)
        return
    owed = deadlines.own(deadlines.known(desk))
    frame.lead(standing([one.state for one in owed], everyone=False, day=words.day(desk.planning_date)))
    counts = {row["feed"]: row for row in status.to_dict("records")}
    if owed:
        st.subheader("Feeds due and late", anchor=False)
        frame.html(cards.grid([feed_card(one, counts.get(one.feed)) for one in owed], least="17rem"))
    rest = sorted(contract(feed).title.lower() for feed in counts if feed not in {one.feed for one in owed})
    if rest:
        st.caption(f"Nothing is due for: {', '.join(rest)}. Send these when something changes.")


def standing(states: list[str], *, everyone: bool, day: str) -> str:
    """How the feeds stand, in one sentence."""
    late, missing, on_time = (states.count(state) for state in ("late", "missing", "on_time"))
    whose = "Across all partners, " if everyone else ""
    if not late and not missing:
        return words.sentence(f"{whose}nothing is late on {day}: {words.count(on_time, 'feed')} on time")
    parts = [
        words.count(amount, f"feed {word}", f"feeds {word}")
        for amount, word in ((missing, "missing"), (late, "late"), (on_time, "on time"))
        if amount
    ]
    return words.sentence(f"{whose}{', '.join(parts)} on {day}")


def feed_card(owed: deadlines.Owed, counts: Mapping[Any, Any] | None) -> str:
    """One feed: state, when it was due and came, when it is due next, and how much of it was accepted."""
    rows = ""
    if counts is not None:
        rows = f"{words.count(counts['rows_accepted'], 'row')} accepted so far, {words.number(counts['rows_refused'], decimals=0)} refused"
    note = "" if counts is None or owed.last is None else refused_note(owed.last, counts)
    return cards.feed(contract(owed.feed).title, words.FEED_STATES[owed.state], [note, *owed.lines(), rows])


def refused_note(last: Deadline, counts: Mapping[Any, Any]) -> str:
    """A feed that is missing although a file came: because nothing of that file was accepted."""
    if last.state != "missing" or words.is_missing(counts["last_as_of"]):
        return ""
    came_this_week = counts["last_as_of"] > last.due_at - pd.Timedelta(weeks=1)
    return "The file that came was refused, so the feed still counts as missing" if came_this_week else ""


def everyone(status: pd.DataFrame) -> None:
    """The coordinator's list: who is late with what."""
    st.subheader("Feeds due and late, all partners", anchor=False)
    behind = status[status["state"].isin(["late", "missing"])]
    only = st.toggle("Only what is late or missing", value=not behind.empty, key="only_behind")
    shown = (behind if only else status).copy()
    if shown.empty:
        frame.empty("Every feed is on time.", "Late and missing feeds appear here the moment they are due.")
        return
    shown["partner"] = shown["partner_id"].map(words.partner)
    shown["title"] = shown["feed"].map(lambda feed: contract(feed).title)
    shown["standing"] = shown["state"].map(lambda state: " ".join(reversed(words.FEED_STATES[state][:2])))
    columns = {
        "standing": "State",
        "partner": "Partner",
        "title": "Feed",
        "last_as_of": frame.time_column("Last sent"),
        "due_at": frame.time_column("Was due"),
        "next_due_at": frame.time_column("Next due"),
        "rows_refused": frame.figure_column("Rows refused", decimals=0),
    }
    frame.table(shown, columns, key="everyone")


def unplaced(desk: data.Desk) -> None:
    """Rows the door took and the plan could not use, with the reason: nothing when all of them count."""
    rows = data.unplaced(desk)
    if rows.empty:
        return
    everyone = desk.role == "operator"
    st.subheader("Accepted, but not in the plan" + (", all partners" if everyone else ""), anchor=False)
    total = int(rows["rows"].sum())
    st.caption(
        f"{words.sentence(words.count(total, 'row'))[:-1]} passed the check of {'their' if total > 1 else 'its'} own file and"
        f" {words.verb(total, 'does', 'do')} not count, because another file says otherwise or is not there yet."
    )
    rows = rows.assign(
        title=rows["feed"].map(lambda feed: contract(feed).title),
        partner=rows["partner_id"].map(words.partner),
        how_many=rows["rows"].map(lambda number: words.number(number, decimals=0)),
        first=rows["first_row_number"].map(lambda number: words.number(number, decimals=0)),
    )
    headings = {
        **({"partner": "Partner"} if everyone else {}),
        "title": "Feed",
        "how_many": "Rows",
        "reason": "Why they do not count",
        "first": "First row",
        "example_value": "For example",
    }
    frame.html(cards.wrapped(rows.to_dict("records"), headings))


def versions(desk: data.Desk) -> None:
    """What was sent before, newest first; choosing one shows what was refused in it."""
    st.subheader("My last versions" if desk.role != "operator" else "Last versions of all partners", anchor=False)
    sent = data.submissions(desk).head(100).copy()
    if sent.empty:
        frame.empty("Nothing has been sent yet.", "Choose a feed above, download its template, fill it in and send it.")
        return
    sent["partner"] = sent["partner_id"].map(words.partner)
    sent["title"] = sent["feed"].map(lambda feed: contract(feed).title)
    sent["verdict"] = sent["status"].map(lambda status: " ".join(reversed(words.VERDICTS[status][:2])))
    sent["version"] = sent["submission_id"].str.slice(0, 8)
    sent["planned"] = sent["is_planned"].map({True: "In this plan", False: "From the next plan on"})
    columns = {
        "verdict": "Verdict",
        **({"partner": "Partner"} if desk.role == "operator" else {}),
        "title": "Feed",
        "file_name": "File",
        "as_of": frame.time_column("Sent"),
        "rows_accepted": frame.figure_column("Accepted", decimals=0),
        "rows_refused": frame.figure_column("Refused", decimals=0),
        "planned": "Counts",
        "version": "Version",
    }
    frame.table(sent, columns, key="versions", height=320)
    with_refusals = sent[sent["rows_refused"] > 0]
    if with_refusals.empty:
        st.caption("No row of these versions was refused.")
        return
    names = {
        row["submission_id"]: f"{row['file_name']}: {words.count(row['rows_refused'], 'row')} refused"
        for row in with_refusals.to_dict("records")
    }
    chosen = st.selectbox(
        "Show the refused rows of",
        list(names),
        format_func=lambda one: names[one],
        index=None,
        placeholder="Choose a version",
        key="refused_of",
    )
    if chosen:
        refused = data.refusals(desk, chosen)
        if refused.empty:
            frame.empty("The single rows are not listed.", "The whole file was refused before its rows were read; its receipt says why.")
        else:
            marked_workbook(desk, chosen)
            answers.refused_rows(
                exports.refusal_table(refused.to_dict("records")), key="refused_before", file_name=f"refused-{chosen[:8]}.csv"
            )


def marked_workbook(desk: data.Desk, submission_id: str) -> None:
    """The version's own rows with the wrong cells marked, for whoever sent them; made when it is asked for."""
    if not data.may_mark(desk, submission_id):
        return
    make = partial(annotated_submission, submission_id)
    answers.download("Download the marked workbook", make, f"to-correct-{submission_id[:8]}.xlsx", answers.XLSX, key="marked_before")


page()
