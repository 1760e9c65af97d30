"""The real worker with an engine that hears nothing: its text is the SHA-256 of the sound. `python scripted_worker.py`.

All that carries, keeps and delivers is the product's own. Only the model is replaced, and the decoder's child process, whose start costs more
than all the rest of a small job; WAV files of 16 kHz mono are read here instead.
"""

from __future__ import annotations

import hashlib
import os
import time
import wave
from collections.abc import Callable, Generator
from pathlib import Path

from bulk_transcribe_worker import decode as decoding
from bulk_transcribe_worker.audio import SAMPLE_RATE, Audio
from bulk_transcribe_worker.decoded import Condition
from bulk_transcribe_worker.engine import (
    ClipResult,
    DeviceState,
    Outcome,
    SelfTest,
    Speech,
    SpeechOptions,
    SpokenSegment,
)
from bulk_transcribe_worker.vad import Clip, Span

SECONDS_A_SECOND = 0.02
"""Seconds of work for a second of sound."""


async def quick_decode(_: decoding.Decoder, source: Path, target: Path, *__: object) -> decoding.Decoded:
    """As the product's, without a child."""
    with wave.open(str(source), "rb") as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (SAMPLE_RATE, 1, 2)
        target.write_bytes(sound.readframes(sound.getnframes()))
    return decoding.Decoded(Audio(target), Condition())


class HashEngine:
    """One clip a recording, one segment a clip: the digest of what it holds."""

    name = "hash"

    def version(self) -> str:
        return "1"

    def models(self) -> list[str]:
        return ["demo-en"]

    def loaded_models(self) -> list[str]:
        return ["demo-en"]

    def busy_share(self) -> float | None:
        return None

    def check(self, options: SpeechOptions) -> None:
        return

    def device(self) -> DeviceState:
        return DeviceState("cpu", "int8")

    def find_speech(self, audio: Audio, vad: bool, stopped: Callable[[], bool]) -> Speech:
        whole = Span(0.0, audio.duration)
        return Speech((Clip((whole,), (whole,)),), (whole,))

    def load(self, model: str) -> None:
        return

    def fetching(self) -> None:
        return None

    def transcribe(
        self,
        audio: Audio,
        speech: Speech,
        options: SpeechOptions,
        started: Callable[[Outcome], None],
        stopped: Callable[[], bool],
    ) -> Generator[ClipResult, None, None]:
        started(Outcome("en", {}))
        time.sleep(SECONDS_A_SECOND * audio.duration)
        digest = hashlib.sha256(audio.path.read_bytes()).hexdigest()
        segment = SpokenSegment(0.0, audio.duration, f" {digest}", -0.1, 0.0, 1.0, 0.0)
        yield ClipResult([segment], audio.duration)

    def self_test(self) -> SelfTest:
        return SelfTest({"hash": True})

    def close(self) -> None:
        return


if __name__ == "__main__":
    decoding.Decoder.decode = quick_decode  # type: ignore[method-assign]
    from bulk_transcribe_worker.config import Config
    from bulk_transcribe_worker.logs import JsonLog, LogWriter
    from bulk_transcribe_worker.server import serve

    writer = LogWriter()
    serve(Config.from_environment(os.environ), HashEngine(), JsonLog(writer))
    writer.close()
    os._exit(0)
