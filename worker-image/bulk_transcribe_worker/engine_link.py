"""Owns one life of the engine's process: started, spoken to, watched, and ended.

Everything that waits for an answer is told when the process is gone. One that computes without finishing anything for
too long counts as hung and is killed.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from bulk_transcribe_worker.engine_child import DEVICE_LOST_EXIT
from bulk_transcribe_worker.engine_wire import (
    EngineSetup,
    FromEngine,
    Logged,
    Ready,
    Start,
    State,
    ToEngine,
)
from bulk_transcribe_worker.pipe import Pipe

STALL_SECONDS = {"cuda": 600.0, "cpu": 3600.0}
"""One computation takes no longer: a batch on a GPU takes seconds, one on a slow processor that tries again minutes."""
ENGINE_SETTINGS = {"OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
"""The threads of numpy's matrices would spin on the cores that the model computes on, and gain nothing: with them the
small products of a clip's features took six times the processor's time. The model's own threads would spin where they
wait for each other: where others compute too, as on a person's computer, that took 25 times the processor's time."""
_READY_SECONDS = 120.0
_WATCH_SECONDS = 1.0
_SECRETS = ("WORKER_TOKEN", "RUNPOD_API_KEY")


class EngineLost(Exception):
    """The engine's process is gone; the message says how it ended."""


class EngineLink:
    """One process. Used by several threads; never used again once `lost` is set."""

    def __init__(self, command: Sequence[str], setup: EngineSetup, stall_seconds: float | None = None) -> None:
        self.state = State((), 0.0, 0, False)
        self.lost: EngineLost | None = None
        self.setup = setup
        self._stall_seconds = stall_seconds
        self._ready: Ready | None = None
        self._settled = threading.Event()
        self._lock = threading.Lock()
        self._waiting: dict[int, queue.SimpleQueue[FromEngine | EngineLost]] = {}
        self._next_id = 0
        self._hung = False
        self._child = subprocess.Popen(list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment())
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._pipe = Pipe(self._child.stdout, self._child.stdin)
        self._reader = threading.Thread(target=self._read, name="engine-link", daemon=True)
        self._reader.start()
        self._send(Start(setup))

    @property
    def ready(self) -> Ready:
        """What the engine said of its device; waits for it. Raises EngineLost."""
        if not self._settled.wait(_READY_SECONDS):
            self.kill()
            raise EngineLost("it did not start in time")
        if self._ready is None:
            raise self.lost or EngineLost("it ended while it started")
        return self._ready

    def request(self, make: Callable[[int], ToEngine]) -> tuple[int, queue.SimpleQueue[FromEngine | EngineLost]]:
        """Sends a request; its answers, or the loss of the engine, come through the queue. Raises EngineLost."""
        answers: queue.SimpleQueue[FromEngine | EngineLost] = queue.SimpleQueue()
        with self._lock:
            if self.lost is not None:
                raise self.lost
            self._next_id += 1
            number = self._next_id
            self._waiting[number] = answers
        self._send(make(number))
        return number, answers

    def forget(self, number: int) -> None:
        """Nobody waits for the answers of this request any more."""
        with self._lock:
            self._waiting.pop(number, None)

    def tell(self, message: ToEngine) -> None:
        """Sends what has no answer; to a process that is gone it is not said."""
        self._send(message)

    def kill(self) -> None:
        """Ends the process at once, and waits until it is gone."""
        self._pipe.close()
        with suppress(OSError):
            self._child.kill()
        self._reader.join()

    def _send(self, message: ToEngine) -> None:
        # Where the pipe is broken, the reading thread finds out how the process ended and tells everyone.
        with suppress(OSError, ValueError):
            self._pipe.send(message)

    def _read(self) -> None:
        with suppress(Exception):
            while (message := self._pipe.receive()) is not None:
                self._take(message)
        self._pipe.close()
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(5.0)
        if self._child.poll() is None:
            self._child.kill()
        if self._child.stdout is not None:
            self._child.stdout.close()
        lost = EngineLost("it did not answer any more" if self._hung else _ending(self._child.wait()))
        with self._lock:
            self.lost = lost
            waiting, self._waiting = list(self._waiting.values()), {}
        self._settled.set()
        for answers in waiting:
            answers.put(lost)

    def _take(self, message: object) -> None:
        if isinstance(message, Ready):
            self._ready = message
            stall = self._stall_seconds or STALL_SECONDS[message.device]
            threading.Thread(target=self._watch, args=(stall,), name="engine-watch", daemon=True).start()
            self._settled.set()
        elif isinstance(message, State):
            self.state = message
        elif isinstance(message, Logged):
            logging.getLogger(message.logger).log(message.level, "%s", message.message)
        else:
            number = getattr(message, "id", None)
            with self._lock:
                answers = self._waiting.get(number) if isinstance(number, int) else None
            if answers is not None:
                answers.put(message)  # type: ignore[arg-type]

    def _watch(self, stall_seconds: float) -> None:
        rounds, since = -1, time.monotonic()
        while self.lost is None:
            time.sleep(min(_WATCH_SECONDS, stall_seconds / 4))
            state = self.state
            if not state.working or state.rounds != rounds:
                rounds, since = state.rounds, time.monotonic()
            elif time.monotonic() - since > stall_seconds:
                self._hung = True
                self._child.kill()
                return


def _environment() -> dict[str, str]:
    """That of the worker without the secrets that the engine has no use for."""
    return ENGINE_SETTINGS | {name: value for name, value in os.environ.items() if name not in _SECRETS}


def _ending(code: int) -> str:
    if code == DEVICE_LOST_EXIT:
        return "the graphics card did not answer any more"
    if code < 0:
        with suppress(ValueError):
            return f"it was ended by {signal.Signals(-code).name}"
    return f"it ended with code {code}"
