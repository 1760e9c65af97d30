"""Owns which lines of a full clip came out badly: speech that was passed over, words that the model did not believe.

Whisper's own checks are made for a window. A window that holds ten lines passes them with nine, so each is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from bulk_transcribe_worker.engine import SpokenSegment
from bulk_transcribe_worker.vad import Span

MIN_LINE_SECONDS = 0.8
"""Shorter stretches of detected speech are often none: a cough, a chair."""
MIN_COVERED = 0.4
"""Of such a stretch: with less of it under words it was passed over."""
MIN_WORD_LOGPROB = math.log(0.5)
"""On average over the words of a segment. With less the model itself would rather have written something else."""
TOUCH_SECONDS = 0.25
"""A text that reaches no further into a stretch does not belong to it: times of words are that rough."""


def weak_stretches(segments: Sequence[SpokenSegment], spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Runs of spans, both ends inside, whose text should be heard anew. No segment lies in two, or half in one."""
    weak = {index for index, span in enumerate(spans) if _passed_over(segments, span)}
    reach = [[index for index, span in enumerate(spans) if touches(segment, span)] for segment in segments]
    for segment, touched in zip(segments, reach, strict=True):
        if _unsure(segment) or _stretched(segment, spans):
            weak.update(touched)
    runs: list[tuple[int, int]] = []
    for index in sorted(weak):
        first, last = index, index
        grown = True
        while grown:
            inside = [touched for touched in reach if touched and touched[0] <= last and first <= touched[-1]]
            wider = (min([first, *(t[0] for t in inside)]), max([last, *(t[-1] for t in inside)]))
            grown, (first, last) = wider != (first, last), wider
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = (min(runs[-1][0], first), max(runs[-1][1], last))
        else:
            runs.append((first, last))
    return runs


def touches(segment: SpokenSegment, span: Span) -> bool:
    """Whether a text belongs to a stretch of speech, at least in part."""
    return _overlap(segment.start, segment.end, span) >= min(TOUCH_SECONDS, (span.end - span.start) / 2)


def _passed_over(segments: Sequence[SpokenSegment], span: Span) -> bool:
    seconds = span.end - span.start
    covered = sum(_overlap(segment.start, segment.end, span) for segment in segments)
    return seconds >= MIN_LINE_SECONDS and covered < MIN_COVERED * seconds


def _unsure(segment: SpokenSegment) -> bool:
    sure = [math.log(max(word.probability, 1e-4)) for word in segment.words if not word.interpolated]
    return bool(sure) and sum(sure) / len(sure) < MIN_WORD_LOGPROB


def _stretched(segment: SpokenSegment, spans: Sequence[Span]) -> bool:
    """Whether a word lasts from one stretch of speech into the next, as one does before text that is missing."""
    return any(
        sum(_overlap(word.start, word.end, span) >= TOUCH_SECONDS for span in spans) > 1 for word in segment.words
    )


def _overlap(start: float, end: float, span: Span) -> float:
    return max(0.0, min(end, span.end) - max(start, span.start))
