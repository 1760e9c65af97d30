"""Owns the dead-man timer: a rented machine whose controller is gone for good ends itself."""

from __future__ import annotations

from collections.abc import Callable


class IdleClock:
    """Measures how long nothing happened. `now` gives monotonic seconds; 0 for `limit` means never."""

    def __init__(self, limit: float, now: Callable[[], float]) -> None:
        self._limit = limit
        self._now = now
        self._last = now()

    def touch(self) -> None:
        """Something happened: an authenticated call, a tunnel, a job at work."""
        self._last = self._now()

    def expired(self, busy: bool) -> bool:
        """Whether the limit has passed. `busy` (a tunnel is up or a job is at work) starts it anew."""
        if busy:
            self.touch()
        return self._limit > 0 and self._now() - self._last >= self._limit
