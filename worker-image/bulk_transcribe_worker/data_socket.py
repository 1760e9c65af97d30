"""Owns one data socket of the tunnel as a byte stream: what binary messages carry, in and out.

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


class DataSocket:
    """Bytes of one keep-alive HTTP/1.1 connection in which the worker is the client."""

    def __init__(
        self,
        send: Callable[[bytes], Awaitable[None]],
        close: Callable[[int], Awaitable[None]],
        hold: Callable[[bool], None],
    ) -> None:
        self._send = send
        self._close = close
        self._hold = hold
        self._held = False
        self._buffer: deque[memoryview] = deque()
        self._size = 0
        self._ended = False
        self._closed = False
        self._changed = Pulse()

    @property
    def alive(self) -> bool:
        """Whether it can carry a request: neither side has closed it, and nothing unasked lies in it."""
        return not self._ended and not self._closed and self._size == 0

    def put(self, data: bytes | memoryview) -> None:
        """Takes bytes, and asks for no more while the reader is behind."""
        if not data or self._closed:
            return
        waited_for = not self._buffer
        self._buffer.append(memoryview(data))
        self._size += len(data)
        if waited_for:
            self._changed.beat()
        if self._size >= BUFFER_BYTES and not self._held:
            self._held = True
            self._hold(True)

    async def feed(self, data: bytes) -> None:
        """Takes a message; waits while the reader is behind."""
        self.put(data)
        while self._size >= BUFFER_BYTES and not self._closed:
            await self._changed.wait(None)

    def end(self) -> None:
        """The other side closed: what is buffered can still be read, then comes b""."""
        self._ended = True
        self._changed.beat()

    async def read(self, timeout: float | None = None) -> memoryview | bytes:
        """The next bytes, uncopied, b"" at the end. Raises httpcore.ReadTimeout."""
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
                await self._changed.wait(None)
        if not self._buffer and not self._ended and not self._closed:
            raise httpcore.ReadTimeout("The controller sent nothing in time.")

    def _took(self, size: int) -> None:
        was_full = self._size >= BUFFER_BYTES
        self._size -= size
        if was_full and self._size < BUFFER_BYTES:
            self._changed.beat()
        if self._size <= BUFFER_BYTES // 2:
            self._let_go()

    def _let_go(self) -> None:
        if self._held:
            self._held = False
            self._hold(False)

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
        # The other side's own goodbye lies behind what is not read any more.
        self._let_go()
        if not self._ended:
            await self._close(code)
