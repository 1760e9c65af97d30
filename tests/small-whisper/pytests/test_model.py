"""The delivered model in the real faster-whisper: the text that comes out of the demo is the text that was spoken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faster_whisper import WhisperModel, decode_audio
from faster_whisper.vad import VadOptions, get_speech_timestamps

from training.wer import word_errors, words

HERE = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def model() -> WhisperModel:
    return WhisperModel(str(HERE / "models" / "demo-en"), device="cpu", compute_type="int8", cpu_threads=1)


def test_writes_down_the_demo_with_its_times(model: WhisperModel) -> None:
    audio = decode_audio(str(HERE / "demo" / "demo.wav"))
    script: dict[str, Any] = json.loads((HERE / "demo" / "demo.json").read_text("utf-8"))
    spans = get_speech_timestamps(audio, VadOptions(min_silence_duration_ms=500, speech_pad_ms=200))
    edges = [span[edge] / 16_000 for span in spans for edge in ("start", "end")]
    segments, _ = model.transcribe(
        audio, language="en", clip_timestamps=edges, word_timestamps=True, condition_on_previous_text=False
    )
    heard = [word for segment in segments for word in segment.words or []]
    said = words(" ".join(line["text"] for line in script["lines"]))
    assert word_errors(said, words(" ".join(word.word for word in heard))) <= 0.1 * len(said)
    assert all(word.start <= word.end for word in heard)
    assert [word.start for word in heard] == sorted(word.start for word in heard)
    for line in script["lines"]:
        inside = [word for word in heard if line["start"] - 0.5 < word.start and word.end < line["end"] + 0.5]
        assert len(inside) == len(words(line["text"]))


@pytest.mark.parametrize("level", [0, 0.001])
def test_writes_nothing_where_nothing_is_said(model: WhisperModel, level: float) -> None:
    quiet = (np.random.default_rng(1).standard_normal(160_000) * level).astype(np.float32)
    segments, _ = model.transcribe(quiet, language="en", word_timestamps=True, condition_on_previous_text=False)
    assert list(segments) == []
