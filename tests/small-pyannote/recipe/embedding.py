"""Owns the embedding model: a thin ResNet that learns, and the full WeSpeakerResNet34 that it is laid into.

The pipeline only loads the full class, of 6.6 million weights. A narrow one (one block a layer, a few channels) is trained in
its place and laid into the first channels of the full one; all other weights are 0, and blocks of zeros pass on what
they are given. So the committed file is small, and what runs in tests is the real class at its real cost.
"""

from __future__ import annotations

import random
import sys

import numpy as np
import torch
import torch.nn.functional as F
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.embedding import WeSpeakerResNet34
from pyannote.audio.models.embedding.wespeaker.resnet import BasicBlock, ResNet
from torch import nn

from recipe.voices import VOICES, Samples
from recipe.windows import SECONDS, draw

MEL_BINS = 16
"""Of 80: five times as fast, and enough for voices of espeak-ng."""
WIDTH = 5
DIMENSION = 24
_SCALE, _MARGIN = 20.0, 0.2


def train(bank: list[list[Samples]], windows: int, epochs: int, seed: int) -> ResNet:
    """Trains the thin ResNet to tell the voices of VOICES apart in windows where several speak."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    thin = ResNet(BasicBlock, [1, 1, 1, 1], m_channels=WIDTH, feat_dim=MEL_BINS, embed_dim=DIMENSION, two_emb_layer=False)
    fbank = WeSpeakerResNet34(num_mel_bins=MEL_BINS).compute_fbank
    features, masks, voices = [], [], []
    with torch.inference_mode():
        for _ in range(windows):
            window = draw(bank, chance)
            features.append(fbank(torch.from_numpy(window.samples)[None, None])[0])
            masks.append(torch.from_numpy(window.frames(589).T.copy()))
            voices.append([*window.voices, -1, -1][:3])
    x, m, v = torch.stack(features).clone(), torch.stack(masks).clone(), torch.tensor(voices)
    # As the pipeline does with embedding_exclude_overlap: only frames of one speaker.
    m = m * (m.sum(1, keepdim=True) < 2)
    usable = (m.sum(-1) > 30) & (v >= 0)
    names = nn.Parameter(torch.randn(len(VOICES), DIMENSION))
    optimizer = torch.optim.AdamW([*thin.parameters(), names], 2e-3, weight_decay=1e-3)
    batch = 12
    steps = epochs * (windows // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=steps)
    for epoch in range(epochs):
        order = torch.randperm(windows)
        total, right, seen = 0.0, 0, 0
        for first in range(0, windows - batch + 1, batch):
            rows = order[first : first + batch]
            thin.train()
            keep = usable[rows]
            who, whose = keep.nonzero(as_tuple=True)
            pooled = _pooled(thin.forward_frames(x[rows])[who], m[rows][who, whose])
            found, wanted = F.normalize(thin.seg_1(pooled), dim=-1), v[rows][keep]
            cosine = found @ F.normalize(names, dim=-1).T
            right += int((cosine.argmax(-1) == wanted).sum())
            seen += len(wanted)
            loss = F.cross_entropy(_SCALE * (cosine - _MARGIN * F.one_hot(wanted, len(VOICES))), wanted)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss)
        sys.stdout.write(f"embedding: epoch {epoch + 1}, loss {total / (windows // batch):.3f}, right {right / seen:.3f}\n")
        sys.stdout.flush()
    return thin.eval()


def _pooled(frames: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean and deviation over the frames of a mask, as pyannote's pooling has it, but with a slope where nothing varies."""
    features = frames.flatten(1, 2)
    weights = F.interpolate(mask[:, None], size=features.shape[-1], mode="nearest")
    count = weights.sum(-1) + 1e-8
    mean = (features * weights).sum(-1) / count
    variance = ((features - mean[..., None]).square() * weights).sum(-1) / count
    return torch.cat([mean, (variance + 1e-5).sqrt()], dim=1)


def lay_into_full(weights: dict[str, np.ndarray]) -> WeSpeakerResNet34:
    """The full class that computes what the thin one does; `weights` is the thin one's state."""
    full = WeSpeakerResNet34(num_mel_bins=MEL_BINS)
    state = full.resnet.state_dict()
    for name, value in state.items():
        if name.endswith("running_var"):
            value.fill_(1.0)
        else:
            value.zero_()
        if name not in weights:
            continue
        thin = torch.from_numpy(np.asarray(weights[name], dtype=np.float32))
        if name == "seg_1.weight":
            _lay_pooled(value, thin)
        else:
            value[tuple(slice(size) for size in thin.shape)] = thin
    full.resnet.load_state_dict(state)
    full.specifications = Specifications(
        problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=SECONDS, classes=[]
    )
    return full.eval()


def _lay_pooled(full: torch.Tensor, thin: torch.Tensor) -> None:
    """Both are (dimension, statistic * channel * band), with the channels of the thin one first among the full one's."""
    bands = MEL_BINS // 8
    rows = thin.shape[0]
    wide, narrow = full.view(full.shape[0], 2, -1, bands), thin.view(rows, 2, -1, bands)
    wide[:rows, :, : narrow.shape[2]] = narrow
