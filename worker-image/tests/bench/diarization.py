"""Embedding windows once against stock pyannote: `python -m tests.bench.diarization [ROUNDS]`, from worker-image.

The same recording, windows, batch size and model for both, in turn and in one process. The model is pyannote's
WeSpeakerResNet34 at its full shape (80 mel bands) with seeded weights: what a window costs does not depend on what was
learned. On a CPU its seconds and ratios count; wall seconds depend on what else the machine does. On an NVIDIA GPU,
where torch sees one, the recording is longer and the batches are the worker's own for it.
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

import numpy as np

from bulk_transcribe_worker.audio import Samples
from bulk_transcribe_worker.diarization import SpeakerCount
from tests.diarization import PACKAGES, build_pipeline
from tests.process import DEMO

_SECONDS = {"cuda": 600, "cpu": 30}


def main() -> None:
    """Runs both in turn, and prints medians and ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder, wave.open(str(DEMO / "demo.wav")) as sound:
        pipeline = build_pipeline(Path(folder) / "pipeline")
        config = pipeline / "config.yaml"
        # Windows a second apart, as the community pipeline has them.
        config.write_text(config.read_text().replace("segmentation_step: 0.2", "segmentation_step: 0.1"))
        samples: Samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(np.float32)
        samples /= np.float32(32768)
        _compare(pipeline, samples, rounds)


def _compare(folder: Path, samples: Samples, rounds: int) -> None:
    sys.path.append(str(PACKAGES))
    import torch

    from bulk_transcribe_worker.pyannote_engine import BATCH_SIZES, PyannoteEngine, choose_device, embeddings_once

    torch.manual_seed(1)
    device = choose_device("auto")
    batch = BATCH_SIZES[device]
    samples = np.resize(samples, _SECONDS[device] * 16_000)
    engine = PyannoteEngine(folder, device, batch_size=batch)
    from pyannote.audio.models.embedding import WeSpeakerResNet34

    pipeline = engine._pipeline
    pipeline._embedding.model_ = WeSpeakerResNet34().eval().to(device)
    pipeline.segmentation_batch_size = pipeline.embedding_batch_size = batch
    file = {"waveform": torch.from_numpy(samples)[None], "sample_rate": 16_000, "uri": "recording"}
    segmentations = engine._stock_segmentations(file)
    ways: dict[str, Callable[[], object]] = {
        "stock": lambda: engine._stock_embeddings(file, segmentations, exclude_overlap=True),
        "ours": lambda: embeddings_once(pipeline, file, segmentations, True),
    }
    wall: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values() if device == "cuda" else ():
        # Kernels are loaded and chosen at first use.
        way()
    for _ in range(rounds):
        for name, way in ways.items():
            began, spent = time.monotonic(), time.process_time()
            way()
            wall[name].append(time.monotonic() - began)
            cpu[name].append(time.process_time() - spent)
    ours = engine.run(samples, SpeakerCount(), lambda share: None)
    pipeline.get_embeddings = engine._stock_embeddings
    stock = engine.run(samples, SpeakerCount(), lambda share: None)
    windows, _, speakers = segmentations.data.shape
    silent = int((segmentations.data.sum(axis=1) == 0).sum())
    lines = [
        f"{len(samples) / 16_000:.0f} s of audio, {windows} windows of {speakers} speakers, {silent} pairs silent, "
        f"{device}, batches of {batch}, {torch.get_num_threads()} threads, {os.cpu_count()} cores, "
        f"torch {torch.__version__}, {rounds} rounds, medians"
    ]
    for name in ways:
        lines.append(
            f"{name:6} wall {statistics.median(wall[name]):7.2f} s   CPU {statistics.median(cpu[name]):7.2f} s"
        )
    faster = statistics.median(wall["stock"]) / statistics.median(wall["ours"])
    less = statistics.median(cpu["stock"]) / statistics.median(cpu["ours"])
    same = (ours.turns, ours.exclusive) == (stock.turns, stock.exclusive)
    labels = "the same" if same else "DIFFER"
    lines.append(f"{faster:.2f} times as fast, {less:.2f} times less CPU (goal: 2.5); labels {labels}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
