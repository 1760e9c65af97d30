"""Owns what the decoder is taught: the tokens of a window, with and without timestamps, and where to look for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from training.bank import Bank
from training.tokens import TIMESTAMPS, Tokens
from training.utterance import FRAMES_PER_SECOND
from training.window import Segment, Window

LONGEST = 440
_NEAR = 0.06
_WORD_NOISE = 0.08
_TIMESTAMP_NOISE = 0.3
_EARLIER_START = 0.25
_FIRST_TIMESTAMP_LIMIT = 50
_LONGEST_PROMPT = 223
NOWHERE = (-1, -1)


@dataclass
class Lesson:
    """inputs, targets: token ids [length]; taught: whether the position counts; frames: where to look, [from, to)."""

    inputs: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    taught: list[bool] = field(default_factory=list)
    frames: list[tuple[int, int]] = field(default_factory=list)

    def add(self, given: int, wanted: int, frames: tuple[int, int] = NOWHERE, *, taught: bool = True) -> None:
        self.inputs.append(given)
        self.targets.append(wanted)
        self.taught.append(taught)
        self.frames.append(frames)

    def shorten(self) -> None:
        for column in (self.inputs, self.targets, self.taught, self.frames):
            del column[LONGEST:]


class LessonMaker:
    """Turns windows into lessons."""

    def __init__(self, tokens: Tokens, bank: Bank) -> None:
        self._tokens, self._bank = tokens, bank

    def write(self, window: Window, rng: Random, *, timestamps: bool, prompted: float) -> Lesson:
        """One lesson; prompted is the share that begins with previous text, 0 to 1."""
        lesson = Lesson()
        if rng.random() < prompted:
            self._add_prompt(lesson, rng)
        before = len(lesson.inputs)
        if not window.segments:
            self._add_no_speech(lesson, window, rng)
        elif timestamps:
            self._add_timed(lesson, window, rng)
        else:
            self._add_plain(lesson, window)
        self._disturb(lesson, before, rng)
        lesson.shorten()
        return lesson

    def _add_no_speech(self, lesson: Lesson, window: Window, rng: Random) -> None:
        """Whatever comes after the start token, the end does. The runtime forces a first timestamp of at most 1 s."""
        tokens = self._tokens
        lesson.add(tokens.start, tokens.no_speech)
        forced = tokens.first_timestamp + window.offset + rng.randint(0, _FIRST_TIMESTAMP_LIMIT)
        lesson.add(rng.choice([tokens.no_speech, tokens.no_timestamps, forced]), tokens.end)

    def _add_plain(self, lesson: Lesson, window: Window) -> None:
        """The start position still learns the first timestamp, so that speech never looks like no speech."""
        tokens, start = self._tokens, window.segments[0].start
        lesson.add(tokens.start, tokens.timestamp(start, window.offset), _around(window, start))
        given = tokens.no_timestamps
        for one in (token for segment in window.segments for token in segment.tokens):
            lesson.add(given, one.token, _frames(window, one.start, one.end))
            given = one.token
        lesson.add(given, tokens.end)

    def _add_timed(self, lesson: Lesson, window: Window, rng: Random) -> None:
        given = self._tokens.start
        for number, segment in enumerate(window.segments):
            start = self._tokens.timestamp(segment.start, window.offset)
            lesson.add(given, start, _around(window, segment.start))
            given = self._earlier(start, window, rng) if number == 0 and rng.random() < _EARLIER_START else start
            if segment.cut:
                break
            given = self._add_words(lesson, window, segment, given)
        lesson.add(given, self._tokens.end)

    def _add_words(self, lesson: Lesson, window: Window, segment: Segment, given: int) -> int:
        for one in segment.tokens:
            lesson.add(given, one.token, _frames(window, one.start, one.end))
            given = one.token
        end = self._tokens.timestamp(segment.end, window.offset)
        lesson.add(given, end, _around(window, segment.end))
        return end

    def _earlier(self, start: int, window: Window, rng: Random) -> int:
        """A start up to 8 s too early, as when the runtime forces the first timestamp."""
        return rng.randint(max(self._tokens.first_timestamp + window.offset, start - 400), start)

    def _disturb(self, lesson: Lesson, before: int, rng: Random) -> None:
        """Wrong words and slightly wrong times as input, so that the decoder has to listen."""
        tokens = self._tokens
        for place in range(before + 1, len(lesson.inputs)):
            token = lesson.inputs[place]
            if tokens.is_word(token) and rng.random() < _WORD_NOISE:
                lesson.inputs[place] = rng.randrange(256, tokens.end)
            elif token >= tokens.first_timestamp and rng.random() < _TIMESTAMP_NOISE:
                step = token - tokens.first_timestamp + rng.randint(-2, 2)
                lesson.inputs[place] = tokens.first_timestamp + min(TIMESTAMPS - 1, max(0, step))

    def _add_prompt(self, lesson: Lesson, rng: Random) -> None:
        """Previous text of other sentences, with or without their timestamps; nothing in it is taught."""
        tokens = self._tokens
        length = rng.randint(4, 40) if rng.random() < 0.9 else rng.randint(100, 220)
        timed, seconds = rng.random() < 0.5, rng.uniform(0, 4)
        previous: list[int] = []
        while len(previous) < length:
            utterance = self._bank[rng.randrange(len(self._bank))]
            if timed:
                previous.append(tokens.timestamp(seconds))
                seconds += utterance.seconds
            previous += [one.token for one in tokens.encode(utterance.text)]
            if timed:
                previous.append(tokens.timestamp(seconds))
                seconds += rng.uniform(0, 1)
        for token in [tokens.previous, *previous[-min(length, _LONGEST_PROMPT) :]]:
            lesson.add(token, 0, taught=False)


def _frames(window: Window, start: float, end: float) -> tuple[int, int]:
    first = int(start * FRAMES_PER_SECOND + 0.5)
    return max(0, first), min(len(window.words), max(first + 1, int(end * FRAMES_PER_SECOND + 0.5)))


def _around(window: Window, seconds: float) -> tuple[int, int]:
    return _frames(window, seconds - _NEAR, seconds + _NEAR)


def longest(lessons: Sequence[Lesson]) -> int:
    """The length that holds every lesson."""
    return max(len(lesson.inputs) for lesson in lessons)
