"""Owns one data socket of the tunnel as a byte stream: binary messages in and out.

Reads are safe to cancel: bytes leave the buffer only in the moment in which they are returned.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

import anyio
import httpcore

from bulk_transcribe_worker.pulse import Pulse

MESSAGE_BYTES = 256 * 1024
"""Largest binary message (docs/protocol.md, "Tunnel")."""

BUFFER_BYTES = 1024 * 1024
"""More than this is not taken from the socket, so the sender is held back by TCP."""

_POLL_SECONDS = 3600.0


class DataSocket:
    """Bytes of one keep-alive HTTP/1.1 connection in which the worker is the client."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]], close: Callable[[int], Awaitable[None]]) -> None:
        self._send = send
        self._close = close
        self._buffer: deque[memoryview] = deque()
        self._size = 0
        self._ended = False
        self._closed = False
        self._changed = Pulse()

    @property
    def alive(self) -> bool:
        """Whether it can carry a request: neither side has closed it, and nothing unasked lies in it."""
        return not self._ended and not self._closed and self._size == 0

    async def feed(self, data: bytes) -> None:
        """Takes a message; waits while the reader is behind."""
        if data:
            self._buffer.append(memoryview(data))
            self._size += len(data)
            self._changed.beat()
        while self._size >= BUFFER_BYTES and not self._closed:
            await self._changed.wait(_POLL_SECONDS)

    def end(self) -> None:
        """The other side closed: what is buffered can still be read, then comes b""."""
        self._ended = True
        self._changed.beat()

    async def read_message(self, timeout: float | None = None) -> memoryview | bytes:
        """What is left of the next message, uncopied, b"" at the end. Raises httpcore.ReadTimeout."""
        await self._readable(timeout)
        if not self._buffer:
            return b""
        first = self._buffer.popleft()
        self._took(len(first))
        return first

    async def _readable(self, timeout: float | None) -> None:
        if self._buffer or self._ended or self._closed:
            return
        with anyio.move_on_after(timeout):
            while not self._buffer and not self._ended and not self._closed:
                await self._changed.wait(_POLL_SECONDS)
        if not self._buffer and not self._ended and not self._closed:
            raise httpcore.ReadTimeout("The controller sent nothing in time.")

    def _took(self, size: int) -> None:
        self._size -= size
        self._changed.beat()

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Sends bytes in messages that are not too large. Raises httpcore.WriteError and WriteTimeout."""
        view = memoryview(buffer)
        try:
            with anyio.fail_after(timeout):
                for offset in range(0, len(view), MESSAGE_BYTES):
                    if self._ended or self._closed:
                        raise httpcore.WriteError("The data socket is closed.")
                    await self._send(bytes(view[offset : offset + MESSAGE_BYTES]))
        except TimeoutError as error:
            raise httpcore.WriteTimeout("The controller took nothing in time.") from error

    async def aclose(self, code: int = 1000) -> None:
        """Closes the socket: that is how a request is aborted. `code` is the WebSocket's close code."""
        if self._closed:
            return
        self._closed = True
        self._buffer.clear()
        self._size = 0
        self._changed.beat()
        if not self._ended:
            await self._close(code)
