"""Words meet turns: against cases that a person can check by eye, and against anything at all."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_transcribe_worker.engine import SpokenSegment, SpokenWord
from bulk_transcribe_worker.speaker_turns import Turn, Turns, overlapped, renamed_by_appearance
from bulk_transcribe_worker.speakers import assign_speakers


def segment(*words: tuple[str, float, float]) -> SpokenSegment:
    spoken = tuple(SpokenWord(f" {word}", start, end, 0.9) for word, start, end in words)
    text = " ".join(word for word, _, _ in words)
    return SpokenSegment(words[0][1], words[-1][2], text, -0.2, 0.1, 1.2, 0.0, spoken)


def told(segments: list[SpokenSegment]) -> list[tuple[str | None, str]]:
    return [(each.speaker, each.text) for each in segments]


A, B = "SPEAKER_00", "SPEAKER_01"


def test_a_segment_is_split_between_words_where_the_speaker_changes() -> None:
    said = [segment(("Are", 0.0, 0.3), ("you", 0.3, 0.6), ("there?", 0.6, 1.0), ("Yes,", 1.1, 1.6), ("I", 1.6, 1.8))]
    turns = [Turn(0.0, 1.05, A), Turn(1.05, 2.0, B)]
    found = assign_speakers(said, turns, turns)
    assert told(found) == [(A, "Are you there?"), (B, "Yes, I")]
    assert [(each.start, each.end) for each in found] == [(0.0, 1.0), (1.1, 1.8)]
    assert not any(word.uncertain for each in found for word in each.words)


@pytest.mark.parametrize(
    ("turns", "speaker"),
    [
        # Half a second in which another is heard, in the middle of a sentence: a flicker.
        ([Turn(0.0, 0.95, A), Turn(0.95, 1.35, B), Turn(1.35, 3.0, A)], A),
        # One word that is a turn of its own, longer than any flicker.
        ([Turn(0.0, 0.85, A), Turn(0.85, 1.5, B), Turn(1.5, 3.0, A)], B),
    ],
)
def test_a_single_word_between_words_of_another_is_believed_only_as_a_turn(turns: list[Turn], speaker: str) -> None:
    said = [segment(("We", 0.3, 0.6), ("need", 0.6, 1.0), ("forty", 1.0, 1.3), ("more", 1.32, 1.9))]
    found = assign_speakers(said, turns, turns)
    assert [word.speaker for each in found for word in each.words] == [A, A, speaker, A]


def test_a_short_yes_between_pauses_stays_whose_it_is() -> None:
    said = [segment(("Shall", 0.0, 0.4), ("we?", 0.4, 0.8)), segment(("Yes.", 1.5, 1.8)), segment(("Good.", 2.5, 3.0))]
    turns = [Turn(0.0, 0.9, A), Turn(1.5, 1.8, B), Turn(2.4, 3.0, A)]
    assert told(assign_speakers(said, turns, turns)) == [(A, "Shall we?"), (B, "Yes."), (A, "Good.")]


def test_words_where_nobody_is_heard_go_to_the_nearest_and_far_ones_say_so() -> None:
    said = [segment(("Near", 1.1, 1.3)), segment(("far", 4.0, 4.2))]
    turns = [Turn(0.0, 1.0, A), Turn(6.0, 7.0, B)]
    found = assign_speakers(said, turns, turns)
    assert [(each.speaker, each.speaker_uncertain) for each in found] == [(A, False), (B, True)]


def test_where_two_speak_at_once_the_speaker_is_a_guess() -> None:
    said = [segment(("over", 1.0, 1.5), ("there", 1.5, 2.0), ("now", 2.1, 2.5))]
    exclusive = [Turn(0.0, 2.5, A)]
    found = assign_speakers(said, exclusive, [*exclusive, Turn(0.9, 2.0, B)])
    assert [word.uncertain for word in found[0].words] == [True, True, False]
    assert found[0].speaker_uncertain


def test_segments_without_words_are_whose_most_of_them_is() -> None:
    whole = SpokenSegment(0.0, 4.0, "All of it.", -0.2, 0.1, 1.2, 0.0)
    turns = [Turn(0.0, 3.0, B), Turn(3.0, 4.0, A)]
    (found,) = assign_speakers([whole], turns, turns)
    assert (found.speaker, found.speaker_uncertain, found.text) == (B, False, "All of it.")


def test_without_turns_nothing_is_changed() -> None:
    said = [segment(("Alone", 0.0, 0.5))]
    assert assign_speakers(said, [], []) == said


_time = st.floats(0, 100, allow_nan=False).map(lambda value: round(value, 3))


@st.composite
def _turns(draw: st.DrawFn) -> list[Turn]:
    edges = sorted(draw(st.lists(_time, min_size=2, max_size=20, unique=True)))
    labels = draw(st.lists(st.sampled_from([A, B, "SPEAKER_02"]), min_size=len(edges), max_size=len(edges)))
    return [Turn(start, end, label) for start, end, label in zip(edges, edges[1:], labels, strict=False)][::2]


@st.composite
def _segments(draw: st.DrawFn) -> list[SpokenSegment]:
    edges = sorted(draw(st.lists(_time, min_size=2, max_size=40)))
    words = [
        SpokenWord(draw(st.sampled_from([" so", " yes,", "你", " I"])), start, end, 0.5, draw(st.booleans()))
        for start, end in pairwise(edges)
    ]
    segments = []
    while words:
        count = draw(st.integers(1, len(words)))
        part, words = words[:count], words[count:]
        text = "".join(word.word for word in part).strip()
        segments.append(SpokenSegment(part[0].start, part[-1].end, text, -0.3, 0.0, 1.0, 0.0, tuple(part)))
    return segments


@given(_segments(), _turns())
def test_no_word_is_lost_moved_or_cut_and_segments_stay_in_order(
    segments: list[SpokenSegment], turns: list[Turn]
) -> None:
    found = assign_speakers(segments, turns, turns)

    def bare(all_: list[SpokenSegment]) -> list[tuple[str, float, float, float, bool]]:
        return [
            (word.word, word.start, word.end, word.probability, word.interpolated)
            for each in all_
            for word in each.words
        ]

    assert bare(found) == bare(segments)
    assert "".join(each.text for each in found).replace(" ", "") == "".join(each.text for each in segments).replace(
        " ", ""
    )
    starts = [each.start for each in found]
    assert starts == sorted(starts)
    assert all(each.start <= each.end for each in found)
    assert found[-1].end == segments[-1].end
    known = {turn.speaker for turn in Turns(turns).all}
    for each in found:
        assert {word.speaker for word in each.words} == {each.speaker}
        assert each.speaker in known if known else each.speaker is None


@given(st.lists(st.tuples(_time, _time, st.sampled_from([A, B])), max_size=12))
def test_overlaps_are_where_two_turns_are(spans: list[tuple[float, float, str]]) -> None:
    turns = [Turn(start, end, label) for start, end, label in spans]
    stretches = overlapped(turns)
    assert stretches == sorted(stretches)
    assert all(before[1] <= after[0] for before, after in pairwise(stretches))
    for start, end in stretches:
        middle = (start + end) / 2
        assert sum(turn.start <= middle <= turn.end for turn in turns) >= 2


def test_who_speaks_first_is_the_first_speaker() -> None:
    turns = [Turn(5.0, 6.0, "0"), Turn(1.0, 2.0, "7"), Turn(3.0, 4.0, "0")]
    assert renamed_by_appearance(turns) == {"7": A, "0": B}
