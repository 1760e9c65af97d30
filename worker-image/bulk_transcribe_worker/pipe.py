"""Owns how the worker and its long-lived children speak to each other: whole messages over two byte streams.

Messages are pickled: both ends are this package, of one version, over a pipe that nobody else holds.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import signal
import struct
import threading
from typing import IO

_LENGTH = struct.Struct("<I")


class Pipe:
    """Whole messages over two byte streams. `send` may be called by several threads."""

    def __init__(self, reading: IO[bytes], writing: IO[bytes]) -> None:
        self._reading = reading
        self._writing = writing
        self._lock = threading.Lock()

    def send(self, message: object) -> None:
        """Raises OSError or ValueError where the other side is gone."""
        body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        with self._lock:
            self._writing.write(_LENGTH.pack(len(body)) + body)
            self._writing.flush()

    def receive(self) -> object | None:
        """The next message, or None once the other side is gone."""
        head = self._reading.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack(head)
        body = self._reading.read(length)
        return None if len(body) < length else pickle.loads(body)

    def close(self) -> None:
        """Tells the other side that nothing more comes."""
        with self._lock:
            try:
                self._writing.close()
            except OSError:
                return


def to_parent() -> Pipe:
    """A child's pipe to the worker that started it, over its standard input and output. Call it first of all."""
    pipe = Pipe(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    # What libraries print must not get between the messages.
    os.dup2(2, 1)
    faulthandler.enable()
    # A Ctrl-C in a terminal reaches the whole group; the worker is the one that ends its children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return pipe
