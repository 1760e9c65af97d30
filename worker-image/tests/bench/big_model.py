"""A model of Whisper large-v3's shape with random weights, in CTranslate2's form: as fast as the real one.

Made from the small model of this repository: its variables widened, its layers repeated, its vocabulary filled up to
large-v3's 51,866 signs. `steady` makes such a model stop where a real one would.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bulk_transcribe_worker.languages import LANGUAGES
from tests.process import MODELS

_TYPES: dict[int, Any] = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
_HALF = 4
_TEXT_SIGNS = 50_257
"""Whisper's text, before the signs that have a meaning."""
_TIMES = 1501
_PLACES = 448
_PROMPT = 2
"""The token after so many others is the first of the text: it is read at the place of the one before it."""
TOKENS_A_LINE = 20
"""A line of 5 s, at 4 tokens a second."""


@dataclass(frozen=True)
class Shape:
    """Width, layers of encoder and decoder, heads, mel bands, and the heads (layer, head) that tell words' times."""

    width: int
    encoder_layers: int
    decoder_layers: int
    heads: int
    mels: int
    alignment: tuple[tuple[int, int], ...]


LARGE_V3 = Shape(
    1280, 32, 32, 20, 128,
    ((7, 0), (10, 17), (12, 18), (13, 12), (16, 1), (17, 14), (19, 11), (21, 4), (24, 1), (25, 6)),
)  # fmt: skip
TINY = Shape(128, 2, 2, 4, 80, ((1, 0), (1, 1)))


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
    small = json.loads((source / "vocabulary.json").read_text())
    signs = _vocabulary(small)
    with open(folder / "model.bin", "wb") as file:
        made = list(_grown(variables, shape, len(small), len(signs)))
        file.write(head + struct.pack("<I", len(made)))
        blocks: dict[tuple[str, tuple[int, ...]], bytes] = {}
        # What the last layer says, mostly: text or time, by the token's place.
        sign = np.where(np.random.default_rng(7).random(shape.width) < 0.5, -1.0, 1.0).astype(np.float32)
        special = {
            "decoder/embeddings/weight": lambda: _embeddings(len(signs), sign),
            "decoder/position_encodings/encodings": lambda: _places(sign),
            "decoder/layer_norm/beta": lambda: np.zeros(shape.width, np.float16).tobytes(),
            "decoder/layer_norm/gamma": lambda: np.ones(shape.width, np.float16).tobytes(),
        }
        for name, dimensions, kind, given in made:
            # Layers share their numbers: what a layer costs does not depend on them, and making them takes a minute.
            key = (re.sub(r"layer_\d+", "layer", name), dimensions)
            if name in special:
                data = special[name]()
            else:
                data = given if kind != _HALF else blocks.get(key) or blocks.setdefault(key, _random(*key))
            encoded = name.encode() + b"\0"
            file.write(struct.pack("<H", len(encoded)) + encoded + struct.pack("<B", len(dimensions)))
            file.write(struct.pack(f"<{len(dimensions)}I", *dimensions) + struct.pack("<BI", kind, len(data)))
            file.write(data)
        file.write(aliases)
    (folder / "vocabulary.json").write_text(json.dumps(signs))
    tokenizer = json.loads((source / "tokenizer.json").read_text())
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer(tokenizer, signs)))
    preprocessor = json.loads((source / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").write_text(json.dumps({**preprocessor, "feature_size": shape.mels}))
    where = {sign: number for number, sign in enumerate(signs)}
    config = {
        "alignment_heads": [list(pair) for pair in shape.alignment],
        "lang_ids": [where[f"<|{language}|>"] for language in _languages()],
        "suppress_ids": [where[sign] for sign in _meant(small)],
        "suppress_ids_begin": [where["<|endoftext|>"]],
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def _languages() -> list[str]:
    return sorted(LANGUAGES)[:100]


def _meant(small: list[str]) -> list[str]:
    """Signs with a meaning that never stand in a text."""
    first = small.index("<|startoftranscript|>")
    return small[first : small.index("<|notimestamps|>")]


def _vocabulary(small: list[str]) -> list[str]:
    """large-v3's, in its order: text, end, start, languages, tasks, times. Most of the text is filled up."""
    end = small.index("<|endoftext|>")
    # Three of four begin a word, which is about what English has.
    text = small[:end] + [f"{'Ġ' if number % 4 else ''}q{number}" for number in range(_TEXT_SIGNS - end)]
    start, *tasks = _meant(small)
    languages = [f"<|{language}|>" for language in _languages()]
    times = small[small.index("<|0.00|>") :]
    assert len(times) == _TIMES and len(set(languages)) == 100
    return [*text, "<|endoftext|>", start, *languages, *tasks, "<|notimestamps|>", *times]


def _tokenizer(given: dict[str, Any], signs: list[str]) -> dict[str, Any]:
    where = {sign: number for number, sign in enumerate(signs)}
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    added = [
        {"id": where[sign], "content": sign, **plain, "special": re.fullmatch(r"<\|[\d.]+\|>", sign) is None}
        for sign in signs[_TEXT_SIGNS:]
    ]
    model = {**given["model"], "vocab": {sign: where[sign] for sign in signs[:_TEXT_SIGNS]}}
    ends = given["post_processor"]
    special = {name: {**token, "ids": [where[name]]} for name, token in ends["special_tokens"].items()}
    return {**given, "added_tokens": added, "model": model, "post_processor": {**ends, "special_tokens": special}}


def _embeddings(signs: int, sign: np.ndarray[Any, Any]) -> bytes:
    """Of the tokens, which are also what their probabilities are read from. The end is never among the likely ones."""
    weights = np.random.default_rng(3).standard_normal((signs, len(sign)), dtype=np.float32) * 0.02
    weights[:_TEXT_SIGNS] -= np.outer(weights[:_TEXT_SIGNS] @ sign / len(sign), sign)
    weights[_TEXT_SIGNS:-_TIMES] = 0.0
    weights[-_TIMES:] = 40.0 / len(sign) * sign
    return bytes(weights.astype(np.float16).tobytes())


def _places(sign: np.ndarray[Any, Any]) -> bytes:
    """Of the decoder: two times at every 20th place, as between two lines of speech; else text."""
    places = np.arange(_PLACES)[:, None]
    timed = (places - _PROMPT) % TOKENS_A_LINE < 2
    weights = np.random.default_rng(4).standard_normal((_PLACES, len(sign)), dtype=np.float32) * 0.02
    return bytes((weights + np.where(timed, 8.0, -8.0) * sign).astype(np.float16).tobytes())


def _random(name: str, dimensions: tuple[int, ...]) -> bytes:
    # Another row of numbers for each kind of variable: the same for all would answer each other.
    values = np.random.default_rng(list(name.encode())).standard_normal(dimensions, dtype=np.float32) * 0.02
    return (values + 1.0 if name.endswith("gamma") else values).astype(np.float16).tobytes()


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
    variables: list[_Variable], shape: Shape, few_signs: int, signs: int
) -> Iterator[tuple[str, tuple[int, ...], int, bytes]]:
    """Name, dimensions, type and bytes of each variable of the new shape."""
    by_name = {variable.name: variable for variable in variables}
    width = by_name["decoder/layer_norm/gamma"].shape[0]
    mels = by_name["encoder/conv1/weight"].shape[1]
    sizes = {factor * width: factor * shape.width for factor in (1, 2, 3, 4)} | {few_signs: signs}
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
