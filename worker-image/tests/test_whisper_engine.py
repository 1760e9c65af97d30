"""The engine itself with the small model: warm models, failures with codes, language, long recordings."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest

from bulk_transcribe_worker.audio import SAMPLE_RATE, Audio
from bulk_transcribe_worker.engine import ClipResult, Outcome, SpeechOptions
from bulk_transcribe_worker.errors import Interrupted, JobErrorCode, JobFailed, Refused
from bulk_transcribe_worker.models import ModelCatalogue
from bulk_transcribe_worker.whisper_engine import WhisperEngine
from tests.process import DEMO, MODELS
from tests.speech_error import word_error_rate

OPTIONS = SpeechOptions("demo-en")


@pytest.fixture(scope="module")
def engine() -> WhisperEngine:
    return WhisperEngine(ModelCatalogue(MODELS), "cpu", cpu_threads=1)


def demo_samples() -> bytes:
    with wave.open(str(DEMO / "demo.wav")) as source:
        samples: bytes = source.readframes(source.getnframes())
    return samples


def audio(tmp_path: Path, samples: bytes) -> Audio:
    path = tmp_path / "sound.pcm"
    path.write_bytes(samples)
    return Audio(path)


def hear(engine: WhisperEngine, sound: Audio, options: SpeechOptions = OPTIONS) -> tuple[Outcome, list[ClipResult]]:
    outcomes: list[Outcome] = []
    speech = engine.find_speech(sound, options.vad, lambda: False)
    return outcomes, list(engine.transcribe(sound, speech, options, outcomes.append))  # type: ignore[return-value]


def text_of(results: list[ClipResult]) -> str:
    return " ".join(segment.text for result in results for segment in result.segments)


def test_no_line_is_lost_or_doubled_where_two_blocks_of_voice_detection_meet(
    engine: WhisperEngine, tmp_path: Path
) -> None:
    """A block is 262 s long, this recording 304 s."""
    lines = json.loads((DEMO / "demo.json").read_text())["lines"]
    samples = demo_samples()
    times = 10
    sound = audio(tmp_path, samples * times)
    speech = engine.find_speech(sound, True, lambda: False)
    spans = [span for clip in speech.clips for span in clip.spans]
    assert len(spans) == times * len(lines)
    assert spans[2 * len(lines)].start == pytest.approx(2 * len(samples) / 2 / SAMPLE_RATE + lines[0]["start"], abs=0.1)


def test_without_voice_detection_the_text_is_the_same(engine: WhisperEngine, tmp_path: Path) -> None:
    script = " ".join(line["text"] for line in json.loads((DEMO / "demo.json").read_text())["lines"])
    _, results = hear(engine, audio(tmp_path, demo_samples()), SpeechOptions("demo-en", vad=False))
    assert word_error_rate(script, text_of(results)) <= 0.10


def test_noise_and_silence_have_no_text(engine: WhisperEngine, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 300, 5 * SAMPLE_RATE).astype("<i2").tobytes()
    for samples in (noise, bytes(2 * SAMPLE_RATE), bytes(2), b""):
        _, results = hear(engine, audio(tmp_path, samples))
        assert text_of(results) == ""


def test_a_model_stays_warm_and_is_freed_on_close(engine: WhisperEngine) -> None:
    engine.load("demo-en")
    first = engine._loaded["demo-en"]
    engine.load("demo-en")
    assert engine._loaded["demo-en"] is first
    assert engine.loaded_models() == ["demo-en"]
    engine.close()
    assert engine.loaded_models() == []


def test_a_broken_model_is_a_code(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "model.bin").write_bytes(b"nothing")
    engine = WhisperEngine(ModelCatalogue(tmp_path), "cpu")
    with pytest.raises(JobFailed) as caught:
        engine.load("broken")
    assert caught.value.code is JobErrorCode.MODEL_LOAD_FAILED
    with pytest.raises(JobFailed) as gone:
        engine.load("never-there")
    assert gone.value.code is JobErrorCode.MODEL_LOAD_FAILED


def test_out_of_memory_is_a_code_of_its_own(
    engine: WhisperEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.load("demo-en")

    def full(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA failed with error out of memory")

    monkeypatch.setattr(engine._loaded["demo-en"], "transcribe", full)
    with pytest.raises(JobFailed) as caught:
        hear(engine, audio(tmp_path, demo_samples()))
    assert caught.value.code is JobErrorCode.OUT_OF_MEMORY
    assert engine._leases["demo-en"] == 0


def test_voice_detection_stops_when_asked(engine: WhisperEngine, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        engine.find_speech(audio(tmp_path, demo_samples()), True, lambda: True)


def test_an_english_model_refuses_other_languages(engine: WhisperEngine) -> None:
    engine.check(SpeechOptions("demo-en", language="en"))
    engine.check(SpeechOptions("large-v3", language="de"))
    for options in (SpeechOptions("demo-en", language="de"), SpeechOptions("large-v3", language="de-DE")):
        with pytest.raises(Refused):
            engine.check(options)
