"""What the GPU waits for: `python -m tests.bench.preparation [SCALE]`, from worker-image. No gate.

(1) Twenty mixed recordings through a real worker whose GPU sleeps 60 s for an hour of audio: the share of time in which
it is busy, and what stock's order (prepare all, then compute, one after another) would give with its own costs.
(2) CPU seconds of preparation (decoding, voice detection, features) for an hour of audio, ours and stock
faster-whisper's, on the same files. SCALE shortens the recordings (1 = 73 minutes in all).
"""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from faster_whisper import decode_audio
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.vad import VadOptions, collect_chunks, get_speech_timestamps

from bulk_transcribe_worker.decode import Decoder
from bulk_transcribe_worker.engine_link import ENGINE_SETTINGS
from bulk_transcribe_worker.log_mel import LogMel
from bulk_transcribe_worker.vad import VadSettings
from bulk_transcribe_worker.voice import find_speech
from tests.bench.recordings import mixed
from tests.process import TOKEN, WorkerProcess
from tests.standin import Controller

GPU_SECONDS_PER_HOUR = 60.0
MELS = 128
ROUNDS = 3


def cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def stock(paths: Sequence[Path], extract: FeatureExtractor) -> None:
    """As BatchedInferencePipeline prepares files."""
    for path in paths:
        audio = decode_audio(str(path))
        options = VadOptions(max_speech_duration_s=30, min_silence_duration_ms=160)
        chunks, _ = collect_chunks(audio, get_speech_timestamps(audio, options), max_duration=30)
        for chunk in chunks:
            extract(chunk)


def ours(paths: Sequence[Path], extract: FeatureExtractor) -> None:
    """As the worker and its engine prepare files."""
    features = LogMel(extract)

    async def run() -> None:
        decoder = Decoder()
        for path in paths:
            decoded = await decoder.decode(path, path.with_suffix(".pcm"))
            speech = find_speech(decoded.audio, True, lambda: False, VadSettings())
            for clip in speech.clips:
                features(decoded.audio.clip(clip))
        await decoder.close()

    asyncio.run(run())


WAYS: dict[str, Callable[[Sequence[Path], FeatureExtractor], None]] = {"ours": ours, "stock": stock}
SETTINGS = {"ours": ENGINE_SETTINGS, "stock": {}}
"""What the environment of each is beside the common one: numpy's threads are set for the worker's engine."""


def one_way(way: str, paths: Sequence[str]) -> float:
    """CPU seconds of one way over all files, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.preparation", way, *paths]
    told = subprocess.run(command, check=True, capture_output=True, env={**os.environ, **SETTINGS[way]})
    return float(told.stdout)


def prepared(folder: Path, files: list[tuple[str, int, bytes]]) -> dict[str, float]:
    """CPU seconds for an hour of audio, all files by one way, then by the other, in turn; medians."""
    paths = []
    for name, _, data in files:
        path = folder / name
        path.write_bytes(data)
        paths.append(str(path))
    spent: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(ROUNDS):
        for way in WAYS:
            spent[way].append(one_way(way, paths))
    hours = sum(seconds for _, seconds, _ in files) / 3600
    return {way: statistics.median(seconds) / hours for way, seconds in spent.items()}


async def busy(folder: Path, files: list[tuple[str, int, bytes]]) -> tuple[float, float]:
    """The GPU's busy share from its first work to its last, and from the first request on."""
    worker = WorkerProcess(folder / "work", module="tests.bench.standin_gpu")
    worker.start()
    try:
        async with Controller(worker.port, TOKEN) as controller:
            began, jobs = time.monotonic(), []
            for name, _, data in files:
                request = controller.request(f"bench-{name}", data)
                while (await worker.call("POST", "/v1/jobs", request))[0] == 429:
                    await asyncio.sleep(0.05)
                _, answer, _ = await worker.call("POST", "/v1/jobs", request)
                jobs.append(answer["workerJobId"])
            for job in jobs:
                assert (await worker.ended(job, 600))["status"] == "complete"
            whole = time.monotonic() - began
        moments = [
            line["ts"] for line in worker.log_events() if line["event"] in ("transcribe_started", "transcribe_finished")
        ]
    finally:
        worker.close()
    times = sorted(datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() for moment in moments)
    gpu = sum(seconds for _, seconds, _ in files) / 3600 * GPU_SECONDS_PER_HOUR
    return gpu / (times[-1] - times[0]), gpu / whole


def main() -> None:
    """Runs both and prints them; or one way of preparing the files that are named, and prints its CPU seconds."""
    if len(sys.argv) > 2:
        began = cpu()
        WAYS[sys.argv[1]]([Path(path) for path in sys.argv[2:]], FeatureExtractor(feature_size=MELS))
        sys.stdout.write(f"{cpu() - began:.3f}")
        return
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    files = mixed(scale)
    minutes = sum(seconds for _, seconds, _ in files) / 60
    with tempfile.TemporaryDirectory() as folder:
        share, whole = asyncio.run(busy(Path(folder), files))
        spent = prepared(Path(folder), files)
    order = GPU_SECONDS_PER_HOUR / (GPU_SECONDS_PER_HOUR + spent["stock"])
    load = os.getloadavg()[0]
    sys.stdout.write(
        f"{len(files)} recordings, {minutes:.0f} minutes in all, {os.cpu_count()} cores, load {load:.1f} at the end\n"
        f"(1) GPU busy {share:.3f} from its first work to its last ({whole:.3f} from the first request on;"
        f" goal 0.95; stock's order with stock's costs: {order:.2f})\n"
        f"(2) preparation: ours {spent['ours']:.2f}, stock {spent['stock']:.2f} CPU s an hour of audio,"
        f" ratio {spent['ours'] / spent['stock']:.2f} (goal: at most 0.75)\n"
    )


if __name__ == "__main__":
    main()
