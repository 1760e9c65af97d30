"""Owns the worker's outgoing HTTP: through the tunnel, or by a pool to the guarded outside. No redirects."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import httpcore

from bulk_transcribe_worker import USER_AGENT
from bulk_transcribe_worker.addresses import TUNNEL_HOST, ControllerHosts
from bulk_transcribe_worker.tunnel import Tunnel
from bulk_transcribe_worker.tunnel_request import TunnelAnswer, tunnel_request

CONNECT_SECONDS = 60.0
READ_SECONDS = 60.0
WRITE_SECONDS = 60.0
MAX_ANSWER_BYTES = 64 * 1024

RETRYABLE = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    OSError,
)
"""What a cut, a pause or a broken peer raises: worth another try."""


class _Backend(httpcore.AsyncNetworkBackend):
    """Dials only checked addresses."""

    def __init__(self, hosts: ControllerHosts) -> None:
        self._hosts = hosts
        self._real = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._hosts.resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        last: Exception | None = None
        for address in addresses:
            try:
                return await self._real.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last or httpcore.ConnectError(f"{host} has no address.")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("This worker opens no local sockets.")

    async def sleep(self, seconds: float) -> None:
        await self._real.sleep(seconds)


class Client:
    """Requests to controllers. Raises AddressRefused before anything is sent to a host that is not allowed.

    Where a name leads is looked up once for each connection, and that very address is dialled.
    """

    def __init__(self, tunnel: Tunnel, hosts: ControllerHosts, ssl_context: ssl.SSLContext | None = None) -> None:
        self._tunnel = tunnel
        self._hosts = hosts
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context,
            max_connections=32,
            max_keepalive_connections=4,
            keepalive_expiry=30.0,
            network_backend=_Backend(hosts),
        )

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None = None,
        read_seconds: float = READ_SECONDS,
    ) -> AsyncIterator[httpcore.Response | TunnelAnswer]:
        """One request; the body of the answer is read by the caller, or the connection is closed."""
        parts = self._hosts.check_url(url)
        sent = {
            "User-Agent": USER_AGENT,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            **headers,
        }
        if parts.hostname == TUNNEL_HOST:
            async with tunnel_request(
                self._tunnel, method, url, sent, content, CONNECT_SECONDS, read_seconds, WRITE_SECONDS
            ) as answer:
                yield answer
            return
        timeouts = {
            "connect": CONNECT_SECONDS,
            "read": read_seconds,
            "write": WRITE_SECONDS,
            "pool": CONNECT_SECONDS,
        }
        async with self._pool.stream(
            method, url, headers=list(sent.items()), content=content, extensions={"timeout": timeouts}
        ) as response:
            yield response

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._pool.aclose()


def header(response: httpcore.Response | TunnelAnswer, name: str) -> str | None:
    """The first header of this name."""
    wanted = name.lower().encode("ascii")
    for key, value in response.headers:
        if key.lower() == wanted:
            return value.decode("latin-1").strip()
    return None


async def read_answer(response: httpcore.Response | TunnelAnswer) -> bytes:
    """A short body. What is longer is cut: an answer of a controller is a small JSON object."""
    body = b""
    async for part in response.aiter_stream():
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            return body[:MAX_ANSWER_BYTES]
    return body
