"""Owns the recordings to judge by: made by record.mjs, as every test of the project makes them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_RECORDER = Path(__file__).parent.parent / "record.mjs"
_FIRST_SEED = 1000
_LONG_SEED = 2000


@dataclass(frozen=True)
class Spoken:
    """One line of a recording; times in seconds."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Recording:
    """A WAV file and what is said in it."""

    file: Path
    seconds: float
    lines: Sequence[Spoken]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


def make_recordings(folder: Path, short: int, long_seconds: int) -> list[Recording]:
    """So many recordings of 30 to 60 s, and a long one unless long_seconds is 0; what is there already is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    lengths = {_FIRST_SEED + number: 34 + 26 * number // max(1, short - 1) for number in range(short)}
    if long_seconds > 0:
        lengths[_LONG_SEED] = long_seconds
    return [_recording(folder / f"{seed}-{seconds}.wav", seed, seconds) for seed, seconds in lengths.items()]


def _recording(file: Path, seed: int, seconds: int) -> Recording:
    script = file.with_name(f"{file.name}.json")
    if not script.exists():
        subprocess.run(["node", _RECORDER, "--seed", str(seed), "--seconds", str(seconds), file], check=True)
    parsed = json.loads(script.read_text("utf-8"))
    lines = [Spoken(line["start"], line["end"], line["text"]) for line in parsed["lines"]]
    return Recording(file, parsed["duration"], lines)
