"""Owns how long to wait between tries, and when to stop trying."""

from __future__ import annotations

import random
import time
from collections.abc import Callable


class Backoff:
    """Doubling delays with jitter, until nothing has gone forward for `patience` seconds."""

    def __init__(
        self,
        patience: float,
        first: float = 0.5,
        longest: float = 30.0,
        now: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._patience = patience
        self._first = first
        self._longest = longest
        self._now = now
        self._chance = chance
        self._failures = 0
        self._since = now()

    def progress(self) -> None:
        """Something went forward: the next delay is short again."""
        self._failures = 0
        self._since = self._now()

    def delay(self) -> float | None:
        """Seconds until the next try (between half and all of the doubled delay), or None: give up."""
        if self._now() - self._since >= self._patience:
            return None
        longest = min(self._longest, self._first * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return longest * (0.5 + self._chance() / 2)
