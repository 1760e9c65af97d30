"""Owns the engine as the worker uses it: in a process of its own, which is replaced when it dies or has no memory left.

A recording whose engine died goes on in a new one behind the last clip that was finished, and alone, so that a
recording which kills engines is found out and takes no other with it. Where not even one clip fits into memory, the
model is loaded anew in a fresh process with smaller numbers, if no setting names their type.
"""

from __future__ import annotations

import importlib.metadata
import queue
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace

from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.busy import busy_share
from bulk_transcribe_worker.engine import ClipResult, DeviceState, Outcome, SelfTest, Speech, SpeechOptions
from bulk_transcribe_worker.engine_link import EngineLink, EngineLost
from bulk_transcribe_worker.engine_wire import (
    Began,
    EngineSetup,
    Failed,
    FromEngine,
    Heard,
    Load,
    Returned,
    Stop,
    Test,
    ToEngine,
    Transcribe,
    raised,
)
from bulk_transcribe_worker.errors import Interrupted, JobErrorCode, JobFailed
from bulk_transcribe_worker.exclusive import Exclusive
from bulk_transcribe_worker.gpu import device_state
from bulk_transcribe_worker.model_fetch import Fetching
from bulk_transcribe_worker.models import ModelCatalogue
from bulk_transcribe_worker.vad import VadSettings
from bulk_transcribe_worker.voice import find_speech

COMMAND = (sys.executable, "-m", "bulk_transcribe_worker.engine_child")
SMALLER = {"float32": "int8", "float16": "int8_float16", "bfloat16": "int8_bfloat16"}
"""What a model is loaded with where it does not fit; the smaller ones have nothing below them."""
MAX_LOSSES = 2
"""Engines that may die at the same clip of a recording."""
_POLL_SECONDS = 0.2


