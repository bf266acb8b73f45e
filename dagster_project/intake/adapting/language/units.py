"""Units: the table `partner_feeds/units.csv` (UN/ECE codes and plain words), and the step from one unit to another."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache

from dagster_project.home import PROJECT_ROOT

UNITS_FILE = PROJECT_ROOT / "partner_feeds" / "units.csv"
# Each currency is a quantity of its own: rates change, so nothing converts one to another.
MONEY = "money"


@dataclass(frozen=True)
class Unit:
    """One line of the table: (value + shift) * factor is the value in the base unit of the quantity."""

    code: str
    quantity: str
    shift: float
    factor: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """From one unit to another: value * scale + offset."""

    scale: float
    offset: float

    def of(self, value: float) -> float:
        """The value in the other unit."""
        return round(value * self.scale + self.offset, 9)


@cache
def units() -> tuple[Unit, ...]:
    """Every unit there is."""
    with UNITS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Unit(row["unit"], row["quantity"], float(row["shift"]), float(row["factor"]), tuple(row["words"].split("|")))
            for row in csv.DictReader(file)
        )


def called(name: str) -> list[Unit]:
    """The units that go by a code or a word; one word may stand for several quantities, such as g."""
    text = name.strip().casefold()
    return [unit for unit in units() if text == unit.code.casefold() or text in unit.words]


def step(source: str, target: str) -> Step | None:
    """How a value in the unit `source` becomes one in `target`; None when they measure different things or one is unknown.

    >>> step("lb", "kg").of(10)
    4.5359237
    """
    pairs = ((one, other) for one in called(source) for other in called(target) if one.quantity == other.quantity)
    found = next(pairs, None)
    if found is None:
        return None
    one, other = found
    return Step(one.factor / other.factor, one.shift * one.factor / other.factor - other.shift)


@cache
def steps_to(target: str) -> dict[str, Step]:
    """By every code and word (small letters): how a value in it becomes one in `target`. Empty when `target` is no unit of the table."""
    names = [name.casefold() for unit in units() for name in (unit.code, *unit.words)]
    found = {name: step(name, target) for name in names}
    return {name: there for name, there in found.items() if there is not None}


def header_unit(header: str) -> str | None:
    """The unit that a header names: in brackets, or as its last word; None when it names none."""
    bracketed = re.findall(r"[(\[]([^)\]]+)[)\]]", header)
    last = re.split(r"[\s_]+", re.sub(r"[(\[].*", "", header).strip())[-1:]
    return next((word.strip() for word in [*bracketed, *last] if len(word) < 24 and called(word)), None)


def is_same(one: str, other: str) -> bool:
    """Whether two words mean the same unit, so that a number may stand under either."""
    return one.casefold() == other.casefold() or step(one, other) == Step(1.0, 0.0)


def other_unit(header: str, unit: str | None) -> str | None:
    """The unit or currency that a header names, where it is not `unit`; None also where one of the two is not known."""
    named = header_unit(header) if unit and called(unit) else None
    return None if named is None or is_same(named, str(unit)) else named


def others_of_the_kind(target: str) -> list[Unit]:
    """The units that measure the same as `target`, or are money as it is, without `target` itself."""
    kinds = {_kind(unit.quantity) for unit in called(target)}
    return [
        unit for unit in units() if _kind(unit.quantity) in kinds and not any(is_same(name, target) for name in (unit.code, *unit.words))
    ]


def _kind(quantity: str) -> str:
    return MONEY if quantity.startswith(MONEY) else quantity


def how_to_convert(source: str, target: str) -> str:
    """What to do with values in the unit `source` where `target` is wanted, as a sentence: never to rename them."""
    there = step(source, target)
    example = f" (10 {source} = {there.of(10):.6g} {target})" if there else ""
    return f"The contract wants {target}, not {source}: convert the values{example}; another name or sign would not change what they say."
