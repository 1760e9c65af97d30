"""Doubt about a transcript: what is flagged, and what must never be."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bulk_transcribe_worker.engine import SpokenSegment, SpokenWord
from bulk_transcribe_worker.trust import SENSITIVITY, doubts, find_loops, looping_units, sensitivity_of, units
from bulk_transcribe_worker.vad import Span
from bulk_transcribe_worker.words import interpolate


def segment(start: float, end: float, text: str, with_words: bool = True) -> SpokenSegment:
    words: tuple[SpokenWord, ...] = interpolate(text, start, end, -0.2) if with_words else ()
    return SpokenSegment(start, end, text, -0.2, 0.0, 1.2, 0.0, words)


def codes(segments: list[SpokenSegment], speech: list[Span]) -> list[str]:
    return [remark.code for remark in doubts(segments, speech)]


WORDS = st.text("abcdefgh", min_size=1, max_size=6)


@given(phrase=st.lists(WORDS, min_size=1, max_size=12), times=st.integers(12, 40), before=st.lists(WORDS, max_size=20))
def test_a_phrase_that_follows_itself_is_found_whole(phrase: list[str], times: int, before: list[str]) -> None:
    text = [*before, "X", *phrase * times, "Y"]
    loops = find_loops(text)
    begin, end = len(before) + 1, len(before) + len(phrase) * times
    assert any(loop.first <= begin and loop.last >= end for loop in loops)
    # Nothing outside the repeated part, but for what before it repeats itself too.
    assert all(loop.first >= begin or loop.last < begin for loop in loops)


@given(st.lists(st.integers(), unique=True, max_size=300))
def test_text_without_repetition_has_no_loop(numbers: list[int]) -> None:
    assert find_loops([str(number) for number in numbers]) == []


@given(st.lists(WORDS, max_size=200))
def test_loops_lie_inside_the_text_in_order_and_apart(text: list[str]) -> None:
    loops = find_loops(text)
    assert all(0 <= loop.first <= loop.last < len(text) for loop in loops)
    assert all(before.last < after.first for before, after in pairwise(loops))
    for loop in loops:
        part = text[loop.first : loop.last + 1]
        assert part[loop.period :] == part[: -loop.period]


def test_people_repeat_themselves_a_little() -> None:
    for text in (
        "No, no, no, no!",
        "ha ha ha ha ha ha",
        "Yes. Yes. I see. Yes. Yes. I see.",
        "one two three, one two three, one two three",
        "We must go. We must go, I said, we must go now.",
        "是的是的是的",
    ):
        assert find_loops(units(text)) == [], text


def test_loops_in_scripts_without_spaces() -> None:
    assert units("谢谢观看") == ["谢", "谢", "观", "看"]
    assert find_loops(units("谢谢观看" * 6))
    assert find_loops(units("ありがとうございました。" * 5))
    assert find_loops(units("Спасибо за просмотр. " * 6))


def test_a_loop_over_several_segments_has_its_times() -> None:
    segments = [segment(0, 2, "It began well.")]
    segments += [segment(2 + 2 * n, 4 + 2 * n, "Thank you for watching.") for n in range(6)]
    segments += [segment(14, 16, "It ended well.")]
    for with_words in (True, False):
        told = [segment(s.start, s.end, s.text, with_words) for s in segments]
        (remark,) = doubts(told, [Span(0, 16)])
        assert (remark.code, remark.start, remark.end) == ("LOOP", 2, 14)
        assert "thank you for watching" in remark.message and "6 times" in remark.message
    assert looping_units(segments) == 24


def test_text_over_silence() -> None:
    assert codes([segment(10, 12, "Subtitles by nobody")], [Span(0, 4)]) == ["TEXT_OVER_SILENCE"]
    assert codes([segment(10, 10.4, "Hm")], [Span(0, 1)]) == []
    assert codes([segment(10, 12, "I do speak")], [Span(11, 12)]) == []


def test_speech_without_text() -> None:
    speech = [Span(0, 10), Span(11, 20), Span(40, 41)]
    assert codes([segment(0, 20, "All of it"), segment(40, 41, "Yes")], speech) == []
    (gap,) = doubts([segment(0, 4, "Some of it")], speech)
    assert (gap.code, gap.start, gap.end) == ("GAP", 4, 41)
    assert codes([], [Span(3, 6)]) == []
    assert codes([], []) == []


def test_faster_than_anybody_speaks() -> None:
    text = "This is a whole long sentence that nobody could ever say in a single second of time"
    assert codes([segment(0, 1, text)], [Span(0, 1)]) == ["TOO_FAST"]
    assert codes([segment(0, 4, text)], [Span(0, 4)]) == []
    assert codes([segment(0, 0.1, "Yes, I do.")], [Span(0, 1)]) == []
    assert codes([segment(0, 6, "これは普通の速さで話された日本語の文章です" * 2)], [Span(0, 6)]) == []


SPANS = st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 20)), max_size=20)


@given(spans=SPANS, texts=st.lists(st.text(max_size=80), max_size=20))
def test_any_transcript_gives_remarks_with_times_in_order(spans: list[tuple[float, float]], texts: list[str]) -> None:
    speech, now = [], 0.0
    for pause, length in spans:
        speech.append(Span(now + pause, now + pause + length))
        now = speech[-1].end
    segments = [segment(n * 3.0, n * 3.0 + 2, text, False) for n, text in enumerate(texts)]
    remarks = doubts(segments, speech)
    starts = [remark.start for remark in remarks]
    assert all(r.start is not None and r.end is not None and 0 <= r.start <= r.end for r in remarks)
    assert starts == sorted(starts)  # type: ignore[type-var]


@given(SPANS)
def test_speech_that_is_covered_whole_is_no_gap(spans: list[tuple[float, float]]) -> None:
    speech, now = [], 0.0
    for pause, length in spans:
        speech.append(Span(now + pause, now + pause + length))
        now = speech[-1].end
    segments = [segment(span.start, span.end, "a word or two") for span in speech]
    assert not {"GAP", "TEXT_OVER_SILENCE"} & set(codes(segments, speech))


def test_how_easily_something_is_doubted() -> None:
    assert [sensitivity_of(asked) for asked in ("low", " High", "nonsense", None)] == [0.6, 1.5, 1.0, 1.0]
    assert [round(sensitivity_of(asked), 3) for asked in (-1, 0, 0.5, 1, 7)] == [0.6, 0.6, 0.949, 1.5, 1.5]
    # Each lies between what is seen at one sensitivity and what is seen at the next.
    repeated = [segment(0, 6, "no " * 9)]
    assert [bool(doubts(repeated, [Span(0, 6)], (), factor)) for factor in SENSITIVITY.values()] == [False, False, True]
    gap = [segment(0, 4, "Some of it")]
    assert [bool(doubts(gap, [Span(0, 10)], (), factor)) for factor in SENSITIVITY.values()] == [False, True, True]
    fast = [segment(0, 1, "x" * 50)]
    assert [bool(doubts(fast, [Span(0, 1)], (), factor)) for factor in SENSITIVITY.values()] == [False, False, True]
    silent = [segment(0, 10, "Thank you")]
    assert [bool(doubts(silent, [Span(4, 4.8)], (), factor)) for factor in SENSITIVITY.values()] == [False, True, True]


def test_a_list_or_a_quick_talker_is_no_doubt_even_at_the_highest() -> None:
    talk = segment(0, 4, "and so we went on and on and on because nobody had told us that we were to stop at all")
    assert doubts([talk], [Span(0, 4)], (), SENSITIVITY["high"]) == []
