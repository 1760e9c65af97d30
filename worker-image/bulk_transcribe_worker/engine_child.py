"""The engine's own process: `python -m bulk_transcribe_worker.engine_child`, started by engine_link.

A process of its own, because a GPU driver that fails takes its whole process with it, and because only the end of a
process gives all of a GPU's memory back. It speaks engine_wire over its standard input and output, and ends with them.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Protocol

from bulk_transcribe_worker import heap
from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.engine import SpeechEngine
from bulk_transcribe_worker.engine_errors import DeviceLost
from bulk_transcribe_worker.engine_wire import (
    Began,
    EngineSetup,
    Heard,
    Load,
    Logged,
    Ready,
    Returned,
    Start,
    State,
    Stop,
    Test,
    Transcribe,
    failed,
)
from bulk_transcribe_worker.pipe import Pipe, to_parent

DEVICE_LOST_EXIT = 75
"""The exit code of an engine whose GPU does not answer any more."""
_STATE_SECONDS = 0.5


class HostedEngine(SpeechEngine, Protocol):
    """An engine that also says how much it has computed."""

    def computed(self) -> tuple[float, int, bool]:
        """Seconds of computing, finished computations, and whether one is going on."""
        ...


def serve(make: Callable[[EngineSetup], HostedEngine]) -> None:
    """Answers until the worker is gone. Never returns."""
    _Host(to_parent(), make).run()


class _Host:
    def __init__(self, pipe: Pipe, make: Callable[[EngineSetup], HostedEngine]) -> None:
        self._pipe = pipe
        self._make = make
        self._stops: dict[int, threading.Event] = {}

    def run(self) -> None:
        start = self._pipe.receive()
        if not isinstance(start, Start):
            os._exit(2)
        logging.getLogger().handlers[:] = [_Handler(self._pipe)]
        logging.getLogger().setLevel(logging.WARNING)
        engine = self._make(start.setup)
        device = engine.device()
        if not device.gpu:
            heap.one_heap()
        self._pipe.send(Ready("cuda" if device.gpu else "cpu", device.compute_type))
        threading.Thread(target=self._tell_state, args=(engine,), name="state", daemon=True).start()
        while (message := self._pipe.receive()) is not None:
            if isinstance(message, Stop):
                if (stop := self._stops.get(message.id)) is not None:
                    stop.set()
                continue
            if isinstance(message, Transcribe):
                self._stops[message.id] = threading.Event()
            threading.Thread(target=self._answer, args=(engine, message), daemon=True).start()
        os._exit(0)

    def _answer(self, engine: HostedEngine, message: object) -> None:
        assert isinstance(message, (Load, Test, Transcribe))
        try:
            value: object = None
            if isinstance(message, Load):
                engine.load(message.model)
            elif isinstance(message, Test):
                value = engine.self_test()
            else:
                self._transcribe(engine, message)
            self._pipe.send(self._state(engine))
            self._pipe.send(Returned(message.id, value))
        except DeviceLost as error:
            logging.getLogger(__name__).error("The device is lost: %s", error)
            sys.stderr.flush()
            os._exit(DEVICE_LOST_EXIT)
        except Exception as error:
            with suppress(OSError, ValueError):
                self._pipe.send(failed(message.id, error))
        finally:
            self._stops.pop(message.id, None)

    def _transcribe(self, engine: HostedEngine, message: Transcribe) -> None:
        stop = self._stops[message.id]
        results = engine.transcribe(
            Audio(message.sound),
            message.speech,
            message.options,
            lambda outcome: self._pipe.send(Began(message.id, outcome)),
            stop.is_set,
        )
        with closing(results):
            for result in results:
                self._pipe.send(Heard(message.id, result))

    def _tell_state(self, engine: HostedEngine) -> None:
        told: State | None = None
        rested = 0.0
        pause = threading.Event()
        while not pause.wait(_STATE_SECONDS):
            state = self._state(engine)
            if state != told:
                told, rested = state, 0.0
                with suppress(OSError, ValueError):
                    self._pipe.send(state)
            elif not state.working:
                rested += _STATE_SECONDS
                if rested == heap.REST_SECONDS:
                    heap.let_go()

    def _state(self, engine: HostedEngine) -> State:
        seconds, rounds, working = engine.computed()
        return State(tuple(engine.loaded_models()), round(seconds, 2), rounds, working, engine.fetching())


class _Handler(logging.Handler):
    """Carries what libraries log to the worker's log."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__()
        self._pipe = pipe

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + logging.Formatter().formatException(record.exc_info)
        with suppress(OSError, ValueError):
            self._pipe.send(Logged(record.name, record.levelno, message[:20_000]))


def _whisper(setup: EngineSetup) -> HostedEngine:
    from bulk_transcribe_worker.models import ModelCatalogue
    from bulk_transcribe_worker.whisper_engine import WhisperEngine

    return WhisperEngine(
        ModelCatalogue(setup.models_folder),
        setup.device,
        setup.compute_type,
        setup.cpu_threads,
        setup.hub_token or None,
        setup.batch_size,
        setup.compute_types,
    )


if __name__ == "__main__":
    serve(_whisper)
