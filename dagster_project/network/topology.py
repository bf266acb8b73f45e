"""The network as it stands: partners, sites, therapies, pools (plant x therapy) and lanes. Random draws belong elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from dagster_project.network.identifiers import gln
from dagster_project.network.places import PLACES, Place, distance_km

GAP_HOURS = 14.0
"""Lanes slower than this (median) need two days between collection and start instead of one."""


@dataclass(frozen=True)
class Partner:
    """Someone who sends files."""

    partner_id: str
    name: str
    role: str
    place: Place


@dataclass(frozen=True)
class Site:
    """A place with a GLN, run by a partner (index into `Topology.partners`)."""

    site_id: str
    partner: int
    name: str
    kind: str
    place: Place


@dataclass(frozen=True)
class Therapy:
    """What the simulation needs to know of a therapy; percentages are of first attempts."""

    code: str
    name: str
    indication: str
    vector: str
    material_state: str
    failure_pct: float
    tested_failure_share: float


@dataclass(frozen=True)
class Pool:
    """The lines of one plant that are set up for one therapy. `plant` and `therapy` are indices."""

    plant: int
    therapy: int
    lines: int
    first_line: int


@dataclass(frozen=True)
class Demand:
    """Orders per week that a hospital places for a therapy, and the pool that serves them."""

    hospital: int
    therapy: int
    pool: int
    weekly_rate: float


@dataclass(frozen=True)
class Lane:
    """Transit between two sites (indices into `Topology.sites`)."""

    lane_id: str
    origin: int
    destination: int
    courier: int
    mode: str
    p50_hours: float
    customs_hours: float
    distance_km: float


@dataclass(frozen=True)
class Closing:
    """A site that shuts from its first to its last day. Nobody knows of it before `announced`; without that, all know from the start."""

    site: int
    start: str
    end: str
    note: str
    announced: str = ""


@dataclass
class Topology:
    """Everything that stands still. Hospitals, plants and suppliers are site indices; couriers and operator partner indices."""

    partners: list[Partner] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    therapies: list[Therapy] = field(default_factory=list)
    hospitals: list[int] = field(default_factory=list)
    plants: list[int] = field(default_factory=list)
    suppliers: dict[str, int] = field(default_factory=dict)
    couriers: list[int] = field(default_factory=list)
    operator: int = -1
    pools: list[Pool] = field(default_factory=list)
    demands: list[Demand] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    lane_of: dict[tuple[int, int], int] = field(default_factory=dict)
    shutdowns: list[Closing] = field(default_factory=list)
    closure: Closing | None = None
    biased_hospital: int = -1
    chair_short: list[int] = field(default_factory=list)
    bed_short: list[int] = field(default_factory=list)
    extra_line: tuple[int, str] | None = None

    def zone(self, site: int) -> str:
        """Time zone of a site."""
        return self.sites[site].place.zone

    def add_partner(self, partner_id: str, name: str, role: str, city: str) -> int:
        """Append a partner, return its index."""
        self.partners.append(Partner(partner_id, name, role, PLACES[city]))
        return len(self.partners) - 1

    def add_site(self, partner: int, name: str, kind: str, city: str) -> int:
        """Append a site, return its index."""
        self.sites.append(Site(gln(len(self.sites) + 1), partner, name, kind, PLACES[city]))
        return len(self.sites) - 1

    def add_lane(self, origin: int, destination: int, courier: int) -> int:
        """The lane from origin to destination; made on first use."""
        if (origin, destination) not in self.lane_of:
            one, other = self.sites[origin].place, self.sites[destination].place
            km = distance_km(one, other)
            abroad = 9.0 if ("US" in (one.country, other.country)) and one.country != other.country else 0.0
            road = km < 450
            hours = 3 + km / 70 if road else 6 + km / 780
            lane = Lane(f"LANE-{len(self.lanes) + 1:04d}", origin, destination, courier, "road" if road else "air", hours, abroad, km)
            self.lane_of[origin, destination] = len(self.lanes)
            self.lanes.append(lane)
        return self.lane_of[origin, destination]

    def add_demand(self, hospital: int, therapy: int, plant: int, weekly_rate: float, courier: int) -> None:
        """A hospital orders a therapy from a plant; both lanes come with it."""
        pool = next(i for i, p in enumerate(self.pools) if p.plant == plant and p.therapy == therapy)
        self.demands.append(Demand(hospital, therapy, pool, weekly_rate))
        self.add_lane(hospital, plant, courier)
        self.add_lane(plant, hospital, courier)


def gap_days(lane: Lane) -> int:
    """Days between collection and planned start that the lane needs."""
    return 1 if lane.p50_hours + lane.customs_hours <= GAP_HOURS else max(2, math.ceil((lane.p50_hours + lane.customs_hours) * 1.4 / 24))


THERAPIES = [
    Therapy("CART-101", "Aurocel", "lbcl", "LV-CD19A", "fresh", 4.0, 0.5),
    Therapy("CART-102", "Mantocel", "mcl", "LV-CD19A", "fresh", 14.0, 0.6),
    Therapy("CART-103", "Lumicel", "b_all", "LV-CD19A", "fresh", 4.3, 0.5),
    Therapy("CART-201", "Myelocel", "myeloma", "LV-BCMA", "cryo", 7.8, 1.0),
]
