"""Owns the voice detector: the probability of speech for every 32 ms of a recording, in blocks of bounded memory."""

from __future__ import annotations

import functools
import importlib.util
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bulk_transcribe_worker.audio import Audio, Samples
from bulk_transcribe_worker.engine import Speech
from bulk_transcribe_worker.errors import Interrupted
from bulk_transcribe_worker.vad import Span, VadSettings, clips, speech_spans

_FRAME = 512
_CONTEXT = 64
"""Samples of the frame before that the model sees too."""
_BLOCK_FRAMES = 512
"""Frames at once: small enough to stay in a processor's cache, which is a tenth faster than minutes at once."""


class VoiceDetector:
    """Silero's model over one recording, block by block. What it remembers goes from each block to the next."""

    def __init__(self) -> None:
        self._session = _session()
        self._hidden = np.zeros((1, 1, 128), dtype=np.float32)
        self._cell = np.zeros((1, 1, 128), dtype=np.float32)
        self._before = np.zeros(_CONTEXT, dtype=np.float32)

    def probabilities(self, samples: Samples) -> Samples:
        """One probability for each frame of `samples`, which hold whole frames and follow those of the call before."""
        frames = samples.reshape(-1, _FRAME)
        tails = np.vstack((self._before, frames[:-1, -_CONTEXT:]))
        self._before = frames[-1, -_CONTEXT:].copy()
        told, self._hidden, self._cell = self._session.run(
            None, {"input": np.concatenate((tails, frames), axis=1), "h": self._hidden, "c": self._cell}
        )
        return np.asarray(told, dtype=np.float32).reshape(-1)


def speech_probabilities(audio: Audio, stopped: Callable[[], bool]) -> list[float]:
    """One probability a frame (vad.FRAME_SECONDS). Raises Interrupted when `stopped` says so."""
    detector = VoiceDetector()
    probabilities: list[float] = []
    frames = math.ceil(len(audio) / _FRAME)
    for first in range(0, frames, _BLOCK_FRAMES):
        if stopped():
            raise Interrupted
        samples = audio.slice(first * _FRAME, (first + _BLOCK_FRAMES) * _FRAME)
        probabilities.extend(detector.probabilities(_padded(samples)).tolist())
    return probabilities


def find_speech(audio: Audio, vad: bool, stopped: Callable[[], bool], settings: VadSettings) -> Speech:
    """Where a recording speaks, and its clips: of the speech, or without `vad` of all of it."""
    probabilities = speech_probabilities(audio, stopped)
    heard = speech_spans(probabilities, audio.duration, settings)
    spans = heard if vad else [Span(0.0, audio.duration)]
    return Speech(tuple(clips(spans, probabilities, audio.duration, settings)), tuple(heard))


def detect_once(samples: Samples) -> None:
    """Runs the detector, to see that it works."""
    VoiceDetector().probabilities(_padded(samples))


@functools.cache
def _session() -> Any:
    """The model as faster-whisper brings it, which is not imported for that: its engine belongs to another process."""
    import onnxruntime

    spec = importlib.util.find_spec("faster_whisper")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("faster_whisper is not installed")
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.log_severity_level = 4
    path = Path(spec.submodule_search_locations[0]) / "assets" / "silero_vad_v6.onnx"
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"], sess_options=options)


def _padded(samples: Samples) -> Samples:
    """Silero wants whole frames."""
    missing = -len(samples) % _FRAME
    return np.pad(samples, (0, missing)) if missing else samples
