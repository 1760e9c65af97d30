"""A model of Whisper large-v3's shape with random weights, in CTranslate2's form: as fast as the real one, and silent.

Made from the small model of this repository: its variables, widened and repeated. Only its vocabulary stays small (2063
signs instead of 51,866, a twentieth of the decoder's work), and texts mean nothing.
"""

from __future__ import annotations

import json
import re
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.process import MODELS

_TYPES: dict[int, Any] = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
_HALF = 4


@dataclass(frozen=True)
class Shape:
    """Width, layers of encoder and decoder, heads, and mel bands."""

    width: int
    encoder_layers: int
    decoder_layers: int
    heads: int
    mels: int


LARGE_V3 = Shape(1280, 32, 32, 20, 128)
TINY = Shape(128, 2, 2, 4, 80)


@dataclass(frozen=True)
class _Variable:
    name: str
    shape: tuple[int, ...]
    kind: int
    data: bytes


def make(folder: Path, shape: Shape) -> Path:
    """Writes the model into `folder` and answers it."""
    source = MODELS / "demo-en"
    folder.mkdir(parents=True, exist_ok=True)
    head, variables, aliases = _read((source / "model.bin").read_bytes())
    by_name = {variable.name: variable for variable in variables}
    width = by_name["decoder/layer_norm/gamma"].shape[0]
    mels = by_name["encoder/conv1/weight"].shape[1]
    chance = np.random.default_rng(1)
    with open(folder / "model.bin", "wb") as file:
        made = list(_grown(variables, shape, width, mels))
        file.write(head + struct.pack("<I", len(made)))
        for name, dimensions, kind, given in made:
            data = given
            if kind == _HALF:
                values = chance.standard_normal(dimensions, dtype=np.float32) * 0.02
                data = (values + 1.0 if name.endswith("gamma") else values).astype(np.float16).tobytes()
            encoded = name.encode() + b"\0"
            file.write(struct.pack("<H", len(encoded)) + encoded + struct.pack("<B", len(dimensions)))
            file.write(struct.pack(f"<{len(dimensions)}I", *dimensions) + struct.pack("<BI", kind, len(data)))
            file.write(data)
        file.write(aliases)
    for name in ("tokenizer.json", "vocabulary.json"):
        shutil.copy(source / name, folder / name)
    preprocessor = json.loads((source / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").write_text(json.dumps({**preprocessor, "feature_size": shape.mels}))
    config = json.loads((source / "config.json").read_text())
    last = shape.decoder_layers - 1
    (folder / "config.json").write_text(json.dumps({**config, "alignment_heads": [[last, 0], [last, 1]]}))
    return folder


def _read(content: bytes) -> tuple[bytes, list[_Variable], bytes]:
    """What stands before the variables, the variables, and what stands behind them."""
    at = 4
    (length,) = struct.unpack_from("<H", content, at)
    at += 2 + length + 4
    head = content[:at]
    (count,) = struct.unpack_from("<I", content, at)
    at += 4
    variables = []
    for _ in range(count):
        (length,) = struct.unpack_from("<H", content, at)
        name = content[at + 2 : at + 1 + length].decode()
        at += 2 + length
        rank = content[at]
        shape = struct.unpack_from(f"<{rank}I", content, at + 1)
        at += 1 + 4 * rank
        kind, size = struct.unpack_from("<BI", content, at)
        at += 5
        variables.append(_Variable(name, shape, kind, content[at : at + size]))
        at += size
    return head, variables, content[at:]


def _grown(
    variables: list[_Variable], shape: Shape, width: int, mels: int
) -> Iterator[tuple[str, tuple[int, ...], int, bytes]]:
    """Name, dimensions, type and bytes of each variable of the new shape."""
    sizes = {factor * width: factor * shape.width for factor in (1, 2, 3, 4)}
    for variable in variables:
        found = re.match(r"(encoder|decoder)/layer_(\d+)/", variable.name)
        if found is not None and found[2] != "0":
            continue
        dimensions = tuple(sizes.get(size, size) for size in variable.shape)
        if variable.name == "encoder/conv1/weight":
            dimensions = (dimensions[0], shape.mels if variable.shape[1] == mels else dimensions[1], dimensions[2])
        data = variable.data
        if variable.name.endswith("num_heads"):
            data = np.array(shape.heads, dtype=_TYPES[variable.kind]).tobytes()
        if found is None:
            yield variable.name, dimensions, variable.kind, data
            continue
        layers = shape.encoder_layers if found[1] == "encoder" else shape.decoder_layers
        for number in range(layers):
            yield variable.name.replace("layer_0", f"layer_{number}", 1), dimensions, variable.kind, data
