"""Owns the channels of a recording as its speakers: which recordings have any, and how their texts become one.

One microphone a person, or the two sides of a call. Nobody has to be told apart then: the channel says who speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bulk_transcribe_worker.audio import SAMPLE_RATE, Audio
from bulk_transcribe_worker.engine import SpokenSegment
from bulk_transcribe_worker.heard import Heard
from bulk_transcribe_worker.transcript import Remark

MOST = 8
"""Channels that are taken for speakers; a recording with more is a mix for loudspeakers."""
ALIKE_SHARE = 0.05
"""Of their energy: channels that differ by less carry the same, as a mono recording in a stereo file does."""
_BLOCK_SECONDS = 60
MIXED = Remark(
    "CHANNELS_MIXED",
    "The channels were to be transcribed apart, but they carry the same or there is only one, so they were not.",
)


def label(channel: int) -> str:
    """The speaker of a channel, which is counted from 0."""
    return f"SPEAKER_{channel:02d}"


def alike(one: Audio, other: Audio) -> bool:
    """Whether two channels carry the same sound, so that everything would be transcribed twice."""
    difference = energy = 0.0
    for start in range(0, max(len(one), len(other)), _BLOCK_SECONDS * SAMPLE_RATE):
        end = min(start + _BLOCK_SECONDS * SAMPLE_RATE, len(one), len(other))
        a, b = one.slice(start, end), other.slice(start, end)
        difference += float(np.sum((a - b) ** 2))
        energy += float(np.sum(a**2) + np.sum(b**2))
    return difference <= ALIKE_SHARE * energy


def spoken_by(segment: SpokenSegment, speaker: str | None) -> SpokenSegment:
    """The segment, and its words, as one speaker's."""
    if speaker is None:
        return segment
    words = tuple(replace(word, speaker=speaker) for word in segment.words)
    return replace(segment, speaker=speaker, words=words)


def together(channels: Sequence[Heard]) -> Heard:
    """What was heard of all channels, in the order of time. Speakers are those who say something."""
    segments = sorted(
        (segment for heard in channels for segment in heard.segments), key=lambda one: (one.start, one.end)
    )
    doubts = sorted(
        (remark for heard in channels for remark in heard.doubts), key=lambda one: (one.start or 0.0, one.code)
    )
    speaking = sorted({segment.speaker for segment in segments if segment.speaker is not None})
    # The language is that of the channel that says most.
    first = max(channels, key=lambda heard: sum(len(segment.text) for segment in heard.segments))
    options = {**first.options, "channels": "separate"}
    return Heard(first.language, options, segments, doubts, {speaker: {} for speaker in speaking})
