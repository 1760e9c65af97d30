"""The receiving half of the stock tunnel: httpcore's HTTP/2 over a WebSocket of uvicorn, both as they come.

`python -m tests.bench.receive_stock BYTES TARGET` prints its port, then `{"cpu", "wall", "bytes"}` once all was
received, hashed and written.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import resource
import ssl
import sys
import time
from typing import Any

import httpcore
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect


class SocketStream(httpcore.AsyncNetworkStream):
    """A WebSocket as httpcore wants its connections."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._left = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if not self._left:
            self._left = await self._socket.receive_bytes()
        part, self._left = self._left[:max_bytes], self._left[max_bytes:]
        return part

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._socket.send_bytes(buffer)

    async def aclose(self) -> None:
        return

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        raise NotImplementedError

    def get_extra_info(self, info: str) -> Any:
        return None


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def receive(socket: WebSocket) -> None:
    """One download, as a worker does it."""
    await socket.accept()
    origin = httpcore.Origin(b"http", b"tunnel", 80)
    began, spent, seen, digest = time.monotonic(), _cpu(), 0, hashlib.sha256()
    try:
        connection = httpcore.AsyncHTTP2Connection(origin, SocketStream(socket))
        with open(sys.argv[2], "wb") as file:
            async with connection.stream("GET", "http://tunnel/file") as answer:
                async for part in answer.aiter_stream():
                    file.write(part)
                    digest.update(part)
                    seen += len(part)
    except (httpcore.RemoteProtocolError, WebSocketDisconnect):
        # Node ends a body whose size is a multiple of the window with a reset: all bytes came.
        pass
    print(json.dumps({"cpu": _cpu() - spent, "wall": time.monotonic() - began, "bytes": seen}), flush=True)  # noqa: T201
    os._exit(0)


async def main() -> None:
    """Serves until the one download is over."""
    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=[WebSocketRoute("/", receive)]), port=0, log_level="critical", ws_per_message_deflate=False
        )
    )
    serving = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await serving


if __name__ == "__main__":
    asyncio.run(main())
