"""Owns the one way in which a waiting part of the worker is woken: something changed, look again."""

from __future__ import annotations

import asyncio

import anyio


class Pulse:
    """Wakes everyone who waits; remembers nothing. Used on the event loop only."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def beat(self) -> None:
        """Wakes all who wait now."""
        # Those who wait hold the old Event; it is set once and never again.
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, timeout: float | None) -> bool:
        """Waits for a beat for at most `timeout` seconds, or as long as it takes; whether one came."""
        event = self._event
        if timeout is None:
            await event.wait()
            return True
        # anyio's scopes never swallow a cancellation, which asyncio.wait_for of Python 3.10 may do.
        with anyio.move_on_after(timeout):
            await event.wait()
            return True
        return False
