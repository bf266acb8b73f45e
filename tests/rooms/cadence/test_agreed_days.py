"""Days that agreements state: the earliest of a partner's own comes first, then the standard terms, then the contract."""

from __future__ import annotations

import copy
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project import register
from dagster_project.cadence import due
from dagster_project.cadence.days import Day, agreed_days
from dagster_project.cadence.schedule import Schedule
from dagster_project.home import PROJECT_ROOT
from dagster_project.intake import submit

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = PROJECT_ROOT / "partner_feeds" / "samples" / "agreement" / "good_agreement.json"
KNOWN = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
MONDAY = dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC)
HOSPITAL = "north-hospital"


def row(agreement: str, weekday: str, time: str, zone: str | None = None) -> dict[str, Any]:
    return {"agreement_id": agreement, "feed": "demand_forecast", "due_weekday": weekday, "due_time": time, "zone": zone}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("STANDARD", "FRI", "12:00")], Day(Schedule(4, dt.time(12)), None)),
        ([row("STANDARD", "MON", "12:00"), row("A1", "WED", "09:00")], Day(Schedule(2, dt.time(9)), None)),
        ([row("A1", "WED", "09:00"), row("A2", "TUE", "17:00", "Europe/Paris")], Day(Schedule(1, dt.time(17)), "Europe/Paris")),
        ([row("A1", "TUE", "17:00"), row("A2", "TUE", "08:00")], Day(Schedule(1, dt.time(8)), None)),
        ([row("B1", "MON", "08:00")], None),
    ],
)
def test_the_earliest_day_of_the_agreements_holds(rows: list[dict[str, Any]], expected: Day | None) -> None:
    assert agreed_days(rows, {"A1", "A2"}).get("demand_forecast") == expected
    assert agreed_days(reversed(rows), {"A1", "A2"}).get("demand_forecast") == expected


@pytest.fixture
def agreement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A network of one hospital, and the agreement that it may sign: it wants the forecast on Monday at 17:00 in Paris."""
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path))
    monkeypatch.delenv("VEINWAY_REGISTER_URL", raising=False)
    register.add_partner("operator", "operator")
    register.add_partner(HOSPITAL, "hospital")
    partners = f"partner_id,partner_name,role,country_code,time_zone\n{HOSPITAL},North,hospital,FR,Europe/London\n"
    sites = "site_id,partner_id,site_name,site_kind,time_zone,country_code,city_name,latitude,longitude\n"
    document: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    sites += f"{document['veinway_agreement']['parties']['hospital_id']},{HOSPITAL},North,hospital,Europe/Paris,FR,Lyon,45.7,4.8\n"
    for feed, text in (("partner", partners), ("site", sites)):
        receipt = submit(text.encode(), partner="operator", feed=feed, as_of=KNOWN)
        assert receipt.status == "accepted", receipt.refusals
    return document


def send(document: dict[str, Any], as_of: dt.datetime, *feeds: str) -> None:
    for feed in feeds:
        receipt = submit(json.dumps(document).encode(), partner="operator", feed=feed, as_of=as_of)
        assert receipt.status == "accepted", receipt.refusals


def forecast_due() -> tuple[str, str]:
    """When the forecast was due last, and in which zone that is meant."""
    last = next(one for one in due(HOSPITAL, MONDAY) if one.feed == "demand_forecast" and one.which == "last")
    return f"{last.due_at:%a %d %H:%M}", last.time_zone


def test_what_an_agreement_states_comes_before_the_contract(agreement: dict[str, Any]) -> None:
    send(agreement, KNOWN, "agreement")
    assert forecast_due() == ("Tue 10 12:00", "Europe/London")
    send(agreement, KNOWN, "agreement_calendar")
    assert forecast_due() == ("Mon 09 16:00", "Europe/Paris")


def test_a_newer_version_without_a_calendar_has_none(agreement: dict[str, Any]) -> None:
    send(agreement, KNOWN, "agreement", "agreement_calendar")
    newer = copy.deepcopy(agreement)
    newer["veinway_agreement"]["version"] = "1.1.0"
    del newer["veinway_agreement"]["terms"]["calendar"]
    send(newer, KNOWN + dt.timedelta(days=3), "agreement")
    assert forecast_due() == ("Tue 10 12:00", "Europe/London")


def test_a_file_about_another_agreement_leaves_this_one_alone(agreement: dict[str, Any]) -> None:
    send(agreement, KNOWN, "agreement", "agreement_calendar")
    other = copy.deepcopy(agreement)
    other["veinway_agreement"] |= {"agreement_id": "AGR-0099", "valid_from_date": "2026-06-01"}
    other["veinway_agreement"]["terms"]["calendar"] = [{"feed": "demand_forecast", "due_weekday": "FRI", "due_time": "12:00"}]
    send(other, KNOWN + dt.timedelta(days=1), "agreement", "agreement_calendar")
    assert forecast_due() == ("Mon 09 16:00", "Europe/Paris")
