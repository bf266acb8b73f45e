"""The scenarios' random networks as frames of the week walk: every network is a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dagster_project.planning.align import Frame, Stock

if TYPE_CHECKING:
    from reference import Network, Supply


def in_order(supply: Supply) -> list:
    return sorted(supply.lots, key=lambda lot: lot.last)


def frame_of(networks: list[Network]) -> Frame:
    weeks = len(networks[0].demand)
    shelves = [[network.vector, *network.materials] for network in networks]
    shape = (len(networks), max(map(len, shelves)), max([1, *(len(supply.lots) for shelf in shelves for supply in shelf)]))
    use, until = np.ones(shape[:2]), np.zeros(shape[:2], dtype=np.int64)
    quantity, first, last = np.zeros(shape), np.zeros(shape, dtype=np.int64), np.full(shape, -1)
    prior = np.zeros((len(networks), weeks))
    for line, (network, shelf) in enumerate(zip(networks, shelves, strict=True)):
        prior[line, : len(network.prior)] = network.prior
        for number, supply in enumerate(shelf):
            use[line, number], until[line, number] = supply.use_per_start, supply.limits_until
            for place, lot in enumerate(in_order(supply)):
                quantity[line, number, place], first[line, number, place], last[line, number, place] = lot.quantity, lot.first, lot.last
    unstated = np.full((len(networks), weeks), np.nan)
    return Frame(
        demand=np.array([network.demand for network in networks]),
        opening=np.array([network.backlog for network in networks]),
        failure_pct=np.array([network.failure_pct for network in networks]),
        lag=np.array([len(network.prior) for network in networks]),
        prior=prior,
        capacity={"slot": np.array([network.capacity for network in networks])}
        | dict.fromkeys(("courier", "chair", "bed", "container"), unstated),
        stock=Stock(use, until, quantity, first, last),
    )
