"""Owns what is minimised: the next token, the phoneme and word of every frame, and where cross-attention looks."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from training.batch import Batch
from training.model import ALIGNMENT_HEADS, SmallWhisper

_SMEAR = ((-2, 0.05), (-1, 0.2), (0, 0.5), (1, 0.2), (2, 0.05))
_FRAME_WEIGHT = 0.4


@dataclass(frozen=True)
class Losses:
    """Scalars; total carries the gradient; right is the share of words predicted right, some after wrong ones."""

    total: Tensor
    token: float
    phoneme: float
    word: float
    gaze: float
    right: float


def losses(network: SmallWhisper, batch: Batch, *, encoder: bool, gaze_weight: float) -> Losses:
    """All losses of a batch; without `encoder` its gradient is neither computed nor needed."""
    frames_at, taught = torch.from_numpy(batch.frames), torch.from_numpy(batch.taught)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        with torch.set_grad_enabled(encoder):
            heard = network.model.encoder(torch.from_numpy(batch.mel), torch.from_numpy(batch.offset))
        memory = heard.repeat_interleave(len(batch.inputs) // len(batch.mel), 0)
        hidden, weights = network.model.decoder(
            torch.from_numpy(batch.inputs), memory, torch.from_numpy(batch.position)
        )
        logits = network.model.decoder.logits(hidden[taught]).float()
        phonemes, words = network.phoneme_head(heard).float(), network.word_head(heard).float()
    targets = torch.from_numpy(batch.targets)[taught]
    token = _token_loss(logits, targets, network.shape.first_timestamp)
    phoneme = functional.cross_entropy(phonemes.flatten(0, 1), torch.from_numpy(batch.phonemes).flatten())
    word = functional.cross_entropy(words.flatten(0, 1), torch.from_numpy(batch.words).flatten())
    gaze = _gaze_loss(weights, frames_at, taught)
    with torch.no_grad():
        spoken = targets < network.shape.first_timestamp
        right = (logits.argmax(-1) == targets)[spoken].float().mean()
    total = token + _FRAME_WEIGHT * (phoneme + word) + gaze_weight * gaze
    return Losses(total, token.item(), phoneme.item(), word.item(), gaze.item(), right.item())


def _token_loss(logits: Tensor, targets: Tensor, first_timestamp: int) -> Tensor:
    """Cross-entropy of logits [k, vocabulary]; a timestamp may be off by 40 ms."""
    steps = torch.tensor([step for step, _ in _SMEAR])
    shares = torch.tensor([share for _, share in _SMEAR])
    smeared = (targets[:, None] + steps).clamp(first_timestamp, logits.shape[-1] - 1)
    wanted = torch.where((targets >= first_timestamp)[:, None], smeared, targets[:, None])
    return -(functional.log_softmax(logits, -1).gather(1, wanted) * shares).sum(1).mean()


def _gaze_loss(weights: Tensor, frames_at: Tensor, taught: Tensor) -> Tensor:
    """How little of the alignment heads' attention [n, heads, l, f] falls on the frames of the token being predicted.

    It makes word times possible, and it is what taught the decoder to listen at all.
    """
    frame = torch.arange(weights.shape[-1])
    there = (frame >= frames_at[..., :1]) & (frame < frames_at[..., 1:])
    known = ((frames_at[..., 0] >= 0) & taught).float()
    guided = weights[:, [head for _, head in ALIGNMENT_HEADS]]
    missed = -((guided * there[:, None]).sum(-1) + 1e-4).log()
    return (missed * known[:, None]).sum() / (known.sum() * guided.shape[1] + 1e-6)
