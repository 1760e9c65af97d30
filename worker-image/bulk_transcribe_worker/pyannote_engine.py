"""Owns pyannote.audio: the only module that imports torch. Runs in the child process of diarize_child.py alone.

Stock pyannote.audio 4.0.7 sends the sound of a window through its ResNet once for each of the window's three speakers,
silent ones included. Here each window goes through once, and the speakers' masks meet what came out: the same numbers
(tests/test_pyannote.py holds them against stock's) for a third of the work.
"""

from __future__ import annotations

import importlib.metadata
import os
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Read once, at import: neither pyannote nor the hub's client may report that there are recordings.
os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

import numpy as np

with warnings.catch_warnings():
    # Among others that torchcodec is missing, which decodes files; here sound comes decoded.
    warnings.simplefilter("ignore")
    import torch
    from pyannote.audio import Pipeline
    from pyannote.audio.pipelines import SpeakerDiarization
    from pyannote.audio.pipelines.speaker_verification import PyannoteAudioPretrainedSpeakerEmbedding

from bulk_transcribe_worker.audio import SAMPLE_RATE, Samples
from bulk_transcribe_worker.diarization import Diarization, SpeakerCount
from bulk_transcribe_worker.engine_errors import is_out_of_memory
from bulk_transcribe_worker.errors import Interrupted
from bulk_transcribe_worker.speaker_turns import Turn, renamed_by_appearance

BATCH_SIZES = {"cuda": 32, "cpu": 8}
"""Windows at once; pyannote's own default is 1. A window takes about 40 MB on its way through the ResNet."""
MEMORY_BYTES = 8 * 1024**3
"""Most that torch may take of a GPU, so that Whisper beside it keeps its own; what does not fit is out of memory."""

Progress = Callable[[float], None]


class CannotDiarize(Exception):
    """Why speakers cannot be told apart on this machine, in one sentence for people."""


def choose_device(wanted: str) -> str:
    """`cuda` or `cpu` for auto|cuda|cpu. Raises CannotDiarize where cuda is wanted and is not there."""
    there = bool(torch.cuda.is_available())
    if wanted == "cuda" and not there:
        raise CannotDiarize(
            "DIARIZATION_DEVICE is cuda, and torch finds no GPU that it can use. Look at the driver, or set it to auto."
        )
    return "cuda" if there and wanted != "cpu" else "cpu"


class PyannoteEngine:
    """A pipeline in memory. `run` may be called by several threads: the device is used by one at a time."""

    def __init__(self, folder: Path, device: str, batch_size: int = 0, threads: int = 0) -> None:
        """`batch_size` 0: what suits the device. Raises CannotDiarize where the folder holds no such pipeline."""
        if threads:
            torch.set_num_threads(threads)
        self.device = device
        self._batch_size = batch_size
        self._lock = threading.Lock()
        # Weights of a pipeline may lie in other repositories; what is loaded here is all in one folder.
        with _quiet():
            pipeline = Pipeline.from_pretrained(str(folder))
        if not isinstance(pipeline, SpeakerDiarization):
            raise CannotDiarize(f"{folder} holds no speaker diarization pipeline of pyannote.audio.")
        pipeline.legacy = False
        self._pipeline: Any = pipeline
        self._stock_segmentations = pipeline.get_segmentations
        self._stock_embeddings = pipeline.get_embeddings
        pipeline.get_segmentations = self._segmentations
        pipeline.get_embeddings = self._embeddings
        if device == "cuda":
            total = torch.cuda.get_device_properties(0).total_memory
            torch.cuda.set_per_process_memory_fraction(min(1.0, MEMORY_BYTES / total))
        self._move(device)

    def run(self, samples: Samples, count: SpeakerCount, progress: Progress, device: str | None = None) -> Diarization:
        """Who speaks when in 16 kHz mono samples. `device` "cpu": not on the GPU this once.

        `progress` is told 0..1 and may raise Interrupted. Raises MemoryError where even one window at once is too much.
        """
        changed: dict[str, object] = {}
        file = {
            "waveform": torch.from_numpy(samples)[None],
            "sample_rate": SAMPLE_RATE,
            "uri": "recording",
            "bulk_transcribe": {"changed": changed, "device": device or self.device},
        }

        def hook(step: str, *_: object, total: int = 0, completed: int = 0, **__: object) -> None:
            if step == "segmentation":
                progress(0.2 * (completed / total if total else 1.0))
            elif step == "embeddings":
                progress(0.2 + 0.75 * (completed / total if total else 1.0))

        with _quiet(), torch.inference_mode():
            try:
                output = self._pipeline.apply(
                    file, hook=hook, num_speakers=count.exact, min_speakers=count.least, max_speakers=count.most
                )
            except ValueError:
                # A short recording may hold fewer stretches of speech than there are said to be speakers.
                if count == SpeakerCount():
                    raise
                changed["speakerCountIgnored"] = True
                output = self._pipeline.apply(file, hook=hook)
        progress(1.0)
        return _diarization(output, changed)

    def versions(self) -> dict[str, str]:
        """Releases of what computes here."""
        return {name: importlib.metadata.version(name) for name in ("pyannote.audio", "torch")}

    def _segmentations(self, file: Any, hook: Any = None) -> Any:
        return self._on_device(file, lambda: self._stock_segmentations(file, hook=hook))

    def _embeddings(self, file: Any, segmentations: Any, exclude_overlap: bool = False, hook: Any = None) -> Any:
        if embeds_once(self._pipeline):
            work = lambda: embeddings_once(self._pipeline, file, segmentations, exclude_overlap, hook)  # noqa: E731
        else:
            work = lambda: self._stock_embeddings(file, segmentations, exclude_overlap=exclude_overlap, hook=hook)  # noqa: E731
        return self._on_device(file, work)

    def _on_device(self, file: Any, work: Callable[[], Any]) -> Any:
        """One recording at a time, in batches that are halved where memory ends. Clustering is outside of this."""
        told = file["bulk_transcribe"]
        device, changed = told["device"], told["changed"]
        with self._lock:
            if device != self.device:
                self._move(device)
            try:
                size = self._batch_size or BATCH_SIZES[device]
                while True:
                    self._pipeline.segmentation_batch_size = size
                    self._pipeline.embedding_batch_size = size
                    try:
                        return work()
                    except Exception as error:
                        if not is_out_of_memory(error):
                            raise
                        if size == 1:
                            raise MemoryError("out of memory") from error
                    size //= 2
                    changed["batchSizeReducedTo"] = size
                    if device == "cuda":
                        torch.cuda.empty_cache()
            finally:
                if device != self.device:
                    self._move(self.device)

    def _move(self, device: str) -> None:
        self._pipeline.to(torch.device(device))


