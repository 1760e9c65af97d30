"""Owns what a caller may make the worker hold or wait for before it is known who calls: the head of a request.

uvicorn's own protocol takes a head of any length at any pace: one of 200 MB took 900 MB of memory, and a line of that
length stopped everything else, for it is copied with each piece that comes. A reverse proxy has such limits; this
worker may stand without one.
"""

from __future__ import annotations

import asyncio
import json

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bulk_transcribe_worker.errors import RefusalCode

HEAD_BYTES = 64 * 1024
"""Of a request's line and headers, and of what stands between the pieces of its body (their sizes, trailers). A signed
link has 500 bytes, a token up to 4 KB."""
HEAD_SECONDS = 20.0
"""From the first sign of a request, or of a connection, to the end of its head."""
_FRAME_BYTES = 64
"""Around one piece of a body."""


class BoundedHttp(HttpToolsProtocol):
    """One connection. What is beyond the limits is answered with 431 or cut."""

    head_seconds = HEAD_SECONDS
    _spare = HEAD_BYTES
    """What may come yet that is no body."""
    _in_head = True
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection without a request is not waited for any longer than one whose head does not end."""
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._unwatch()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts what comes against what it turns out to be."""
        if self.transport.is_closing():
            return
        if self._in_head:
            self._watch()
        self._spare -= len(data)
        super().data_received(data)
        if self._spare < 0 and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        """A request begins: each has room for a head."""
        self._in_head = True
        self._spare = min(HEAD_BYTES, self._spare + HEAD_BYTES)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        self._unwatch()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body is bounded elsewhere (gate.py), and has its frame."""
        self._spare = min(HEAD_BYTES, self._spare + len(body) + _FRAME_BYTES)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """What comes next is another head."""
        self._in_head = True
        super().on_message_complete()

    def _watch(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(self.head_seconds, self._cut)

    def _unwatch(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _cut(self) -> None:
        self._late = None
        if not self.transport.is_closing():
            self.transport.close()

    def _refuse(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            # Another answer is under way here: nothing can be said.
            self.transport.abort()
            return
        body = json.dumps(
            {"error": f"The head of a request may have {HEAD_BYTES} bytes.", "code": RefusalCode.TOO_LARGE.value}
        ).encode()
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body)
        )
        self.transport.close()
