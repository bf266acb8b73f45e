"""The summary at the end of `veinway run`: KPIs, weeks short, refused rows, what is due. Every figure is read from the operator's edition."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from dagster_project.commands.display import print_table

if TYPE_CHECKING:
    from datetime import datetime

    from dagster_project.editions import Edition

Row = dict[str, Any]

BINDING = {"slot": "slots", "vector": "vector", "courier": "couriers", "chair": "apheresis chairs", "bed": "beds"}


def print_summary(edition: Edition) -> None:
    """Print the tables of an operator's edition."""
    kpis = edition.query("kpis", where={"period_kind": "all", "slice_kind": "network"}, order_by="kpi_name").to_pylist()
    names = ["KPI", "value", "unit", "n", "open", "interval", "target", "benchmark"]
    print_table(
        f"KPIs of edition {edition.edition_id}, planning date {edition.manifest['planning_date']}", names, [kpi_row(row) for row in kpis]
    )
    plan = edition.query("plan", columns=["therapy_code", "therapy_name", "binding_constraint", "is_short", "week_start_date"]).to_pylist()
    print_table("Weeks short, by therapy and binding constraint", ["therapy", "held back by", "plant weeks short", "of"], short_rows(plan))
    sent = edition.query("submissions", columns=["partner_id", "status", "rows_sent", "rows_refused"]).to_pylist()
    print_table(
        "Refused at the door, by partner",
        ["partner", "rows refused", "of rows sent", "files refused whole", "of files"],
        refused_rows(sent),
    )
    print_table(
        "What is missing or came late, and what is due next",
        ["state", "partner", "feeds", "due (UTC)"],
        due_rows(edition.query("due").to_pylist()),
    )


def kpi_row(row: Row) -> list[str]:
    """One KPI as text: a value without its n and interval is not shown anywhere."""
    interval = f"{_number(row['lower'])}-{_number(row['upper'])}" if row["lower"] is not None and row["upper"] is not None else ""
    return [
        row["kpi_name"],
        _number(row["value"]),
        row["unit"],
        str(row["n"]),
        str(row["n_open"] or ""),
        interval,
        _number(row["target"]),
        _benchmark(row),
    ]


def _benchmark(row: Row) -> str:
    low, high = _number(row["benchmark_low"]), _number(row["benchmark_high"])
    return low if low == high else f"{low}-{high}"


def short_rows(plan: list[Row]) -> list[list[str]]:
    """Plant weeks of each therapy in which patients wait, by what held them back, most first."""
    weeks = Counter(_therapy(row) for row in plan)
    short = Counter((_therapy(row), row["binding_constraint"]) for row in plan if row["is_short"])
    ranked = sorted(short.items(), key=lambda item: (-item[1], item[0]))
    return [[therapy, BINDING.get(held, str(held)), str(count), str(weeks[therapy])] for (therapy, held), count in ranked]


def refused_rows(sent: list[Row]) -> list[list[str]]:
    """Rows and files that the door refused, by partner, most rows first."""
    totals: dict[str, Counter[str]] = {}
    for row in sent:
        is_refused = row["status"] == "refused"
        partner = totals.setdefault(row["partner_id"], Counter())
        partner.update(refused=row["rows_refused"], rows=row["rows_sent"], whole=is_refused, files=1)
    ranked = sorted(totals.items(), key=lambda item: (-item[1]["refused"], item[0]))
    return [
        [name, *(f"{total[what]:,}" for what in ("refused", "rows", "whole", "files"))]
        for name, total in ranked
        if total["refused"] or total["whole"]
    ]


def due_rows(deadlines: list[Row]) -> list[list[str]]:
    """What is missing and what came late, by partner; then the deadlines that come, all partners of a moment in one line."""
    owed = [row for row in deadlines if row["is_owed"]]
    rows = []
    for state in ("missing", "late"):
        behind = sorted((row["partner_id"], row["due_at"], row["feed"]) for row in owed if row["state"] == state)
        for (partner, due_at), feeds in groupby(behind, key=itemgetter(0, 1)):
            rows.append([state, partner, ", ".join(feed for _, _, feed in feeds), _moment(due_at)])
    coming = sorted((row for row in owed if row["which"] == "next"), key=itemgetter("due_at"))
    for due_at, members in groupby(coming, key=itemgetter("due_at")):
        group = list(members)
        partners, early = len({row["partner_id"] for row in group}), sum(row["state"] == "early" for row in group)
        here = f", {early} of them here already" if early else ""
        how_many = f"{len(group)} feed{'s' * (len(group) != 1)}{here}"
        rows.append(["next", f"{partners} partner{'s' * (partners != 1)}", how_many, _moment(due_at)])
    return rows


def _moment(moment: datetime) -> str:
    return f"{moment:%a %d %b %H:%M}"


def _therapy(row: Row) -> str:
    """`Aurocel (CART-101)`, as on the screens."""
    return row["therapy_code"] if row["therapy_name"] == row["therapy_code"] else f"{row['therapy_name']} ({row['therapy_code']})"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
