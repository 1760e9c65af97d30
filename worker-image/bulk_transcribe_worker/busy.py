"""Owns how much of the time the engine computes: overlapping computations count once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class BusyClock:
    """Starts with its maker. May be used by several threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._born = now()
        self._active = 0
        self._since = 0.0
        self._seconds = 0.0
        self._finished = 0

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Counts the time inside."""
        with self._lock:
            if self._active == 0:
                self._since = self._now()
            self._active += 1
        try:
            yield
        finally:
            with self._lock:
                self._active -= 1
                self._finished += 1
                if self._active == 0:
                    self._seconds += self._now() - self._since

    def computed(self) -> tuple[float, int, bool]:
        """Seconds of computing so far, how many computations have ended, and whether one is going on."""
        with self._lock:
            seconds = self._seconds + (self._now() - self._since if self._active else 0.0)
            return seconds, self._finished, self._active > 0

    def share(self) -> float | None:
        """Computing time through all time since the start; None before the first computation."""
        seconds, finished, working = self.computed()
        return busy_share(seconds, self._now() - self._born) if finished or working else None


def busy_share(seconds: float, age: float) -> float:
    """Seconds of computing through seconds of life, 0..1, two decimals."""
    return round(min(1.0, seconds / age), 2) if age > 0 else 0.0
