"""What the planning room knows of an edition, laid out as the arrays of the week walk: all lines for the operator, its own for a plant."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.planning.align import Frame, Plan, Stock, align

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

Row = dict[str, Any]
CAPACITY_COLUMNS = {
    "slot": "slots",
    "courier": "courier_capacity",
    "chair": "chair_capacity",
    "bed": "bed_capacity",
    "container": "container_capacity",
}
NO_EXPIRY = "9999-12-31"


class Reader(Protocol):
    """Whatever can hand out a view of an edition, such as editions' Edition."""

    def query(self, view: str, where: Mapping[str, Any] | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """Rows of a view as an Arrow table."""


@dataclass(frozen=True)
class Line:
    """A therapy at a plant."""

    therapy_code: str
    therapy_name: str
    site_id: str
    plant_name: str

    @property
    def name(self) -> str:
        """In words, for a sentence."""
        return f"{self.therapy_name} at {self.plant_name}"


@dataclass(frozen=True)
class Lot:
    """A lot that a line may use: where it stands in the arrays (line, supply, place), and its numbers.

    `first` is the week from which it is usable, `stated_first` the one that its sender stated, before any decision.
    """

    line: int
    supply: int
    place: int
    source_id: str
    lot_code: str | None
    expiry: str
    first: int
    last: int
    doses: float
    stated_first: int


@dataclass(frozen=True)
class PlanTables:
    """One edition as the walk needs it. Arrays are (lines, weeks).

    `movable` is the demand that a decision may still move elsewhere; `resale` says what becomes of a slot that was given back;
    `decisions` are those that the plan has taken up.
    """

    lines: tuple[Line, ...]
    weeks: tuple[date, ...]
    iso_weeks: tuple[str, ...]
    frame: Frame
    movable: NDArray[np.float64]
    frozen: NDArray[np.bool_]
    resale: Mapping[int, str | None]
    lots: tuple[Lot, ...]
    demand: pa.Table = field(repr=False)
    alternatives: pa.Table = field(repr=False)
    slots: pa.Table = field(repr=False)
    decisions: tuple[Row, ...] = ()

    @classmethod
    def read(cls, reader: Reader) -> PlanTables:
        """Read the views of an operator or a plant. LookupError when they were published without what the walk needs.

        A plant does not know whose patients they are, nor what other plants have left over: its `demand` and `alternatives` are empty.
        """
        frame = reader.query("plan_frame").sort_by([(name, "ascending") for name in ("therapy_code", "site_id", "week_no")])
        supplies = reader.query("plan_supplies").to_pylist()
        weeks = len(frame["week_no"].unique())
        lines = frame.filter(pc.equal(frame["week_no"], 0))
        stock, lots = _stock(lines.to_pylist(), supplies, weeks)

        def grid(column: str) -> NDArray[np.float64]:
            values = frame[column].cast("double").to_numpy(zero_copy_only=False)
            return np.asarray(values, dtype=np.float64).reshape(-1, weeks)

        return cls(
            lines=tuple(
                Line(row["therapy_code"], row["therapy_name"], row["site_id"], row["plant_name"] or row["site_id"])
                for row in lines.to_pylist()
            ),
            weeks=tuple(frame["week_start_date"].to_pylist()[:weeks]),
            iso_weeks=tuple(frame["iso_week"].to_pylist()[:weeks]),
            frame=Frame(
                demand=grid("demand"),
                opening=grid("opening_backlog")[:, 0],
                failure_pct=grid("failure_pct")[:, 0],
                lag=grid("remake_lag_weeks")[:, 0].astype(np.int64),
                prior=grid("prior_starts"),
                capacity={name: grid(column) for name, column in CAPACITY_COLUMNS.items()},
                stock=stock,
            ),
            movable=grid("movable_demand"),
            frozen=grid("is_frozen").astype(bool),
            resale=dict(enumerate(lines["resale_rule"].to_pylist())),
            lots=lots,
            demand=_if_known(
                reader, "demand", columns=["hospital_id", "hospital_name", "therapy_code", "site_id", "week_start_date", "demand"]
            ),
            alternatives=_if_known(reader, "alternatives"),
            slots=reader.query("slots", where={"status": "released"}, columns=["slot_id", "therapy_code", "site_id", "week_start_date"]),
            decisions=tuple(_if_known(reader, "plan_decisions", where={"standing": "in force"}).to_pylist()),
        )

    @cached_property
    def plan(self) -> Plan:
        """The plan as it stands."""
        return align(self.frame)

    @cached_property
    def places(self) -> dict[tuple[str, str], int]:
        """Therapy and plant to the row of the arrays."""
        return {(line.therapy_code, line.site_id): place for place, line in enumerate(self.lines)}

    def states_vector(self, line: int) -> bool:
        """Whether anyone has stated vector for the line's therapy; where nobody has, it does not limit."""
        return bool(self.frame.stock.limits_until[line, 0] > 0)

    def week_no(self, monday: date | None) -> int | None:
        """Row of a week; None when it is not in the plan."""
        return self.weeks.index(monday) if monday in self.weeks else None


def _if_known(reader: Reader, view: str, **asked: Any) -> pa.Table:
    """Rows of a view; none where it is not due to the audience."""
    try:
        return reader.query(view, **asked)
    except LookupError:
        return pa.table({})


def _stock(lines: list[Row], supplies: list[Row], weeks: int) -> tuple[Stock, tuple[Lot, ...]]:
    """Lots of every line as padded arrays, the vector first, then raw materials by their code, each in the order of use."""
    shelves: dict[tuple[str, str], dict[str, list[Row]]] = {(row["therapy_code"], row["site_id"]): {"vector": []} for row in lines}
    for row in sorted(supplies, key=lambda row: (row["supply_code"] != "vector", row["supply_code"], row["use_order"])):
        shelves[row["therapy_code"], row["site_id"]].setdefault(row["supply_code"], []).append(row)
    shape = (len(lines), max(len(shelf) for shelf in shelves.values()))
    depth = max(1, *(len(rows) for shelf in shelves.values() for rows in shelf.values()))
    use, until = np.ones(shape), np.zeros(shape, dtype=np.int64)
    quantity = np.zeros((*shape, depth))
    first, last = np.zeros((*shape, depth), dtype=np.int64), np.full((*shape, depth), -1)
    lots = []
    for line, row in enumerate(lines):
        for supply, (code, rows) in enumerate(shelves[row["therapy_code"], row["site_id"]].items()):
            if code == "vector":
                use[line, supply], until[line, supply] = row["doses_per_batch"], weeks if row["is_vector_stated"] else 0
            else:
                use[line, supply] = min(lot["use_per_start"] for lot in rows)
                until[line, supply] = min(weeks if lot["limits_until_week"] is None else lot["limits_until_week"] for lot in rows)
            for place, lot in enumerate(rows):
                quantity[line, supply, place] = lot["doses"]
                first[line, supply, place], last[line, supply, place] = lot["first_week_no"], lot["last_week_no"]
                expiry = lot["expiry_date"].isoformat() if lot["expiry_date"] else NO_EXPIRY
                lots.append(
                    Lot(
                        line, supply, place, lot["source_id"], lot["lot_code"], expiry, lot["first_week_no"], lot["last_week_no"],
                        lot["doses"], lot["stated_first_week_no"],
                    )
                )  # fmt: skip
    return Stock(use, until, quantity, first, last), tuple(lots)
