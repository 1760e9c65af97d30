"""Word times as they come out in float16 on a GPU, with the real small model: with a second look, and without it.

What falls together is played at faster-whisper's own method, in the form that the arithmetic gives: right up to a
pause, and from there one time for all (tests/bench/README.md). The second look is the real one, in float32.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faster_whisper import WhisperModel

from bulk_transcribe_worker import model_shelf
from bulk_transcribe_worker.engine import ClipResult, SpokenWord
from bulk_transcribe_worker.models import ModelCatalogue
from bulk_transcribe_worker.whisper_engine import WhisperEngine
from bulk_transcribe_worker.word_times import ExactModel, _fell_together
from tests.process import MODELS
from tests.test_whisper_engine import audio, demo_samples, hear, text_of

PAUSE_SECONDS = 2.3
"""Behind the first line of the bundled recording."""

Aligning = Callable[..., list[list[dict[str, Any]]]]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> WhisperEngine:
    """An engine that holds its arithmetic for one of a GPU's, and so has a second look at hand."""
    monkeypatch.setattr(model_shelf, "_HALVES", (*model_shelf._HALVES, "int8_float32"))
    return WhisperEngine(ModelCatalogue(MODELS), cpu_threads=1)


def words(results: list[ClipResult]) -> list[SpokenWord]:
    return [word for result in results for segment in result.segments for word in segment.words]


def in_the_first_look(monkeypatch: pytest.MonkeyPatch, change: Callable[[Aligning], Aligning]) -> list[bool]:
    """Replaces faster-whisper's alignment where its own model aligns; the list that is returned has an entry a call."""
    aligning, calls = WhisperModel.find_alignment, [True][:0]

    def played(self: Any, *args: Any, **named: Any) -> Any:
        if not isinstance(self, WhisperModel):
            return aligning(self, *args, **named)
        calls.append(True)
        return change(lambda *a, **n: aligning(self, *a, **n))(*args, **named)

    monkeypatch.setattr(WhisperModel, "find_alignment", played)
    return calls


def fallen(aligning: Aligning) -> Aligning:
    def played(*args: Any, **named: Any) -> list[list[dict[str, Any]]]:
        rows = aligning(*args, **named)
        for word in (word for row in rows for word in row):
            word.update(start=min(word["start"], PAUSE_SECONDS), end=min(word["end"], PAUSE_SECONDS))
        return rows

    return played


def broken(_: Aligning) -> Aligning:
    def played(*_: Any, **__: Any) -> list[list[dict[str, Any]]]:
        raise RuntimeError("parallel_for failed: cudaErrorInvalidDevice: invalid device ordinal")

    return played


def test_words_that_fell_together_get_the_times_of_a_second_look(
    engine: WhisperEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sound = audio(tmp_path, demo_samples())
    _, right = hear(engine, sound)
    calls = in_the_first_look(monkeypatch, fallen)
    with caplog.at_level(logging.INFO):
        _, looked = hear(engine, sound)
    assert calls
    assert text_of(looked) == text_of(right)
    assert [word.word for word in words(looked)] == [word.word for word in words(right)]
    apart = [abs(one.start - two.start) for one, two in zip(words(looked), words(right), strict=True)]
    assert max(apart) <= 0.1
    assert not any(word.interpolated for word in words(looked))
    assert [line.message for line in caplog.records if "float32" in line.message] == [
        "Word times came out badly in float16; such windows are looked at again in float32."
    ]


def test_without_memory_for_a_second_look_the_text_keeps_the_times_of_its_lines(
    engine: WhisperEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sound = audio(tmp_path, demo_samples())
    _, right = hear(engine, sound)
    in_the_first_look(monkeypatch, fallen)
    monkeypatch.setattr(engine._shelf, "_free_bytes", lambda _: 1_000)
    with caplog.at_level(logging.WARNING):
        _, without = hear(engine, sound)
    assert text_of(without) == text_of(right)
    starts = [
        (one.start, other.start)
        for a, b in zip(without, right, strict=True)
        for one, other in zip(a.segments, b.segments, strict=True)
    ]
    assert max(abs(one - other) for one, other in starts) <= 0.5
    assert sum(word.interpolated for word in words(without)) > len(words(without)) / 2
    assert sum("No second look" in line.message for line in caplog.records) == 1


def test_an_alignment_that_fails_for_want_of_memory_takes_neither_the_text_nor_the_batch(
    engine: WhisperEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = audio(tmp_path, demo_samples())
    _, right = hear(engine, sound)
    in_the_first_look(monkeypatch, broken)
    _, looked = hear(engine, sound)
    assert text_of(looked) == text_of(right)
    assert not any(word.interpolated for word in words(looked))
    assert all(result.changed == {} for result in looked)


def test_a_second_look_that_cannot_be_loaded_is_tried_once() -> None:
    tries: list[int] = []

    def load() -> object:
        tries.append(1)
        raise RuntimeError("CUDA failed with error out of memory")

    exact = ExactModel(load)
    assert exact.model() is None
    assert exact.model() is None
    assert len(tries) == 1


def word(text: str, start: float, end: float) -> dict[str, Any]:
    return {"word": text, "start": start, "end": end, "tokens": [1], "probability": 1.0}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([], False),
        ([word(" one", 0.0, 0.4), word(" two", 0.4, 0.4), word(" three", 0.4, 0.4), word(" four", 0.4, 0.4)], True),
        ([word(" one", 0.0, 0.4), word(" two", 0.4, 0.4), word(" three", 0.4, 0.4), word(" four", 0.4, 0.9)], False),
        ([word(" one", 0.0, 0.4), word(" two", 0.4, 0.8), *[word(mark, 0.8, 0.8) for mark in '."!']], False),
        ([word(" one", 2.0, 2.0), word(",", 2.0, 2.0), word(" two", 2.0, 2.0), word(" three", 2.0, 2.0)], True),
    ],
)
def test_words_fell_together_where_the_last_of_them_have_no_length(row: list[dict[str, Any]], expected: bool) -> None:
    assert _fell_together(row) is expected
