"""Documents to send, made from the samples: what a test changes is all that is wrong with them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from dagster_project.home import PROJECT_ROOT
from dagster_project.intake import Receipt, check
from dagster_project.intake.adapting.epcis.event_id import event_id_of

SAMPLES = PROJECT_ROOT / "partner_feeds" / "samples"
SENT_AT = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
PREFIXES = {"veinway": "https://ns.veinway.example/epcis/"}


def sample(name: str) -> Any:
    """A sample document, to be changed."""
    return json.loads((SAMPLES / name).read_text(encoding="utf-8"))


def shipment(*, with_ids: bool = False) -> dict[str, Any]:
    """The four custody events of one shipment."""
    document = sample("custody_event/good_one_shipment.jsonld")
    for event in events_of(document):
        if not with_ids:
            del event["eventID"]
    return document


def events_of(document: dict[str, Any]) -> list[Any]:
    """The events of a document, to be changed."""
    return document["epcisBody"]["eventList"]


def identified(event: dict[str, Any]) -> dict[str, Any]:
    """The event with the hash of what it says as its id."""
    return {"eventID": event_id_of(event, PREFIXES), **event}


def answer(document: Any, feed: str) -> Receipt:
    """What the door says to a document."""
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return check(data, feed=feed, as_of=SENT_AT)


def reasons(receipt: Receipt) -> list[tuple[int | None, str | None, str]]:
    """Row, column and rule of every refusal."""
    return [(refusal.row, refusal.column, refusal.rule) for refusal in receipt.refusals]


def told(receipt: Receipt) -> list[tuple[str, str | None, str | None]]:
    """Rule, what was found and where of every warning."""
    return [(warning.rule, warning.found, warning.source_place) for warning in receipt.warnings]
