"""Owns telling apart what a client's WebSocket frames carry: the bytes of binary messages, uncopied, and all else.

Where the messages are a stream of bytes, nobody wants them whole: what a general parser does to make a message of what
came (three copies, and memory for each) costs the worker as much as to receive it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from websockets.frames import Opcode

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

Part: TypeAlias = bytes | memoryview

_FIN = 0x80
_KIND = 0x0F
_CONTROL = 0x08
_CONTROLS = (Opcode.CLOSE, Opcode.PING, Opcode.PONG)
_MASKED = 0x80
_LENGTH = 0x7F
_LONG = {126: 2, 127: 8}
_MASK_BYTES = 4
_NO_MASK = bytes(_MASK_BYTES)
_BEGUN = bytes([Opcode.BINARY, _MASKED]) + _NO_MASK
"""An empty frame of a binary message that has more of them."""


class FrameSplitter:
    """Frames of one connection, from the first one on.

    `payload` takes the bytes of binary messages as they come, in parts; a part is valid for as long as it is kept.
    `other` takes all other frames whole and unchanged, in their place. From the first frame on that is not as it
    should be, or whose message says that it is longer than `most` bytes, or behind a close, it takes all that comes.
    """

    def __init__(self, payload: Callable[[Part], None], other: Callable[[bytes], None], most: int) -> None:
        self._payload = payload
        self._other = other
        self._most = most
        self._head = bytearray()
        """What has come of a frame's head, or of a control frame."""
        self._left = 0
        """Bytes of the payload under way that have not come."""
        self._mask = _NO_MASK
        self._goes_on = False
        """The binary message under way has more frames."""
        self._over = False

    def take(self, data: bytes) -> None:
        """What came from the network, cut anywhere."""
        view = memoryview(data)
        at = 0
        while at < len(view):
            if self._over:
                self._other(bytes(view[at:]))
                return
            lacks = self._left or self._lacks()
            part = view[at : at + lacks]
            at += len(part)
            if self._left:
                self._left -= len(part)
                self._payload(self._unmasked(part))
                continue
            self._head += part
            if len(part) == lacks and self._lacks() == 0:
                self._begin(bytes(self._head))
                self._head.clear()

    def _lacks(self) -> int:
        """Bytes that are wanted before it is known what begins here."""
        head = self._head
        if len(head) < 2:
            return 2 - len(head)
        if not self._fits():
            return 0
        length = head[1] & _LENGTH
        size = 2 + _LONG.get(length, 0) + _MASK_BYTES + (length if head[0] & _CONTROL else 0)
        return size - len(head)

    def _fits(self) -> bool:
        """Whether the first two bytes are those of a frame that may come here."""
        kind, size = self._head[0], self._head[1]
        if not size & _MASKED:
            return False
        if kind & _CONTROL:
            return kind & _KIND in _CONTROLS and size & _LENGTH not in _LONG
        return kind & ~_FIN == (Opcode.CONT if self._goes_on else Opcode.BINARY)

    def _begin(self, head: bytes) -> None:
        length = head[1] & _LENGTH
        if length in _LONG:
            length = int.from_bytes(head[2 : 2 + _LONG[length]], "big")
        is_control = bool(head[0] & _CONTROL)
        # Behind a close nothing is read any more.
        if not self._fits() or head[0] & _KIND == Opcode.CLOSE or (length > self._most and not is_control):
            self._end()
        if self._over or is_control:
            self._other(head)
            return
        self._goes_on = not head[0] & _FIN
        self._left = length
        self._mask = head[-_MASK_BYTES:]

    def _end(self) -> None:
        self._over = True
        if self._goes_on:
            # Whoever takes the rest must know that a message is under way.
            self._other(_BEGUN)

    def _unmasked(self, part: memoryview) -> Part:
        if self._mask == _NO_MASK:
            return part
        plain = apply_mask(part, self._mask)
        turn = len(part) % _MASK_BYTES
        self._mask = self._mask[turn:] + self._mask[:turn]
        return plain
