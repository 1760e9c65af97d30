"""Owns requests through the tunnel: HTTP/1.1 whose answer goes from the socket to the reader uncopied.

The head is read by h11. A body of known length needs no parser: its bytes are handed on as they come, which costs a
worker half of what a general client costs for a gigabyte. A socket is given back with its answer and kept by nobody:
a controller has four in all, and a pool that kept some for later would starve the downloads.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
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
            part = await self._socket.read(self._read_seconds)
            if not part:
                raise httpcore.RemoteProtocolError("The connection ended in the middle of the body.")
            yield self._take(part)

    def _take(self, data: Chunk) -> Chunk:
        if len(data) > self._left:
            raise httpcore.RemoteProtocolError("More came than was announced.")
        self._left -= len(data)
        return data


@asynccontextmanager
async def tunnel_request(
    tunnel: Tunnel,
    method: str,
    url: str,
    headers: Mapping[str, str],
    content: bytes | None,
    wait_seconds: float,
    read_seconds: float,
    write_seconds: float,
) -> AsyncIterator[TunnelAnswer]:
    """One request over an idle data socket, which goes back to the idle ones; closed where its answer was left unread.

    Raises what httpcore raises.
    """
    socket = await tunnel.take(wait_seconds)
    answer: TunnelAnswer | None = None
    sent = False
    try:
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD_BYTES)
        try:
            message = _message(connection, method, url, headers, content)
            # A controller that refuses a body before it is through (413, 503) closes behind its answer, which is read.
            with suppress(httpcore.WriteError):
                await socket.write(message, write_seconds)
                sent = True
            answer = await _head(socket, connection, read_seconds)
        except h11.LocalProtocolError as error:
            raise httpcore.LocalProtocolError(str(error)) from error
        except h11.RemoteProtocolError as error:
            raise httpcore.RemoteProtocolError(str(error)) from error
        yield answer
    finally:
        if answer is None or not sent or not answer.whole or answer.closes or not tunnel.give_back(socket):
            await socket.aclose()


def _message(
    connection: h11.Connection, method: str, url: str, headers: Mapping[str, str], content: bytes | None
) -> bytes:
    """The request as it goes over the wire."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    head = [("Host", parts.netloc), *headers.items()]
    if content is not None:
        head.append(("Content-Length", str(len(content))))
    message = connection.send(h11.Request(method=method, target=target, headers=head)) or b""
    if content:
        message += connection.send(h11.Data(data=content)) or b""
    return message + (connection.send(h11.EndOfMessage()) or b"")


async def _head(socket: DataSocket, connection: h11.Connection, read_seconds: float) -> TunnelAnswer:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            data = bytes(await socket.read(read_seconds))
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
