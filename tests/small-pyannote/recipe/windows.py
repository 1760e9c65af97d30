"""Owns windows of 10 s for training: who speaks when, with pauses, some overlap and some noise."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recipe.voices import SAMPLE_RATE, Samples

SECONDS = 10.0
MOST_SPEAKERS = 3
"""In one window, as the pipeline's segmentation has it."""


@dataclass(frozen=True)
class Window:
    """A mixture, who is in it (numbers of voices), and for each of them where they speak (samples, inclusive ends)."""

    samples: Samples
    voices: tuple[int, ...]
    spoken: tuple[tuple[tuple[int, int], ...], ...]

    def frames(self, count: int) -> npt.NDArray[np.float32]:
        """Who speaks in each of `count` frames: shape (count, MOST_SPEAKERS), 0 or 1."""
        active = np.zeros((count, MOST_SPEAKERS), dtype=np.float32)
        step = len(self.samples) / count
        for column, stretches in enumerate(self.spoken):
            for start, end in stretches:
                active[round(start / step) : round(end / step), column] = 1.0
        return active


def draw(bank: list[list[Samples]], chance: random.Random) -> Window:
    """A window of one, two or three voices that take turns; now and then the next begins before the last has ended."""
    length = round(SECONDS * SAMPLE_RATE)
    # In the order of the bank, so that a model may learn whom it hears rather than who came first.
    voices = sorted(chance.sample(range(len(bank)), chance.choices((1, 2, 3), (2, 6, 2))[0]))
    mixture = np.zeros(length, dtype=np.float32)
    spoken: list[list[tuple[int, int]]] = [[] for _ in voices]
    # The window may begin in the middle of a line.
    at = -chance.randint(0, 2 * SAMPLE_RATE) if chance.random() < 0.6 else chance.randint(0, SAMPLE_RATE)
    turn = chance.randrange(len(voices))
    while at < length:
        line = chance.choice(bank[voices[turn]])
        start, end = max(0, at), min(length, at + len(line))
        if end > start:
            mixture[start:end] += line[start - at : end - at]
            spoken[turn].append((start, end))
        overlaps = chance.random() < 0.12
        pause = -chance.uniform(0.2, 0.8) if overlaps else chance.choice((chance.uniform(0.05, 0.5), chance.uniform(0.5, 1.5)))
        at += len(line) + round(pause * SAMPLE_RATE)
        if len(voices) > 1 and (overlaps or chance.random() < 0.8):
            turn = (turn + chance.randint(1, len(voices) - 1)) % len(voices)
    mixture *= chance.uniform(0.4, 1.2)
    noise = 10 ** chance.uniform(-5.0, -2.3)
    mixture += np.random.default_rng(chance.getrandbits(32)).normal(0, noise, length).astype(np.float32)
    return Window(mixture, tuple(voices), tuple(tuple(part) for part in spoken))
