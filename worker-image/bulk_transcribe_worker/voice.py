"""Owns the voice detector: the probability of speech for every 32 ms of a recording, in blocks of bounded memory."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from bulk_transcribe_worker.audio import Audio, Samples
from bulk_transcribe_worker.engine import Speech
from bulk_transcribe_worker.errors import Interrupted
from bulk_transcribe_worker.vad import Span, VadSettings, clips, speech_spans

_FRAME = 512
_BLOCK_FRAMES = 8192
"""Frames at once: 262 s of audio, about 20 MB."""
_LEAD_FRAMES = 64
"""Frames that are computed again before each block, so that the detector's memory is warm at the seam: 2 s."""


def speech_probabilities(audio: Audio, stopped: Callable[[], bool]) -> list[float]:
    """One probability a frame (vad.FRAME_SECONDS). Raises Interrupted when `stopped` says so."""
    detector = _detector()
    probabilities: list[float] = []
    frames = math.ceil(len(audio) / _FRAME)
    for first in range(0, frames, _BLOCK_FRAMES):
        if stopped():
            raise Interrupted
        lead = min(first, _LEAD_FRAMES)
        samples = audio.slice((first - lead) * _FRAME, (first + _BLOCK_FRAMES) * _FRAME)
        values = np.asarray(detector(_padded(samples))).reshape(-1)
        probabilities.extend(float(value) for value in values[lead:])
    return probabilities[:frames]


def find_speech(audio: Audio, vad: bool, stopped: Callable[[], bool], settings: VadSettings) -> Speech:
    """Where a recording speaks, and its clips: of the speech, or without `vad` of all of it."""
    probabilities = speech_probabilities(audio, stopped)
    heard = speech_spans(probabilities, audio.duration, settings)
    spans = heard if vad else [Span(0.0, audio.duration)]
    return Speech(tuple(clips(spans, probabilities, audio.duration, settings)), tuple(heard))


def detect_once(samples: Samples) -> None:
    """Runs the detector, to see that it works."""
    _detector()(_padded(samples))


def _detector() -> Callable[[Samples], Samples]:
    from faster_whisper.vad import get_vad_model

    detector: Callable[[Samples], Samples] = get_vad_model()
    return detector


def _padded(samples: Samples) -> Samples:
    """Silero wants whole frames."""
    missing = -len(samples) % _FRAME
    return np.pad(samples, (0, missing)) if missing else samples
