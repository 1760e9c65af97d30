"""The engine itself with the small model: warm models, failures with codes, language, long recordings."""

from __future__ import annotations

import json
import wave
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bulk_transcribe_worker import fallback
from bulk_transcribe_worker.audio import SAMPLE_RATE, Audio
from bulk_transcribe_worker.engine import ClipResult, Outcome, SpeechOptions
from bulk_transcribe_worker.errors import Interrupted, JobErrorCode, JobFailed, Refused
from bulk_transcribe_worker.fallback import Try
from bulk_transcribe_worker.gpu import Gpu
from bulk_transcribe_worker.models import ModelCatalogue
from bulk_transcribe_worker.spoken import spoken
from bulk_transcribe_worker.trust import doubts
from bulk_transcribe_worker.vad import Clip, Span, VadSettings
from bulk_transcribe_worker.whisper_engine import WhisperEngine, batches_at_once
from bulk_transcribe_worker.words import lines, settle
from tests.process import DEMO, MODELS
from tests.speech_error import word_error_rate

OPTIONS = SpeechOptions("demo-en")


@pytest.fixture(scope="module")
def engine() -> WhisperEngine:
    return WhisperEngine(ModelCatalogue(MODELS), cpu_threads=1)


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
    results = list(engine.transcribe(sound, speech, options, outcomes.append, lambda: False))
    return outcomes[0], results


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
    first = engine._shelf.load("demo-en")
    engine.load("demo-en")
    assert engine._shelf.load("demo-en") is first
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


class Crowded:
    """Stands before CTranslate2's model: generates for at most `fits` clips, as if memory ended there."""

    def __init__(self, model: Any, fits: int) -> None:
        self._model = model
        self._fits = fits

    def generate(self, encoded: Any, prompts: list[list[int]], **settings: Any) -> Any:
        if len(prompts) > self._fits:
            raise RuntimeError("CUDA failed with error out of memory")
        return self._model.generate(encoded, prompts, **settings)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


def crowded(fits: int) -> WhisperEngine:
    engine = WhisperEngine(ModelCatalogue(MODELS), cpu_threads=1, batch_size=8)
    whisper: Any = engine._shelf.load("demo-en").whisper
    whisper.model = Crowded(whisper.model, fits)
    return engine


def test_out_of_memory_at_one_clip_is_a_code_of_its_own(tmp_path: Path) -> None:
    engine = crowded(0)
    with pytest.raises(JobFailed) as caught:
        hear(engine, audio(tmp_path, demo_samples()))
    assert caught.value.code is JobErrorCode.OUT_OF_MEMORY
    assert engine._shelf.load("demo-en").leases == 0
    engine.close()


def test_out_of_memory_halves_the_batch_and_the_transcript_says_so(engine: WhisperEngine, tmp_path: Path) -> None:
    sound = audio(tmp_path, demo_samples() * 4)
    _, wanted = hear(engine, sound)
    narrow = crowded(2)
    outcome, results = hear(narrow, sound)
    assert outcome.options["batchSize"] == 8
    assert results[-1].changed == {"batchSizeReducedTo": 2}
    assert text_of(results) == text_of(wanted)
    narrow.close()


def test_another_failure_of_the_engine_is_a_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = WhisperEngine(ModelCatalogue(MODELS), cpu_threads=1)

    def broken(*_: object) -> None:
        raise ValueError("no such luck")

    monkeypatch.setattr(engine._shelf.load("demo-en").whisper, "encode", broken)
    with pytest.raises(JobFailed, match="no such luck") as caught:
        hear(engine, audio(tmp_path, demo_samples()))
    assert caught.value.code is JobErrorCode.ENGINE_FAILED
    engine.close()


@pytest.mark.parametrize("options", [OPTIONS, replace(OPTIONS, word_timestamps=False)])
def test_a_batch_hears_what_faster_whisper_hears_clip_by_clip(
    engine: WhisperEngine, tmp_path: Path, options: SpeechOptions
) -> None:
    """Texts, times and words are those of `WhisperModel.transcribe` on each clip's samples."""
    batched = WhisperEngine(ModelCatalogue(MODELS), cpu_threads=1, batch_size=8)
    # Short clips, and without the last line, which stock does not hear: none is decoded in parts.
    batched._vad_settings = VadSettings(max_clip=10.0)
    sound = audio(tmp_path, demo_samples()[: 2 * 28 * SAMPLE_RATE])
    _, results = hear(batched, sound, options)
    heard = [segment for result in results for segment in result.segments]
    whisper = engine._shelf.load("demo-en").whisper
    wanted = []
    for clip in batched.find_speech(sound, True, lambda: False).clips:
        segments, _ = whisper.transcribe(
            sound.clip(clip),
            language="en",
            word_timestamps=options.word_timestamps,
            condition_on_previous_text=False,
            clip_timestamps=[0.0, clip.seconds],
        )
        pieces = [
            spoken(
                {**asdict(segment), "words": [asdict(word) for word in segment.words or ()]},
                segment.text,
                Try((), segment.avg_logprob, segment.no_speech_prob, segment.compression_ratio, 0.0),
                clip,
                options.word_timestamps,
            )
            for segment in segments
        ]
        wanted += lines(settle(pieces, clip), clip)
    assert [segment.text for segment in heard] == [segment.text for segment in wanted]
    assert len(heard) > len(results)
    for ours, theirs in zip(heard, wanted, strict=True):
        assert (ours.start, ours.end) == pytest.approx((theirs.start, theirs.end), abs=0.05)
        assert ours.avg_logprob == pytest.approx(theirs.avg_logprob, abs=0.02)
        assert [word.word for word in ours.words] == [word.word for word in theirs.words]
    batched.close()


