"""The hand-drawn networks: `demo` (12 hospitals, 3 plants) and `tiny` (3 hospitals, 1 plant) for tests."""

from __future__ import annotations

from dagster_project.network.topology import THERAPIES, Closing, Pool, Topology

HOSPITALS = [
    ("northgate-hospital", "Northgate Hospital", "Lyon"),
    ("isarlicht-klinik", "Isarlicht Klinik", "Munich"),
    ("maasbrug-centre", "Maasbrug Medical Centre", "Amsterdam"),
    ("donauhof-spital", "Donauhof Spital", "Vienna"),
    ("clara-care-group", "Sierra Clara Hospital", "Madrid"),
    ("clara-care-group", "Mar Blau Children's Hospital", "Barcelona"),
    ("saltmarsh-general", "Saltmarsh General", "Boston"),
    ("prairie-health", "Prairie Lake Hospital", "Chicago"),
    ("prairie-health", "Two Pines Hospital", "Minneapolis"),
    ("bayou-crest", "Bayou Crest Hospital", "Houston"),
    ("foglight-medical", "Foglight Medical Center", "San Francisco"),
    ("peach-hollow", "Peach Hollow Hospital", "Atlanta"),
]
GROUPS = {"clara-care-group": "Clara Care Group", "prairie-health": "Prairie Health"}
LBCL, MCL, B_ALL, MYELOMA = range(4)
# hospital, therapy, plant, orders a week
DEMO_DEMAND = [
    (0, LBCL, 0, 0.52), (1, LBCL, 0, 0.52), (2, LBCL, 0, 0.50), (3, LBCL, 0, 0.30), (4, LBCL, 0, 0.50),
    (6, LBCL, 1, 0.85), (7, LBCL, 1, 0.70), (9, LBCL, 1, 0.60), (10, LBCL, 1, 0.70), (11, LBCL, 1, 0.50),
    (5, B_ALL, 0, 0.40), (3, B_ALL, 0, 0.30), (7, MCL, 1, 0.60), (8, MCL, 1, 0.75),
    (0, MYELOMA, 2, 0.36), (2, MYELOMA, 2, 0.36), (5, MYELOMA, 2, 0.30), (6, MYELOMA, 2, 0.52), (8, MYELOMA, 2, 0.48),
    (9, MYELOMA, 2, 0.48), (10, MYELOMA, 2, 0.40), (11, MYELOMA, 2, 0.45),
]  # fmt: skip
SWIFTVEIN, COLDBRIDGE, POLARLINE = range(3)
DEMO_COURIER = [SWIFTVEIN, COLDBRIDGE, COLDBRIDGE, COLDBRIDGE, SWIFTVEIN, SWIFTVEIN] + [POLARLINE] * 6


def demo() -> Topology:
    """12 hospitals of 10 partners, 3 plants, 2 vector suppliers, 3 couriers and the operator."""
    net = Topology(therapies=list(THERAPIES))
    couriers = _couriers(net)
    _hospitals(net, range(len(HOSPITALS)))
    plants = [("leiden-cellworks", "Leiden Cellworks", "Leiden"), ("longleaf-foundry", "Longleaf Cell Foundry", "Durham")]
    plants.append(("keystone-cells", "Keystone Cells", "Philadelphia"))
    for partner_id, name, city in plants:
        net.plants.append(net.add_site(net.add_partner(partner_id, name, "plant", city), name, "plant", city))
    suppliers = [("LV-CD19A", "rheinvektor", "Rheinvektor", "Basel"), ("LV-BCMA", "tidewater-vector", "Tidewater Vector", "Baltimore")]
    for vector, partner_id, name, city in suppliers:
        net.suppliers[vector] = net.add_site(net.add_partner(partner_id, name, "supplier", city), name, "vector_plant", city)
    one, two, three = net.plants
    net.pools = [Pool(one, LBCL, 3, 1), Pool(one, B_ALL, 1, 4), Pool(two, LBCL, 4, 1), Pool(two, MCL, 2, 5), Pool(three, MYELOMA, 4, 1)]
    for hospital, therapy, plant, rate in DEMO_DEMAND:
        net.add_demand(net.hospitals[hospital], therapy, net.plants[plant], rate, couriers[DEMO_COURIER[hospital]])
    _vector_lanes(net, couriers)
    net.shutdowns = [
        Closing(two, "2026-03-09", "2026-03-15", "Yearly cleanroom maintenance"),
        Closing(one, "2026-12-14", "2027-01-03", "Cleanroom shutdown: air handling renewed and requalified", announced="2026-09-30"),
    ]
    net.closure = Closing(two, "2027-02-08", "2027-02-21", "Runway renewal at RDU: no cargo flights", announced="2026-10-22")
    net.biased_hospital, net.chair_short = net.hospitals[7], [net.hospitals[5], net.hospitals[3]]
    net.bed_short = [net.hospitals[7], net.hospitals[8]]
    net.extra_line = (4, "2027-01-18")
    _finish(net)
    return net


