"""Makes weights.npz from nothing: `python -m recipe --out FILE`. espeak-ng speaks, three small things learn from it."""

from __future__ import annotations

import argparse
import os
import warnings

os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
warnings.simplefilter("ignore")

import numpy as np

from recipe import embedding, plda, segmentation
from recipe.voices import speak_all


def main() -> None:
    """Trains all, and writes one file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="weights.npz")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    bank = speak_all(20, asked.seed)
    finder = segmentation.train(bank[:4], windows=480, epochs=16, seed=asked.seed)
    thin = embedding.train(bank, windows=240, epochs=9, seed=asked.seed)
    weights = {name: value.numpy() for name, value in thin.state_dict().items()}
    write(asked.out, finder.state_dict(), weights, speak_all(12, asked.seed + 2), asked.seed + 2)


def write(out: str, finder: dict, weights: dict[str, np.ndarray], bank: list, seed: int) -> None:
    """Everything in half precision but what is small and wants more."""
    full = embedding.lay_into_full(weights)
    parts = {f"plda/{name}": value for name, value in plda.estimate(full, bank, 150, embedding.DIMENSION, seed).items()}
    parts |= {f"segmentation/{name}": value.numpy().astype(np.float16) for name, value in finder.items()}
    parts |= {f"embedding/{name}": value.astype(np.float32) for name, value in weights.items()}
    np.savez_compressed(out, **parts)


if __name__ == "__main__":
    main()
