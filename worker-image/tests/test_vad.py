from __future__ import annotations

import itertools
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.vad import FRAME_SECONDS, Span, VadSettings, clips, speech_spans
from bulk_transcribe_worker.voice import speech_probabilities
from tests.process import DEMO

SETTINGS = VadSettings()
probabilities_lists = st.lists(
    st.tuples(st.floats(0, 1), st.integers(1, 200)).map(lambda pair: [pair[0]] * pair[1]), max_size=40
).map(lambda runs: [value for run in runs for value in run])


@given(probabilities_lists)
def test_clips_are_in_order_short_enough_and_hold_their_speech(probabilities: list[float]) -> None:
    duration = len(probabilities) * FRAME_SECONDS
    spans = speech_spans(probabilities, duration, SETTINGS)
    made = clips(spans, probabilities, duration, SETTINGS)
    for clip in made:
        assert 0 <= clip.start <= clip.speech.start < clip.speech.end <= clip.end <= duration + 1e-9
        assert clip.seconds <= SETTINGS.max_clip + 1e-6
        assert len(clip.pieces) == len(clip.spans)
        for piece, span in zip(clip.pieces, clip.spans, strict=True):
            assert piece.start - 1e-9 <= span.start < span.end <= piece.end + 1e-9
        assert all(a.end <= b.start + 1e-9 for a, b in itertools.pairwise(clip.pieces))
    for before, after in itertools.pairwise(made):
        assert before.end <= after.start + 1e-9
    # No speech is left out: the pieces cover the spans.
    assert abs(sum(s.end - s.start for c in made for s in c.spans) - sum(s.end - s.start for s in spans)) < 1e-6


def test_a_pause_ends_a_span_and_a_short_one_does_not() -> None:
    speech, pause, breath = [0.9] * 40, [0.1] * 40, [0.1] * 5
    duration = 165 * FRAME_SECONDS
    spans = speech_spans(speech + breath + speech + pause + speech, duration, SETTINGS)
    assert [round(span.start / FRAME_SECONDS) for span in spans] == [0, 125]
    assert [round(span.end / FRAME_SECONDS) for span in spans] == [85, 165]


def test_silence_has_no_clips() -> None:
    assert clips(speech_spans([0.0] * 100, 3.2, SETTINGS), [0.0] * 100, 3.2, SETTINGS) == []


def test_a_long_span_is_cut_where_it_is_quietest() -> None:
    probabilities = [0.9] * 2000
    probabilities[800] = 0.6
    duration = 2000 * FRAME_SECONDS
    made = clips([Span(0.0, duration)], probabilities, duration, SETTINGS)
    assert abs(made[0].speech.end - 800.5 * FRAME_SECONDS) < 1e-9


def test_neighbours_share_a_clip_up_to_the_models_window() -> None:
    spans = [Span(0.0, 8.0), Span(9.0, 17.0), Span(18.0, 26.0), Span(27.0, 33.0), Span(90.0, 91.0)]
    made = clips(spans, [0.9] * 4000, 120.0, SETTINGS)
    assert [clip.spans for clip in made] == [tuple(spans[:3]), tuple(spans[3:])]
    assert made[1].seconds < 9.0


def test_what_would_begin_at_the_end_of_a_clip_begins_the_next() -> None:
    for end, shared in ((26.0, True), (27.0, False)):
        spans = [Span(0.0, end), Span(end + 1.0, end + 1.7)]
        assert len(clips(spans, [0.9] * 2000, 60.0, SETTINGS)) == (1 if shared else 2)


def test_a_clip_leaves_out_what_is_too_long_of_a_pause_and_knows_its_times() -> None:
    spans = [Span(1.0, 3.0), Span(3.6, 5.0), Span(60.0, 62.0)]
    (clip,) = clips(spans, [0.9] * 4000, 100.0, SETTINGS)
    assert clip.pieces == (Span(0.8, 3.3), Span(3.3, 5.5), Span(59.5, 62.2))
    assert clip.seconds == pytest.approx(2.5 + 2.2 + 2.7)
    assert [clip.place(index).start for index in range(3)] == pytest.approx([0.0, 2.5, 4.7])
    assert clip.time(0.2) == pytest.approx(1.0)
    assert clip.time(4.0) == pytest.approx(4.8)
    # Where two pieces meet it is two times at once.
    assert (clip.time(4.7, end=True), clip.time(4.7)) == pytest.approx((5.5, 59.5))
    assert clip.time(7.4) == pytest.approx(62.2)


def test_the_detector_says_in_blocks_what_it_says_of_the_whole_recording(tmp_path: Path) -> None:
    """Against faster-whisper's own detector, which takes everything at once."""
    from faster_whisper.vad import get_vad_model

    with wave.open(str(DEMO / "demo.wav")) as demo:
        (tmp_path / "sound").write_bytes(demo.readframes(demo.getnframes()))
    audio = Audio(tmp_path / "sound")
    samples = audio.slice(0, len(audio))
    wanted = get_vad_model()(np.pad(samples, (0, -len(samples) % 512))).reshape(-1)
    assert speech_probabilities(audio, lambda: False) == pytest.approx(wanted.tolist(), abs=1e-4)


@given(probabilities_lists, st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_times_of_a_clip_run_forward_and_lie_in_what_it_holds(probabilities: list[float], shares: list[float]) -> None:
    duration = len(probabilities) * FRAME_SECONDS
    for clip in clips(speech_spans(probabilities, duration, SETTINGS), probabilities, duration, SETTINGS):
        for end in (False, True):
            times = [clip.time(share * clip.seconds, end) for share in sorted(shares)]
            assert times == sorted(times)
            assert all(any(p.start - 1e-6 <= time <= p.end + 1e-6 for p in clip.pieces) for time in times)
