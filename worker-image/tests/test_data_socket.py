from __future__ import annotations

import asyncio

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_transcribe_worker.data_socket import BUFFER_BYTES, MESSAGE_BYTES, DataSocket

pytestmark = pytest.mark.anyio


class Wire:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed = False

    async def send(self, data: bytes) -> None:
        self.sent.append(data)

    async def close(self) -> None:
        self.closed = True

    def socket(self) -> DataSocket:
        return DataSocket(self.send, self.close)


@given(st.lists(st.binary(max_size=50), max_size=20), st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_every_byte_comes_out_once_in_order_whatever_the_sizes(messages: list[bytes], sizes: list[int]) -> None:
    async def run() -> bytes:
        socket = Wire().socket()
        for message in messages:
            await socket.feed(message)
        socket.end()
        received = b""
        for number in range(10_000):
            part = await socket.read(sizes[number % len(sizes)])
            if not part:
                break
            received += part
        return received

    assert asyncio.run(run()) == b"".join(messages)


async def test_a_canceled_or_timed_out_read_loses_nothing() -> None:
    socket = Wire().socket()
    reader = asyncio.ensure_future(socket.read(10))
    await asyncio.sleep(0)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    with pytest.raises(httpcore.ReadTimeout):
        await socket.read(10, timeout=0.01)
    await socket.feed(b"hello")
    reader = asyncio.ensure_future(socket.read(10))
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert await socket.read(10) == b"hello"


async def test_a_slow_reader_holds_the_sender_back() -> None:
    socket = Wire().socket()
    feeding = asyncio.ensure_future(socket.feed(bytes(BUFFER_BYTES)))
    await asyncio.sleep(0.02)
    assert not feeding.done()
    await socket.read(1)
    await asyncio.wait_for(feeding, 5)


async def test_large_writes_are_split_and_a_closed_socket_takes_none() -> None:
    wire = Wire()
    socket = wire.socket()
    await socket.write(bytes(2 * MESSAGE_BYTES + 1))
    assert [len(message) for message in wire.sent] == [MESSAGE_BYTES, MESSAGE_BYTES, 1]
    await socket.aclose()
    assert wire.closed
    with pytest.raises(httpcore.WriteError):
        await socket.write(b"x")
    assert await socket.read(1) == b""


async def test_an_idle_socket_shows_that_the_other_side_closed() -> None:
    socket = Wire().socket()
    assert socket.alive
    assert socket.get_extra_info("is_readable") is False
    socket.end()
    assert not socket.alive
    assert socket.get_extra_info("is_readable") is True
    assert await socket.read(1) == b""
