"""Networks too big to draw by hand: hospitals in real cities, plants in proportion, everyone's lanes. Made from the seed alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dagster_project.network.places import PLACES, distance_km
from dagster_project.network.streams import Array, stream
from dagster_project.network.topology import THERAPIES, Closing, Pool, Topology

if TYPE_CHECKING:
    from dagster_project.network.sizes import Size

FIRST = [
    "Amber",
    "Birch",
    "Cedar",
    "Dawn",
    "Elm",
    "Fern",
    "Garnet",
    "Hazel",
    "Indigo",
    "Juniper",
    "Kestrel",
    "Linden",
    "Maple",
    "North",
    "Opal",
    "Pine",
    "Quartz",
    "Rowan",
    "Sage",
    "Thistle",
]
LAST = ["Hospital", "Medical Centre", "Clinic", "General", "University Hospital"]
SHARES = np.array([0.50, 0.10, 0.10, 0.30])
"""Of all orders: lymphoma, mantle cell, paediatric leukaemia, myeloma."""
PLANT_CITIES = [
    "Leiden",
    "Durham",
    "Philadelphia",
    "Leipzig",
    "Basel",
    "Barcelona",
    "Newark",
    "Denver",
    "San Diego",
    "Dallas",
    "Milan",
    "Copenhagen",
]
LINES = (31, 10, 4)
BUSY = 0.80
HOSPITALS_PER_PARTNER = 4


def large(size: Size, seed: int) -> Topology:
    """`size.hospitals` hospitals of a quarter as many partners; plants of 31, 10 or 4 lines until demand fits at 80 % use."""
    net = Topology(therapies=list(THERAPIES))
    couriers = [
        net.add_partner(f"courier-{i + 1:02d}", f"Courier {i + 1}", "courier", city)
        for i, city in enumerate(["Paris", "Frankfurt", "Memphis", "Atlanta"])
    ]
    rng = stream(seed, "large network")
    cities = list(PLACES)
    _place_hospitals(net, size, rng, cities)
    rates = _rates(net, size, rng)
    for number, share in enumerate(SHARES):
        _add_plants(net, number, float(rates[:, number].sum()) / BUSY, share)
    _assign(net, rates, couriers)
    for vector, name, city in (("LV-CD19A", "rheinvektor", "Basel"), ("LV-BCMA", "tidewater-vector", "Baltimore")):
        net.suppliers[vector] = net.add_site(net.add_partner(name, name.title(), "supplier", city), name.title(), "vector_plant", city)
    for number, pool in enumerate(net.pools):
        net.add_lane(net.suppliers[net.therapies[pool.therapy].vector], pool.plant, couriers[number % len(couriers)])
    one, two = net.plants[0], net.plants[1]
    net.shutdowns = [
        Closing(two, "2026-03-09", "2026-03-15", "Yearly cleanroom maintenance"),
        Closing(one, "2026-12-24", "2026-12-31", "Christmas cleanroom shutdown"),
    ]
    net.closure = Closing(two, "2027-02-08", "2027-02-13", "Runway renewal: no cargo flights", announced="2026-11-16")
    net.biased_hospital, net.chair_short, net.bed_short = net.hospitals[7], net.hospitals[3:5], net.hospitals[8:10]
    net.operator = net.add_partner("operator", "Network operator", "operator", "Amsterdam")
    net.couriers = couriers
    for courier in couriers:
        net.add_site(courier, f"{net.partners[courier].name} depot", "depot", net.partners[courier].place.city)
    return net


def _place_hospitals(net: Topology, size: Size, rng: np.random.Generator, cities: list[str]) -> None:
    partner = -1
    for number in range(size.hospitals):
        city = cities[int(rng.integers(0, len(cities)))]
        if number % HOSPITALS_PER_PARTNER == 0:
            partner = net.add_partner(
                f"care-group-{number // HOSPITALS_PER_PARTNER + 1:04d}",
                f"Care Group {number // HOSPITALS_PER_PARTNER + 1}",
                "hospital",
                city,
            )
        name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]} {city}"
        net.hospitals.append(net.add_site(partner, name, "hospital", city))


def _rates(net: Topology, size: Size, rng: np.random.Generator) -> Array:
    """(hospital, therapy) orders a week: few large and many small hospitals; one in four offers a rarer therapy."""
    weight = rng.lognormal(0, 0.6, (len(net.hospitals), 1)) * (rng.random((len(net.hospitals), len(SHARES))) < [1.0, 0.25, 0.25, 0.6])
    return np.asarray(weight / weight.sum(axis=0) * SHARES * size.cases_per_year / 52.18)


def _add_plants(net: Topology, therapy: int, lines: float, share: float) -> None:
    """Plants of one therapy each, the largest size first that still fits, so that planning pools stay independent."""
    del share
    left, number = int(np.ceil(lines)), 0
    while left > 0:
        count = next((size for size in LINES if size <= left), left)
        city = PLANT_CITIES[(number + 3 * therapy) % len(PLANT_CITIES)]
        running = len(net.plants) + 1
        partner = net.add_partner(f"cell-plant-{running:03d}", f"Cell Plant {running}", "plant", city)
        net.plants.append(net.add_site(partner, f"Cell Plant {running} {city}", "plant", city))
        net.pools.append(Pool(net.plants[-1], therapy, count, 1))
        left, number = left - count, number + 1


def _assign(net: Topology, rates: Array, couriers: list[int]) -> None:
    """Every hospital goes to the nearest plant of a therapy that has room; larger hospitals choose first."""
    room = {number: pool.lines * BUSY * 1.02 for number, pool in enumerate(net.pools)}
    for therapy in range(len(SHARES)):
        pools = [number for number, pool in enumerate(net.pools) if pool.therapy == therapy]
        for index in np.argsort(-rates[:, therapy]).tolist():
            rate, site = float(rates[index, therapy]), net.hospitals[index]
            if rate <= 0:
                continue
            near = sorted(pools, key=lambda pool, site=site: distance_km(net.sites[site].place, net.sites[net.pools[pool].plant].place))  # type: ignore[misc]
            choice = next((pool for pool in near if room[pool] >= rate), max(pools, key=lambda pool: room[pool]))
            room[choice] -= rate
            europe = net.sites[site].place.country != "US"
            net.add_demand(site, therapy, net.pools[choice].plant, rate, couriers[(0 if europe else 2) + index % 2])
