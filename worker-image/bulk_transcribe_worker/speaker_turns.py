"""Owns who speaks when: the turns of a diarization, asked for a stretch of time. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """One speaker from `start` to `end`, seconds of the recording."""

    start: float
    end: float
    speaker: str


@dataclass(frozen=True)
class Near:
    """Whose turn lies nearest to a time, and how many seconds away; 0 inside of it."""

    speaker: str
    distance: float


class Turns:
    """Turns that do not overlap (an exclusive diarization), in order. Turns that end before they begin say nothing."""

    def __init__(self, turns: Iterable[Turn]) -> None:
        self.all: tuple[Turn, ...] = tuple(
            sorted((turn for turn in turns if turn.end > turn.start), key=lambda turn: (turn.start, turn.end))
        )
        self._starts = [turn.start for turn in self.all]

    def heard(self, start: float, end: float) -> dict[str, float]:
        """Seconds of each speaker between two times; those who say nothing are left out."""
        seconds: dict[str, float] = {}
        for turn in self._around(start, end):
            shared = min(end, turn.end) - max(start, turn.start)
            if shared > 0:
                seconds[turn.speaker] = seconds.get(turn.speaker, 0.0) + shared
        return seconds

    def longest(self, speaker: str, start: float, end: float) -> float:
        """Seconds of the longest whole turn of a speaker that touches the stretch; 0 where there is none."""
        touching = [turn for turn in self._around(start, end) if turn.speaker == speaker]
        return max((turn.end - turn.start for turn in touching), default=0.0)

    def nearest(self, time: float) -> Near | None:
        """The turn nearest to a time, the earlier one of two that are even; None where nobody speaks at all."""
        place = bisect_right(self._starts, time)
        best: Near | None = None
        for turn in self.all[max(0, place - 1) : place + 1]:
            distance = max(0.0, turn.start - time, time - turn.end)
            if best is None or distance < best.distance:
                best = Near(turn.speaker, distance)
        return best

    def _around(self, start: float, end: float) -> Sequence[Turn]:
        """The turns that may overlap a stretch: they are disjoint, so one before its start is enough."""
        return self.all[max(0, bisect_right(self._starts, start) - 1) : bisect_right(self._starts, end)]


def overlapped(turns: Iterable[Turn]) -> list[tuple[float, float]]:
    """The stretches in which two or more speak at once, in order and disjoint; `turns` may overlap."""
    edges = sorted(
        [(turn.start, 1) for turn in turns if turn.end > turn.start]
        + [(turn.end, -1) for turn in turns if turn.end > turn.start]
    )
    stretches: list[tuple[float, float]] = []
    speaking, began = 0, 0.0
    for time, change in edges:
        before, speaking = speaking, speaking + change
        if before < 2 <= speaking:
            began = time
        elif speaking < 2 <= before and time > began:
            stretches.append((began, time))
    return stretches


def renamed_by_appearance(turns: Sequence[Turn]) -> dict[str, str]:
    """A label for each speaker, SPEAKER_00 for the one who speaks first."""
    order = dict.fromkeys(turn.speaker for turn in sorted(turns, key=lambda turn: (turn.start, turn.end)))
    return {speaker: f"SPEAKER_{number:02d}" for number, speaker in enumerate(order)}
