"""An engine whose faults are written in the recording's prompt, in the real engine process: `-m tests.scripted_engine`.

`initial_prompt` is a JSON object: `die_at` (where a clip starts) and `how` ("segv", "kill", "exit", "cuda", "hang"),
`once` (a file that is made when it happened, so that it happens once), `fits` (the largest compute type that fits).
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path

from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.engine import (
    ClipResult,
    DeviceState,
    Outcome,
    SelfTest,
    Speech,
    SpeechOptions,
    SpokenSegment,
)
from bulk_transcribe_worker.engine_child import serve
from bulk_transcribe_worker.engine_errors import coded_failures
from bulk_transcribe_worker.engine_wire import EngineSetup

SIZES = ("int8_float16", "float16")


class ScriptedEngine:
    """Gives one segment a clip, `pid:start`, and the faults that it is asked for."""

    name = "scripted"

    def __init__(self, setup: EngineSetup) -> None:
        self._setup = setup
        self._loaded: list[str] = []
        self._rounds = 0
        self._working = False

    def version(self) -> str:
        return "1"

    def models(self) -> list[str]:
        return ["demo-en"]

    def loaded_models(self) -> list[str]:
        return self._loaded

    def fetching(self) -> None:
        return None

    def busy_share(self) -> float | None:
        return None

    def computed(self) -> tuple[float, int, bool]:
        return float(self._rounds), self._rounds, self._working

    def check(self, options: SpeechOptions) -> None:
        return

    def device(self) -> DeviceState:
        return DeviceState("cuda", self._setup.compute_type or "float16")

    def find_speech(self, audio: Audio, vad: bool, stopped: Callable[[], bool]) -> Speech:
        raise NotImplementedError

    def load(self, model: str) -> None:
        self._loaded = [model]

    def transcribe(
        self,
        audio: Audio,
        speech: Speech,
        options: SpeechOptions,
        started: Callable[[Outcome], None],
        stopped: Callable[[], bool],
    ) -> Generator[ClipResult, None, None]:
        script = json.loads(options.initial_prompt or "{}")
        self.load(options.model)
        compute_type = self._setup.compute_types.get(options.model) or self.device().compute_type
        started(Outcome("en", {"pid": os.getpid()}))
        for clip in speech.clips:
            with coded_failures():
                if SIZES.index(compute_type) > SIZES.index(script.get("fits", SIZES[-1])):
                    raise RuntimeError("CUDA failed with error out of memory")
                if clip.start == script.get("die_at") and not Path(script.get("once", "/nowhere")).exists():
                    if "once" in script:
                        Path(script["once"]).touch()
                    self._fault(script["how"])
            self._rounds += 1
            segment = SpokenSegment(clip.start, clip.end, f"{os.getpid()}:{clip.start}", -0.1, 0.0, 1.0, 0.0)
            yield ClipResult([segment], clip.end, 1.0)

    def _fault(self, how: str) -> None:
        if how == "segv":
            ctypes.string_at(0)
        elif how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif how == "exit":
            os._exit(3)
        elif how == "cuda":
            raise RuntimeError("CUDA failed with error an illegal memory access was encountered")
        self._working = True
        threading.Event().wait()

    def self_test(self) -> SelfTest:
        time.sleep(0)
        return SelfTest({"scripted": True})

    def close(self) -> None:
        return


if __name__ == "__main__":
    serve(ScriptedEngine)
