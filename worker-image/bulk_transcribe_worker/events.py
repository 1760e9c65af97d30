"""Owns a job's event log: ids that rise by one, bounded memory, and readers that resume after an id.

Used on the event loop only. A reader that asks for events that were dropped gets what is left; the gap shows
in the ids. `GET /v1/jobs/{id}` stays the one that decides.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from bulk_transcribe_worker.pulse import Pulse

MAX_BYTES = 1024 * 1024
HEARTBEAT_SECONDS = 10.0
_OVERHEAD = 64


@dataclass(frozen=True)
class Event:
    """One event: `data` is its JSON."""

    id: int
    name: str
    data: str

    def json(self) -> dict[str, object]:
        """Its data."""
        return dict(json.loads(self.data))

    def encode(self) -> str:
        """The event as `text/event-stream` writes it. JSON has no line break, so one data line will do."""
        return f"id: {self.id}\nevent: {self.name}\ndata: {self.data}\n\n"


class EventLog:
    """The events of one job. `done` is the last one; later ones are dropped."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._events: deque[Event] = deque()
        self._bytes = 0
        self._last_id = 0
        self._ended = False
        self._closed = False
        self._changed = Pulse()

    @property
    def last_id(self) -> int:
        """Id of the newest event, 0 before the first."""
        return self._last_id

    @property
    def ended(self) -> bool:
        """Whether `done` was written."""
        return self._ended

    def write(self, name: str, data: Mapping[str, object]) -> None:
        """Appends an event and wakes the readers."""
        if self._ended:
            return
        self._last_id += 1
        event = Event(self._last_id, name, json.dumps(data, ensure_ascii=False, separators=(",", ":")))
        self._events.append(event)
        self._bytes += len(event.data) + _OVERHEAD
        while self._bytes > self._max_bytes and len(self._events) > 1:
            self._bytes -= len(self._events.popleft().data) + _OVERHEAD
        self._ended = name == "done"
        self._changed.beat()

    def keep_the_last(self) -> None:
        """Lets go of all but the newest event: of a job that has ended, `done`."""
        while len(self._events) > 1:
            self._bytes -= len(self._events.popleft().data) + _OVERHEAD

    def close(self) -> None:
        """Ends the streams of all readers without an outcome: the worker is going away."""
        self._closed = True
        self._changed.beat()

    def after(self, last_id: int) -> list[Event]:
        """The kept events with a higher id. An id that was never given (another boot's) counts as none."""
        if last_id > self._last_id:
            last_id = 0
        if not self._events or last_id >= self._last_id:
            return []
        first = self._events[0].id
        skip = max(0, last_id + 1 - first)
        return [self._events[index] for index in range(skip, len(self._events))]

    async def changed(self, timeout: float, last_id: int, ending: asyncio.Future[Any]) -> bool:
        """Waits for events after `last_id` or the end of `ending`, for at most `timeout` seconds; whether one came."""
        if self._last_id > last_id or ending.done():
            return True
        ending.add_done_callback(self._wake)
        try:
            return await self._changed.wait(timeout)
        finally:
            ending.remove_done_callback(self._wake)

    def _wake(self, _: object) -> None:
        self._changed.beat()

    async def stream(self, last_id: int, heartbeat: float = HEARTBEAT_SECONDS) -> AsyncIterator[str]:
        """The log as `text/event-stream`, from after `last_id` until `done`, with a comment line when idle."""
        if last_id > self._last_id:
            last_id = 0
        yield ": connected\n\n"
        while True:
            for event in self.after(last_id):
                last_id = event.id
                yield event.encode()
            if self._closed or (self._ended and last_id >= self._last_id):
                return
            # Nothing was written between the loop above and this wait unless the reader itself was slow.
            if last_id == self._last_id and not await self._changed.wait(heartbeat):
                yield ": waiting\n\n"


def parse_last_event_id(header: str | None, query: str | None) -> int:
    """Where to resume: `Last-Event-ID`, else `?after=N`, else the beginning. Nonsense counts as the beginning."""
    for text in (header, query):
        if text is not None and text.isascii() and text.isdigit() and len(text) <= 15:
            return int(text)
    return 0
