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
        assert clip.end - clip.start <= SETTINGS.max_clip + 1e-6
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


def test_neighbours_share_a_clip_while_it_is_short_and_their_pause_too() -> None:
    spans = [Span(0.0, 4.0), Span(5.0, 9.0), Span(10.0, 16.0), Span(19.0, 20.0)]
    made = clips(spans, [0.9] * 700, 22.0, SETTINGS)
    assert [clip.spans for clip in made] == [(spans[0], spans[1]), (spans[2],), (spans[3],)]
    assert made[0].end - made[0].start <= SETTINGS.fill_clip


def test_the_detector_says_in_blocks_what_it_says_of_the_whole_recording(tmp_path: Path) -> None:
    """Against faster-whisper's own detector, which takes everything at once."""
    from faster_whisper.vad import get_vad_model

    with wave.open(str(DEMO / "demo.wav")) as demo:
        (tmp_path / "sound").write_bytes(demo.readframes(demo.getnframes()))
    audio = Audio(tmp_path / "sound")
    samples = audio.slice(0, len(audio))
    wanted = get_vad_model()(np.pad(samples, (0, -len(samples) % 512))).reshape(-1)
    assert speech_probabilities(audio, lambda: False) == pytest.approx(wanted.tolist(), abs=1e-4)
