"""Against faster-whisper's own extractor."""

from __future__ import annotations

import wave

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from bulk_transcribe_worker.audio import Samples
from bulk_transcribe_worker.log_mel import LogMel
from tests.process import DEMO


def demo() -> Samples:
    with wave.open(str(DEMO / "demo.wav")) as source:
        samples: Samples = np.frombuffer(source.readframes(source.getnframes()), dtype="<i2").astype(np.float32)
    samples /= np.float32(32768)
    return samples


@pytest.mark.parametrize("mels", [80, 128])
@pytest.mark.parametrize("length", [480_000, 40_001, 399, 161, 1])
def test_the_numbers_are_faster_whispers(mels: int, length: int) -> None:
    stock = FeatureExtractor(feature_size=mels)
    samples = demo()[7000 : 7000 + length]
    ours, theirs = LogMel(stock)(samples), stock(samples)
    assert ours.dtype == theirs.dtype == np.float32
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < 1e-5


def test_silence_is_silent() -> None:
    stock = FeatureExtractor()
    silence = np.zeros(16_000, dtype=np.float32)
    assert np.array_equal(LogMel(stock)(silence), stock(silence))
