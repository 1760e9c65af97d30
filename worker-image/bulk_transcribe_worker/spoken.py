"""Owns the step from faster-whisper's segments to ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bulk_transcribe_worker.engine import SpokenSegment, SpokenWord
from bulk_transcribe_worker.fallback import Try
from bulk_transcribe_worker.vad import Clip
from bulk_transcribe_worker.words import interpolate


def spoken(piece: Mapping[str, Any], text: str, tried: Try, clip: Clip, with_words: bool) -> SpokenSegment:
    """A segment of faster-whisper (seconds of its clip's sound) as one of the recording."""
    text = text.strip()
    start, end = clip.time(float(piece["start"])), clip.time(float(piece["end"]), end=True)
    words: tuple[SpokenWord, ...] = ()
    if with_words:
        words = tuple(
            SpokenWord(
                str(word["word"]),
                clip.time(float(word["start"])),
                clip.time(float(word["end"]), end=True),
                float(word["probability"]),
            )
            for word in piece.get("words") or ()
            if str(word["word"]).strip()
        ) or interpolate(text, start, end, tried.avg_logprob)
    return SpokenSegment(
        start, end, text, tried.avg_logprob, tried.no_speech_prob, tried.compression_ratio, tried.temperature, words
    )