def tiny() -> Topology:
    """3 hospitals, one plant with two therapies, one supplier site per vector, one courier."""
    net = Topology(therapies=[THERAPIES[LBCL], THERAPIES[MYELOMA]])
    couriers = _couriers(net)[:1]
    _hospitals(net, [0, 1, 2])
    plant = net.add_site(net.add_partner("leiden-cellworks", "Leiden Cellworks", "plant", "Leiden"), "Leiden Cellworks", "plant", "Leiden")
    net.plants.append(plant)
    supplier = net.add_partner("rheinvektor", "Rheinvektor", "supplier", "Basel")
    for vector in ("LV-CD19A", "LV-BCMA"):
        net.suppliers[vector] = net.add_site(supplier, f"Rheinvektor {vector}", "vector_plant", "Basel")
    net.pools = [Pool(plant, 0, 2, 1), Pool(plant, 1, 1, 3)]
    for hospital, therapy, rate in [(0, 0, 0.6), (1, 0, 0.5), (2, 0, 0.5), (0, 1, 0.4), (2, 1, 0.3)]:
        net.add_demand(net.hospitals[hospital], therapy, plant, rate, couriers[0])
    _vector_lanes(net, couriers)
    net.shutdowns = [
        Closing(plant, "2026-08-10", "2026-08-16", "Summer maintenance"),
        Closing(plant, "2026-12-24", "2026-12-31", "Christmas shutdown"),
    ]
    net.closure = Closing(plant, "2027-02-08", "2027-02-13", "Runway renewal: no cargo flights", announced="2026-11-16")
    net.biased_hospital, net.chair_short, net.bed_short = net.hospitals[1], [net.hospitals[2]], [net.hospitals[0]]
    _finish(net)
    return net


def _couriers(net: Topology) -> list[int]:
    names = [("swiftvein", "Swiftvein", "Paris"), ("coldbridge", "Coldbridge", "Frankfurt"), ("polarline", "Polarline", "Memphis")]
    return [net.add_partner(partner_id, name, "courier", city) for partner_id, name, city in names]


def _hospitals(net: Topology, numbers: object) -> None:
    known: dict[str, int] = {}
    for number in list(numbers):  # type: ignore[call-overload]
        partner_id, name, city = HOSPITALS[number]
        if partner_id not in known:
            known[partner_id] = net.add_partner(partner_id, GROUPS.get(partner_id, name), "hospital", city)
        net.hospitals.append(net.add_site(known[partner_id], name, "hospital", city))


def _vector_lanes(net: Topology, couriers: list[int]) -> None:
    for number, pool in enumerate(net.pools):
        net.add_lane(net.suppliers[net.therapies[pool.therapy].vector], pool.plant, couriers[number % len(couriers)])


def _finish(net: Topology) -> None:
    net.operator = net.add_partner("operator", "Network operator", "operator", "Amsterdam")
    used = sorted({lane.courier for lane in net.lanes})
    net.couriers = used
    for courier in used:
        partner = net.partners[courier]
        net.add_site(courier, f"{partner.name} depot", "depot", partner.place.city)
