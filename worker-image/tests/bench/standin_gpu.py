"""A worker whose GPU only takes its time: 60 s for an hour of audio, or GPU_SECONDS_PER_HOUR. All else is real.

Started by the benches as `python -m tests.bench.standin_gpu`, with a worker's settings.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator

from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.busy import BusyClock
from bulk_transcribe_worker.config import Config
from bulk_transcribe_worker.engine import (
    ClipResult,
    DeviceState,
    Outcome,
    SelfTest,
    Speech,
    SpeechOptions,
    SpokenSegment,
)
from bulk_transcribe_worker.logs import JsonLog, LogWriter
from bulk_transcribe_worker.server import serve
from bulk_transcribe_worker.vad import VadSettings
from bulk_transcribe_worker.voice import find_speech


class StandInGpu:
    """A `SpeechEngine` that sleeps for each clip, one at a time, and says one word."""

    name = "stand-in"

    def __init__(self, seconds_per_hour: float) -> None:
        self._share = seconds_per_hour / 3600
        self._gpu = threading.Lock()
        self._busy = BusyClock()

    def version(self) -> str:
        return "1"

    def models(self) -> list[str]:
        return ["demo-en"]

    def loaded_models(self) -> list[str]:
        return ["demo-en"]

    def fetching(self) -> None:
        return None

    def busy_share(self) -> float | None:
        return self._busy.share()

    def check(self, options: SpeechOptions) -> None:
        return

    def device(self) -> DeviceState:
        return DeviceState("cpu", "none")

    def find_speech(self, audio: Audio, vad: bool, stopped: Callable[[], bool]) -> Speech:
        return find_speech(audio, vad, stopped, VadSettings())

    def load(self, model: str) -> None:
        return

    def transcribe(
        self,
        audio: Audio,
        speech: Speech,
        options: SpeechOptions,
        started: Callable[[Outcome], None],
        stopped: Callable[[], bool],
    ) -> Generator[ClipResult, None, None]:
        started(Outcome("en", {}))
        per_clip = audio.duration * self._share / max(1, len(speech.clips))
        for clip in speech.clips:
            with self._gpu, self._busy.computing():
                time.sleep(per_clip)
            yield ClipResult([SpokenSegment(clip.start, clip.end, "Word.", -0.1, 0.0, 1.0, 0.0)], clip.end, per_clip)

    def self_test(self) -> SelfTest:
        return SelfTest()

    def close(self) -> None:
        return


if __name__ == "__main__":
    engine = StandInGpu(float(os.environ.get("GPU_SECONDS_PER_HOUR", "60")))
    serve(Config.from_environment(os.environ), engine, JsonLog(LogWriter()))
