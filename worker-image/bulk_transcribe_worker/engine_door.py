"""Owns who is at the engine: as many jobs as are worked on at once, and behind them jobs whose clips fill batches."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class EngineDoor:
    """`most` jobs of any models, and `fillers` more while all are of one model. First come, first served.

    Used on the event loop only.
    """

    def __init__(self, most: int, fillers: int) -> None:
        self._most = most
        self._fillers = fillers
        self._inside: Counter[str] = Counter()
        self._waiting: deque[tuple[str, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def enter(self, model: str) -> AsyncIterator[None]:
        """Waits for a place; it is free again afterwards."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((model, place))
        self._admit()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._leave(model)
            else:
                self._waiting.remove((model, place))
                self._admit()
            raise
        try:
            yield
        finally:
            self._leave(model)

    def _leave(self, model: str) -> None:
        self._inside -= Counter({model: 1})
        self._admit()

    def _admit(self) -> None:
        # Nobody overtakes: a job of another model would else wait for ever behind a stream of jobs of this one.
        while self._waiting and self._has_room(self._waiting[0][0]):
            model, place = self._waiting.popleft()
            self._inside[model] += 1
            place.set_result(None)

    def _has_room(self, model: str) -> bool:
        total = self._inside.total()
        alike = set(self._inside) <= {model}
        return total < self._most or (alike and total < self._most + self._fillers)
