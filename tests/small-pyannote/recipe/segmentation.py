"""Owns the segmentation model: a small PyanNet. Its filters stay as they begin; what is behind them learns.

It learns four voices by name, not strangers: enough for recordings of tests/small-whisper, and minutes instead of hours.
"""

from __future__ import annotations

import random
import sys

import torch
import torch.nn.functional as F
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.segmentation import PyanNet
from pyannote.audio.utils.powerset import Powerset

from recipe.voices import Samples
from recipe.windows import MOST_SPEAKERS, SECONDS, draw

HYPER = {"lstm": {"hidden_size": 48, "num_layers": 1}, "linear": {"hidden_size": 48, "num_layers": 1}}


def make_model() -> PyanNet:
    """The model before training: three speakers a window, two of them at once."""
    model = PyanNet(**HYPER)
    model.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=SECONDS,
        warm_up=(0.0, 0.0),
        classes=[f"speaker#{number + 1}" for number in range(MOST_SPEAKERS)],
        powerset_max_classes=2,
        permutation_invariant=True,
    )
    model.build()
    return model


def train(bank: list[list[Samples]], windows: int, epochs: int, seed: int) -> PyanNet:
    """Trains on `windows` windows, whose filtered form is made once."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    model = make_model()
    powerset = Powerset(MOST_SPEAKERS, 2)
    features, targets = [], []
    model.eval()
    with torch.inference_mode():
        for number in range(windows):
            window = draw(bank, chance)
            part = model.sincnet(torch.from_numpy(window.samples)[None, None])
            features.append(part[0].T.half())
            targets.append(torch.from_numpy(window.frames(part.shape[-1])))
            if number % 200 == 199:
                sys.stdout.write(f"segmentation: {number + 1} of {windows} windows\n")
                sys.stdout.flush()
    x, y = torch.stack(features).clone(), torch.stack(targets).clone()
    # No more than two at once, which is what the model can say.
    y = powerset.to_powerset(y * (y.cumsum(-1) <= 2)).argmax(-1)
    learned = [p for name, p in model.named_parameters() if not name.startswith("sincnet")]
    optimizer = torch.optim.AdamW(learned, 3e-3, weight_decay=1e-3)
    batch = 16
    steps = epochs * (windows // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    for epoch in range(epochs):
        order = torch.randperm(windows)
        total = 0.0
        for first in range(0, windows - batch + 1, batch):
            rows = order[first : first + batch]
            scores = _behind(model, x[rows].float())
            loss = F.nll_loss(scores.transpose(1, 2), y[rows])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(learned, 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss)
        sys.stdout.write(f"segmentation: epoch {epoch + 1}, loss {total / (windows // batch):.3f}\n")
        sys.stdout.flush()
    return model.eval()


def _behind(model: PyanNet, features: torch.Tensor) -> torch.Tensor:
    """The model from its filters on: log-probabilities, shape (batch, frames, classes)."""
    outputs, _ = model.lstm(features)
    for linear in model.linear:
        outputs = F.leaky_relu(linear(outputs))
    return model.activation(model.classifier(outputs))
