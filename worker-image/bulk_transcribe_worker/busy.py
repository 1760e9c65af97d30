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
        self._used = False

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Counts the time inside."""
        with self._lock:
            if self._active == 0:
                self._since = self._now()
            self._active += 1
            self._used = True
        try:
            yield
        finally:
            with self._lock:
                self._active -= 1
                if self._active == 0:
                    self._seconds += self._now() - self._since

    def share(self) -> float | None:
        """Computing time through all time since the start, 0..1, two decimals; None before the first computation."""
        with self._lock:
            if not self._used:
                return None
            now = self._now()
            seconds = self._seconds + (now - self._since if self._active else 0.0)
            age = now - self._born
        return round(min(1.0, seconds / age), 2) if age > 0 else 0.0
