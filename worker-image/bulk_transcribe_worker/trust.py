"""Owns doubt: what in a transcript is likely not what was said. It is named, never deleted.

Pure functions, for any language: repetition loops, text over silence, speech without text, speech faster than anybody
speaks. Thresholds are set so that ordinary speech, lists and laughter give no remark.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bulk_transcribe_worker.engine import Redecoded, SpokenSegment
from bulk_transcribe_worker.transcript import Remark
from bulk_transcribe_worker.vad import Span

LONGEST_PERIOD = 40
"""Units of the longest phrase whose repetition is looked for."""
MIN_REPEATS = 5
MIN_SINGLE_REPEATS = 8
"""Of a phrase of one unit: people do say the same word several times."""
MIN_LOOP_UNITS = 12

MIN_SILENT_TEXT_SECONDS = 1.0
MAX_SILENT_SHARE = 0.1
"""Of a segment's time: with less detected speech than this it lies over silence."""
EDGE_SECONDS = 0.3
"""What the times of words and of the voice detector may be off by."""
MIN_GAP_SECONDS = 5.0
"""Seconds of detected speech without text that are worth a remark."""

MAX_RATE = 45.0
"""Weighted letters a second; very fast speech has 25."""
MIN_FAST_WEIGHT = 30.0
SENSITIVITY = {"low": 0.6, "medium": 1.0, "high": 1.5}
"""What a controller may ask for by name: everything above is that many times as easily reached. At "high" the rate
still lies above that of very fast speech."""
_LETTERS_NAMED = 60
_OTHER_LETTERS = 1500

_WHY = {
    "LOOP": "The model was caught in a loop here",
    "GAP": "Detected speech had no text here",
    "TOO_FAST": "The text here was faster than anybody speaks",
    "TEXT_OVER_SILENCE": "There was text here, but hardly any speech was detected",
}

_UNIT = re.compile(r"\w+")
_WIDE = re.compile(
    # One sign a syllable or word, and no spaces between words: kana, Han, Hangul, Thai, Lao, Khmer, Burmese.
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003134f]"
)
_WIDE_WEIGHT = 2.0


@dataclass(frozen=True)
class Loop:
    """A phrase that repeats itself: unit numbers `first` to `last` of the text, both inside."""

    first: int
    last: int
    period: int

    @property
    def repeats(self) -> int:
        """How often the phrase stands there in full."""
        return (self.last - self.first + 1) // self.period


@dataclass(frozen=True)
class _Place:
    """Where a unit was heard (seconds), and how it is written."""

    text: str
    start: float
    end: float


def units(text: str) -> list[str]:
    """The words of a text without case and punctuation; signs of scripts that write no spaces stand alone."""
    found: list[str] = []
    for word in _UNIT.findall(unicodedata.normalize("NFKC", text).casefold()):
        found.extend(part for part in re.split(f"({_WIDE.pattern})", word) if part)
    return found


def sensitivity_of(asked: str | float | None) -> float:
    """The factor for a name, or for a number from 0 (low) to 1 (high). What is not known is medium."""
    if isinstance(asked, str):
        return SENSITIVITY.get(asked.strip().lower(), 1.0)
    if asked is None:
        return 1.0
    low, high = SENSITIVITY["low"], SENSITIVITY["high"]
    return low * math.pow(high / low, min(1.0, max(0.0, asked)))


