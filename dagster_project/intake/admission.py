"""Who may send what, and for which moment: looked at before a file is read."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dagster_project import register
from dagster_project.contracts import contract as contract_of
from dagster_project.contracts import feeds
from dagster_project.contracts.forms import NEEDS_SENDER
from dagster_project.intake import limits
from dagster_project.intake.receipt import FileRefusedError, refuse
from dagster_project.register.partners import is_partner_id
from dagster_project.register.tables import utc_text

if TYPE_CHECKING:
    from dagster_project.contracts import Contract


def require_past(as_of: dt.datetime | None) -> None:
    """ValueError for a moment without its zone or in the future."""
    if as_of is None:
        return
    if as_of.tzinfo is None:
        raise ValueError("The as-of time does not say its zone.")
    if as_of > dt.datetime.now(dt.UTC) + limits.CLOCK_TOLERANCE:
        raise ValueError(f"The as-of time {utc_text(as_of)} lies in the future: a replay stands for the past.")


def sender_role(partner: str | None, contract: Contract) -> str | None:
    """The role of the sender, where a rule of the feed asks for it: it costs a look into the register."""
    is_asked = any(rule.form in NEEDS_SENDER for rule in contract.rules)
    return register.partner_role(partner) if is_asked and partner else None


def stranger(partner: str, feed: str) -> FileRefusedError | None:
    """Why this partner may not send this feed, or None."""
    role = register.partner_role(partner)
    if role is None:
        return refuse(
            "partner",
            f"the partner {partner!r}",
            "a registered partner",
            f"Ask the operator to run: veinway partner add {partner} --role ROLE"
            if is_partner_id(partner)
            else "A partner's id has 2 to 40 small letters, digits and hyphens: check --partner.",
        )
    if feed not in feeds():
        return refuse("feed", f"the feed {feed!r}", f"one of: {', '.join(feeds())}", "Check the name of the feed.")
    senders = contract_of(feed).senders
    if role not in senders:
        return refuse(
            "sender_role",
            f"{partner}, a partner with the role {role}",
            f"a sender with the role {' or '.join(senders)}",
            f"This feed comes from: {' or '.join(senders)}. Check --partner and --feed.",
        )
    return None
