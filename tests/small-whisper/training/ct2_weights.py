"""Owns the way back: reads a float16 model.bin of CTranslate2 into the network, so that it can learn on."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.model import SmallWhisper

_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}

_RENAMED = (
    (r"/layer_(\d+)/", r"/layers/\1/"),
    (r"/self_attention/layer_norm/", "/self_attn_layer_norm/"),
    (r"/attention/layer_norm/", "/encoder_attn_layer_norm/"),
    (r"/ffn/layer_norm/", "/final_layer_norm/"),
    (r"/ffn/linear_0/", "/fc1/"),
    (r"/ffn/linear_1/", "/fc2/"),
    (r"/self_attention/", "/self_attn/"),
    (r"/attention/", "/encoder_attn/"),
    (r"/embeddings/weight$", "/embed_tokens/weight"),
    (r"/position_encodings/encodings$", "/embed_positions/weight"),
    (r"/gamma$", "/weight"),
    (r"/beta$", "/bias"),
)

# CTranslate2 joins the projections that read the same input, one below the other.
_JOINED = {
    ("self_attn", "linear_0"): ("q_proj", "k_proj", "v_proj"),
    ("self_attn", "linear_1"): ("out_proj",),
    ("encoder_attn", "linear_0"): ("q_proj",),
    ("encoder_attn", "linear_1"): ("k_proj", "v_proj"),
    ("encoder_attn", "linear_2"): ("out_proj",),
}


def load_ctranslate2(network: SmallWhisper, folder: Path) -> None:
    """Fill the network from the folder's model.bin; its auxiliary heads stay as they are."""
    weights: dict[str, Tensor] = {}
    for name, value in read_variables(folder / "model.bin").items():
        if value.dtype == np.float16:
            weights |= _to_parameters(name, torch.from_numpy(value.astype(np.float32)))
    missing, unexpected = network.load_state_dict(weights, strict=False)
    wrong = [*unexpected, *(name for name in missing if name.startswith("model."))]
    if wrong:
        raise ValueError(f"{folder} is not a float16 model of this shape: {', '.join(wrong)}")


def read_variables(file: Path) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    """Every variable of a model.bin, format 6: counts, then name, shape, type, bytes for each."""
    content, at = file.read_bytes(), 0

    def number(layout: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from(layout, content, at)
        at += struct.calcsize(layout)
        return int(value)

    def text() -> str:
        nonlocal at
        length = number("<H")
        at += length
        return content[at - length : at - 1].decode()

    version = number("<I")
    if version != 6:
        raise ValueError(f"{file} has format {version}, 6 is known")
    text(), number("<I")
    variables = {}
    for _ in range(number("<I")):
        name = text()
        shape = tuple(number("<I") for _ in range(number("<B")))
        kind, size = _TYPES[number("<B")], number("<I")
        variables[name] = np.frombuffer(content[at : at + size], kind).reshape(shape)
        at += size
    return variables


def _to_parameters(name: str, value: Tensor) -> dict[str, Tensor]:
    for pattern, replacement in _RENAMED:
        name = re.sub(pattern, replacement, name)
    parts = name.split("/")
    projections = _JOINED.get((parts[-3], parts[-2])) if len(parts) > 2 else None
    if projections is None:
        return {".".join(("model", *parts)): value}
    pieces = value.chunk(len(projections))
    named = {
        ".".join(("model", *parts[:-2], one, parts[-1])): piece for one, piece in zip(projections, pieces, strict=True)
    }
    # Whisper's key projection has no bias; the joined one carries zeros in its place.
    return {one: piece for one, piece in named.items() if not one.endswith("k_proj.bias")}
