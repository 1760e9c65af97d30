"""Owns batches: windows and their lessons as arrays of one shape."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from training.schedule import Stage
from training.targets import LONGEST, LessonMaker, longest
from training.window import WindowMaker

_SHIFTED = 0.3


@dataclass(frozen=True)
class Batch:
    """b windows of f encoder frames, n lessons (b or 2 b, those of one window side by side) of length l.

    mel float32 [b, 80, 2 f]; offset int64 [b]; phonemes, words int64 [b, f]; inputs, targets int64 [n, l];
    taught bool [n, l]; frames int64 [n, l, 2]; position int64 [n], where in the decoder's positions a lesson begins.
    """

    mel: NDArray[np.float32]
    offset: NDArray[np.int64]
    phonemes: NDArray[np.int64]
    words: NDArray[np.int64]
    inputs: NDArray[np.int64]
    targets: NDArray[np.int64]
    taught: NDArray[np.bool_]
    frames: NDArray[np.int64]
    position: NDArray[np.int64]


def make_batch(windows: WindowMaker, lessons: LessonMaker, rng: Random, stage: Stage) -> Batch:
    """A batch of the stage; the same generator state gives the same batch."""
    composed = [windows.compose(rng, stage.seconds, stage.density) for _ in range(stage.batch)]
    written = [
        lessons.write(window, rng, timestamps=timestamps, prompted=stage.prompted)
        for window in composed
        for timestamps in ((True, False) if stage.both_targets else (rng.random() < 0.6,))
    ]
    shape = (len(written), longest(written))
    inputs, targets = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    taught, frames = np.zeros(shape, np.bool_), np.full((*shape, 2), -1, np.int64)
    for row, lesson in enumerate(written):
        length = len(lesson.inputs)
        inputs[row, :length] = lesson.inputs
        targets[row, :length] = lesson.targets
        taught[row, :length] = lesson.taught
        frames[row, :length] = lesson.frames
    room = 0 if stage.both_targets else LONGEST - shape[1]
    return Batch(
        mel=np.stack([window.mel for window in composed]),
        offset=np.array([window.offset for window in composed]),
        phonemes=np.stack([window.phonemes for window in composed]).astype(np.int64),
        words=np.stack([window.words for window in composed]).astype(np.int64),
        inputs=inputs,
        targets=targets,
        taught=taught,
        frames=frames,
        # Short windows would leave the late positions of the decoder untaught.
        position=np.array([rng.randint(0, room) if rng.random() < _SHIFTED else 0 for _ in written]),
    )
