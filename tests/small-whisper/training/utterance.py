"""Owns one spoken sentence: 16 kHz samples with the span of every word and the phoneme of every 20 ms frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from training.espeak import Speech

SAMPLE_RATE = 16_000
FRAMES_PER_SECOND = 50
FRAME = SAMPLE_RATE // FRAMES_PER_SECOND
_PEAK = 22_000
_AFTER_SPEECH = 0.03


@dataclass(frozen=True)
class Utterance:
    """samples int16 [n]; words float32 [words, 2], start and end in seconds; phonemes uint8 [frames], 0 for none."""

    text: str
    salad: bool
    samples: NDArray[np.int16]
    words: NDArray[np.float32]
    phonemes: NDArray[np.uint8]

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    @property
    def speech_end(self) -> float:
        return float(self.words[-1, 1])


class Phonemes:
    """Numbers for phoneme names, given out from 1 as they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        return self._numbers.setdefault(name, len(self._numbers) + 1)

    @property
    def names(self) -> list[str]:
        return list(self._numbers)


def align(text: str, salad: bool, speech: Speech, ratio: tuple[int, int], phonemes: Phonemes) -> Utterance | None:
    """Resample by ratio (up, down) to 16 kHz, turn events into spans; None where the events do not fit the words."""
    up, down = ratio
    second = up / down / SAMPLE_RATE
    sounds = [(event.sample * second, event) for event in speech.phonemes]
    spoken = [number for number, (_, event) in enumerate(sounds) if not event.is_pause]
    starts = _word_starts(text, speech, second)
    if not spoken or not starts or starts[0][0] != 0:
        return None
    samples = resample_poly(speech.samples.astype(np.float32), up, down)
    after = spoken[-1] + 1
    end = sounds[after][0] if after < len(sounds) else len(samples) / SAMPLE_RATE
    pauses = [time for time, event in sounds if event.is_pause]
    words = _word_spans(text, starts, [*pauses, end], end)
    wanted = int((end + _AFTER_SPEECH) * SAMPLE_RATE)
    if words is None or len(samples) < wanted - SAMPLE_RATE // 20:
        return None
    samples = samples[:wanted]
    frames = np.zeros(len(samples) // FRAME + 1, np.uint8)
    for number in spoken:
        begin, event = sounds[number]
        until = sounds[number + 1][0] if number + 1 < len(sounds) else end
        first = round(begin * FRAMES_PER_SECOND)
        frames[first : max(round(until * FRAMES_PER_SECOND), first + 1)] = phonemes.number(event.name)
    levelled = samples * (_PEAK / max(1.0, float(np.abs(samples).max())))
    return Utterance(text, salad, np.clip(levelled, -32767, 32767).astype(np.int16), words, frames)


def _word_starts(text: str, speech: Speech, second: float) -> list[tuple[int, float]]:
    """Place in the sentence and start in seconds of every word that has an event of its own."""
    characters: list[int] = []
    at = 0
    for word in text.split():
        characters.append(at)
        at += len(word) + 1
    starts: list[tuple[int, float]] = []
    for event in speech.words:
        place = max(number for number, first in enumerate(characters) if first <= event.character)
        if not starts or starts[-1][0] != place:
            starts.append((place, event.sample * second))
    return starts


def _word_spans(
    text: str, starts: list[tuple[int, float]], pauses: list[float], end: float
) -> NDArray[np.float32] | None:
    """A span for every word; where one event covers several ("of the"), they share it by their letters."""
    words = text.split()
    spans = np.zeros((len(words), 2), np.float32)
    for number, (place, begin) in enumerate(starts):
        next_place, until = starts[number + 1] if number + 1 < len(starts) else (len(words), end)
        if next_place <= place:
            return None
        until = next((pause for pause in pauses if begin + 0.03 < pause < until), until)
        letters = np.cumsum([0] + [len(word) for word in words[place:next_place]])
        edges = begin + (until - begin) * letters / letters[-1]
        spans[place:next_place, 0] = edges[:-1]
        spans[place:next_place, 1] = edges[1:]
    return spans