class EngineProcess:
    """A `SpeechEngine` whose computing happens in `command`'s process. `stall_seconds`: see engine_link."""

    name = "faster-whisper"

    def __init__(
        self, setup: EngineSetup, command: Sequence[str] = COMMAND, stall_seconds: float | None = None
    ) -> None:
        self._catalogue = ModelCatalogue(setup.models_folder)
        self._setup = setup
        self._command = command
        self._stall_seconds = stall_seconds
        self._born = time.monotonic()
        self._past_seconds = 0.0
        self._past_rounds = 0
        self._turns = Exclusive()
        self._lock = threading.Lock()
        self._closed = False
        self._link = self._start()

    def version(self) -> str:
        """Release of faster-whisper."""
        return importlib.metadata.version("faster-whisper")

    def models(self) -> list[str]:
        """Local models first, then the hub's."""
        return self._catalogue.names()

    def loaded_models(self) -> list[str]:
        """Models in the memory of the present process."""
        link = self._link
        return [] if link.lost is not None else list(link.state.loaded)

    def fetching(self) -> Fetching | None:
        """The model that the present process fetches from the hub."""
        link = self._link
        return None if link.lost is not None else link.state.fetching

    def busy_share(self) -> float | None:
        """Share of the time since the start in which engines computed."""
        state = self._link.state
        if not (self._past_rounds + state.rounds) and not state.working:
            return None
        return busy_share(self._past_seconds + state.busy_seconds, time.monotonic() - self._born)

    def check(self, options: SpeechOptions) -> None:
        """Refuses a model or a language that is not supported, and lists what is."""
        self._catalogue.check(options.model, options.language)

    def device(self) -> DeviceState:
        """The machine now."""
        try:
            ready = self._living().ready
        except EngineLost as error:
            state = device_state("cpu", self._setup.compute_type or "")
            return replace(state, warnings=(*state.warnings, f"The engine does not start: {error}."))
        return device_state(ready.device, ready.compute_type)

    def find_speech(self, audio: Audio, vad: bool, stopped: Callable[[], bool]) -> Speech:
        """Voice detection, in the worker's own process: it computes while the engine does."""
        return find_speech(audio, vad, stopped, VadSettings())

    def load(self, model: str) -> None:
        """Loads a model, in a new process where the present one dies of it."""
        alone, losses = False, 0
        while True:
            with self._turn(alone, lambda: False):
                try:
                    self._ask(lambda number: Load(number, model))
                    return
                except EngineLost as error:
                    losses += 1
                    if losses >= MAX_LOSSES:
                        raise _died(error, f"while it loaded the model {model!r}") from error
                except JobFailed as error:
                    if not self._may_shrink(error, model) or (alone and not self._shrink(model)):
                        raise
            alone = True

    def transcribe(
        self,
        audio: Audio,
        speech: Speech,
        options: SpeechOptions,
        started: Callable[[Outcome], None],
        stopped: Callable[[], bool],
    ) -> Generator[ClipResult, None, None]:
        """Clip by clip, in order, over as many processes as it takes."""
        rest, alone, losses, deaths = speech, False, 0, 0
        begun = False
        while True:
            with self._turn(alone, stopped):
                link = self._living()
                try:
                    for answer in self._stream(link, audio, rest, options, stopped):
                        if isinstance(answer, Outcome):
                            if not begun:
                                started(answer)
                            begun = True
                            # The rest of the recording has the language that its beginning had.
                            options = replace(options, language=answer.language or options.language)
                            continue
                        rest, losses = replace(rest, clips=rest.clips[1:]), 0
                        yield replace(answer, changed={**answer.changed, **self._changes(options.model, deaths)})
                    return
                except EngineLost as error:
                    losses, deaths = losses + 1, deaths + 1
                    if losses >= MAX_LOSSES:
                        where = (
                            f"at {rest.clips[0].start:.0f} s of this recording" if rest.clips else "at this recording"
                        )
                        raise _died(error, where) from error
                except JobFailed as error:
                    if not self._may_shrink(error, options.model) or (alone and not self._shrink(options.model)):
                        raise
            alone = True

    def self_test(self) -> SelfTest:
        """The engine's own test, run in its process."""
        try:
            with self._turns.together(lambda: False):
                test = self._ask(Test)
        except (EngineLost, JobFailed) as error:
            return SelfTest({"engine process": False}, {}, {"engine process": str(error)})
        assert isinstance(test, SelfTest)
        return replace(test, checks={"engine process": True, **test.checks})

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            self._closed = True
            self._link.kill()

    def _turn(self, alone: bool, stopped: Callable[[], bool]) -> AbstractContextManager[None]:
        return self._turns.alone(stopped) if alone else self._turns.together(stopped)

    def _start(self) -> EngineLink:
        return EngineLink(self._command, self._setup, self._stall_seconds)

    def _living(self) -> EngineLink:
        """The present process, or a new one where it is gone."""
        with self._lock:
            if self._link.lost is not None and not self._closed:
                self._replace()
            return self._link

    def _replace(self) -> None:
        self._past_seconds += self._link.state.busy_seconds
        self._past_rounds += self._link.state.rounds
        self._link = self._start()

    def _ask(self, make: Callable[[int], ToEngine]) -> object:
        """One request with one answer. Raises what it failed with, and EngineLost."""
        number, answers = self._living().request(make)
        answer = answers.get()
        if isinstance(answer, EngineLost):
            raise answer
        if isinstance(answer, Failed):
            raise raised(answer)
        assert isinstance(answer, Returned)
        self._link.forget(number)
        return answer.value

    def _stream(
        self, link: EngineLink, audio: Audio, speech: Speech, options: SpeechOptions, stopped: Callable[[], bool]
    ) -> Generator[Outcome | ClipResult, None, None]:
        """One recording in one process. Raises EngineLost, JobFailed and Interrupted."""
        number, answers = link.request(lambda number: Transcribe(number, audio.path.absolute(), speech, options))
        ended = False
        try:
            while not ended:
                answer = _next(answers, stopped)
                if isinstance(answer, Began):
                    yield answer.outcome
                elif isinstance(answer, Heard):
                    yield answer.result
                elif isinstance(answer, (Failed, EngineLost)):
                    ended = True
                    raise raised(answer) if isinstance(answer, Failed) else answer
                else:
                    ended = True
        finally:
            if not ended:
                link.tell(Stop(number))
            link.forget(number)

    def _may_shrink(self, error: JobFailed, model: str) -> bool:
        return error.code is JobErrorCode.OUT_OF_MEMORY and self._smaller(model) is not None

    def _smaller(self, model: str) -> str | None:
        """The next smaller compute type for a model, where one may be chosen."""
        if self._setup.compute_type is not None:
            return None
        with suppress(EngineLost):
            return SMALLER.get(self._setup.compute_types.get(model) or self._living().ready.compute_type)
        return None

    def _shrink(self, model: str) -> bool:
        """A fresh process in which this model has smaller numbers. Call it alone; whether there was a smaller type."""
        smaller = self._smaller(model)
        if smaller is None:
            return False
        with self._lock:
            self._setup = replace(self._setup, compute_types={**self._setup.compute_types, model: smaller})
            self._link.kill()
            self._replace()
        return True

    def _changes(self, model: str, deaths: int) -> dict[str, object]:
        changed: dict[str, object] = {}
        if model in self._setup.compute_types:
            changed["computeTypeReducedTo"] = self._setup.compute_types[model]
        if deaths:
            changed["engineRestarts"] = deaths
        return changed


def _next(answers: queue.SimpleQueue[FromEngine | EngineLost], stopped: Callable[[], bool]) -> FromEngine | EngineLost:
    while True:
        if stopped():
            raise Interrupted
        with suppress(queue.Empty):
            return answers.get(timeout=_POLL_SECONDS)


def _died(error: EngineLost, where: str) -> JobFailed:
    return JobFailed(JobErrorCode.ENGINE_FAILED, f"The engine died {MAX_LOSSES} times {where}: {error}.")