def embeds_once(pipeline: Any) -> bool:
    """Whether the embedding model takes a window's sound and its speakers' masks one after the other."""
    embedding = pipeline._embedding
    return isinstance(embedding, PyannoteAudioPretrainedSpeakerEmbedding) and all(
        hasattr(embedding.model_, name) for name in ("forward_frames", "forward_embedding")
    )


def embeddings_once(
    pipeline: Any, file: Any, segmentations: Any, exclude_overlap: bool, hook: Any = None
) -> np.ndarray[Any, Any]:
    """What stock `get_embeddings` gives, each window embedded once. Shape (windows, speakers, dimension)."""
    windows, _, speakers = segmentations.data.shape
    masks = _masks(pipeline, segmentations, exclude_overlap)
    model, device = pipeline._embedding.model_, pipeline._embedding.device
    result = np.empty((windows, speakers, model.dimension), dtype=np.float32)
    speaks = np.any(masks, axis=2)
    spoken_in = np.flatnonzero(np.any(speaks, axis=1))
    size = max(1, int(pipeline.embedding_batch_size))
    batches = [spoken_in[first : first + size] for first in range(0, len(spoken_in), size)]
    if hook is not None:
        hook("embeddings", None, total=len(batches), completed=0)
    silence: Any = None
    with torch.inference_mode():
        for done, batch in enumerate(batches, start=1):
            sound = torch.stack([_window(pipeline, file, segmentations, int(number)) for number in batch])
            frames = model.forward_frames(sound.to(device))
            found = model.forward_embedding(frames, weights=torch.from_numpy(masks[batch]).to(device))
            result[batch] = found.cpu().numpy()
            if silence is None:
                # All that stock knows of a speaker who says nothing is what the model makes of an empty mask.
                empty = torch.zeros(1, 1, masks.shape[2], device=device)
                silence = model.forward_embedding(frames[:1], weights=empty)[0, 0].cpu().numpy()
            if hook is not None:
                hook("embeddings", None, total=len(batches), completed=done)
    if silence is None:
        result[:] = np.nan
    else:
        result[~speaks] = silence
    return result


def _masks(pipeline: Any, segmentations: Any, exclude_overlap: bool) -> np.ndarray[Any, Any]:
    """Where each speaker of each window is listened to, as stock has it: shape (windows, speakers, frames), float32."""
    active = segmentations.data
    clean, least = active, -1.0
    if exclude_overlap:
        embedding = pipeline._embedding
        samples = segmentations.sliding_window.duration * embedding.sample_rate
        least = float(np.ceil(active.shape[1] * embedding.min_num_samples / samples))
        clean = active * (np.sum(active, axis=2, keepdims=True) < 2)
    active = np.nan_to_num(active, nan=0.0).astype(np.float32)
    clean = np.nan_to_num(clean, nan=0.0).astype(np.float32)
    # Who is never heard alone for long enough is listened to where others speak, too.
    enough = clean.sum(axis=1, keepdims=True) > least
    return np.ascontiguousarray(np.where(enough, clean, active).transpose(0, 2, 1))


def _window(pipeline: Any, file: Any, segmentations: Any, number: int) -> Any:
    waveform, _ = pipeline._audio.crop(file, segmentations.sliding_window[number], mode="pad")
    return waveform


def _diarization(output: Any, changed: dict[str, object]) -> Diarization:
    exclusive = _turns(output.exclusive_speaker_diarization)
    turns = _turns(output.speaker_diarization)
    names = renamed_by_appearance([*exclusive, *turns])
    rows = output.speaker_embeddings
    labels: Sequence[Any] = output.speaker_diarization.labels()
    embeddings = {
        names[str(label)]: tuple(round(float(value), 6) for value in row)
        for label, row in zip(labels, rows if rows is not None else (), strict=False)
        if np.all(np.isfinite(row)) and np.any(row)
    }
    return Diarization(
        exclusive=tuple(Turn(turn.start, turn.end, names[turn.speaker]) for turn in exclusive),
        turns=tuple(Turn(turn.start, turn.end, names[turn.speaker]) for turn in turns),
        embeddings=embeddings,
        changed=changed,
    )


def _turns(annotation: Any) -> list[Turn]:
    return [
        Turn(round(max(0.0, segment.start), 3), round(segment.end, 3), str(label))
        for segment, _, label in annotation.itertracks(yield_label=True)
    ]


@contextmanager
def _quiet() -> Iterator[None]:
    """pyannote warns of what is meant here: of TF32 that it turns off, of too few speakers found."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


__all__ = ["CannotDiarize", "Interrupted", "PyannoteEngine", "choose_device", "embeddings_once", "embeds_once"]
