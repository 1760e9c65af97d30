from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from bulk_transcribe_worker.engine import SpokenSegment, SpokenWord
from bulk_transcribe_worker.vad import Clip, Span
from bulk_transcribe_worker.words import interpolate, lines, settle

CLIP = Clip((Span(10.0, 14.0), Span(15.0, 20.0)), (Span(9.8, 14.5), Span(14.5, 20.2)))
seconds = st.floats(-5, 40)
words = st.builds(SpokenWord, st.sampled_from([" a", " word"]), seconds, seconds, st.floats(-1, 2))


@given(st.lists(st.tuples(seconds, seconds, st.lists(words, max_size=6)), max_size=5))
def test_whatever_the_alignment_says_times_hold_together(found: list[tuple[float, float, list[SpokenWord]]]) -> None:
    segments = [SpokenSegment(start, end, "x", -0.1, 0.0, 1.0, 0.0, tuple(spoken)) for start, end, spoken in found]
    previous = CLIP.speech.start
    for segment in settle(segments, CLIP):
        assert previous <= segment.start <= segment.end <= CLIP.speech.end
        inner = segment.start
        for word in segment.words:
            assert inner <= word.start <= word.end <= segment.end
            assert 0 <= word.probability <= 1
            inner = word.end
        previous = segment.end


def test_the_first_word_begins_with_the_speech_and_the_last_ends_with_it() -> None:
    spoken = (SpokenWord(" Hello", 9.8, 10.4, 0.9), SpokenWord(" Anna.", 10.4, 19.5, 0.9))
    (segment,) = settle([SpokenSegment(9.8, 19.5, "Hello Anna.", -0.1, 0.0, 1.0, 0.0, spoken)], CLIP)
    assert (segment.start, segment.end) == (10.0, 20.0)
    assert segment.words[0].start == 10.0
    assert segment.words[1].end == 20.0


def test_a_text_without_an_alignment_gets_flagged_words_over_its_whole_time() -> None:
    made = interpolate("two words", 1.0, 2.0, -0.5)
    assert [word.word for word in made] == [" two", " words"]
    assert (made[0].start, made[-1].end) == (1.0, 2.0)
    assert made[0].end == made[1].start
    assert all(word.interpolated and word.probability == math.exp(-0.5) for word in made)


def test_a_word_that_reaches_into_a_pause_is_trimmed_to_its_speech() -> None:
    spoken = (
        SpokenWord(" one", 13.0, 14.6, 0.9),
        SpokenWord(" two", 14.6, 15.5, 0.9),
        SpokenWord(" three", 15.5, 20, 0.9),
    )
    (segment,) = settle([SpokenSegment(13.0, 20.0, "one two three", -0.1, 0.0, 1.0, 0.0, spoken)], CLIP)
    assert [(word.start, word.end) for word in segment.words] == [(13.0, 14.0), (15.0, 15.5), (15.5, 20.0)]


def test_a_segment_ends_at_a_long_pause_and_no_word_lasts_over_one() -> None:
    clip = Clip((Span(0.0, 2.0), Span(4.0, 6.0)), (Span(0.0, 2.5), Span(3.5, 6.0)))
    words = (SpokenWord(" We", 0.0, 1.0, 0.9), SpokenWord(" begin.", 1.0, 4.2, 0.9), SpokenWord(" Yes?", 4.2, 6.0, 0.9))
    (first, second) = lines([SpokenSegment(0.0, 6.0, "We begin. Yes?", -0.2, 0.0, 1.0, 0.0, words)], clip)
    assert (first.text, first.start, first.end) == ("We begin.", 0.0, 2.0)
    assert (second.text, second.start, second.end) == ("Yes?", 4.2, 6.0)
    assert [word.word for word in second.words] == [" Yes?"]


def test_a_segment_without_words_or_with_a_short_pause_stays_whole() -> None:
    clip = Clip((Span(0.0, 2.0), Span(2.6, 6.0)), (Span(0.0, 2.3), Span(2.3, 6.0)))
    words = (SpokenWord(" We", 0.0, 2.0, 0.9), SpokenWord(" begin.", 2.6, 4.2, 0.9))
    for kept in (words, ()):
        segment = SpokenSegment(0.0, 4.2, "We begin.", -0.2, 0.0, 1.0, 0.0, kept)
        assert lines([segment], clip) == [segment]
