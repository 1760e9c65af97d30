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
        self.held: list[bool] = []

    async def send(self, data: bytes) -> None:
        self.sent.append(data)

    async def close(self, _: int) -> None:
        self.closed = True

    def socket(self) -> DataSocket:
        return DataSocket(self.send, self.close, self.held.append)


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_every_byte_comes_out_once_in_order(messages: list[bytes]) -> None:
    async def run() -> bytes:
        socket = Wire().socket()
        for message in messages:
            await socket.feed(message)
        socket.end()
        received = b""
        while part := await socket.read():
            received += part
        return received

    assert asyncio.run(run()) == b"".join(messages)


async def test_a_canceled_or_timed_out_read_loses_nothing() -> None:
    socket = Wire().socket()
    reader = asyncio.ensure_future(socket.read())
    await asyncio.sleep(0)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    with pytest.raises(httpcore.ReadTimeout):
        await socket.read(0.01)
    await socket.feed(b"hello")
    reader = asyncio.ensure_future(socket.read())
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert await socket.read() == b"hello"


async def test_a_slow_reader_holds_the_sender_back() -> None:
    socket = Wire().socket()
    feeding = asyncio.ensure_future(socket.feed(bytes(BUFFER_BYTES)))
    await asyncio.sleep(0.02)
    assert not feeding.done()
    await socket.read()
    await asyncio.wait_for(feeding, 5)


async def test_the_network_is_held_while_the_reader_is_behind_and_let_go_with_room_to_spare() -> None:
    wire = Wire()
    socket = wire.socket()
    for _ in range(8):
        socket.put(bytes(BUFFER_BYTES // 4))
    assert wire.held == [True]
    for _ in range(5):
        await socket.read()
    assert wire.held == [True]
    await socket.read()
    assert wire.held == [True, False]
    socket.put(bytes(BUFFER_BYTES))
    assert wire.held == [True, False, True]
    # Behind what nobody reads any more lies the other side's goodbye.
    await socket.aclose()
    assert wire.held == [True, False, True, False]
    socket.put(b"late")
    assert await socket.read() == b""


async def test_each_part_wakes_a_reader_that_waits() -> None:
    socket = Wire().socket()
    for part in (b"one", b"two"):
        reader = asyncio.ensure_future(socket.read(5))
        await asyncio.sleep(0)
        socket.put(part)
        assert await reader == part


async def test_large_writes_are_split_and_a_closed_socket_takes_none() -> None:
    wire = Wire()
    socket = wire.socket()
    await socket.write(bytes(2 * MESSAGE_BYTES + 1))
    assert [len(message) for message in wire.sent] == [MESSAGE_BYTES, MESSAGE_BYTES, 1]
    await socket.aclose()
    assert wire.closed
    with pytest.raises(httpcore.WriteError):
        await socket.write(b"x")
    assert await socket.read() == b""


async def test_an_idle_socket_shows_that_the_other_side_closed() -> None:
    socket = Wire().socket()
    assert socket.alive
    socket.end()
    assert not socket.alive
    assert await socket.read() == b""
