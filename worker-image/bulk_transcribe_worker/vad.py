"""Owns where speech is: from the probabilities of a voice activity detector to clips of at most 30 s.

Pure functions on numbers; the detector itself belongs to the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FRAME_SECONDS = 512 / 16_000
"""What one probability covers."""


@dataclass(frozen=True)
class VadSettings:
    """Thresholds are probabilities, the rest seconds."""

    threshold: float = 0.5
    release: float = 0.35
    min_silence: float = 0.5
    min_speech: float = 0.1
    pad: float = 0.2
    max_clip: float = 30.0


@dataclass(frozen=True)
class Span:
    """Seconds of a recording."""

    start: float
    end: float


@dataclass(frozen=True)
class Clip:
    """What is given to the model at once: `start` to `end` with some silence around the speech inside."""

    start: float
    end: float
    speech: Span


def speech_spans(probabilities: Sequence[float], duration: float, settings: VadSettings) -> list[Span]:
    """Stretches of speech: begun at `threshold`, ended by `min_silence` below `release`; short ones are dropped."""
    spans: list[Span] = []
    start: int | None = None
    silent_from: int | None = None
    for index, probability in enumerate(probabilities):
        if probability >= settings.threshold:
            silent_from = None
            if start is None:
                start = index
        elif start is not None and probability < settings.release:
            if silent_from is None:
                silent_from = index
            if (index + 1 - silent_from) * FRAME_SECONDS >= settings.min_silence:
                spans.append(_span(start, silent_from, duration))
                start = silent_from = None
    if start is not None:
        spans.append(_span(start, silent_from or len(probabilities), duration))
    return [span for span in spans if span.end - span.start >= settings.min_speech]


def clips(spans: Sequence[Span], probabilities: Sequence[float], duration: float, settings: VadSettings) -> list[Clip]:
    """One clip a span, padded but never into its neighbour; a span that is too long is cut where it is quietest."""
    pieces = [piece for span in spans for piece in _cut(span, probabilities, settings)]
    result: list[Clip] = []
    for index, piece in enumerate(pieces):
        before = (pieces[index - 1].end + piece.start) / 2 if index else 0.0
        after = (piece.end + pieces[index + 1].start) / 2 if index + 1 < len(pieces) else duration
        start = max(before, piece.start - settings.pad, 0.0)
        end = min(after, piece.end + settings.pad, duration)
        result.append(Clip(start, end, piece))
    return result


def _span(start: int, end: int, duration: float) -> Span:
    return Span(start * FRAME_SECONDS, min(end * FRAME_SECONDS, duration))


def _cut(span: Span, probabilities: Sequence[float], settings: VadSettings) -> list[Span]:
    """Pieces that fit into a clip with their padding, cut at the least likely speech of the last third."""
    longest = settings.max_clip - 2 * settings.pad
    pieces: list[Span] = []
    start = span.start
    while span.end - start > longest:
        low = int((start + longest * 2 / 3) / FRAME_SECONDS)
        high = min(int((start + longest) / FRAME_SECONDS), len(probabilities) - 1)
        quietest = min(range(low, high + 1), key=lambda index: (probabilities[index], -index))
        cut = (quietest + 0.5) * FRAME_SECONDS
        cut = min(cut, start + longest)
        pieces.append(Span(start, cut))
        start = cut
    pieces.append(Span(start, span.end))
    return pieces
