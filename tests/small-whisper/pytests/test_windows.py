"""Windows, lessons and batches, on a bank of a few dozen utterances that espeak-ng speaks for the occasion."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from training import bank
from training.batch import make_batch
from training.features import log_spectrum, normalise
from training.grammar import Grammar, is_held_out
from training.noise import NoiseShelf
from training.schedule import SMOKE, Stage
from training.targets import LONGEST, LessonMaker
from training.tokens import Tokens
from training.utterance import FRAMES_PER_SECOND
from training.window import Window, WindowMaker

SHORT, LONG = SMOKE.stages
TOKENS = Tokens(Grammar())


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> bank.Bank:
    folder: Path = tmp_path_factory.mktemp("bank")
    bank.synthesise(folder, 48, seed=5)
    return bank.Bank(folder)


@pytest.fixture(scope="module")
def makers(speech: bank.Bank) -> tuple[WindowMaker, LessonMaker]:
    return WindowMaker(speech, NoiseShelf(5, 2), TOKENS), LessonMaker(TOKENS, speech)


def compose(makers: tuple[WindowMaker, LessonMaker], stage: Stage, count: int) -> list[Window]:
    return [makers[0].compose(Random(seed), stage.seconds, stage.density) for seed in range(count)]


def test_the_bank_holds_aligned_speech(speech: bank.Bank) -> None:
    assert len(speech) >= 48
    for utterance in speech:
        assert not is_held_out(utterance.text)
        starts, ends = utterance.words[:, 0], utterance.words[:, 1]
        assert len(starts) == len(utterance.text.split())
        assert (starts < ends).all()
        assert (starts[1:] >= ends[:-1] - 0.001).all()
        assert ends[-1] <= utterance.seconds
        assert utterance.phonemes[int(starts[0] * FRAMES_PER_SECOND) :].any()


def test_windows_have_the_shape_they_promise(makers: tuple[WindowMaker, LessonMaker]) -> None:
    for stage in (SHORT, LONG):
        for window in compose(makers, stage, 20):
            assert window.mel.shape == (80, int(100 * stage.seconds))
            assert np.isfinite(window.mel).all()
            assert window.words.shape == window.phonemes.shape == (int(50 * stage.seconds),)
            assert window.offset + 50 * stage.seconds <= 1500
            edges = [edge for segment in window.segments for edge in (segment.start, segment.end)]
            assert edges == sorted(edges)
            assert not edges or (edges[0] >= 0 and edges[-1] <= stage.seconds)


def test_the_words_are_where_the_tokens_say(makers: tuple[WindowMaker, LessonMaker]) -> None:
    for window in compose(makers, LONG, 10):
        for token in (token for segment in window.segments for token in segment.tokens):
            if TOKENS.is_word(token.token) and token.start >= 0 and token.end - token.start > 0.1:
                middle = int((token.start + token.end) / 2 * FRAMES_PER_SECOND)
                assert window.words[middle] == TOKENS.word_class(TOKENS.decode([token.token]))


def test_a_silent_window_is_taught_to_end_at_once(makers: tuple[WindowMaker, LessonMaker]) -> None:
    window = makers[0].compose(Random(1), 30, replace(LONG.density, silent=1))
    lesson = makers[1].write(window, Random(1), timestamps=True, prompted=0)
    assert window.segments == []
    assert lesson.targets == [TOKENS.no_speech, TOKENS.end]


def test_a_timed_lesson_spells_the_segments(makers: tuple[WindowMaker, LessonMaker]) -> None:
    for window in compose(makers, LONG, 10):
        lesson = makers[1].write(window, Random(3), timestamps=True, prompted=0)
        said = [token.token for segment in window.segments if not segment.cut for token in segment.tokens]
        assert [target for target in lesson.targets if target < TOKENS.end] == said
        assert lesson.targets[-1] == TOKENS.end
        times = [target for target in lesson.targets if target >= TOKENS.first_timestamp]
        assert times == sorted(times)


def test_nothing_in_a_prompt_is_taught(makers: tuple[WindowMaker, LessonMaker]) -> None:
    (window,) = compose(makers, LONG, 1)
    lesson = makers[1].write(window, Random(4), timestamps=True, prompted=1)
    start = lesson.inputs.index(TOKENS.start)
    assert lesson.inputs[0] == TOKENS.previous
    assert lesson.taught == [False] * start + [True] * (len(lesson.inputs) - start)


def test_a_seed_names_a_batch(makers: tuple[WindowMaker, LessonMaker]) -> None:
    one, other = (make_batch(*makers, Random("5/17"), LONG) for _ in range(2))
    assert np.array_equal(one.mel, other.mel)
    assert np.array_equal(one.inputs, other.inputs)
    assert len(one.inputs) == 2 * LONG.batch
    assert one.inputs.shape[1] <= LONGEST


def test_features_are_whispers() -> None:
    """Against faster-whisper's own, where it is installed."""
    extractor = pytest.importorskip("faster_whisper.feature_extractor", reason="NOT RUN: needs faster-whisper")
    samples = np.random.default_rng(0).standard_normal(48_000).astype(np.float32) * 0.1
    theirs = extractor.FeatureExtractor()(samples)
    assert np.abs(theirs - normalise(log_spectrum(np.pad(samples, (0, 160))))).max() < 1e-4
