"""When a decoded window is tried again, and which try is kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bulk_transcribe_worker.fallback import Try, best, is_good, is_silence

TRIES = st.builds(
    Try,
    tokens=st.just((1, 2)),
    avg_logprob=st.floats(-5, 0),
    no_speech_prob=st.floats(0, 1),
    compression_ratio=st.floats(0, 10),
    temperature=st.sampled_from((0.0, 0.2, 1.0)),
)


def tried(logprob: float = -0.2, no_speech: float = 0.0, ratio: float = 1.2) -> Try:
    return Try((1,), logprob, no_speech, ratio, 0.0)


def test_the_three_checks() -> None:
    assert is_good(tried(), 0.6)
    assert not is_good(tried(ratio=2.5), 0.6)
    assert not is_good(tried(logprob=-1.1), 0.6)
    # Nobody speaks: no better text is to be had.
    assert is_good(tried(logprob=-1.1, no_speech=0.7), 0.6)
    assert is_silence(tried(logprob=-1.1, no_speech=0.7), 0.6)
    assert not is_silence(tried(logprob=-0.5, no_speech=0.7), 0.6)


@given(st.lists(TRIES, min_size=1, max_size=6))
def test_the_likeliest_that_does_not_repeat_itself_is_kept(tries: list[Try]) -> None:
    kept = best(tries)
    assert kept in tries
    for other in tries:
        if other.avg_logprob > kept.avg_logprob:
            assert other.compression_ratio > 2.4 >= kept.compression_ratio