def find_loops(text: Sequence[str], sensitivity: float = 1.0) -> list[Loop]:
    """Stretches in which a phrase follows itself too often; in order, none inside another."""
    numbers: dict[str, int] = {}
    codes = np.array([numbers.setdefault(unit, len(numbers)) for unit in text], dtype=np.int64)
    loops: list[Loop] = []
    # The shortest phrase comes first, so that "no no" x 10 is "no" x 20.
    for period in range(1, min(LONGEST_PERIOD, int(len(codes) * sensitivity) // MIN_REPEATS) + 1):
        least = max(MIN_LOOP_UNITS, period * (MIN_SINGLE_REPEATS if period == 1 else MIN_REPEATS)) / sensitivity
        same = np.concatenate(([False], codes[period:] == codes[:-period], [False]))
        edges = np.flatnonzero(same[1:] != same[:-1])
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            loop = Loop(start, end + period - 1, period)
            if loop.last - loop.first + 1 >= least and not any(
                known.first <= loop.last and loop.first <= known.last for known in loops
            ):
                loops.append(loop)
    return sorted(loops, key=lambda loop: loop.first)


def looping_units(segments: Sequence[SpokenSegment], sensitivity: float = 1.0) -> int:
    """How many units of these segments belong to loops."""
    text = [unit for segment in segments for unit in units(segment.text)]
    return sum(loop.last - loop.first + 1 for loop in find_loops(text, sensitivity))


def clip_doubt(
    segments: Sequence[SpokenSegment], speech: Sequence[Span], sensitivity: float = 1.0
) -> tuple[str | None, float]:
    """The code of the first doubt about one clip's text, or None, and how doubtful it is (to compare two texts)."""
    remarks = doubts(segments, speech, sensitivity=sensitivity)
    seconds = sum((remark.end or 0.0) - (remark.start or 0.0) for remark in remarks if remark.code != "LOOP")
    weight = looping_units(segments, sensitivity) + seconds
    return (remarks[0].code, weight) if remarks else (None, weight)


def doubts(
    segments: Sequence[SpokenSegment],
    speech: Sequence[Span],
    redecoded: Sequence[Redecoded] = (),
    sensitivity: float = 1.0,
) -> list[Remark]:
    """All remarks on a transcript, by time. `speech`: where the voice detector heard somebody, in order.

    `sensitivity`: how many times as easily something is doubted.
    """
    again = [redecoded_remark(one) for one in redecoded]
    found = [
        *_loops(segments, sensitivity),
        *_over_silence(segments, speech, MAX_SILENT_SHARE * sensitivity),
        *_gaps(segments, speech, MIN_GAP_SECONDS / sensitivity),
        *_too_fast(segments, MAX_RATE / sensitivity),
    ]
    # What a clip was decoded again for is said once.
    remarks = again + [one for one in found if not any(_is_said_by(again_, one) for again_ in again)]
    return sorted(remarks, key=lambda remark: (remark.start or 0.0, remark.code))


def _is_said_by(known: Remark, remark: Remark) -> bool:
    overlap = (known.start or 0.0) < (remark.end or 0.0) and (remark.start or 0.0) < (known.end or 0.0)
    return overlap and known.code == remark.code


def _loops(segments: Sequence[SpokenSegment], sensitivity: float) -> list[Remark]:
    places = [place for segment in segments for place in _places(segment)]
    remarks: list[Remark] = []
    for loop in find_loops([place.text for place in places], sensitivity):
        phrase = " ".join(place.text for place in places[loop.first : loop.first + loop.period])
        remarks.append(
            Remark(
                "LOOP",
                f"The text repeats {shortened(phrase)!r} {loop.repeats} times: likely a loop of the model.",
                places[loop.first].start,
                places[loop.last].end,
            )
        )
    return remarks


def _places(segment: SpokenSegment) -> list[_Place]:
    timed = [(word.word, word.start, word.end) for word in segment.words]
    timed = timed or [(segment.text, segment.start, segment.end)]
    return [_Place(unit, start, end) for text, start, end in timed for unit in units(text)]


def redecoded_remark(again: Redecoded) -> Remark:
    """What is said of a clip that was decoded twice: why, which text was kept, and what the other one was."""
    verdict = (
        "the second text is kept; the first was"
        if again.second_kept
        else "it was no better, so the first text is kept; the second was"
    )
    other = shortened(again.other_text, _OTHER_LETTERS)
    why = _WHY.get(again.reason, _WHY["LOOP"])
    message = f"{why}, so this was decoded once more with other settings: {verdict} {other!r}."
    return Remark(again.reason, message, again.start, again.end)


def _over_silence(segments: Sequence[SpokenSegment], speech: Sequence[Span], share: float) -> list[Remark]:
    return [
        Remark(
            "TEXT_OVER_SILENCE",
            "There is text here, but hardly any speech was detected.",
            segment.start,
            segment.end,
        )
        for segment in segments
        if segment.end - segment.start >= MIN_SILENT_TEXT_SECONDS
        and _overlap(segment.start, segment.end, speech, EDGE_SECONDS) < share * (segment.end - segment.start)
    ]


def _gaps(segments: Sequence[SpokenSegment], speech: Sequence[Span], least: float) -> list[Remark]:
    remarks: list[Remark] = []
    end = speech[-1].end if speech else 0.0
    reached = 0.0
    for start, until in [*sorted((segment.start, segment.end) for segment in segments), (end, end)]:
        missed = clipped(reached, start, speech)
        seconds = sum(span.end - span.start for span in missed)
        if seconds >= least:
            message = f"About {seconds:.0f} s of detected speech have no text."
            remarks.append(Remark("GAP", message, missed[0].start, missed[-1].end))
        reached = max(reached, until)
    return remarks


def _too_fast(segments: Sequence[SpokenSegment], most: float) -> list[Remark]:
    remarks: list[Remark] = []
    for segment in segments:
        weight = sum(_WIDE_WEIGHT if _WIDE.match(letter) else 1.0 for letter in segment.text if not letter.isspace())
        seconds = segment.end - segment.start + EDGE_SECONDS
        if weight >= MIN_FAST_WEIGHT and weight / seconds > most:
            message = f"{len(segment.text)} letters in {segment.end - segment.start:.1f} s: faster than anybody speaks."
            remarks.append(Remark("TOO_FAST", message, segment.start, segment.end))
    return remarks


def shortened(text: str, most: int = _LETTERS_NAMED) -> str:
    """The text, or its first `most` letters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _overlap(start: float, end: float, speech: Sequence[Span], edge: float) -> float:
    return sum(span.end - span.start for span in clipped(start - edge, end + edge, speech))


def clipped(start: float, end: float, speech: Sequence[Span]) -> list[Span]:
    """The speech between two times; `speech` is in order and its spans do not overlap."""
    found: list[Span] = []
    for index in range(bisect_right(speech, start, key=lambda span: span.end), len(speech)):
        span = speech[index]
        if span.start >= end:
            break
        found.append(Span(max(span.start, start), min(span.end, end)))
    return found
