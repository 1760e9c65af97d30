"""What of a clip is decoded next, and which text is kept: played without a model."""

from __future__ import annotations

import numpy as np

from bulk_transcribe_worker.clip_task import ClipTask
from bulk_transcribe_worker.engine import SpeechOptions, SpokenSegment
from bulk_transcribe_worker.fallback import Try
from bulk_transcribe_worker.vad import Clip, Span

SPANS = tuple(Span(5.0 * n, 5.0 * n + 4.0) for n in range(6))
PIECES = tuple(Span(span.start - (0.5 if span.start else 0.0), span.end + 0.5) for span in SPANS)


BAD = Try((), -3.0, 0.0, 1.0, 0.0)


def task(doubt: bool = True) -> ClipTask:
    options = SpeechOptions("m", word_timestamps=False, doubt=doubt)
    features = np.zeros((80, 3001), dtype=np.float32)
    return ClipTask(Clip(SPANS, PIECES), features, 2950, ((1, 2), (1,)), "en", options, SPANS)


def line(number: int, text: str = "") -> SpokenSegment:
    span = SPANS[number]
    return SpokenSegment(span.start, span.end, text or f"Line {number}.", -0.2, 0.0, 1.0, 0.0)


def texts(clip: ClipTask) -> list[str]:
    return [segment.text for segment in clip.result]


def test_a_clip_that_comes_out_well_takes_one_window() -> None:
    clip = task()
    assert (clip.seek, clip.until, clip.prompt) == (0, 2950, (1, 2))
    clip.add([line(n) for n in range(6)], 2950)
    assert clip.done
    assert texts(clip) == [f"Line {n}." for n in range(6)]


def test_a_window_that_ends_early_goes_on_where_it_ended() -> None:
    clip = task()
    clip.add([line(0), line(1)], 950)
    assert (clip.seek, clip.until, clip.prompt) == (950, 2950, (1,))
    clip.add([line(n) for n in range(2, 6)], 2950)
    assert clip.done


def test_where_the_model_says_that_nobody_speaks_any_more_it_is_asked_again_if_somebody_does() -> None:
    clip = task()
    clip.add([line(n) for n in range(5)], 2950)
    assert (clip.done, clip.seek, clip.part.kind) == (False, 2450, "whole")
    clip.add([], 2950)
    # It says so twice. As with any line that has no text, that one is then decoded alone.
    assert (clip.done, clip.seek, clip.part.kind) == (False, 2450, "lines")
    clip.add([line(5)], 2950)
    assert clip.done
    assert texts(clip) == [f"Line {n}." for n in range(6)]


def test_lines_that_did_not_come_out_are_decoded_alone_and_nothing_never_replaces_something() -> None:
    clip = task()
    clip.add([line(0), line(1), line(3), line(4), line(5)], 2950)
    assert (clip.seek, clip.until) == (950, 1450)
    clip.add([line(2)], 1450)
    assert clip.done
    assert texts(clip) == [f"Line {n}." for n in range(6)]


def test_a_clip_that_fails_is_decoded_in_halves() -> None:
    clip = task()
    assert clip.divisible
    clip.fail(BAD)
    assert (clip.seek, clip.until, clip.prompt, clip.divisible) == (0, 1450, (1, 2), False)
    clip.fail(BAD)
    assert (clip.seek, clip.temperature) == (0, 0.2)
    clip.add([line(0), line(1), line(2)], 1450)
    assert (clip.seek, clip.until, clip.temperature) == (1450, 2950, 0.0)
    clip.add([line(3), line(4), line(5)], 2950)
    assert clip.done
    assert texts(clip) == [f"Line {n}." for n in range(6)]


def test_a_half_that_is_doubtful_too_is_decoded_with_other_settings_and_the_better_text_kept() -> None:
    clip = task()
    clip.add([line(n, "yes " * 20) for n in range(6)], 2950)
    assert clip.part.kind == "half"
    clip.add([line(0, "yes " * 20), line(1), line(2)], 1450)
    assert clip.again
    clip.add([line(0), line(1), line(2)], 1450)
    clip.add([line(3), line(4), line(5)], 2950)
    assert clip.done
    assert texts(clip) == [f"Line {n}." for n in range(6)]
    (again,) = clip.redecoded
    assert (again.start, again.end, again.second_kept, again.reason) == (0.0, 14.0, True, "LOOP")


def test_without_doubt_no_text_is_judged_but_lines_are_looked_for() -> None:
    clip = task(doubt=False)
    clip.add([line(n, "yes " * 20) for n in range(6)], 2950)
    assert clip.done
    assert clip.redecoded == []
