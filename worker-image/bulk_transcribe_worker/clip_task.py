"""Owns a clip on its way through the decoder: which part of it is decoded next, and which text is kept in the end.

A clip is decoded as a whole first. What came out badly is decoded anew in smaller parts, cut at the clip's pauses: both
halves where the whole of it failed, the lines alone that did not come out. Only a part that fails too is decoded a
second time with other settings, and of two texts the better one is kept.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from bulk_transcribe_worker.engine import Redecoded, SpeechOptions, SpokenSegment
from bulk_transcribe_worker.fallback import TEMPERATURES, Try
from bulk_transcribe_worker.trust import clip_doubt, clipped
from bulk_transcribe_worker.vad import Clip, Span
from bulk_transcribe_worker.weak_lines import TOUCH_SECONDS, touches, weak_stretches
from bulk_transcribe_worker.words import lines, settle

FRAMES_PER_SECOND = 100
AGAIN_TEMPERATURE = 0.4
"""What a part whose text is doubtful is decoded at the second time."""
MAX_RUNS = 2
"""Of bad lines in a clip, each of which costs a window of its own: with more of them it is halved instead."""
_REST_SECONDS = 0.3
"""Of speech: with less of it left in a part, Whisper is not asked what comes there."""


@dataclass(frozen=True)
class Part:
    """Spans `first` to `last` of a clip, both inside, decoded on their own. `other`: their text as it was before."""

    first: int
    last: int
    kind: Literal["whole", "half", "lines", "again"] = "whole"
    other: tuple[SpokenSegment, ...] = ()
    reason: str = ""
    """The code of the doubt that it is decoded again for."""


@dataclass(eq=False)
class ClipTask:
    """One clip on its way. `features` are log-mel, shape (mels, frames + 1); `seek` is a frame of 10 ms."""

    clip: Clip
    features: npt.NDArray[np.float32]
    frames: int
    prompts: tuple[tuple[int, ...], tuple[int, ...]]
    """Of the first window of a part, and of all others."""
    language: str
    options: SpeechOptions
    heard: tuple[Span, ...] = ()
    """What the voice detector heard inside the clip, seconds of the recording."""
    seek: int = 0
    tries: tuple[Try, ...] = ()
    """What the window at `seek` gave so far; none of it was good enough."""
    last_speech: float = 0.0
    segments: list[SpokenSegment] = field(default_factory=list)
    """Of the part that is being decoded."""
    redecoded: list[Redecoded] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._parts = [Part(0, len(self.clip.spans) - 1)] if self.frames else []
        self._kept: list[SpokenSegment] = []

    @property
    def part(self) -> Part:
        """What is being decoded."""
        return self._parts[0]

    @property
    def until(self) -> int:
        """The frame at which the part ends."""
        if self.part.last == len(self.clip.spans) - 1:
            return self.frames
        return min(self.frames, round(self.clip.place(self.part.last).end * FRAMES_PER_SECOND))

    @property
    def prompt(self) -> tuple[int, ...]:
        """What the next window is decoded after."""
        return self.prompts[0 if self.seek == self._begin(self.part.first) and not self.again else 1]

    @property
    def again(self) -> bool:
        """Whether this is the second time: no prompt, no beam search."""
        return self.part.kind == "again"

    @property
    def divisible(self) -> bool:
        """Whether a failure is answered by decoding smaller parts."""
        return self.part.kind == "whole" and self.part.last > self.part.first

    @property
    def key(self) -> Hashable:
        """CTranslate2 wants prompts of one length, and one temperature, and alignment one language, for a batch."""
        return (self.prompt, self.language, self.options.word_timestamps, self.temperature)

    @property
    def temperature(self) -> float:
        """What the window at `seek` is to be decoded at now."""
        if self.tries:
            return next(warmer for warmer in TEMPERATURES if warmer > self.tries[-1].temperature)
        return AGAIN_TEMPERATURE if self.again else 0.0

    @property
    def done(self) -> bool:
        """Whether the clip is decoded to its end."""
        return not self._parts

    @property
    def result(self) -> list[SpokenSegment]:
        """The segments, with times of the recording that hold together."""
        return lines(sorted(self._kept, key=lambda segment: segment.start), self.clip)

    def fail(self, tried: Try) -> None:
        """The window was not good enough: it is decoded warmer, or where the part can be divided, its halves are."""
        if self.divisible:
            self._halve()
        else:
            self.tries = (*self.tries, tried)

    def _halve(self) -> None:
        """Drops what was heard of the part: its halves are decoded instead, cut at the pause nearest to the middle."""
        part = self._parts.pop(0)
        middle = (self.clip.place(part.first).start + self.clip.place(part.last).end) / 2
        cut = min(range(part.first, part.last), key=lambda index: abs(self.clip.place(index).end - middle))
        self._begin_with([Part(part.first, cut, "half"), Part(cut + 1, part.last, "half")])

    def add(self, segments: Sequence[SpokenSegment], seek: int) -> None:
        """A window's segments; it brought the part up to the frame `seek`. At the part's end its text is judged."""
        self.segments += segments
        self.tries = ()
        if seek >= self.until and segments:
            # The model says that nobody speaks any more. Where somebody was heard, it is asked what comes there.
            end = max(segment.end for segment in segments)
            passed_over = self._speech_from(end - TOUCH_SECONDS)
            if passed_over and self._begin(passed_over[0]) > self.seek:
                seek = self._begin(passed_over[0])
        self.seek = seek
        if seek < self.until and self._speech_left() >= _REST_SECONDS:
            return
        part = self.part
        sound = Clip(self.clip.spans[part.first : part.last + 1], self.clip.pieces[part.first : part.last + 1])
        text = settle(self.segments, sound)
        if part.kind == "again":
            self._keep_better_of_two(part, text, sound)
        elif part.kind == "lines":
            # Alone it is heard best, but never nothing in place of something.
            self._finish(text if text and self._weight(text, sound) <= self._weight(part.other, sound) else part.other)
        else:
            self._judge(part, text, sound)

    def _judge(self, part: Part, text: list[SpokenSegment], sound: Clip) -> None:
        reason = self._doubt(text, sound)[0] if self.options.doubt else None
        if reason is not None and self.divisible:
            self._halve()
        elif reason is not None:
            self._finish((), [Part(part.first, part.last, "again", tuple(text), reason)])
        else:
            runs = weak_stretches(text, sound.spans) if self.divisible else []
            if len(runs) > MAX_RUNS:
                self._halve()
                return
            weak = [
                Part(
                    part.first + first,
                    part.first + last,
                    "lines",
                    tuple(s for s in text if any(touches(s, span) for span in sound.spans[first : last + 1])),
                )
                for first, last in runs
            ]
            taken = {id(segment) for one in weak for segment in one.other}
            self._finish([segment for segment in text if id(segment) not in taken], weak)

    def _keep_better_of_two(self, part: Part, second: list[SpokenSegment], sound: Clip) -> None:
        """A doubtful text was decoded once more. Never nothing in place of something: it is named, not deleted."""
        second_kept = bool(second) and self._weight(second, sound) < self._weight(part.other, sound)
        kept, other = (second, part.other) if second_kept else (part.other, second)
        text = " ".join(segment.text for segment in other)
        self.redecoded.append(Redecoded(sound.speech.start, sound.speech.end, second_kept, text, part.reason))
        self._finish(kept)

    def _weight(self, text: Sequence[SpokenSegment], sound: Clip) -> float:
        return self._doubt(text, sound)[1]

    def _doubt(self, text: Sequence[SpokenSegment], sound: Clip) -> tuple[str | None, float]:
        return clip_doubt(text, self._heard_in(sound), self.options.sensitivity)

    def _heard_in(self, sound: Clip) -> list[Span]:
        return clipped(sound.start, sound.end, self.heard)

    def _finish(self, kept: Sequence[SpokenSegment], then: Sequence[Part] = ()) -> None:
        """The part is done; `then`: what is decoded next."""
        self._kept += kept
        self._parts.pop(0)
        self._begin_with(then)

    def _begin_with(self, parts: Sequence[Part]) -> None:
        self._parts[:0] = parts
        self.segments, self.tries, self.last_speech = [], (), 0.0
        if self._parts:
            self.seek = self._begin(self.part.first)

    def _begin(self, span: int) -> int:
        """The frame at which the piece of a span begins."""
        return round(self.clip.place(span).start * FRAMES_PER_SECOND)

    def _speech_from(self, time: float) -> list[int]:
        """The spans of the part that begin at a time (seconds of the recording) or later."""
        return [index for index in range(self.part.first, self.part.last + 1) if self.clip.spans[index].start >= time]

    def _speech_left(self) -> float:
        """Seconds of detected speech between `seek` and the end of the part."""
        reached = self.clip.time(self.seek / FRAMES_PER_SECOND)
        spans = self.clip.spans[self.part.first : self.part.last + 1]
        return sum(max(0.0, span.end - max(span.start, reached)) for span in spans)
