"""Owns the repair of word times: Whisper's alignment begins its path at 0 of a clip and may end too early.

Pure functions. What comes out never runs backwards, lies inside the clip, and has no word without times.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bulk_transcribe_worker.engine import SpokenSegment, SpokenWord
from bulk_transcribe_worker.vad import Clip

LINE_PAUSE_SECONDS = 1.0
"""A pause that ends a segment, whether the model ended it or not."""
_TAIL_SECONDS = 1.0
"""How far the last word of a clip may be stretched to the end of the speech that it ends."""


def settle(segments: Sequence[SpokenSegment], clip: Clip) -> list[SpokenSegment]:
    """The segments of one clip with times that hold together: inside the clip's speech, in order."""
    settled: list[SpokenSegment] = []
    floor = clip.speech.start
    ceiling = max(clip.speech.end, clip.speech.start)
    for index, segment in enumerate(segments):
        start = _clamp(segment.start, floor, ceiling)
        end = _clamp(segment.end, start, ceiling)
        words = list(segment.words)
        if words:
            words = [_out_of_silence(word, clip) for word in _in_order(words, floor, ceiling)]
            if index == len(segments) - 1:
                words[-1] = _stretched(words[-1], ceiling)
            start, end = words[0].start, words[-1].end
        settled.append(replace(segment, start=start, end=end, words=tuple(words)))
        floor = end
    return settled


def lines(segments: Sequence[SpokenSegment], clip: Clip) -> list[SpokenSegment]:
    """The segments, cut at the long pauses that they hold; no word lasts over a pause. Call it once all is settled."""
    cut: list[SpokenSegment] = []
    for segment in segments:
        words = [_in_one_stretch(word, clip) for word in segment.words]
        ends = [
            index
            for index, (word, following) in enumerate(pairwise(words), start=1)
            if following.start - word.end >= LINE_PAUSE_SECONDS and _pause_between(word, following, clip)
        ]
        texts = ["".join(word.word for word in words[a:b]).strip() for a, b in pairwise([0, *ends, len(words)])]
        if "".join(word.word for word in words).strip() != segment.text:
            # Its words are not all of it, so that cutting would lose something.
            ends, texts = [], [segment.text]
        for (first, last), text in zip(pairwise([0, *ends, len(words)]), texts, strict=True):
            part = tuple(words[first:last])
            start, end = (part[0].start, part[-1].end) if part else (segment.start, segment.end)
            cut.append(replace(segment, start=start, end=end, text=text, words=part))
    return cut


def interpolate(text: str, start: float, end: float, avg_logprob: float) -> tuple[SpokenWord, ...]:
    """Words for a text that could not be aligned: laid over its time by their lengths, and flagged."""
    parts = [f" {part}" for part in text.split()]
    total = sum(len(part) for part in parts)
    probability = min(1.0, max(0.0, math.exp(min(0.0, avg_logprob))))
    words: list[SpokenWord] = []
    done = 0
    for part in parts:
        from_ = start + (end - start) * done / total
        done += len(part)
        words.append(SpokenWord(part, from_, start + (end - start) * done / total, probability, interpolated=True))
    return tuple(words)


def _in_order(words: Sequence[SpokenWord], floor: float, ceiling: float) -> list[SpokenWord]:
    result: list[SpokenWord] = []
    for word in words:
        start = _clamp(word.start, floor, ceiling)
        end = _clamp(word.end, start, ceiling)
        result.append(SpokenWord(word.word, start, end, _clamp(word.probability, 0.0, 1.0), word.interpolated))
        floor = end
    return result


def _out_of_silence(word: SpokenWord, clip: Clip) -> SpokenWord:
    """A word that begins or ends in a pause is trimmed to the speech that it overlaps."""
    heard = [span for span in clip.spans if span.start < word.end and word.start < span.end]
    if not heard:
        return word
    start, end = max(word.start, heard[0].start), min(word.end, heard[-1].end)
    return SpokenWord(word.word, start, end, word.probability, word.interpolated)


def _in_one_stretch(word: SpokenWord, clip: Clip) -> SpokenWord:
    """A word that lasts from one stretch of speech into others belongs to the one that it shares most with."""
    shared = [(min(word.end, span.end) - max(word.start, span.start), span) for span in clip.spans]
    shared = [(seconds, span) for seconds, span in shared if seconds > 0]
    if len(shared) < 2:
        return word
    span = max(shared, key=lambda pair: pair[0])[1]
    return replace(word, start=max(word.start, span.start), end=min(word.end, span.end))


def _pause_between(word: SpokenWord, following: SpokenWord, clip: Clip) -> bool:
    middle = (word.end + following.start) / 2
    return not any(span.start < middle < span.end for span in clip.spans)


def _stretched(word: SpokenWord, ceiling: float) -> SpokenWord:
    if 0 < ceiling - word.end <= _TAIL_SECONDS:
        return SpokenWord(word.word, word.start, ceiling, word.probability, word.interpolated)
    return word


def _clamp(value: float, low: float, high: float) -> float:
    if math.isnan(value):
        return low
    return min(max(value, low), max(low, high))
