"""Owns the worker's WebSockets: uvicorn's, of which an application may take the bytes of binary messages as they come.

An application that wants them so calls `byte_stream(scope).divert(…)` right after it accepted; the rest of its
WebSocket stays as ASGI has it, and so does what does not fit (frame_splitter.py says what that is).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from bulk_transcribe_worker.frame_splitter import FrameSplitter, Part

_EXTENSION = "bulk_transcribe.stream"


class StreamProtocol(WebSocketsSansIOProtocol):
    """One connection. Used on the event loop only."""

    _splitter: FrameSplitter | None = None

    def handle_connect(self, event: Request) -> None:
        """The application begins to run after this, so it finds the extension."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            cast(dict[str, Any], self.scope["extensions"])[_EXTENSION] = self

    def data_received(self, data: bytes) -> None:
        """Bytes of the connection, as asyncio gives them."""
        if self._splitter is None:
            super().data_received(data)
        else:
            self._splitter.take(data)

    def divert(self, take: Callable[[Part], None], most: int) -> None:
        """From now on `take` gets what binary messages of up to `most` bytes carry.

        Where a frame has begun to come already, everything stays as it was.
        """
        if self.queue.empty() and not self.conn.reader.buffer:
            self._splitter = FrameSplitter(take, super().data_received, most)

    def hold(self, held: bool) -> None:
        """Whether nothing more is to be taken from the network for now."""
        if held:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()


def byte_stream(scope: Mapping[str, Any]) -> StreamProtocol:
    """The connection of an ASGI scope."""
    return cast(StreamProtocol, scope["extensions"][_EXTENSION])
