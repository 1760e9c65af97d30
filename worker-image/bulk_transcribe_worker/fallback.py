"""Owns when a decoded window is good enough, and which of several tries is kept: Whisper's own rules, for one window.

Pure functions. Batched decoding as faster-whisper offers it leaves these checks out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Tried in order after the beam search at 0."""
MAX_COMPRESSION_RATIO = 2.4
MIN_AVG_LOGPROB = -1.0


@dataclass(frozen=True)
class Try:
    """What one decoding of one window gave."""

    tokens: tuple[int, ...]
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    temperature: float


def is_silence(tried: Try, no_speech_threshold: float) -> bool:
    """Whether the model says that nobody speaks, and is not sure of its words either."""
    return tried.no_speech_prob > no_speech_threshold and tried.avg_logprob <= MIN_AVG_LOGPROB


def is_good(tried: Try, no_speech_threshold: float) -> bool:
    """Whether no further try is needed."""
    if tried.no_speech_prob > no_speech_threshold and tried.avg_logprob < MIN_AVG_LOGPROB:
        return True
    return tried.compression_ratio <= MAX_COMPRESSION_RATIO and tried.avg_logprob >= MIN_AVG_LOGPROB


def best(tries: Sequence[Try]) -> Try:
    """The likeliest of tries that all failed; those that do not repeat themselves come first. Not empty."""
    varied = [tried for tried in tries if tried.compression_ratio <= MAX_COMPRESSION_RATIO]
    return max(varied or tries, key=lambda tried: tried.avg_logprob)
