"""The plan's rules once more, as a plain loop over weeks: what the SQL is held against. One therapy at one plant."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lot:
    """A quantity usable from the first to the last week, both counted."""

    quantity: float
    first: int
    last: int


@dataclass(frozen=True)
class Supply:
    """Something storable: what a start takes of it, its lots, and the week from which it does not limit any more."""

    use_per_start: float
    lots: tuple[Lot, ...]
    limits_until: int


@dataclass(frozen=True)
class Network:
    """One therapy at one plant. `prior` are the starts of the weeks before the plan that come again in weeks 0, 1, …; one value per week of lag."""

    backlog: float
    demand: tuple[float, ...]
    capacity: tuple[float, ...]
    vector: Supply
    materials: tuple[Supply, ...]
    failure_pct: float
    prior: tuple[float, ...]


@dataclass(frozen=True)
class Week:
    """What one week of the plan says."""

    remake: float
    vector_doses: float | None
    material_starts: float | None
    served: float
    waiting: float


class Shelf:
    """The lots of one supply, the first to expire in front."""

    def __init__(self, supply: Supply) -> None:
        self.supply = supply
        self.left = sorted(([lot.last, place, lot.quantity, lot.first] for place, lot in enumerate(supply.lots)), key=lambda lot: lot[:2])

    def usable(self, week: int) -> float:
        """How much of it may be used on every day of the week."""
        return sum(lot[2] for lot in self.left if lot[3] <= week <= lot[0])

    def take(self, quantity: float, week: int) -> None:
        """Use it up, first expiry first out."""
        for lot in self.left:
            if lot[3] <= week <= lot[0]:
                taken = min(lot[2], quantity)
                lot[2] -= taken
                quantity -= taken


def week_by_week(network: Network) -> list[Week]:
    """Who starts, who waits and who comes again, week by week."""
    shelves = [Shelf(supply) for supply in (network.vector, *network.materials)]
    lag, waiting = len(network.prior), network.backlog
    plan: list[Week] = []
    for week, (demand, capacity) in enumerate(zip(network.demand, network.capacity, strict=True)):
        began = network.prior[week] if week < lag else plan[week - lag].served
        remake = began * network.failure_pct / 100
        limits = [shelf.usable(week) / shelf.supply.use_per_start if week < shelf.supply.limits_until else None for shelf in shelves]
        served = min(waiting + demand + remake, capacity, *(limit for limit in limits if limit is not None))
        doses = shelves[0].usable(week) if week < network.vector.limits_until else None
        for shelf in shelves:
            shelf.take(served * shelf.supply.use_per_start, week)
        waiting += demand + remake - served
        materials = [limit for limit in limits[1:] if limit is not None]
        plan.append(Week(remake, doses, min(materials, default=None), served, waiting))
    return plan
