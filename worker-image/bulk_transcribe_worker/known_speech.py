"""Owns the speech that a worker tries itself on, so that a self-test infers for real: two voices of espeak-ng."""

from __future__ import annotations

import wave
from importlib import resources

import numpy as np

from bulk_transcribe_worker.audio import Samples

TEXT = "Good morning everyone. Hello Anna, this is Ben."


def known_speech() -> Samples:
    """Its samples, 16 kHz, mono."""
    with (resources.files("bulk_transcribe_worker") / "known-speech.wav").open("rb") as file, wave.open(file) as sound:
        frames = sound.readframes(sound.getnframes())
    samples: Samples = np.frombuffer(frames, dtype="<i2").astype(np.float32)
    samples /= np.float32(32768.0)
    return samples
