"""Owns the log-mel spectrogram, step for step as Whisper makes it (Slaney filters, 25 ms windows, 10 ms hops)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from training.utterance import SAMPLE_RATE

MELS = 80
HOP = 160
_WINDOW = 400
_LINEAR_BELOW = 1000.0
_HERTZ_PER_MEL = 200 / 3
_LOG_STEP = np.log(6.4) / 27
_RANGE = 8.0


def log_spectrum(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """log10 of the mel power [80, len(samples) // 160], before normalisation."""
    padded = np.pad(samples.astype(np.float32), _WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP][:-1]
    spectrum = fft.rfft(frames * _HANN, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(np.log10(np.maximum(_FILTERS @ power.T, 1e-10)), np.float32)


def normalise(spectrum: NDArray[np.float32], louder: float = 0.0) -> NDArray[np.float32]:
    """Whisper's range compression; louder (log10 power) stands for a louder moment elsewhere in the file.

    faster-whisper takes the maximum over the whole file, so a window is often normalised by one outside it.
    """
    floor = spectrum.max() + louder - _RANGE
    return np.asarray((np.maximum(spectrum, floor) + 4) / 4, np.float32)


def _to_mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = hertz / _HERTZ_PER_MEL
    knee = _LINEAR_BELOW / _HERTZ_PER_MEL
    return np.where(hertz < _LINEAR_BELOW, linear, knee + np.log(np.maximum(hertz, 1.0) / _LINEAR_BELOW) / _LOG_STEP)


def _to_hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    knee = _LINEAR_BELOW / _HERTZ_PER_MEL
    return np.where(mel < knee, mel * _HERTZ_PER_MEL, _LINEAR_BELOW * np.exp(_LOG_STEP * (mel - knee)))


def _mel_filters() -> NDArray[np.float32]:
    bins = np.linspace(0, SAMPLE_RATE / 2, _WINDOW // 2 + 1)
    low, high = _to_mel(np.array([0.0, SAMPLE_RATE / 2]))
    corners = _to_hertz(np.linspace(low, high, MELS + 2))
    ramps = corners[:, None] - bins[None]
    widths = np.diff(corners)
    rising, falling = -ramps[:-2] / widths[:-1, None], ramps[2:] / widths[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * (2 / (corners[2:] - corners[:-2]))[:, None]).astype(np.float32)


_FILTERS = _mel_filters()
_HANN = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
