"""Owns background noise: a shelf of tracks of many colours, drawn from at random places."""

from __future__ import annotations

from random import Random

import numpy as np
from numpy.typing import NDArray

from training.utterance import SAMPLE_RATE

_TRACK_SECONDS = 40
_COLOURS = ("white", "brown", "smooth", "smooth", "smooth", "hum", "blue", "muffled")


class NoiseShelf:
    """float32 tracks of 40 s with a root mean square of 1."""

    def __init__(self, seed: int, tracks: int) -> None:
        rng = Random(seed)
        self._tracks = [_track(rng) for _ in range(tracks)]

    def draw(self, rng: Random, samples: int) -> NDArray[np.float32]:
        """A piece of some track, at most 40 s."""
        track = rng.choice(self._tracks)
        first = rng.randrange(len(track) - samples)
        return track[first : first + samples].copy()


def _track(rng: Random) -> NDArray[np.float32]:
    count = _TRACK_SECONDS * SAMPLE_RATE
    track = _coloured(rng.choice(_COLOURS), rng, count)
    if rng.random() < 0.3:
        phase = np.arange(count) * (2 * np.pi * rng.uniform(0.1, 3) / SAMPLE_RATE) + rng.uniform(0, 6)
        track = track * (1 + 0.8 * np.sin(phase))
    return np.asarray(track / (np.sqrt((track**2).mean()) + 1e-9), np.float32)


def _coloured(colour: str, rng: Random, count: int) -> NDArray[np.float64]:
    white = np.random.default_rng(rng.getrandbits(32)).standard_normal(count)
    match colour:
        case "brown":
            walk = np.cumsum(white - white.mean())
            return walk - _moving_mean(walk, 801)
        case "smooth":
            return _moving_mean(white, int(2 ** rng.uniform(1, 6)))
        case "hum":
            tone = np.sin(np.arange(count) * (2 * np.pi * rng.choice([50, 60, 100, 120, 440, 1000]) / SAMPLE_RATE))
            return np.asarray(tone + 0.1 * white)
        case "blue":
            return np.diff(white, append=0)
        case "muffled":
            return np.convolve(white, np.exp(-np.arange(400) / 2 ** rng.uniform(2, 7.5)), "same")
        case _:
            return white


def _moving_mean(track: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    return np.convolve(track, np.full(width, 1 / width), "same")
