"""Real-time factor at the large-v3 shape: `python -m tests.bench.gpu [MINUTES] [--tiny] [--words]`, no gate.

(7) Stock faster-whisper clip by clip and batched, and ours with batches of several sizes, on the same clips, with
random weights of that shape (big_model) that talk as much as real ones (steady): for each clip both take the same
number of the decoder's steps. Clips of 15 s and of 30 s; `--words`: with the times of words. On a computer without an
NVIDIA GPU it says so; `--tiny` runs the same steps at a tiny shape, to see that they run.
"""

from __future__ import annotations

import functools
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import ctranslate2
from faster_whisper import BatchedInferencePipeline

from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.batches import BatchScheduler
from bulk_transcribe_worker.busy import BusyClock
from bulk_transcribe_worker.engine import Speech, SpeechOptions
from bulk_transcribe_worker.engine_errors import is_out_of_memory
from bulk_transcribe_worker.gpu import CUDA_RELEASE, cpu_name, read_gpu
from bulk_transcribe_worker.models import ModelCatalogue
from bulk_transcribe_worker.vad import Clip, Span
from bulk_transcribe_worker.whisper_engine import WhisperEngine
from tests.bench.big_model import LARGE_V3, TINY, make
from tests.bench.gpu_watch import GpuWatch
from tests.bench.recordings import samples
from tests.bench.steady import max_new_tokens, steady_clips, tokens_for

BATCHES = (8, 16, 32)
ALONE_SECONDS = 120
"""As much is enough of what takes clip by clip."""


class Bench:
    """One model in memory, for both makers."""

    def __init__(self, folder: Path, sound: Audio, device: str, compute_type: str, words: bool) -> None:
        self._engine = WhisperEngine(
            ModelCatalogue(folder), device, compute_type, cpu_threads=1 if device == "cpu" else 0
        )
        self._model = self._engine._shelf.load("big")
        self._whisper = self._model.whisper
        self._sound = sound
        self._words = words

    def ways(self, seconds: float) -> Iterator[tuple[str, int, float, Callable[[float], object]]]:
        """Name, clips at once, seconds that are measured, and what takes them, for clips of `seconds`."""
        whole = self._sound.duration
        short = min(whole, ALONE_SECONDS)
        yield "stock, clip by clip", 1, short, functools.partial(self._one_by_one, seconds)
        yield "ours, batch  1", 1, short, functools.partial(self._ours, seconds, 1)
        for size in BATCHES:
            if size * seconds > whole:
                continue
            yield f"stock, batch {size:2}", size, whole, functools.partial(self._batched, seconds, size)
            yield f"ours, batch {size:2}", size, whole, functools.partial(self._ours, seconds, size)

    def _clips(self, seconds: float, length: float) -> list[Clip]:
        starts = [number * seconds for number in range(int(length / seconds))]
        spans = [Span(start, start + seconds) for start in starts]
        return [Clip((span,), (span,)) for span in spans]

    def _one_by_one(self, seconds: float, length: float) -> None:
        for clip in self._clips(seconds, length):
            found, _ = self._whisper.transcribe(
                self._sound.seconds(clip.start, clip.end), language="en", temperature=0.0,
                max_new_tokens=max_new_tokens(tokens_for(seconds)),
                word_timestamps=self._words,
                condition_on_previous_text=False, compression_ratio_threshold=None, log_prob_threshold=None,
                no_speech_threshold=None,
            )  # fmt: skip
            assert len(list(found)) == 1

    def _batched(self, seconds: float, size: int, length: float) -> None:
        clips = self._clips(seconds, length)
        found, _ = BatchedInferencePipeline(self._whisper).transcribe(
            self._sound.seconds(0, length), language="en", temperature=0.0,
            max_new_tokens=max_new_tokens(tokens_for(seconds)),
            word_timestamps=self._words, batch_size=size, vad_filter=False,
            clip_timestamps=[{"start": clip.start, "end": clip.end} for clip in clips],
        )  # fmt: skip
        assert len(list(found)) == len(clips)

    def _ours(self, seconds: float, size: int, length: float) -> None:
        model = self._model
        model.batches.close()
        at_once = self._engine._choice("big").at_once
        model.batches = BatchScheduler(model.decoder.advance, size, is_out_of_memory, BusyClock(), at_once)
        clips = self._clips(seconds, length)
        options = SpeechOptions("big", language="en", word_timestamps=self._words)
        usual = self._whisper.max_length
        results = list(
            self._engine.transcribe(
                self._sound, Speech(tuple(clips)), options, lambda outcome: None, lambda: False
            )
        )  # fmt: skip
        self._whisper.max_length = usual
        assert [len(result.segments) for result in results] == [1] * len(clips)


def main() -> None:
    """Runs all and prints real-time factors."""
    tiny, words = "--tiny" in sys.argv, "--words" in sys.argv
    numbers = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    on_gpu = ctranslate2.get_cuda_device_count() > 0
    if not on_gpu and not tiny:
        sys.stdout.write("not run on CUDA: there is no NVIDIA GPU here; --tiny runs the steps on the CPU\n")
        return
    device, compute_type = ("cuda", "float16") if on_gpu else ("cpu", "float32")
    seconds = round(float(numbers[0]) * 60) if numbers else 120 if tiny else 1920
    gpu = read_gpu()
    steady_clips()
    with tempfile.TemporaryDirectory() as temporary, GpuWatch() as watch:
        folder = Path(temporary)
        make(folder / "big", TINY if tiny else LARGE_V3)
        (folder / "sound").write_bytes(samples(seconds).tobytes())
        name = f"{gpu.name}, driver {gpu.driver}, CUDA {CUDA_RELEASE}" if gpu and on_gpu else cpu_name()
        began = time.monotonic()
        bench = Bench(folder, Audio(folder / "sound"), device, compute_type, words)
        _say(
            f"{seconds / 60:.0f} minutes, {'tiny' if tiny else 'large-v3'} shape, random weights, {compute_type}, "
            f"{'with' if words else 'without'} times of words, {name}, {os.cpu_count()} cores; "
            f"loaded in {time.monotonic() - began:.1f} s"
        )
        for length in (15.0, 30.0):
            for way, size, taken, run in bench.ways(length):
                # Once to warm up: the first of a size pays for memory, and the very first for compiling.
                run(min(taken, size * length))
                began = time.monotonic()
                run(taken)
                wall = time.monotonic() - began
                _say(
                    f"clips of {length:.0f} s of {tokens_for(length)} tokens, {way:20} {taken / wall:7.1f} x real time"
                    f"   {watch.since(began) or ''}"
                )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
