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
    """The longest clip, which is Whisper's window: shorter ones cost the encoder as much, so clips are filled."""
    latest_start: float = 27.5
    """A stretch that would begin later in a clip begins the next: at the very end of its window Whisper passes over
    what is short."""
    longest_pause: float = 1.0
    """What is left of a pause inside a clip."""


@dataclass(frozen=True)
class Span:
    """Seconds of a recording."""

    start: float
    end: float


@dataclass(frozen=True)
class Clip:
    """What is given to the model at once: stretches of speech, one after the other, without their long pauses.

    `spans`: where somebody speaks; `pieces`: the same, each with what is left of the pauses around it, in order.
    """

    spans: tuple[Span, ...]
    pieces: tuple[Span, ...]

    @property
    def start(self) -> float:
        """Where its sound begins in the recording."""
        return self.pieces[0].start

    @property
    def end(self) -> float:
        """Where its sound ends in the recording."""
        return self.pieces[-1].end

    @property
    def seconds(self) -> float:
        """How long its sound is, without what is left out of it."""
        return sum(piece.end - piece.start for piece in self.pieces)

    @property
    def speech(self) -> Span:
        """From the first sound to the last."""
        return Span(self.spans[0].start, self.spans[-1].end)

    def place(self, span: int) -> Span:
        """Where the piece of a span lies in the clip's own sound, seconds from its beginning."""
        before = sum(piece.end - piece.start for piece in self.pieces[:span])
        return Span(before, before + self.pieces[span].end - self.pieces[span].start)

    def time(self, seconds: float, end: bool = False) -> float:
        """The time in the recording of a time in the clip's sound. Where two pieces meet, `end` means the first one."""
        for piece in self.pieces:
            length = piece.end - piece.start
            if seconds < length or (end and seconds <= length) or piece is self.pieces[-1]:
                return piece.start + seconds
            seconds -= length
        raise AssertionError("a clip has pieces")


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
    """Clips that are as full as they can be and never overlap; a span that is too long is cut where it is quietest."""
    pieces = [piece for span in spans for piece in _cut(span, probabilities, settings)]
    result: list[Clip] = []
    first = 0
    for index in range(1, len(pieces) + 1):
        if index < len(pieces) and _fits(_clip(pieces, first, index, duration, settings), settings):
            continue
        result.append(_clip(pieces, first, index - 1, duration, settings))
        first = index
    return result


def _fits(clip: Clip, settings: VadSettings) -> bool:
    start = clip.place(len(clip.spans) - 1).start + clip.spans[-1].start - clip.pieces[-1].start
    return start <= settings.latest_start and clip.seconds <= settings.max_clip


def _clip(spans: Sequence[Span], first: int, last: int, duration: float, settings: VadSettings) -> Clip:
    """The clip of the spans `first` to `last`, both inside."""
    pieces = []
    for index in range(first, last + 1):
        span = spans[index]
        before = spans[index - 1].end if index else -span.start
        after = spans[index + 1].start if index + 1 < len(spans) else 2 * duration - span.end
        inner = settings.longest_pause / 2
        start = span.start - min(settings.pad if index == first else inner, (span.start - before) / 2)
        end = span.end + min(settings.pad if index == last else inner, (after - span.end) / 2)
        pieces.append(Span(max(start, 0.0), min(end, duration)))
    return Clip(tuple(spans[first : last + 1]), tuple(pieces))


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
