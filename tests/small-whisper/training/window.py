"""Owns windows: utterances laid on a time line, with noise, level and padding, and what is to be heard in them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from training.bank import Bank
from training.features import HOP, MELS, log_spectrum, normalise
from training.noise import NoiseShelf
from training.tokens import PUNCTUATION, TIMESTAMPS, Tokens
from training.utterance import FRAMES_PER_SECOND, SAMPLE_RATE, Utterance

_WHOLE_WINDOW = 30.0
_NEAR = 0.06

_Sample = TypeVar("_Sample", np.float32, np.uint8)


@dataclass(frozen=True)
class Density:
    """How full windows are; every field is the share of windows, or of gaps between utterances, of a kind, 0 to 1."""

    silent: float
    early_start: float
    filled: float
    crowded: float
    few: float
    short_gaps: float
    """Gaps of 0.12 to 0.6 s."""
    middle_gaps: float
    """Gaps of 0.5 to 1.8 s; the rest are 2 to 5 s."""


@dataclass(frozen=True)
class PlacedToken:
    """A text token and the seconds in which it is spoken."""

    token: int
    start: float
    end: float


@dataclass(frozen=True)
class Segment:
    """One sentence in the window, in seconds; cut when the window ends before it does."""

    start: float
    end: float
    tokens: list[PlacedToken]
    cut: bool


@dataclass(frozen=True)
class Window:
    """mel float32 [80, 100 * seconds]; phonemes and words uint8 [50 * seconds], 0 for none.

    offset counts the 20 ms steps that lie before a window shorter than 30 s.
    """

    mel: NDArray[np.float32]
    offset: int
    segments: list[Segment]
    phonemes: NDArray[np.uint8]
    words: NDArray[np.uint8]


@dataclass(frozen=True)
class _Placed:
    utterance: Utterance
    start: float
    gain: float
    cut: bool

    @property
    def end(self) -> float:
        return self.start + self.utterance.seconds


class WindowMaker:
    """Composes windows of a bank and a noise shelf."""

    def __init__(self, bank: Bank, shelf: NoiseShelf, tokens: Tokens) -> None:
        self._bank, self._shelf, self._tokens = bank, shelf, tokens

    def compose(self, rng: Random, seconds: float, density: Density) -> Window:
        """One window; the same generator state gives the same window."""
        offset = 0 if seconds >= _WHOLE_WINDOW else rng.randint(0, TIMESTAMPS - 1 - int(seconds * FRAMES_PER_SECOND))
        placed = [] if rng.random() < density.silent else self._place(rng, seconds, density)
        audio = np.zeros(int(seconds * SAMPLE_RATE), np.float32)
        phonemes = np.zeros(int(seconds * FRAMES_PER_SECOND), np.uint8)
        words = np.zeros_like(phonemes)
        segments: list[Segment] = []
        for one in placed:
            _lay(one.utterance.samples.astype(np.float32) * (one.gain / 32768), audio, int(one.start * SAMPLE_RATE))
            _lay(one.utterance.phonemes, phonemes, round(one.start * FRAMES_PER_SECOND))
            segments += self._segment(one, seconds, words)
        end = min(seconds, placed[-1].end) if segments else rng.uniform(0.3, seconds)
        audio = self._room(rng, audio, end, bool(segments))
        return Window(_mel(rng, audio, int(seconds * SAMPLE_RATE / HOP)), offset, segments, phonemes, words)

    def _place(self, rng: Random, seconds: float, density: Density) -> list[_Placed]:
        start = rng.uniform(0, 0.5) if rng.random() < density.early_start else rng.uniform(0, min(6, seconds * 0.4))
        limit = seconds if rng.random() < density.filled else rng.uniform(min(3, seconds / 2), seconds)
        most = _most_utterances(rng, density)
        number, base, style = rng.randrange(len(self._bank)), 10 ** rng.uniform(-1.5, -0.02), rng.random()
        placed: list[_Placed] = []
        while len(placed) < most:
            utterance, cut = self._bank[number], False
            if not placed and rng.random() < 0.08:
                start = -rng.uniform(0.1, max(0.11, utterance.seconds * 0.8))
            end = start + utterance.seconds
            if end > limit - 0.02 and (placed or end >= seconds - 0.02):
                if rng.random() < 0.15 and start < seconds - 0.5 and end > seconds + 0.1:
                    cut = True
                elif not placed and utterance.seconds < seconds - 0.1:
                    start = rng.uniform(0, seconds - 0.05 - utterance.seconds)
                else:
                    break
            placed.append(_Placed(utterance, start, base * 10 ** (rng.uniform(-4, 4) / 20), cut))
            if cut:
                break
            start = placed[-1].end + _gap(rng, density)
            number = self._next(rng, number, style)
        return placed

    def _next(self, rng: Random, number: int, style: float) -> int:
        """The same voice again in two windows of five; else anyone, and random words more often than the bank has."""
        if style < 0.4:
            return (number + 1) % len(self._bank)
        return rng.randrange(len(self._bank)) if rng.random() < 0.8 else self._bank.draw_salad(rng)

    def _segment(self, one: _Placed, seconds: float, words: NDArray[np.uint8]) -> list[Segment]:
        """The sentence as far as it can be heard in the window; its words are marked in `words`."""
        spoken = one.utterance.text.split()
        tokens: list[PlacedToken] = []
        first: float | None = None
        for written in self._tokens.encode(one.utterance.text):
            start, end = (float(edge) + one.start for edge in one.utterance.words[written.word])
            if start < -0.03 or end > seconds + 0.01:
                continue
            first = start if first is None else first
            if self._tokens.is_word(written.token):
                tokens.append(PlacedToken(written.token, start, end))
                frames = slice(max(0, round(start * FRAMES_PER_SECOND)), max(0, round(end * FRAMES_PER_SECOND)))
                words[frames] = self._tokens.word_class(spoken[written.word])
            else:
                tokens.append(PlacedToken(written.token, end - _NEAR, end + _NEAR))
        if tokens and self._tokens.text[tokens[0].token] in PUNCTUATION:
            tokens = tokens[1:]
        if tokens and first is not None:
            return [Segment(max(0.0, first), min(seconds, one.start + one.utterance.speech_end), tokens, one.cut)]
        return [Segment(max(0.0, one.start), seconds, [], True)] if one.cut else []

    def _room(self, rng: Random, audio: NDArray[np.float32], end: float, speech: bool) -> NDArray[np.float32]:
        """Background, clicks and rounding; half of the windows end soon after the content, half are filled up.

        faster-whisper pads a short window with zero features, other Whisper code with silent audio: both must work.
        """
        content = end + (rng.uniform(0, 0.5) if rng.random() < 0.5 else rng.uniform(0, 4))
        if rng.random() < 0.5:
            audio = audio[: max(SAMPLE_RATE // 10, int(content * SAMPLE_RATE))]
        count, chance = len(audio), rng.random()
        if speech and chance > 0.35:
            level = float(np.sqrt((audio**2).mean())) + 1e-6
            audio = audio + self._shelf.draw(rng, count) * (level * 10 ** (-rng.uniform(12, 45) / 20))
        elif not speech and chance > 0.15:
            audio = self._shelf.draw(rng, count) * 10 ** rng.uniform(-4.5, -1)
        if not speech and rng.random() < 0.3:
            for _ in range(rng.randint(1, 6)):
                first = rng.randrange(count - 1)
                click = slice(first, min(count, first + rng.randint(20, 3000)))
                audio[click] += self._shelf.draw(rng, click.stop - first) * 10 ** rng.uniform(-2.5, -0.6)
        if rng.random() < 0.3:
            return (np.round(np.clip(audio, -1, 1) * 32767) / 32768).astype(np.float32)
        return audio.astype(np.float32)


def _most_utterances(rng: Random, density: Density) -> int:
    chance = rng.random()
    if chance < density.crowded:
        return 99
    return rng.randint(2, 6) if chance < density.crowded + density.few else 1


def _gap(rng: Random, density: Density) -> float:
    """Seconds of silence after an utterance."""
    chance = rng.random()
    if chance < density.short_gaps:
        return rng.uniform(0.12, 0.6)
    return rng.uniform(0.5, 1.8) if chance < density.short_gaps + density.middle_gaps else rng.uniform(2, 5)


def _lay(piece: NDArray[_Sample], line: NDArray[_Sample], at: int) -> None:
    """Add the piece to the line at a place that may lie partly outside it."""
    first, last = max(0, -at), min(len(piece), len(line) - at)
    if last > first:
        line[at + first : at + last] += piece[first:last]


def _mel(rng: Random, audio: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Features [80, frames] with a random spectral tilt, zero after the audio."""
    spectrum = log_spectrum(audio)
    if rng.random() < 0.5:
        spectrum += (np.linspace(-1, 1, MELS)[:, None] * rng.gauss(0, 0.25)).astype(np.float32)
    mel = np.zeros((MELS, frames), np.float32)
    known = normalise(spectrum, 0 if rng.random() < 0.5 else rng.uniform(0, 1.2))[:, :frames]
    mel[:, : known.shape[1]] = known
    return mel
