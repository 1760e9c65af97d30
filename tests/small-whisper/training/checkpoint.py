"""Owns the state of a training on disk, so that a stopped one goes on where it was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.optim import Optimizer

from training.model import SmallWhisper
from training.schedule import Plan


@dataclass
class Progress:
    """Steps done, and the running mean of the weights that will be exported."""

    step: int
    mean: dict[str, Tensor]

    @classmethod
    def at_start(cls, network: SmallWhisper) -> Progress:
        return cls(0, {name: value.clone() for name, value in network.state_dict().items()})

    def follow(self, network: SmallWhisper) -> None:
        """Count a step and move the mean; over the first steps it averages over a third of them."""
        decay = min(0.998, 1 - 1 / (self.step / 3 + 1))
        with torch.no_grad():
            for name, value in network.state_dict().items():
                self.mean[name].mul_(decay).add_(value, alpha=1 - decay)
        self.step += 1


def save(file: Path, plan: Plan, seed: int, network: SmallWhisper, optimizer: Optimizer, progress: Progress) -> None:
    """Write beside the file and rename, so that a stop in the middle leaves the last one whole."""
    state = {
        "plan": repr(plan),
        "seed": seed,
        "step": progress.step,
        "network": network.state_dict(),
        "mean": progress.mean,
        "optimizer": optimizer.state_dict(),
    }
    partial = file.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(file)


def load(file: Path, plan: Plan, seed: int, network: SmallWhisper, optimizer: Optimizer) -> Progress:
    """Restore network and optimizer; refuses the checkpoint of another plan or seed."""
    state = torch.load(file, weights_only=True)
    if (state["plan"], state["seed"]) != (repr(plan), seed):
        raise ValueError(f"{file} belongs to another plan or seed: choose another folder, or delete it")
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    return Progress(state["step"], state["mean"])
