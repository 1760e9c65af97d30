"""Owns where speech is: from the probabilities of a voice activity detector to clips of at most 30 s.

Pure functions on numbers; the detector itself belongs to the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SAMPLE_RATE = 16_000
"""Samples a second, what Whisper and Silero want."""
FRAME_SECONDS = 512 / SAMPLE_RATE
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
    # Neighbours share a clip while it stays this short: each clip costs the encoder a whole window of 30 s, and
    # longer ones cost accuracy (small model, 7 recordings: 1.0 % at one span a clip and at 15 s, 3.1 % at 30 s).
    fill_clip: float = 15.0
    fill_gap: float = 2.0


@dataclass(frozen=True)
class Span:
    """Seconds of a recording."""

    start: float
    end: float


@dataclass(frozen=True)
class Clip:
    """What is given to the model at once: `start` to `end`, with one or more spans of speech inside."""

    start: float
    end: float
    spans: tuple[Span, ...]

    @property
    def speech(self) -> Span:
        """From the first sound to the last."""
        return Span(self.spans[0].start, self.spans[-1].end)


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
    """Padded clips that never reach into their neighbours; a span that is too long is cut where it is quietest."""
    pieces = [piece for span in spans for piece in _cut(span, probabilities, settings)]
    result: list[Clip] = []
    for index, piece in enumerate(pieces):
        before = (pieces[index - 1].end + piece.start) / 2 if index else 0.0
        after = (piece.end + pieces[index + 1].start) / 2 if index + 1 < len(pieces) else duration
        start = max(before, piece.start - settings.pad, 0.0)
        end = min(after, piece.end + settings.pad, duration)
        clip = Clip(start, end, (piece,))
        if result and _share_a_clip(result[-1], clip, settings):
            result[-1] = Clip(result[-1].start, end, (*result[-1].spans, piece))
        else:
            result.append(clip)
    return result


def _share_a_clip(before: Clip, after: Clip, settings: VadSettings) -> bool:
    gap = after.speech.start - before.speech.end
    return gap <= settings.fill_gap and after.end - before.start <= settings.fill_clip


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
