"""What the states rest on, read from the register, the contracts and the operator's own feeds: partners, their sites and agreements."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from dagster_project import register
from dagster_project.cadence.states import Deadline, Party, Sent, Term, deadlines
from dagster_project.contracts import contracts
from dagster_project.home import home

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]
# The operator's lists that say who is who; the marts read the same three.
PARTNERS, SITES, AGREEMENTS = "partner", "site", "agreement"
REFUSED = "refused"


def due(partner: str, now: dt.datetime | None = None, *, is_standing: bool = False) -> list[Deadline]:
    """The last and the next deadline of every feed the partner owes, in the order of their moments; empty for a stranger.

    `now` is the present unless a moment is given (with its zone); what came at or after it is not known then, unless the clock is
    standing (`is_standing`, in a replay of history): then what is sent today came at that moment.
    """
    moment = now or dt.datetime.now(dt.UTC)
    party = _parties(moment).get(partner)
    return _deadlines(party, _sendings(partner, moment, is_standing=is_standing), _terms(moment), moment) if party else []


def due_of_all(now: dt.datetime | None = None, *, is_standing: bool = False) -> list[Deadline]:
    """The deadlines of every partner, in the order of their moments."""
    moment = now or dt.datetime.now(dt.UTC)
    terms = _terms(moment)
    by_partner: dict[str, list[Row]] = {}
    for row in _sendings(None, moment, is_standing=is_standing):
        by_partner.setdefault(row["partner_id"], []).append(row)
    parties = _parties(moment)
    found = [one for name, party in parties.items() for one in _deadlines(party, by_partner.get(name, []), terms, moment)]
    return sorted(found, key=lambda one: (one.due_at, one.partner_id, one.feed))


def _sendings(partner: str | None, now: dt.datetime, *, is_standing: bool) -> list[Row]:
    if not is_standing:
        return register.sendings(partner=partner, before=now)
    last_moment = now - dt.timedelta(microseconds=1)
    return [{**row, "sent_at": min(row["sent_at"], last_moment)} for row in register.sendings(partner=partner)]


def _deadlines(party: Party, sendings: Iterable[Row], terms: dict[str, list[Term]], now: dt.datetime) -> list[Deadline]:
    cadences = {feed: held.cadence for feed, held in contracts().items() if held.cadence and party.role in held.senders}
    sent = [Sent(row["submission_id"], row["feed"], row["sent_at"], row["status"] != REFUSED) for row in sendings]
    return deadlines(party, cadences, terms=terms.get(party.partner_id, []), sent=sent, now=now)


def _parties(now: dt.datetime) -> dict[str, Party]:
    """Every partner; one that the operator has let in and not listed yet has no zone of its own, so UTC."""
    listed = {row["partner_id"]: Party(row["partner_id"], row["role"], row["time_zone"]) for row in _in_force(PARTNERS, now)}
    unlisted = {name: Party(name, role, "UTC") for name, role in register.partners().items() if name not in listed}
    return listed | unlisted


def _terms(now: dt.datetime) -> dict[str, list[Term]]:
    """The agreements that name each partner: as courier, or by a site that it runs."""
    owners = {row["site_id"]: row["partner_id"] for row in _in_force(SITES, now)}
    known_at: dict[str, dt.datetime] = {}
    for row in _versions(AGREEMENTS, now):
        known_at.setdefault(row["agreement_id"], row["as_of"])
    found: dict[str, list[Term]] = {}
    for row in _in_force(AGREEMENTS, now):
        term = Term(row["valid_from_date"], row["valid_to_date"], known_at[row["agreement_id"]])
        for partner in {owners.get(row["hospital_id"]), owners.get(row["site_id"]), row["courier_partner_id"]} - {None}:
            found.setdefault(str(partner), []).append(term)
    return found


def _in_force(feed: str, now: dt.datetime) -> list[Row]:
    """The rows of the newest version of a list that its sender restates whole."""
    newest: dict[str, list[Row]] = {}
    versions = _versions(feed, now)
    last = {row["partner_id_of_sender"]: row["submission_id"] for row in versions}
    for row in versions:
        if last[row["partner_id_of_sender"]] == row["submission_id"]:
            newest.setdefault(row["submission_id"], []).append(row)
    return [row for rows in newest.values() for row in rows]


def _versions(feed: str, now: dt.datetime) -> list[Row]:
    """The rows of every accepted version of a list, the oldest first."""
    return [
        {**row, "submission_id": sent["submission_id"], "partner_id_of_sender": sent["partner_id"], "as_of": sent["as_of"]}
        for sent in register.submissions(feed=feed, statuses=("accepted", "partly_accepted"))
        if sent["as_of"] < now and sent["landing_path"]
        for row in _landed(str(home().root / sent["landing_path"]))
    ]


@lru_cache(maxsize=64)
def _landed(path: str) -> list[Row]:
    # A landing file never changes, so it is read once.
    rows: list[Row] = pq.read_table(path).to_pylist()
    return rows
