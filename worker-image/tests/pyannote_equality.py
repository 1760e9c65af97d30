"""Ours against stock, as JSON, in a process with torch: `python -m tests.pyannote_equality PACKAGES PIPELINE WAV`."""

from __future__ import annotations

import json
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np


def main() -> None:
    sys.path.append(sys.argv[1])
    import torch

    from bulk_transcribe_worker.audio import Samples
    from bulk_transcribe_worker.diarization import SpeakerCount
    from bulk_transcribe_worker.pyannote_engine import PyannoteEngine, choose_device, embeddings_once

    with wave.open(sys.argv[3]) as sound:
        samples: Samples = np.frombuffer(sound.readframes(17 * sound.getframerate()), dtype="<i2").astype(np.float32)
        samples /= np.float32(32768)
    engine = PyannoteEngine(Path(sys.argv[2]), choose_device("auto"), batch_size=5)
    pipeline = engine._pipeline
    file: dict[str, Any] = {"waveform": torch.from_numpy(samples)[None], "sample_rate": 16_000, "uri": "recording"}
    pipeline.segmentation_batch_size = pipeline.embedding_batch_size = 5
    segmentations = engine._stock_segmentations(file)
    silent = int((segmentations.data.sum(1) == 0).sum())
    result: dict[str, object] = {"windows": segmentations.data.shape[0], "silent": silent}
    for exclude_overlap in (False, True):
        stock = engine._stock_embeddings(file, segmentations, exclude_overlap=exclude_overlap)
        ours = embeddings_once(pipeline, file, segmentations, exclude_overlap)
        assert stock.shape == ours.shape
        result[f"most{exclude_overlap}"] = float(np.abs(stock - ours).max())
        result["scale"] = float(np.abs(stock).max())
    ours_told = engine.run(samples, SpeakerCount(), lambda share: None)
    pipeline.get_segmentations, pipeline.get_embeddings = engine._stock_segmentations, engine._stock_embeddings
    stock_told = engine.run(samples, SpeakerCount(), lambda share: None)
    result["turns"] = len(ours_told.turns)
    result["sameTurns"] = (ours_told.turns, ours_told.exclusive) == (stock_told.turns, stock_told.exclusive)
    pipeline.get_segmentations, pipeline.get_embeddings = engine._segmentations, engine._embeddings
    for count, wanted in ((SpeakerCount(exact=1), 1), (SpeakerCount(least=3, most=3), 3)):
        found = engine.run(samples, count, lambda share: None)
        result[f"asked{wanted}"] = len({turn.speaker for turn in found.turns})
    short = samples[: 2 * 16_000]
    found = engine.run(short, SpeakerCount(exact=5), lambda share: None)
    result["short"] = [len({turn.speaker for turn in found.turns}), *found.changed]
    result["nobody"] = len(engine.run(np.zeros_like(short), SpeakerCount(), lambda share: None).turns)
    result["halved"] = _halved(engine, samples)
    sys.stdout.write(json.dumps(result))


def _halved(engine: Any, samples: Any) -> dict[str, object]:
    """What is told where more than two windows at once do not fit."""
    from bulk_transcribe_worker.diarization import SpeakerCount

    model = engine._pipeline._embedding.model_
    whole = model.forward_frames

    def small(sound: Any) -> Any:
        if len(sound) > 2:
            raise RuntimeError("CUDA out of memory. Tried to allocate 1 GiB.")
        return whole(sound)

    model.forward_frames = small
    found = engine.run(samples, SpeakerCount(), lambda share: None)
    model.forward_frames = whole
    return dict(found.changed)


if __name__ == "__main__":
    main()
