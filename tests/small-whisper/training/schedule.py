"""Owns the plan of a training: its stages in steps, never in minutes, so that a seed means something."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from training.window import Density


@dataclass(frozen=True)
class Stage:
    """Steps on windows of one length.

    encoder_every: the encoder learns in every n-th step, the decoder in all (it costs two thirds of a step);
    both_targets: each window is taught with and without timestamps; step_seconds: as once measured on two
    quiet cores; the continuation's, on one thread of a busy machine.
    """

    name: str
    seconds: float
    batch: int
    steps: int
    density: Density
    step_seconds: float
    prompted: float = 0.0
    encoder_every: int = 1
    both_targets: bool = False


@dataclass(frozen=True)
class Plan:
    """A whole training. peak: highest learning rate; hold: share of the steps at it; warm_up: steps towards it."""

    stages: tuple[Stage, ...]
    utterances: int
    peak: float
    hold: float
    warm_up: int
    noise_tracks: int = 90
    encoder_learns: bool = True
    """Not in a continuation: the delivered model has no auxiliary heads, and fresh ones pull the encoder away."""

    @property
    def steps(self) -> int:
        return sum(stage.steps for stage in self.stages)

    @property
    def minutes(self) -> float:
        """What the steps take where step_seconds was measured."""
        return sum(stage.steps * stage.step_seconds for stage in self.stages) / 60

    def stage_at(self, step: int) -> Stage:
        for stage in self.stages:
            if step < stage.steps:
                return stage
            step -= stage.steps
        raise IndexError("the plan has no such step")

    def rate_at(self, step: int) -> float:
        """Learning rate: up, level, and down a cosine to 1.5 % of the peak."""
        done = step / self.steps
        fall = 1.0 if done < self.hold else 0.5 * (1 + math.cos(math.pi * (done - self.hold) / (1 - self.hold)))
        return self.peak * min(1.0, (step + 1) / self.warm_up) * (0.985 * fall + 0.015)

    def updates_encoder(self, step: int) -> bool:
        return self.encoder_learns and step % self.stage_at(step).encoder_every == 0

    def in_minutes(self, minutes: float) -> Plan:
        """The same plan with every stage's steps scaled to about so many minutes."""
        share = minutes / self.minutes
        return replace(self, stages=tuple(replace(one, steps=max(1, round(one.steps * share))) for one in self.stages))


_SHORT = Density(0.06, 0.8, 0.85, crowded=0.9, few=0.03, short_gaps=0.85, middle_gaps=0.07)
_MIDDLE = Density(0.06, 0.5, 0.5, crowded=0.6, few=0.33, short_gaps=0.38, middle_gaps=0.54)
_LONG = Density(0.09, 0.5, 0.8, crowded=0.62, few=0.31, short_gaps=0.38, middle_gaps=0.54)
_DENSE = Density(0.05, 0.8, 0.9, crowded=0.85, few=0.1, short_gaps=0.5, middle_gaps=0.46)

FROM_NOTHING = Plan(
    stages=(
        Stage("short", 5, 16, 2800, _SHORT, 0.54, prompted=0.02),
        Stage("middle", 15, 5, 300, _MIDDLE, 0.6, prompted=0.05),
        Stage("long", 30, 4, 2800, _LONG, 0.84, encoder_every=3, both_targets=True),
    ),
    utterances=32_000,
    peak=1.7e-3,
    hold=0.6,
    warm_up=300,
)

CONTINUATION = Plan(
    stages=(Stage("dense", 30, 4, 1000, _DENSE, 1.8, both_targets=True),),
    utterances=32_000,
    peak=6e-4,
    hold=0.3,
    warm_up=40,
    encoder_learns=False,
)

SMOKE = Plan(
    stages=(
        Stage("short", 5, 2, 3, _SHORT, 0.5, prompted=0.5),
        Stage("long", 30, 1, 3, _DENSE, 0.8, prompted=0.5, encoder_every=2, both_targets=True),
    ),
    utterances=48,
    peak=1e-3,
    hold=0.5,
    warm_up=2,
    noise_tracks=3,
)
