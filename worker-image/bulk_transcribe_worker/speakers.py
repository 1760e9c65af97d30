"""Owns which word is whose: words meet turns, and segments are split where the speaker changes.

Pure functions. No word is lost, moved or cut: only speakers are added, and a segment becomes several between its words.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bulk_transcribe_worker.engine import SpokenSegment, SpokenWord
from bulk_transcribe_worker.speaker_turns import Turn, Turns, overlapped

CERTAIN_SHARE = 0.6
"""Share of a word that must lie in its speaker's turns. Less, and who says it is a guess."""
NEAR_SECONDS = 0.5
"""A word in which nobody is heard is the nearest speaker's; further away than this, that is a guess."""
SHORT_TURN_SECONDS = 0.6
PAUSE_SECONDS = 0.3
"""A single word between words of another is believed when its turn is longer than the first or pauses are around."""


@dataclass
class _Said:
    """A word on its way: whose it is, how much of each speaker was heard in it, and whether that is certain."""

    word: SpokenWord
    heard: dict[str, float]
    speaker: str | None
    uncertain: bool


def assign_speakers(
    segments: Sequence[SpokenSegment], exclusive: Sequence[Turn], turns: Sequence[Turn]
) -> list[SpokenSegment]:
    """The segments with speakers. `exclusive`: one speaker at a time; `turns`: also where several speak at once.

    Without turns the segments come back as they are.
    """
    index = Turns(exclusive)
    if not index.all:
        return list(segments)
    crowded = _Stretches(overlapped(turns))
    said = [[_first_guess(word, index, crowded) for word in segment.words] for segment in segments]
    _calm([word for words in said for word in words], index)
    return [
        piece
        for segment, words in zip(segments, said, strict=True)
        for piece in (_split(segment, words) if words else [_whole(segment, index)])
    ]


def _first_guess(word: SpokenWord, index: Turns, crowded: _Stretches) -> _Said:
    heard = index.heard(word.start, word.end)
    if heard:
        speaker = max(heard, key=lambda label: heard[label])
        length = max(word.end - word.start, 1e-9)
        uncertain = heard[speaker] / length < CERTAIN_SHARE or crowded.seconds(word.start, word.end) / length > 0.5
        return _Said(word, heard, speaker, uncertain or word.interpolated)
    near = index.nearest((word.start + word.end) / 2)
    assert near is not None
    # A word without length lies in a turn all the same.
    return _Said(word, {}, near.speaker, near.distance > NEAR_SECONDS or word.interpolated)


def _calm(words: list[_Said], index: Turns) -> None:
    """Gives a single word between words of others to its neighbours, where its own turn is no turn to speak of."""
    runs = [list(run) for _, run in groupby(words, key=lambda said: said.speaker)]
    for place, run in enumerate(runs):
        if len(run) != 1 or len(runs) == 1:
            continue
        (said,) = run
        before = runs[place - 1][-1] if place > 0 else None
        after = runs[place + 1][0] if place + 1 < len(runs) else None
        owner = _owner(said, before, after, index)
        if owner is not None:
            said.speaker, said.uncertain = owner, True


def _owner(said: _Said, before: _Said | None, after: _Said | None, index: Turns) -> str | None:
    """Whose a single word rather is, or None where it is believed."""
    word = said.word
    gap_before = word.start - before.word.end if before is not None else PAUSE_SECONDS
    gap_after = after.word.start - word.end if after is not None else PAUSE_SECONDS
    if gap_before >= PAUSE_SECONDS and gap_after >= PAUSE_SECONDS:
        return None
    between = before is not None and after is not None and before.speaker == after.speaker
    if between and before is not None:
        short = index.longest(said.speaker or "", word.start, word.end) < SHORT_TURN_SECONDS
        return before.speaker if short or said.uncertain else None
    # At the edge of a turn: a word that is cut by the change belongs to whom it is nearer in time.
    if not said.uncertain:
        return None
    neighbours = [(gap_before, before), (gap_after, after)]
    heard = [(gap, near) for gap, near in neighbours if near is not None and near.speaker in said.heard]
    return min(heard, key=lambda pair: pair[0])[1].speaker if heard else None


def _split(segment: SpokenSegment, words: list[_Said]) -> list[SpokenSegment]:
    runs = [list(run) for _, run in groupby(words, key=lambda said: said.speaker)]
    if len(runs) == 1:
        return [_piece(segment, runs[0], segment.text, segment.start, segment.end)]
    pieces = []
    for place, run in enumerate(runs):
        text = "".join(said.word.word for said in run).strip()
        start = segment.start if place == 0 else run[0].word.start
        end = segment.end if place == len(runs) - 1 else run[-1].word.end
        pieces.append(_piece(segment, run, text, start, max(start, end)))
    return pieces


def _piece(segment: SpokenSegment, run: list[_Said], text: str, start: float, end: float) -> SpokenSegment:
    uncertain = sum(said.uncertain for said in run) * 2 > len(run)
    words = tuple(replace(said.word, speaker=said.speaker, uncertain=said.uncertain) for said in run)
    return replace(
        segment, start=start, end=end, text=text, words=words, speaker=run[0].speaker, speaker_uncertain=uncertain
    )


def _whole(segment: SpokenSegment, index: Turns) -> SpokenSegment:
    """A segment without words cannot be split: it is whose most of it is."""
    heard = index.heard(segment.start, segment.end)
    if heard:
        speaker = max(heard, key=lambda label: heard[label])
        uncertain = heard[speaker] / sum(heard.values()) < CERTAIN_SHARE
        return replace(segment, speaker=speaker, speaker_uncertain=uncertain)
    near = index.nearest((segment.start + segment.end) / 2)
    assert near is not None
    return replace(segment, speaker=near.speaker, speaker_uncertain=near.distance > NEAR_SECONDS)


class _Stretches:
    """Disjoint stretches of time, in order."""

    def __init__(self, stretches: Sequence[tuple[float, float]]) -> None:
        self._stretches = stretches
        self._starts = [start for start, _ in stretches]

    def seconds(self, start: float, end: float) -> float:
        """Seconds of them between two times."""
        around = self._stretches[max(0, bisect_right(self._starts, start) - 1) : bisect_right(self._starts, end)]
        return sum(max(0.0, min(end, until) - max(start, since)) for since, until in around)
