"""Real-time factor at the large-v3 shape: `python -m tests.bench.gpu [MINUTES] [--tiny]`, from worker-image. No gate.

(7) Stock faster-whisper clip by clip and batched, ours with one clip and with batches, on the same clips, with random
weights of that shape (big_model). Compare batch sizes of one maker with it, not the makers with one another: random
text has other times in each, so that stock clip by clip decodes many more windows of a clip than ours does.
On a computer without an NVIDIA GPU it says so; `--tiny` runs the same steps at a tiny shape, to see that they run.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import ctranslate2
from faster_whisper import BatchedInferencePipeline, WhisperModel

from bulk_transcribe_worker import clip_decoder
from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.engine import SpeechOptions
from bulk_transcribe_worker.fallback import Try
from bulk_transcribe_worker.gpu import cpu_name, read_gpu
from bulk_transcribe_worker.models import ModelCatalogue
from bulk_transcribe_worker.whisper_engine import WhisperEngine
from tests.bench.big_model import LARGE_V3, TINY, make
from tests.bench.recordings import samples

TOKENS = 100
"""A window of 15 s of speech has about so many."""
BATCHES = (1, 8, 16, 32)


def _good_enough(tried: Try, no_speech_threshold: float) -> bool:
    return True


def ways(folder: Path, sound: Audio, device: str, compute_type: str) -> dict[str, Callable[[], object]]:
    """What is measured, by its name; each takes the whole recording once."""
    clip_decoder.is_good = _good_enough  # type: ignore[attr-defined]
    whisper = WhisperModel(str(folder / "big"), device, compute_type=compute_type)
    options = SpeechOptions("big", doubt=False, word_timestamps=False)
    engines = {size: WhisperEngine(ModelCatalogue(folder), device, compute_type, batch_size=size) for size in BATCHES}
    speech = engines[1].find_speech(sound, True, lambda: False)
    times = [{"start": clip.start, "end": clip.end} for clip in speech.clips]
    whole = sound.slice(0, len(sound))

    def one_by_one() -> None:
        for clip in speech.clips:
            segments, _ = whisper.transcribe(
                sound.seconds(clip.start, clip.end), language="en", temperature=0.0, max_new_tokens=TOKENS,
                condition_on_previous_text=False, compression_ratio_threshold=None, log_prob_threshold=None,
                no_speech_threshold=None,
            )  # fmt: skip
            list(segments)

    def batched(size: int) -> Callable[[], object]:
        pipeline = BatchedInferencePipeline(whisper)
        return lambda: list(
            pipeline.transcribe(
                whole, language="en", temperature=0.0, max_new_tokens=TOKENS, batch_size=size,
                clip_timestamps=times, vad_filter=False,
            )[0]
        )  # fmt: skip

    def ours(engine: WhisperEngine) -> Callable[[], object]:
        def run() -> None:
            # The same length for everyone: the prompt, and TOKENS after it.
            engine._shelf.load("big").whisper.max_length = TOKENS + 3
            list(engine.transcribe(sound, speech, options, lambda outcome: None, lambda: False))

        return run

    return {
        "stock, clip by clip": one_by_one,
        **{f"stock, batch {size}": batched(size) for size in BATCHES[1:]},
        **{f"ours, batch {size}": ours(engine) for size, engine in engines.items()},
    }


def main() -> None:
    """Runs all and prints real-time factors."""
    tiny = "--tiny" in sys.argv
    numbers = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    on_gpu = ctranslate2.get_cuda_device_count() > 0
    lines: list[str] = []
    if not on_gpu:
        lines.append("not run on CUDA: there is no NVIDIA GPU here")
        if not tiny:
            sys.stdout.write(lines[0] + "; --tiny runs the steps on the CPU\n")
            return
    device, compute_type = ("cuda", "float16") if on_gpu else ("cpu", "float32")
    seconds = round(float(numbers[0]) * 60) if numbers else 60 if tiny else 3600
    gpu = read_gpu()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make(folder / "big", TINY if tiny else LARGE_V3)
        (folder / "sound").write_bytes(samples(seconds).tobytes())
        measured = ways(folder, Audio(folder / "sound"), device, compute_type)
        shape = "tiny" if tiny else "large-v3"
        name = gpu.name if gpu else cpu_name()
        lines.append(
            f"{seconds / 60:.0f} minutes, {shape} shape, random weights, {compute_type}, {name}, {os.cpu_count()} cores"
        )
        for way, run in measured.items():
            run()
            began = time.monotonic()
            run()
            wall = time.monotonic() - began
            lines.append(f"{way:20} {seconds / wall:7.1f} x real time")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
