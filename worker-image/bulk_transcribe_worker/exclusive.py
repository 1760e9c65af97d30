"""Owns who may use something at the same time: many together, or one alone. Who wants to be alone goes first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bulk_transcribe_worker.errors import Interrupted

_POLL_SECONDS = 0.1


class Exclusive:
    """Used by threads. Waiting ends with Interrupted once `stopped` says so."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._together = 0
        self._alone = False
        self._want_alone = 0

    @contextmanager
    def together(self, stopped: Callable[[], bool]) -> Iterator[None]:
        """A turn that others may share."""
        with self._changed:
            self._wait(lambda: not self._alone and not self._want_alone, stopped)
            self._together += 1
        try:
            yield
        finally:
            with self._changed:
                self._together -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self, stopped: Callable[[], bool]) -> Iterator[None]:
        """A turn for nobody else."""
        with self._changed:
            self._want_alone += 1
            try:
                self._wait(lambda: not self._alone and not self._together, stopped)
                self._alone = True
            finally:
                self._want_alone -= 1
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()

    def _wait(self, free: Callable[[], bool], stopped: Callable[[], bool]) -> None:
        while not free():
            if stopped():
                raise Interrupted
            self._changed.wait(_POLL_SECONDS)
