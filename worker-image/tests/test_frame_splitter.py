"""What a client's frames carry, against the parser of `websockets`."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from bulk_transcribe_worker.frame_splitter import FrameSplitter

_MOST = 1_000
_MASKS = st.one_of(st.just(bytes(4)), st.binary(min_size=4, max_size=4))


def _frame(opcode: int, data: bytes, fin: bool, mask: bytes) -> bytes:
    """One frame as a client sends it."""
    size = len(data)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
    return bytes([(0x80 if fin else 0) | opcode]) + length + mask + masked


@st.composite
def _message(draw: st.DrawFn, most: int = _MOST) -> bytes:
    """A binary message in one frame or several, with pings between them."""
    parts = draw(st.lists(st.binary(max_size=most), min_size=1, max_size=3))
    frames = []
    for at, part in enumerate(parts):
        opcode = Opcode.CONT if at else Opcode.BINARY
        frames.append(_frame(opcode, part, at == len(parts) - 1, draw(_MASKS)))
        if draw(st.booleans()):
            frames.append(_frame(Opcode.PING, draw(st.binary(max_size=125)), True, draw(_MASKS)))
    return b"".join(frames)


_MESSAGES = st.lists(_message(), max_size=5).map(b"".join)
_ENDS = st.one_of(
    st.just(b""),
    st.just(_frame(Opcode.CLOSE, (1000).to_bytes(2, "big"), True, b"\1\2\3\4") + b"and more"),
    st.just(_frame(Opcode.TEXT, b"{}", True, bytes(4)) + _frame(Opcode.BINARY, b"behind", True, bytes(4))),
    st.just(_frame(Opcode.BINARY, b"begun", False, bytes(4)) + _frame(Opcode.BINARY, b"anew", True, bytes(4))),
    st.just(_frame(Opcode.BINARY, b"begun", False, bytes(4)) + _frame(Opcode.CLOSE, b"", True, bytes(4))),
    st.just(_frame(Opcode.BINARY, bytes(_MOST + 1), True, b"\1\2\3\4") + _frame(Opcode.PING, b"p", True, bytes(4))),
    st.just(_frame(Opcode.BINARY, b"1", False, bytes(4)) + _frame(Opcode.CONT, bytes(7_000), True, bytes(4))),
    # A control frame in pieces, one that is long, one without a mask, one of no kind that there is.
    st.just(bytes([Opcode.PING, 0x80]) + bytes(4)),
    st.just(bytes([0x80 | Opcode.PING, 0xFE, 0, 126]) + bytes(130)),
    st.just(bytes([0x80 | Opcode.BINARY, 1, 1])),
    st.binary(max_size=40),
)


def _opened() -> Protocol:
    return Protocol(Side.SERVER, state=State.OPEN, max_size=4 * 1024 * 1024)


def _seen(protocol: Protocol, carried: bytes = b"") -> tuple[bytes, list[tuple[int, bytes]], list[bytes], object]:
    """Bytes of binary messages, all other frames, what it answers, and how it ended."""
    others = []
    text = False
    for event in protocol.events_received():
        assert isinstance(event, Frame)
        if event.opcode in (Opcode.TEXT, Opcode.BINARY):
            text = event.opcode == Opcode.TEXT
        if event.opcode == Opcode.BINARY or (event.opcode == Opcode.CONT and not text):
            carried += event.data
        else:
            others.append((int(event.opcode), bytes(event.data)))
    failed = protocol.parser_exc
    return carried, others, protocol.data_to_send(), None if failed is None else (type(failed), protocol.close_code)


@given(_MESSAGES, _ENDS, st.lists(st.integers(min_value=1, max_value=700), max_size=40))
@example(_frame(Opcode.BINARY, bytes(range(250)), True, b"abcd"), b"", [1] * 40)
def test_all_that_came_is_what_the_parser_makes_of_it(messages: bytes, end: bytes, cuts: list[int]) -> None:
    stream = messages + end
    expected = _opened()
    expected.receive_data(stream)

    carried = bytearray()
    base = _opened()
    splitter = FrameSplitter(carried.extend, base.receive_data, _MOST)
    for cut in cuts:
        splitter.take(stream[:cut])
        stream = stream[cut:]
    splitter.take(stream)

    bytes_seen, others, sent, failed = _seen(base, bytes(carried))
    bytes_expected, others_expected, sent_expected, failed_expected = _seen(expected)
    assert others == others_expected
    assert sent == sent_expected
    assert failed == failed_expected
    # Of a frame that breaks off the beginning is there already, which the parser keeps for itself.
    assert bytes_seen.startswith(bytes_expected)


@given(_MESSAGES, st.integers(min_value=1, max_value=5_000))
def test_whole_messages_come_out_byte_for_byte_and_uncopied(messages: bytes, size: int) -> None:
    expected = _opened()
    expected.receive_data(messages)
    parts: list[bytes | memoryview] = []
    base = _opened()
    splitter = FrameSplitter(parts.append, base.receive_data, _MOST)
    for at in range(0, len(messages), size):
        splitter.take(messages[at : at + size])
    assert b"".join(parts) == _seen(expected)[0]
    assert all(len(part) > 0 for part in parts)
    # Nothing is left behind: the next message begins where the last one ended.
    splitter.take(_frame(Opcode.BINARY, b"next", True, bytes(4)))
    assert bytes(parts[-1]) == b"next"
    assert isinstance(parts[-1], memoryview)
