"""The busy share: overlapping work counts once, and nothing is said before the first work."""

from __future__ import annotations

from bulk_transcribe_worker.busy import BusyClock


def test_share() -> None:
    time = [100.0]
    clock = BusyClock(lambda: time[0])
    assert clock.share() is None
    time[0] = 110.0
    with clock.computing():
        time[0] = 113.0
        with clock.computing():
            time[0] = 115.0
        assert clock.share() == round(5 / 15, 2)
    time[0] = 120.0
    assert clock.share() == 0.25
