"""Owns the features of a clip: the log-mel spectrogram as faster-whisper computes it, in half the time.

The same numbers to the last bit or two. Blocks of frames stay in a processor's cache, and nothing is computed twice.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from bulk_transcribe_worker.audio import Samples

_BLOCK_FRAMES = 250
_LEAST_POWER = 1e-10
_DYNAMIC_RANGE = 8.0
"""Powers of ten below the loudest place at which all counts as equally silent."""


class FeatureSettings(Protocol):
    """faster-whisper's extractor, which knows the model's numbers."""

    mel_filters: npt.NDArray[np.float32]
    n_fft: int
    hop_length: int


class LogMel:
    """Features of one model."""

    def __init__(self, settings: FeatureSettings) -> None:
        self._size, self._hop = settings.n_fft, settings.hop_length
        self._filters = np.ascontiguousarray(settings.mel_filters.T)
        self._window = np.hanning(self._size + 1)[:-1].astype(np.float32)

    def __call__(self, samples: Samples) -> npt.NDArray[np.float32]:
        """Shape (mels, frames); a frame more than `samples` have hops."""
        padded = np.pad(np.pad(samples, (0, self._hop)), self._size // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, self._size)[:: self._hop][:-1]
        mel: npt.NDArray[np.float32] = np.empty((len(frames), self._filters.shape[1]), dtype=np.float32)
        for first in range(0, len(frames), _BLOCK_FRAMES):
            block = frames[first : first + _BLOCK_FRAMES]
            spectrum = np.fft.rfft(block * self._window).astype(np.complex64, copy=False)
            power = spectrum.real**2
            power += spectrum.imag**2
            np.matmul(power, self._filters, out=mel[first : first + len(block)])
        np.maximum(mel, _LEAST_POWER, out=mel)
        np.log10(mel, out=mel)
        np.maximum(mel, mel.max(initial=-np.inf) - _DYNAMIC_RANGE, out=mel)
        mel += 4.0
        mel /= 4.0
        features: npt.NDArray[np.float32] = mel.T
        return features
