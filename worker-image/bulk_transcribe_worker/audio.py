"""Owns decoded audio: 16 kHz mono samples on disk, read in slices so that ten hours need no ten hours of memory."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from bulk_transcribe_worker.vad import SAMPLE_RATE as SAMPLE_RATE
from bulk_transcribe_worker.vad import Clip

Samples: TypeAlias = npt.NDArray[np.float32]
"""Mono samples in -1..1, shape (n,)."""


class Audio:
    """Signed 16-bit little-endian samples in a file, mapped into memory; slices come as float32."""

    def __init__(self, path: Path) -> None:
        self.path = path
        size = path.stat().st_size // 2
        self._samples: npt.NDArray[np.int16] = (
            np.memmap(path, dtype="<i2", mode="r", shape=(size,)) if size else np.zeros(0, dtype=np.int16)
        )

    def __len__(self) -> int:
        return int(self._samples.shape[0])

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self) / SAMPLE_RATE

    def slice(self, start: int, end: int) -> Samples:
        """Samples `start` to `end` (numbers of samples), as a copy of its own."""
        part = self._samples[max(0, start) : max(0, end)]
        samples: Samples = part.astype(np.float32)
        samples /= np.float32(32768.0)
        return samples

    def seconds(self, start: float, end: float) -> Samples:
        """Samples between two times in seconds."""
        return self.slice(round(start * SAMPLE_RATE), round(end * SAMPLE_RATE))

    def clip(self, clip: Clip) -> Samples:
        """The sound of a clip: its pieces, one after the other."""
        return np.concatenate([self.seconds(piece.start, piece.end) for piece in clip.pieces])
