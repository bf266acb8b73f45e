"""Random draws: one independent stream per topic, so that changing one topic leaves the others' numbers alone."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def stream(seed: int, *topic: object) -> np.random.Generator:
    """The generator of one topic. Equal topics give equal draws in every network, which is what common random numbers need."""
    key = tuple(zlib.crc32(str(part).encode()) for part in topic)
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=key))


def spread(rng: np.random.Generator, count: int, share: float | Array, *, block: int = 20) -> Array:
    """`count` flags of which nearly exactly `share` are true, in every long stretch and not only on average.

    A rate such as 4 % of 400 cases would otherwise wander by a percentage point with the seed.
    """
    cumulative = np.cumsum(np.broadcast_to(np.asarray(share, float), count)) + rng.random()
    flags = np.diff(np.floor(cumulative), prepend=np.floor(cumulative[0] - float(np.broadcast_to(share, count)[0]) if count else 0)) > 0
    order = np.argsort(np.arange(count) // block + rng.random(count), kind="stable")
    return np.asarray(flags[order])


def lognormal(rng: np.random.Generator, count: int, *, median: float, p75: float) -> Array:
    """Right-skewed draws with the given median and third quartile."""
    return np.asarray(median * np.exp(rng.standard_normal(count) * np.log(p75 / median) / 0.6745))
