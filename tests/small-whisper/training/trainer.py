"""Owns the loop: batches in, steps done, checkpoints kept, progress told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from training import checkpoint
from training.bank import Bank
from training.batch import Batch, make_batch
from training.checkpoint import Progress
from training.grammar import Grammar
from training.losses import Losses, losses
from training.model import PHONEME_CLASSES, Shape, SmallWhisper
from training.noise import NoiseShelf
from training.schedule import Plan
from training.targets import LessonMaker
from training.tokens import Tokens
from training.window import WindowMaker

_TELL_EVERY = 50
_GAZE_WEIGHTS = (0.3, 0.15)

Tell = Callable[[str], None]


class Batches(Dataset[Batch]):
    """The batch of every step; each has a seed of its own, so that it does not matter who makes it or when."""

    def __init__(self, folder: Path, plan: Plan, seed: int) -> None:
        self._folder, self._plan, self._seed = folder, plan, seed
        self._makers: tuple[WindowMaker, LessonMaker] | None = None

    def __len__(self) -> int:
        return self._plan.steps

    def __getitem__(self, step: int) -> Batch:
        if self._makers is None:
            bank, tokens = Bank(self._folder), Tokens(Grammar())
            shelf = NoiseShelf(self._seed, self._plan.noise_tracks)
            self._makers = WindowMaker(bank, shelf, tokens), LessonMaker(tokens, bank)
        return make_batch(*self._makers, Random(f"{self._seed}/{step}"), self._plan.stage_at(step))


@dataclass(frozen=True)
class Training:
    """One training: where its bank and checkpoint lie, its plan and its seed; workers: processes that make batches."""

    bank: Path
    checkpoint: Path
    plan: Plan
    seed: int
    workers: int = 1
    save_every: int = 250

    def run(self, network: SmallWhisper, tell: Tell) -> SmallWhisper:
        """Train to the end of the plan, from the checkpoint if there is one; gives the network of mean weights."""
        classes = Bank(self.bank).phoneme_classes
        if classes > PHONEME_CLASSES:
            raise ValueError(f"the bank has {classes} phonemes, the network {PHONEME_CLASSES}")
        optimizer = _optimizer(network)
        progress = Progress.at_start(network)
        if self.checkpoint.exists():
            progress = checkpoint.load(self.checkpoint, self.plan, self.seed, network, optimizer)
            tell(f"going on at step {progress.step} of {self.plan.steps}")
        network.train()
        began, first = time.monotonic(), progress.step
        for batch in self._batches(progress.step):
            result = self._step(network, optimizer, batch, progress.step)
            progress.follow(network)
            if progress.step % self.save_every == 0 or progress.step == self.plan.steps:
                checkpoint.save(self.checkpoint, self.plan, self.seed, network, optimizer, progress)
            if progress.step % _TELL_EVERY == 0 or progress.step == self.plan.steps:
                pace = (time.monotonic() - began) / (progress.step - first)
                tell(self._line(progress.step, result, pace))
        network.load_state_dict(progress.mean)
        return network.eval()

    def _batches(self, first: int) -> Iterator[Batch]:
        return iter(
            DataLoader(
                Batches(self.bank, self.plan, self.seed),
                sampler=range(first, self.plan.steps),
                batch_size=None,
                collate_fn=_as_is,
                num_workers=self.workers,
                prefetch_factor=4 if self.workers > 0 else None,
            )
        )

    def _step(self, network: SmallWhisper, optimizer: torch.optim.Optimizer, batch: Batch, step: int) -> Losses:
        for group in optimizer.param_groups:
            group["lr"] = self.plan.rate_at(step)
        early, late = _GAZE_WEIGHTS
        gaze_weight = early if step < self.plan.steps / 2 else late
        result = losses(network, batch, encoder=self.plan.updates_encoder(step), gaze_weight=gaze_weight)
        optimizer.zero_grad()
        result.total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0, error_if_nonfinite=True)
        optimizer.step()
        return result

    def _line(self, step: int, result: Losses, pace: float) -> str:
        left = (self.plan.steps - step) * pace / 60
        return (
            f"{self.plan.stage_at(step - 1).name} {step}/{self.plan.steps}  token {result.token:.3f}  "
            f"phoneme {result.phoneme:.3f}  word {result.word:.3f}  gaze {result.gaze:.3f}  right {result.right:.3f}  "
            f"{pace:.2f} s a step, about {left:.0f} min left"
        )


def new_network(seed: int) -> SmallWhisper:
    """A network of the delivered shape with fresh weights."""
    torch.manual_seed(seed)
    grammar = Grammar()
    tokens = Tokens(grammar)
    return SmallWhisper(Shape(tokens.size, tokens.first_timestamp, len(grammar.words)))


def _optimizer(network: SmallWhisper) -> torch.optim.Optimizer:
    """AdamW; only matrices decay, embeddings do not."""
    named = [(name, one) for name, one in network.named_parameters() if one.requires_grad]
    decaying = [one for name, one in named if one.dim() >= 2 and "embed" not in name]
    others = [one for name, one in named if one.dim() < 2 or "embed" in name]
    groups = [{"params": decaying, "weight_decay": 0.02}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-8)


def _as_is(batch: Any) -> Any:
    return batch
