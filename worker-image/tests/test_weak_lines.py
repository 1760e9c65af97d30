"""Which lines of a full clip are heard anew."""

from __future__ import annotations

from bulk_transcribe_worker.engine import SpokenSegment, SpokenWord
from bulk_transcribe_worker.vad import Span
from bulk_transcribe_worker.weak_lines import weak_stretches

LINES = (Span(0.0, 2.0), Span(3.0, 5.0), Span(6.0, 6.5), Span(8.0, 10.0))


def segment(start: float, end: float, *words: tuple[float, float, float]) -> SpokenSegment:
    timed = tuple(SpokenWord(" word", *word) for word in words)
    return SpokenSegment(start, end, "word", -0.2, 0.0, 1.0, 0.0, timed)


def test_lines_that_have_their_text_are_left_alone() -> None:
    # A stretch of half a second is often no speech at all.
    assert weak_stretches([segment(0.1, 2.0), segment(3.2, 4.8), segment(8.0, 9.9)], LINES) == []


def test_speech_that_was_passed_over_is_found() -> None:
    assert weak_stretches([segment(0.1, 2.0), segment(8.0, 9.9)], LINES) == [(1, 1)]
    assert weak_stretches([segment(0.1, 2.0), segment(3.2, 4.8), segment(8.0, 8.3)], LINES) == [(3, 3)]
    assert weak_stretches([], LINES) == [(0, 1), (3, 3)]


def test_words_that_the_model_did_not_believe_make_their_line_weak() -> None:
    unsure = segment(3.0, 5.0, (3.0, 4.0, 0.2), (4.0, 5.0, 0.6))
    assert weak_stretches([segment(0.0, 2.0), unsure, segment(8.0, 10.0)], LINES) == [(1, 1)]
    surer = segment(3.0, 5.0, (3.0, 4.0, 0.5), (4.0, 5.0, 0.9))
    assert weak_stretches([segment(0.0, 2.0), surer, segment(8.0, 10.0)], LINES) == []


def test_a_word_that_lasts_over_a_pause_stands_for_what_is_missing() -> None:
    text = segment(0.0, 5.0, (0.0, 1.5, 0.9), (1.5, 4.0, 0.9), (4.0, 5.0, 0.9))
    assert weak_stretches([text, segment(8.0, 10.0)], LINES) == [(0, 1)]


def test_a_run_holds_whole_segments() -> None:
    """What is decoded anew takes the place of segments, so that none may reach out of it."""
    both = segment(3.0, 6.5, (3.0, 5.0, 0.1), (6.1, 6.5, 0.1))
    assert weak_stretches([segment(0.0, 2.0), both, segment(8.0, 10.0)], LINES) == [(1, 2)]
    reaching = segment(0.0, 3.6)
    assert weak_stretches([reaching, segment(8.0, 10.0)], LINES) == [(0, 1)]
