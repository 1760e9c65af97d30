"""Owns downloads through the tunnel: HTTP/1.1 whose body goes from the socket's messages to the reader uncopied.

The head is read by h11. A body of known length needs no parser: the messages are handed on as they come, which costs a
worker half of what a general client costs for a gigabyte.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeAlias
from urllib.parse import urlsplit

import h11
import httpcore

from bulk_transcribe_worker.data_socket import DataSocket
from bulk_transcribe_worker.tunnel import Tunnel

Chunk: TypeAlias = bytes | memoryview

_MAX_HEAD_BYTES = 64 * 1024


class TunnelAnswer:
    """An answer whose body has not been read yet; looks like `httpcore.Response` to its readers."""

    def __init__(self, socket: DataSocket, response: h11.Response, begun: bytes, read_seconds: float) -> None:
        self.status = response.status_code
        self.headers = [(bytes(name), bytes(value)) for name, value in response.headers]
        self._socket = socket
        self._begun = begun
        self._read_seconds = read_seconds
        self._left = _length(self.headers, self.status)
        self.closes = any(name == b"connection" and b"close" in value.lower() for name, value in self.headers)

    @property
    def whole(self) -> bool:
        """Whether the body was read to its end, so that the socket can carry another request."""
        return self._left == 0

    async def aiter_stream(self) -> AsyncIterator[Chunk]:
        """The body. Raises httpcore.ReadTimeout, and RemoteProtocolError where it ends early."""
        if self._begun:
            yield self._take(self._begun)
        while self._left > 0:
            message = await self._socket.read_message(self._read_seconds)
            if not message:
                raise httpcore.RemoteProtocolError("The connection ended in the middle of the body.")
            yield self._take(message)

    def _take(self, data: Chunk) -> Chunk:
        if len(data) > self._left:
            raise httpcore.RemoteProtocolError("More came than was announced.")
        self._left -= len(data)
        return data


@asynccontextmanager
async def tunnel_get(
    tunnel: Tunnel, url: str, headers: Mapping[str, str], wait_seconds: float, read_seconds: float, write_seconds: float
) -> AsyncIterator[TunnelAnswer]:
    """One GET over an idle data socket, which goes back to the idle ones, or is closed where its body was left unread.

    Raises what httpcore raises.
    """
    socket = await tunnel.take(wait_seconds)
    answer: TunnelAnswer | None = None
    try:
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD_BYTES)
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            request = h11.Request(method="GET", target=target, headers=[("Host", parts.netloc), *headers.items()])
            await socket.write(
                (connection.send(request) or b"") + (connection.send(h11.EndOfMessage()) or b""), write_seconds
            )
            answer = await _head(socket, connection, read_seconds)
        except h11.LocalProtocolError as error:
            raise httpcore.LocalProtocolError(str(error)) from error
        except h11.RemoteProtocolError as error:
            raise httpcore.RemoteProtocolError(str(error)) from error
        yield answer
    finally:
        if answer is None or not answer.whole or answer.closes or not tunnel.give_back(socket):
            await socket.aclose()


async def _head(socket: DataSocket, connection: h11.Connection, read_seconds: float) -> TunnelAnswer:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            data = bytes(await socket.read_message(read_seconds))
            if not data:
                raise httpcore.RemoteProtocolError("The connection ended before the answer.")
            connection.receive_data(data)
        elif isinstance(event, h11.Response):
            return TunnelAnswer(socket, event, connection.trailing_data[0], read_seconds)
        elif not isinstance(event, h11.InformationalResponse):
            raise httpcore.RemoteProtocolError("The connection ended before the answer.")


def _length(headers: list[tuple[bytes, bytes]], status: int) -> int:
    if status in (204, 304):
        return 0
    lengths = {value for name, value in headers if name == b"content-length"}
    if len(lengths) != 1 or any(name == b"transfer-encoding" for name, _ in headers):
        raise httpcore.RemoteProtocolError("The controller's answer does not say how long it is.")
    return int(lengths.pop())
