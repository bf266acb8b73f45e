"""What the states rest on, read from the register, the contracts and the operator's own feeds: partners, their sites and agreements."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.parquet as pq

from dagster_project import register
from dagster_project.cadence.days import agreed_days
from dagster_project.cadence.states import Deadline, Party, Sent, Term, deadlines
from dagster_project.contracts import contract, contracts
from dagster_project.home import home

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]
# The operator's lists that say who is who and what is agreed; the marts read the same.
PARTNERS, SITES, AGREEMENTS, CALENDAR = "partner", "site", "agreement", "agreement_calendar"
REFUSED = "refused"


class Agreed(NamedTuple):
    """Per partner the agreements that name it, by number, and the rows of every agreement's calendar that are in force."""

    of: dict[str, list[tuple[str, Term]]]
    calendar: list[Row]


class _Version(NamedTuple):
    """One statement of a list; `is_whole` when no row of its file was refused."""

    stated_at: dt.datetime
    submission_id: str
    partner_id: str
    is_whole: bool
    rows: list[Row]


def due(partner: str, now: dt.datetime | None = None, *, is_standing: bool = False) -> list[Deadline]:
    """The last and the next deadline of every feed the partner owes, in the order of their moments; empty for a stranger.

    `now` is the present unless a moment is given (with its zone); what came at or after it is not known then, unless the clock is
    standing (`is_standing`, in a replay of history): then what is sent today came at that moment.
    """
    moment = now or dt.datetime.now(dt.UTC)
    party = _parties(moment).get(partner)
    if party is None:
        return []
    return _deadlines(party, _sendings(partner, moment, is_standing=is_standing), _agreed(moment), moment)


def due_of_all(now: dt.datetime | None = None, *, is_standing: bool = False) -> list[Deadline]:
    """The deadlines of every partner, in the order of their moments."""
    moment = now or dt.datetime.now(dt.UTC)
    agreed = _agreed(moment)
    by_partner: dict[str, list[Row]] = {}
    for row in _sendings(None, moment, is_standing=is_standing):
        by_partner.setdefault(row["partner_id"], []).append(row)
    parties = _parties(moment)
    found = [one for name, party in parties.items() for one in _deadlines(party, by_partner.get(name, []), agreed, moment)]
    return sorted(found, key=lambda one: (one.due_at, one.partner_id, one.feed))


def _sendings(partner: str | None, now: dt.datetime, *, is_standing: bool) -> list[Row]:
    if not is_standing:
        return register.sendings(partner=partner, before=now)
    last_moment = now - dt.timedelta(microseconds=1)
    return [{**row, "sent_at": min(row["sent_at"], last_moment)} for row in register.sendings(partner=partner)]


def _deadlines(party: Party, sendings: Iterable[Row], agreed: Agreed, now: dt.datetime) -> list[Deadline]:
    cadences = {feed: held.cadence for feed, held in contracts().items() if party.role in held.senders}
    sent = [Sent(row["submission_id"], row["feed"], row["sent_at"], row["status"] != REFUSED) for row in sendings]
    today = (now - dt.timedelta(microseconds=1)).astimezone(dt.UTC).date()
    own = agreed.of.get(party.partner_id, [])
    holding = {number for number, term in own if term.valid_from <= today and (term.valid_to is None or term.valid_to >= today)}
    days = agreed_days(agreed.calendar, holding)
    return deadlines(party, cadences, terms=[term for _, term in own], sent=sent, now=now, days=days)


def _parties(now: dt.datetime) -> dict[str, Party]:
    """Every partner; one that the operator has let in and not listed yet has no zone of its own, so UTC."""
    listed = {row["partner_id"]: Party(row["partner_id"], row["role"], row["time_zone"]) for row in _in_force(PARTNERS, now)}
    unlisted = {name: Party(name, role, "UTC") for name, role in register.partners().items() if name not in listed}
    return listed | unlisted


def _agreed(now: dt.datetime) -> Agreed:
    """The agreements that name each partner, as courier or by a site that it runs, and the calendar that they state."""
    owners = {row["site_id"]: row["partner_id"] for row in _in_force(SITES, now)}
    known_at: dict[str, dt.datetime] = {}
    for version in _versions(AGREEMENTS, now):
        for row in version.rows:
            known_at.setdefault(row["agreement_id"], version.stated_at)
    agreements = _in_force(AGREEMENTS, now)
    found: dict[str, list[tuple[str, Term]]] = {}
    for row in agreements:
        term = Term(row["valid_from_date"], row["valid_to_date"], known_at[row["agreement_id"]])
        for partner in {owners.get(row["hospital_id"]), owners.get(row["site_id"]), row["courier_partner_id"]} - {None}:
            found.setdefault(str(partner), []).append((row["agreement_id"], term))
    versions = {(row["partner_id_of_sender"], row["agreement_id"]): row["version"] for row in agreements}
    return Agreed(found, [row for row in _in_force(CALENDAR, now) if _is_of(row, versions)])


def _is_of(row: Row, versions: dict[tuple[str, str], str | None]) -> bool:
    """Whether a row belongs to the version of its agreement that is in force; without a version it belongs to any."""
    key = (row["partner_id_of_sender"], row["agreement_id"])
    return key in versions and (row["version"] is None or versions[key] is None or row["version"] == versions[key])


def _in_force(feed: str, now: dt.datetime) -> list[Row]:
    """The rows of a list that its sender restates whole, or whole for each thing it speaks of, that no newer version replaces.

    As the plan has it: a version of which rows were refused withdraws nothing, and one that comes again is the newest again.
    """
    terms = contract(feed)
    scope, key = terms.scope or "", [column.name for column in terms.columns if column.is_key]
    held: dict[tuple[Any, Any], dict[tuple[Any, ...], Row]] = {}
    for version in _versions(feed, now):
        for spoken in {row.get(scope) for row in version.rows} if version.is_whole else ():
            held[version.partner_id, spoken] = {}
        for row in version.rows:
            told = held.setdefault((version.partner_id, row.get(scope)), {})
            told[tuple(row[name] for name in key)] = {**row, "partner_id_of_sender": version.partner_id}
    return [row for told in held.values() for row in told.values()]


def _versions(feed: str, now: dt.datetime) -> list[_Version]:
    """Every statement of a version of a list, the oldest first."""
    kept = [sent for sent in register.submissions(feed=feed, statuses=("accepted", "partly_accepted")) if sent["landing_path"]]
    stated = register.statements([sent["submission_id"] for sent in kept])
    found = [
        _Version(
            stated_at, sent["submission_id"], sent["partner_id"], not sent["rows_refused"], _landed(str(home().root / sent["landing_path"]))
        )
        for sent in kept
        for stated_at in stated[sent["submission_id"]]
        if stated_at < now
    ]
    return sorted(found, key=lambda version: (version.stated_at, version.submission_id))


@lru_cache(maxsize=64)
def _landed(path: str) -> list[Row]:
    # A landing file never changes, so it is read once.
    rows: list[Row] = pq.read_table(path).to_pylist()
    return rows
