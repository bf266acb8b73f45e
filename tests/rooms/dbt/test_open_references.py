"""References between feeds: the mart and the door's own answer find the same ones, and both find none once the other file is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from compiled import PLANNING_DATE, Compiled, open_memory

from dagster_project import intake, register
from dagster_project.contracts import contracts
from dagster_project.home import home
from dagster_project.intake.answering.references import open_references
from dagster_project.landing import load_landing

if TYPE_CHECKING:
    from pathlib import Path

GLN, OTHER_GLN = "9501101530003", "9501101530102"
HEADER = "hospital_id,therapy_code,week_start_date,category,patients,patients_p10,patients_p90,basis,comment"
FORECAST = "\n".join(
    [
        HEADER,
        f"{GLN},CART-101,2026-W50,commercial,3,1,9,pipeline,",
        f"{GLN},CART-101,2026-W51,commercial,3,1,9,pipeline,",
        f"{GLN},CART-204,2026-W50,trial,1,0,2,statistical,",
        "",
    ]
)
PARTNERS = "partner_id,partner_name,role,country_code,time_zone\nnorth,North,hospital,FR,Europe/Paris\n"
SITES = (
    "site_id,partner_id,site_name,site_kind,time_zone,country_code,city_name,latitude,longitude,holiday_calendar_code\n"
    f"{GLN},north,North,hospital,Europe/Paris,FR,Paris,48.85,2.35,FR\n"
)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path))
    monkeypatch.delenv("VEINWAY_REGISTER_URL", raising=False)
    register.add_partner("north", "hospital")
    register.add_partner("operator", "operator")
    return tmp_path


def send(text: str, feed: str, partner: str = "operator") -> intake.Receipt:
    receipt = intake.submit(text.encode(), partner=partner, feed=feed)
    assert receipt.status == "accepted", receipt.message
    return receipt


def in_the_mart(compiled: Compiled) -> list[tuple[Any, ...]]:
    con = open_memory()
    load_landing(con, register.submissions(), home())
    # What comes today is known to a plan of today, so the mart is asked as of a date that has not come.
    later = {
        key: node | {"compiled_code": str(node.get("compiled_code", "")).replace(PLANNING_DATE, "2100-01-01")}
        for key, node in compiled.nodes.items()
    }
    Compiled(later).build(con, "fct_open_references")
    return con.execute(
        "SELECT submission_id, column_name, open_value, stated_rows FROM intermediate.int_references__open ORDER BY 1, 2, 3"
    ).fetchall()


def at_the_door(*receipts: intake.Receipt) -> list[tuple[Any, ...]]:
    found = []
    for receipt in receipts:
        for reason in open_references(receipt.submission_id):
            value, _, times = str(reason.found).partition(" (in ")
            found.append((receipt.submission_id, reason.column, value, int(times.partition(" ")[0]) if times else 1))
    return sorted(found)


def test_door_and_mart_agree_and_what_arrives_closes_what_was_open(state: Path, compiled: Compiled) -> None:
    forecast = send(FORECAST, "demand_forecast", "north")
    found = in_the_mart(compiled)
    assert [row[1:] for row in found] == [("hospital_id", GLN, 3), ("therapy_code", "CART-101", 2), ("therapy_code", "CART-204", 1)]
    assert found == at_the_door(forecast)
    sites = send(SITES, "site")
    found = in_the_mart(compiled)
    assert found == at_the_door(*sorted((forecast, sites), key=lambda one: one.submission_id))
    assert {row[1] for row in found} == {"therapy_code", "partner_id"}
    send(PARTNERS, "partner")
    found = in_the_mart(compiled)
    assert found == at_the_door(forecast)
    assert {row[1] for row in found} == {"therapy_code"}


def test_every_reference_of_every_contract_is_looked_up(compiled: Compiled) -> None:
    code = next(str(node["compiled_code"]) for node in compiled.nodes.values() if node["name"] == "int_references__open")
    wanted = [(feed, column.name) for feed, held in contracts().items() for column in held.columns if column.reference]
    assert wanted
    for feed, column in wanted:
        assert f"cast('{feed}' as TEXT) as feed,\n    cast('{column}' as TEXT) as column_name" in code
