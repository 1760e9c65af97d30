"""Owns what the decoder says of a recording beside its sound: what is damaged, what is silent, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bulk_transcribe_worker.transcript import Remark
from bulk_transcribe_worker.vad import Span

MISSING_SECONDS = 1.0
"""How much shorter than it says a recording may be without a remark."""
_ONE_SECONDS = 2.0
"""Damaged stretches that are no further apart are one remark."""
_MOST_SILENT = 20
"""Silent stretches that are named one by one; a call in which people mute themselves has hundreds."""


@dataclass(frozen=True)
class Condition:
    """`stated`: seconds that the container says the recording has, where it says so reliably."""

    damaged: tuple[Span, ...] = ()
    silent: tuple[Span, ...] = ()
    stated: float | None = None


def condition_remarks(condition: Condition, duration: float) -> list[Remark]:
    """Remarks on a recording of which `duration` seconds were decoded; each has its times."""
    remarks = [
        Remark(
            "DAMAGED_AUDIO",
            "The sound here could not be decoded; what comes after it keeps its time.",
            one.start,
            one.end,
        )
        for one in _joined(condition.damaged)
    ]
    named, rest = condition.silent[:_MOST_SILENT], condition.silent[_MOST_SILENT:]
    remarks += [
        Remark("AUDIO_GAP", "The recording holds no sound here; it counts as silence.", s.start, s.end) for s in named
    ]
    if rest:
        seconds = sum(one.end - one.start for one in rest)
        message = f"The recording holds no sound in {len(rest)} further places, {seconds:.0f} s in all."
        remarks.append(Remark("AUDIO_GAP", message, rest[0].start, rest[-1].end))
    if condition.stated is not None and condition.stated - duration > MISSING_SECONDS:
        missing = condition.stated - duration
        message = f"The recording says that it is {missing:.0f} s longer than what the file holds: its end is missing."
        remarks.append(Remark("AUDIO_MISSING", message, duration, duration))
    return remarks


def _joined(stretches: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for one in stretches:
        if joined and one.start - joined[-1].end < _ONE_SECONDS:
            joined[-1] = Span(joined[-1].start, max(one.end, joined[-1].end))
        else:
            joined.append(one)
    return joined
