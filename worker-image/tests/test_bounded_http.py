"""Who has no token cannot make the worker hold or wait for much."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from bulk_transcribe_worker.bounded_http import HEAD_BYTES, BoundedHttp
from tests.process import TOKEN, WorkerProcess

MIB = 1024 * 1024
PIECE = b"a" * 65_536


def memory_mib(worker: WorkerProcess) -> int:
    assert worker.process is not None
    lines = Path(f"/proc/{worker.process.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) // 1024


def answer_to(worker: WorkerProcess, pieces: Iterator[bytes], most: int) -> tuple[bytes, int]:
    """What came back, and how much was sent until the other side took no more."""
    with socket.create_connection(("127.0.0.1", worker.port), timeout=20) as connection:
        sent, heard = 0, b""
        try:
            for piece in pieces:
                connection.sendall(piece)
                sent += len(piece)
                if sent > most:
                    break
            while part := connection.recv(65_536):
                heard += part
        except OSError:
            pass
        return heard, sent


HEADS = {
    "a header": (b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: ", PIECE),
    "headers": (b"GET /health HTTP/1.1\r\nHost: x\r\n", b"X-A: bbbbbbbbbbbbbbbbbbbb\r\n" * 1000),
    "an address": (b"GET /", PIECE),
    "the name of a header": (b"GET /health HTTP/1.1\r\n", PIECE),
    "what follows the size of a piece": (
        b"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a=",
        PIECE,
    ),
    "trailers": (
        b"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        b"X-A: bbbbbbbbbbbbbbbbbbbb\r\n" * 1000,
    ),
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("what", HEADS)
def test_a_head_without_an_end_is_refused_and_takes_no_memory(start_worker: Any, what: str) -> None:
    worker: WorkerProcess = start_worker()
    before = memory_mib(worker)
    begin, piece = HEADS[what]
    heard, sent = answer_to(worker, chain([begin], repeat(piece)), 64 * MIB)
    assert sent < 32 * MIB
    assert memory_mib(worker) - before < 16
    status = int(heard.split(b" ", 2)[1]) if heard else 0
    # A peer that writes on may lose the answer with the connection; a refusal for the token may have come before.
    assert status in (0, 400, 401, 431), heard[:200]
    assert asyncio.run(worker.call("GET", "/health"))[0] == 200


def test_a_head_that_is_a_little_too_long_is_told_so(start_worker: Any) -> None:
    worker: WorkerProcess = start_worker()
    long = b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * (3 * HEAD_BYTES)
    heard, _ = answer_to(worker, iter([long]), len(long) + 1)
    head, _, body = heard.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 ")
    assert json.loads(body)["code"] == "TOO_LARGE"


def test_what_is_allowed_goes_through(start_worker: Any) -> None:
    worker: WorkerProcess = start_worker()
    head = b"GET /v1/ping HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\nX-A: " + b"a" * 32_000
    # Several on one connection, the last of which ends it; a body in pieces of one byte has frames larger than itself.
    pieces = b"".join(b"1\r\n \r\n" for _ in range(100_000))
    post = (
        b"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        b"Authorization: Bearer " + TOKEN.encode() + b"\r\nConnection: close\r\n\r\n" + pieces + b"0\r\n\r\n"
    )
    heard, _ = answer_to(worker, iter([head + b"\r\n\r\n", head + b"\r\n\r\n", post]), 2 * MIB)
    assert heard.count(b"HTTP/1.1 200 OK") == 2
    assert heard.count(b"HTTP/1.1 400 ") == 1


@pytest.mark.anyio
async def test_a_head_that_does_not_end_in_time_is_cut_and_a_slow_body_is_not() -> None:
    bodies: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive()).get("more_body"):
            bodies.append(message["body"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    class Hasty(BoundedHttp):
        head_seconds = 0.2

    config = uvicorn.Config(app, lifespan="off")
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Hasty(config, state, {}), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        for begun in (b"", b"GET / HTTP/1.1\r\nHost: x\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(begun)
            assert await reader.read() == b""
            writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n")
        for _ in range(3):
            writer.write(b"a")
            await asyncio.sleep(2 * Hasty.head_seconds)
        writer.write(b"a")
        assert (await reader.readline()).startswith(b"HTTP/1.1 204")
        # The next head on the same connection is waited for no longer.
        writer.write(b"GET / HT")
        await reader.read()
        assert reader.at_eof()
        writer.close()
