from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bulk_transcribe_worker.backoff import Backoff


@given(st.floats(0, 0.999), st.integers(1, 80))
def test_delays_double_up_to_the_longest_with_jitter(chance: float, tries: int) -> None:
    backoff = Backoff(1e9, first=0.5, longest=30, now=lambda: 0.0, chance=lambda: chance)
    delays = [backoff.delay() for _ in range(tries)]
    for number, delay in enumerate(delays):
        assert delay is not None
        whole = min(30, 0.5 * 2 ** min(number, 30))
        assert whole / 2 <= delay <= whole


def test_patience_ends_without_progress_and_begins_anew_with_it() -> None:
    now = 0.0
    backoff = Backoff(10, now=lambda: now)
    now = 9.0
    assert backoff.delay() is not None
    backoff.progress()
    now = 18.0
    assert backoff.delay() is not None
    now = 19.0
    assert backoff.delay() is None
