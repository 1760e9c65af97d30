"""Owns the voices: lines that espeak-ng speaks, at 16 kHz, ends cut off. Needs the espeak-ng command."""

from __future__ import annotations

import json
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

SAMPLE_RATE = 16_000
PEAK = 0.4
_ESPEAK_RATE = 22_050
_SILENCE = 0.01
_GRAMMAR = Path(__file__).resolve().parents[2] / "small-whisper" / "grammar.json"

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Voice:
    """A voice as the espeak-ng command takes it: rate in words a minute, pitch 0-99."""

    name: str
    rate: int
    pitch: int


VOICES = (
    # The four of tests/small-whisper/speech/script.mjs.
    Voice("en-us+f4", 150, 55),
    Voice("en-us+m1", 150, 40),
    Voice("en-gb+f2", 155, 50),
    Voice("en-us+m3", 145, 45),
    *(Voice(f"en-us+{variant}", 150, 45) for variant in ("m2", "m4", "m5", "m7", "m8", "f1", "f5", "Annie")),
    *(Voice(f"en-gb+{variant}", 150, 50) for variant in ("Alex", "steph", "linda", "Mike", "Lee", "edward", "anika")),
    Voice("en-us", 150, 40),
)
"""Who the embedding model learns to tell apart; each variant sounds like another person."""


def speak_all(lines: int, seed: int) -> list[list[Samples]]:
    """`lines` lines of each voice, in the order of VOICES. The words come from the small Whisper's grammar."""
    chance = random.Random(seed)
    words = sorted(set(_words(json.loads(_GRAMMAR.read_text(encoding="utf-8")))))
    return [
        [speak(" ".join(chance.choices(words, k=chance.randint(3, 9))), voice) for _ in range(lines)]
        for voice in VOICES
    ]


def speak(text: str, voice: Voice) -> Samples:
    """One line. Raises CalledProcessError where espeak-ng does not know the voice."""
    command = ["espeak-ng", "-v", voice.name, "-s", str(voice.rate), "-p", str(voice.pitch), "--stdout", "--", text]
    wav = subprocess.run(command, check=True, capture_output=True).stdout
    samples = np.frombuffer(wav[44 : 44 + (len(wav) - 44) // 2 * 2], dtype="<i2").astype(np.float32) / 32768
    samples = resample_poly(samples, 320, 441).astype(np.float32)
    loud = np.flatnonzero(np.abs(samples) > _SILENCE * np.abs(samples).max())
    samples = samples[loud[0] : loud[-1] + 1]
    return samples * np.float32(PEAK / np.abs(samples).max())


def _words(node: object) -> list[str]:
    if isinstance(node, str):
        return [word.strip(".,?!") for word in node.split() if word[0].isalpha()]
    if isinstance(node, dict):
        return [word for part in node.values() for word in _words(part)]
    if isinstance(node, list):
        return [word for part in node for word in _words(part)]
    return []