def test_a_prompt_and_hotwords_are_taken(engine: WhisperEngine, tmp_path: Path) -> None:
    script = " ".join(line["text"] for line in json.loads((DEMO / "demo.json").read_text())["lines"])
    sound = audio(tmp_path, demo_samples())
    task = engine._shelf.load("demo-en").decoder.task(
        sound.seconds(0, 5),
        Clip((Span(0, 5),), (Span(0, 5),)),
        replace(OPTIONS, initial_prompt="Anna", hotwords="Ben"),
        "en",
    )
    assert len(task.prompts[0]) > len(task.prompts[1]) >= 3
    _, results = hear(engine, sound, replace(OPTIONS, hotwords="budget"))
    assert word_error_rate(script, text_of(results)) <= 0.5


def test_a_bad_window_is_decoded_again_warmer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a threshold that nothing passes: both halves, then each of them through all temperatures."""
    monkeypatch.setattr(fallback, "MIN_AVG_LOGPROB", 0.5)
    engine = WhisperEngine(ModelCatalogue(MODELS), cpu_threads=1, batch_size=8)
    asked: list[tuple[float, int]] = []
    decoder = engine._shelf.load("demo-en").decoder
    generate = decoder._generate

    def listening(encoded: Any, tasks: Any, tokenizer: Any, temperature: float) -> list[Try]:
        asked.append((temperature, len(tasks)))
        return generate(encoded, tasks, tokenizer, temperature)

    monkeypatch.setattr(decoder, "_generate", listening)
    _, results = hear(engine, audio(tmp_path, demo_samples() * 2))
    assert [temperature for temperature, _ in asked[:2]] == [0.0, 0.0]
    assert sorted({temperature for temperature, _ in asked}) == [0.0, *fallback.TEMPERATURES]
    # Together, not one after another.
    assert all(max(count for warmth, count in asked if warmth == one) > 1 for one in fallback.TEMPERATURES)
    assert text_of(results)
    engine.close()


def test_a_stopped_recording_ends_between_batches(engine: WhisperEngine, tmp_path: Path) -> None:
    sound = audio(tmp_path, demo_samples() * 3)
    speech = engine.find_speech(sound, True, lambda: False)
    seen: list[ClipResult] = []
    with pytest.raises(Interrupted):
        for result in engine.transcribe(sound, speech, OPTIONS, lambda outcome: None, lambda: bool(seen)):
            seen.append(result)
    assert 0 < len(seen) < len(speech.clips)
    assert (engine.busy_share() or 0.0) > 0.0


def test_voice_detection_stops_when_asked(engine: WhisperEngine, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        engine.find_speech(audio(tmp_path, demo_samples()), True, lambda: True)


def test_an_english_model_refuses_other_languages(engine: WhisperEngine) -> None:
    engine.check(SpeechOptions("demo-en", language="en"))
    engine.check(SpeechOptions("large-v3", language="de"))
    for options in (SpeechOptions("demo-en", language="de"), SpeechOptions("large-v3", language="de-DE")):
        with pytest.raises(Refused):
            engine.check(options)


@pytest.mark.parametrize("second", ["Anna spoke of the budget.", "no " * 40])
def test_a_looping_clip_is_decoded_once_more_and_the_better_text_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: str
) -> None:
    # An engine of its own: a batch that a stopped recording left behind may still be decoded on the shared one.
    engine = WhisperEngine(ModelCatalogue(MODELS), cpu_threads=1)
    decoder = engine._shelf.load("demo-en").decoder
    tokenizer = decoder._tokenizer("en")
    asked: list[tuple[float, int]] = []

    def looping(encoded: Any, tasks: Any, tokenizer_: Any, temperature: float = 0.0) -> list[Try]:
        asked.append((temperature, len(tasks[0].prompt)))
        text = second if tasks[0].again else "yes yes " * 10
        tokens = (tokenizer.timestamp_begin, *tokenizer.encode(text), tokenizer.timestamp_begin + 100)
        return [Try(tokens, -0.3, 0.0, 1.0, temperature) for _ in tasks]

    monkeypatch.setattr(decoder, "_generate", looping)
    sound = audio(tmp_path, demo_samples()[: 5 * SAMPLE_RATE])
    _, results = hear(engine, sound, replace(OPTIONS, initial_prompt="Anna"))
    (result,) = results
    (again,) = result.redecoded
    kept, other = (second.strip(), "yes yes") if "Anna" in second else ("yes yes " * 10, "no no")
    assert again.second_kept == ("Anna" in second)
    assert text_of(results).startswith(kept.strip()[:20]) and again.other_text.startswith(other)
    assert asked[0][0] == 0.0 and asked[1][0] == 0.4 and asked[1][1] < asked[0][1]
    (remark,) = [remark for remark in doubts(result.segments, (), [again]) if remark.code == "LOOP"]
    assert other in remark.message
    _, unasked = hear(engine, sound, replace(OPTIONS, doubt=False))
    assert unasked[0].redecoded == ()


@pytest.mark.parametrize("second", ["Anna spoke of the budget and of all that it leaves out.", ""])
def test_speech_that_was_left_without_text_is_decoded_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: str
) -> None:
    engine = WhisperEngine(ModelCatalogue(MODELS), cpu_threads=1)
    decoder = engine._shelf.load("demo-en").decoder
    tokenizer = decoder._tokenizer("en")

    def sleepy(encoded: Any, tasks: Any, tokenizer_: Any, temperature: float = 0.0) -> list[Try]:
        text = second if tasks[0].again else ""
        tokens = (tokenizer.timestamp_begin, *tokenizer.encode(text), tokenizer.timestamp_begin + 600)
        return [Try(tokens, -0.3, 0.0, 1.0, temperature) for _ in tasks]

    monkeypatch.setattr(decoder, "_generate", sleepy)
    sound = audio(tmp_path, demo_samples()[: 2 * 14 * SAMPLE_RATE])
    _, results = hear(engine, sound, replace(OPTIONS, word_timestamps=False))
    redecoded = [again for result in results for again in result.redecoded]
    assert redecoded and {again.reason for again in redecoded} == {"GAP"}
    assert all(again.second_kept == bool(second) for again in redecoded)
    assert text_of(results).startswith(second)
    heard = engine.find_speech(sound, True, lambda: False).heard
    remarks = doubts([segment for result in results for segment in result.segments], heard, redecoded)
    assert [remark.code for remark in remarks].count("GAP") == len(redecoded)
    assert "decoded once more" in remarks[0].message
    engine.close()


def test_the_demo_recording_raises_no_doubt(engine: WhisperEngine, tmp_path: Path) -> None:
    sound = audio(tmp_path, demo_samples())
    for vad in (True, False):
        _, results = hear(engine, sound, replace(OPTIONS, vad=vad))
        heard = engine.find_speech(sound, vad, lambda: False).heard
        assert doubts([segment for result in results for segment in result.segments], heard) == []


def test_an_alignment_that_fails_takes_no_text_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a GPU whose times of words, from a window's third line on, all lay at the window's end."""
    engine = WhisperEngine(ModelCatalogue(MODELS), cpu_threads=1)
    sound = audio(tmp_path, demo_samples())
    _, wanted = hear(engine, sound, replace(OPTIONS, word_timestamps=False))
    whisper = engine._shelf.load("demo-en").whisper
    find = whisper.find_alignment

    def collapsed(tokenizer: Any, tokens: Any, encoded: Any, frames: Any, *more: Any) -> Any:
        found = find(tokenizer, tokens, encoded, frames, *more)
        for words, size in zip(found, frames, strict=True):
            for word in words[7:]:
                word["start"] = word["end"] = size / 100
        return found

    monkeypatch.setattr(whisper, "find_alignment", collapsed)
    _, results = hear(engine, sound)
    assert word_error_rate(text_of(wanted), text_of(results)) <= 0.05
    segments = [segment for result in results for segment in result.segments]
    words = [word for segment in segments for word in segment.words]
    assert any(word.interpolated for word in words) and not all(word.interpolated for word in words)
    times = [time for word in words for time in (word.start, word.end)]
    assert times == sorted(times)
    engine.close()


def test_a_gpu_is_given_as_many_batches_as_it_and_the_machine_carry() -> None:
    def gpu(memory: int) -> Gpu:
        return Gpu("GPU", "1", memory, 0)

    assert [batches_at_once(gpu(memory), 16) for memory in (6_000, 12_288, 16_384, 24_564, 143_771)] == [1, 2, 3, 4, 4]
    assert [batches_at_once(gpu(81_559), cores) for cores in (1, 4, 6, 32)] == [1, 2, 3, 4]
    assert batches_at_once(None, 16) == 1
