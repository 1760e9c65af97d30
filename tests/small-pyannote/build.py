"""Lays the small pyannote models out as a pipeline folder that pyannote.audio loads: `python build.py FOLDER`.

What is committed are the weights alone (weights.npz); the checkpoints that pyannote wants, of which one is 25 MB of zeros,
are made from them in a second. Needs pyannote.audio.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["PYANNOTE_METRICS_ENABLED"] = "0"

import numpy as np
import torch
from pyannote.audio import Model, __version__

sys.path.insert(0, str(Path(__file__).resolve().parent))

from recipe.embedding import lay_into_full
from recipe.segmentation import make_model

WEIGHTS = Path(__file__).resolve().parent / "weights.npz"

CONFIG = """\
dependencies:
  pyannote.audio: 4.0.0
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    clustering: VBxClustering
    segmentation: $model/segmentation
    segmentation_step: {step}
    segmentation_batch_size: 8
    embedding: $model/embedding
    embedding_batch_size: 8
    embedding_exclude_overlap: true
    plda: $model/plda
params:
  clustering:
    threshold: 0.8
    Fa: 0.07
    Fb: 0.8
  segmentation:
    min_duration_off: 0.0
"""


def build(folder: Path, weights: Path = WEIGHTS, step: float = 0.2) -> None:
    """Makes the pipeline in `folder`. `step`: how far windows are apart, in windows."""
    stored = dict(np.load(weights))
    segmentation = make_model()
    segmentation.load_state_dict(
        {name: torch.from_numpy(value.astype(np.float32)) for name, value in _part(stored, "segmentation").items()},
        strict=False,
    )
    save(segmentation, folder / "segmentation")
    save(lay_into_full(_part(stored, "embedding")), folder / "embedding")
    (folder / "plda").mkdir(parents=True, exist_ok=True)
    plda = {name: value.astype(np.float64) for name, value in _part(stored, "plda").items()}
    np.savez(folder / "plda" / "xvec_transform.npz", **{name: plda[name] for name in ("mean1", "mean2", "lda")})
    np.savez(folder / "plda" / "plda.npz", **{name: plda[name] for name in ("mu", "tr", "psi")})
    (folder / "config.yaml").write_text(CONFIG.format(step=step), encoding="utf-8")


def save(model: Model, folder: Path) -> None:
    """A checkpoint as pyannote's own training writes it."""
    import pytorch_lightning

    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = {
        "state_dict": model.state_dict(),
        "pytorch-lightning_version": pytorch_lightning.__version__,
        "hyper_parameters": dict(model.hparams),
    }
    model.on_save_checkpoint(checkpoint)
    checkpoint["pyannote.audio"]["versions"]["pyannote.audio"] = __version__
    torch.save(checkpoint, folder / "pytorch_model.bin")


def _part(stored: dict[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    return {key.removeprefix(f"{name}/"): value for key, value in stored.items() if key.startswith(f"{name}/")}


if __name__ == "__main__":
    build(Path(sys.argv[1]))
