"""The plan: stages follow each other, the learning rate rises and falls, minutes only scale steps."""

from __future__ import annotations

import pytest

pytest.importorskip("numpy", reason="NOT RUN: the schedule's windows need numpy")
pytest.importorskip("scipy", reason="NOT RUN: the schedule's windows need scipy")

from training.schedule import CONTINUATION, FROM_NOTHING


def test_stages_follow_each_other() -> None:
    plan = FROM_NOTHING
    first, second = plan.stages[:2]
    assert plan.stage_at(first.steps - 1) is first
    assert plan.stage_at(first.steps) is second
    with pytest.raises(IndexError):
        plan.stage_at(plan.steps)


def test_the_learning_rate_rises_holds_and_falls() -> None:
    plan = FROM_NOTHING
    assert plan.rate_at(0) < plan.peak / 100
    assert plan.rate_at(plan.steps // 2) == pytest.approx(plan.peak)
    assert plan.rate_at(plan.steps - 1) < plan.peak / 50


def test_the_encoder_learns_in_every_third_long_step_and_never_in_a_continuation() -> None:
    plan, first = FROM_NOTHING, FROM_NOTHING.steps - 2800
    assert [plan.updates_encoder(step) for step in range(first, first + 6)] == [
        step % 3 == 0 for step in range(first, first + 6)
    ]
    assert not any(CONTINUATION.updates_encoder(step) for step in range(CONTINUATION.steps))


def test_minutes_scale_every_stage() -> None:
    half = FROM_NOTHING.in_minutes(FROM_NOTHING.minutes / 2)
    assert [stage.steps for stage in half.stages] == [1400, 150, 1400]
