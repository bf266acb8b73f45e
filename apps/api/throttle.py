"""How often a token may ask: a bucket per token that refills through the minute. Kept in memory, so per server process."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

Bucket = tuple[float, float]


class Throttle:
    """Counts requests of tokens. `now` gives seconds and is there for tests."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    def wait(self, token_id: str, per_minute: int) -> int:
        """Take one request; 0 when there was one left, else the seconds until there will be one."""
        with self._lock:
            now = self._now()
            left, since = self._buckets.get(token_id, (float(per_minute), now))
            left = min(float(per_minute), left + (now - since) * per_minute / 60)
            if left >= 1:
                self._buckets[token_id] = (left - 1, now)
                return 0
            self._buckets[token_id] = (left, now)
            return math.ceil((1 - left) * 60 / per_minute)
