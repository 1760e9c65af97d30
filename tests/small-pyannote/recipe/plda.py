"""Owns what VBx clustering knows of voices: how embeddings of one voice vary, and how those of different voices do."""

from __future__ import annotations

import random

import numpy as np
import torch
from pyannote.audio.models.embedding import WeSpeakerResNet34

from recipe.voices import Samples
from recipe.windows import draw

_SMALL = 1e-3


def estimate(model: WeSpeakerResNet34, bank: list[list[Samples]], windows: int, size: int, seed: int) -> dict[str, np.ndarray]:
    """The files of a PLDA for embeddings of which the first `size` numbers say something."""
    chance = random.Random(seed)
    found: dict[int, list[np.ndarray]] = {}
    with torch.inference_mode():
        for _ in range(windows):
            window = draw(bank, chance)
            masks = torch.from_numpy(window.frames(589).T.copy())
            masks = masks * (masks.sum(0, keepdim=True) < 2)
            embedded = model(torch.from_numpy(window.samples)[None, None], weights=masks[None])[0].numpy()
            for row, voice in enumerate(window.voices):
                if masks[row].sum() > 60:
                    found.setdefault(voice, []).append(embedded[row, :size].astype(np.float64))
    everything = np.concatenate([np.stack(rows) for rows in found.values()])
    mean1 = np.zeros(model.dimension)
    mean1[:size] = everything.mean(0)
    lda = np.zeros((model.dimension, size))
    lda[:size] = np.eye(size)

    def transformed(rows: np.ndarray) -> np.ndarray:
        centred = rows - mean1[:size]
        scaled = np.sqrt(model.dimension) * centred / np.linalg.norm(centred, axis=1, keepdims=True)
        return np.sqrt(size) * scaled / np.linalg.norm(scaled, axis=1, keepdims=True)

    groups = [transformed(np.stack(rows)) for rows in found.values() if len(rows) > 2]
    centres = np.stack([group.mean(0) for group in groups])
    within = np.mean([np.cov(group.T, bias=True) for group in groups], axis=0) + _SMALL * np.eye(size)
    between = np.cov(centres.T, bias=True) + _SMALL * np.eye(size)
    # Both become diagonal at once: within voices 1, between them psi.
    values, vectors = np.linalg.eigh(within)
    whitening = vectors / np.sqrt(values)
    psi, turned = np.linalg.eigh(whitening.T @ between @ whitening)
    order = np.argsort(psi)[::-1]
    return {
        "mean1": mean1,
        "mean2": np.zeros(size),
        "lda": lda,
        "mu": centres.mean(0),
        "tr": (whitening @ turned).T[order],
        "psi": psi[order],
    }
