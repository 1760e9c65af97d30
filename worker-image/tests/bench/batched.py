"""Batched against one by one: `python -m tests.bench.batched [ROUNDS]`, from worker-image, prints ratios. No gate.

Every way decodes the same clips of the demo recording (four times over) in turn, and in the same run: stock
`WhisperModel.transcribe` clip by clip, and ours with several batch sizes. CPU seconds and ratios count; wall seconds
depend on what else the machine does.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from pathlib import Path

from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.engine import SpeechOptions
from bulk_transcribe_worker.models import ModelCatalogue
from bulk_transcribe_worker.whisper_engine import WhisperEngine
from tests.process import DEMO, MODELS

_SIZES = (1, 2, 4, 8)
_TIMES = 4
_OPTIONS = SpeechOptions("demo-en")


def _engine(size: int) -> WhisperEngine:
    return WhisperEngine(ModelCatalogue(MODELS), "cpu", cpu_threads=1, batch_size=size)


def _ways(sound: Audio) -> dict[str, Callable[[], object]]:
    engines = {size: _engine(size) for size in _SIZES}
    for engine in engines.values():
        engine.load(_OPTIONS.model)
    speech = engines[1].find_speech(sound, True, lambda: False)
    whisper = engines[1]._shelf.load(_OPTIONS.model).whisper

    def stock() -> None:
        for clip in speech.clips:
            segments, _ = whisper.transcribe(
                sound.clip(clip),
                language="en",
                word_timestamps=True,
                condition_on_previous_text=False,
                clip_timestamps=[0.0, clip.seconds],
            )
            list(segments)

    def ours(engine: WhisperEngine) -> Callable[[], object]:
        return lambda: list(engine.transcribe(sound, speech, _OPTIONS, lambda outcome: None, lambda: False))

    return {"stock, clip by clip": stock, **{f"ours, batch {size}": ours(engine) for size, engine in engines.items()}}


def main() -> None:
    """Runs all ways in turn, and prints medians."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder, wave.open(str(DEMO / "demo.wav")) as demo:
        path = Path(folder) / "sound"
        path.write_bytes(demo.readframes(demo.getnframes()) * _TIMES)
        sound = Audio(path)
        ways = _ways(sound)
        wall: dict[str, list[float]] = {name: [] for name in ways}
        cpu: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                began, spent = time.monotonic(), time.process_time()
                way()
                wall[name].append(time.monotonic() - began)
                cpu[name].append(time.process_time() - spent)
        duration = sound.duration
    lines = [
        f"{duration:.0f} s of audio, small model, int8, 1 thread, {os.cpu_count()} cores, {rounds} rounds, medians"
    ]
    base = next(iter(ways))
    for name in ways:
        seconds, spent = statistics.median(wall[name]), statistics.median(cpu[name])
        lines.append(
            f"{name:22} wall {seconds:6.2f} s ({seconds / statistics.median(wall[base]):.2f} of stock)"
            f"   CPU {spent:6.2f} s ({spent / statistics.median(cpu[base]):.2f} of stock)"
        )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
