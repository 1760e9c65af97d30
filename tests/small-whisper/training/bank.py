"""Owns the speech bank: tens of thousands of utterances, spoken once, kept on disk, read through a memory map."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from training.espeak import VoiceBox
from training.grammar import Grammar
from training.utterance import SAMPLE_RATE, Phonemes, Utterance, align
from training.voices import draw_training_voice

_SHARDS = 2
_SENTENCES_PER_VOICE = 6
_SALAD_SHARE = 0.3
_SPEED_SPREAD = 0.05
_SHARD_DONE = "shard-{}.json"


@dataclass(frozen=True)
class _ShardOrder:
    folder: Path
    number: int
    utterances: int
    seed: int


def synthesise(folder: Path, utterances: int, seed: int) -> None:
    """Speak the bank into the folder, one process per shard; shards that are complete stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    orders = [
        _ShardOrder(folder, number, utterances // _SHARDS, seed + number)
        for number in range(_SHARDS)
        if not (folder / _SHARD_DONE.format(number)).exists()
    ]
    if orders:
        with get_context("spawn").Pool(len(orders)) as pool:
            pool.map(_synthesise_shard, orders)


def _synthesise_shard(order: _ShardOrder) -> None:
    rng, grammar, box, phonemes = Random(order.seed), Grammar(), VoiceBox(), Phonemes()
    spoken: list[Utterance] = []
    while len(spoken) < order.utterances:
        voice = draw_training_voice(rng)
        # 22050 Hz to 16 kHz is 320 to 441: the spread changes the size of the speaker's head, so to speak.
        ratio = (320, int(441 / rng.uniform(1 - _SPEED_SPREAD, 1 + _SPEED_SPREAD)))
        for _ in range(_SENTENCES_PER_VOICE):
            sentence = grammar.draw(rng, held_out=False, salad_share=_SALAD_SHARE)
            utterance = align(sentence.text, sentence.salad, box.say(sentence.text, voice), ratio, phonemes)
            if utterance is not None:
                spoken.append(utterance)
    _save(order.folder, order.number, spoken, phonemes.names)


def _save(folder: Path, number: int, spoken: Sequence[Utterance], phonemes: list[str]) -> None:
    np.save(folder / f"samples-{number}.npy", np.concatenate([one.samples for one in spoken]))
    np.save(folder / f"words-{number}.npy", np.concatenate([one.words for one in spoken]))
    np.save(folder / f"phonemes-{number}.npy", np.concatenate([one.phonemes for one in spoken]))
    index = {
        "phonemes": phonemes,
        "utterances": [[one.text, one.salad, len(one.samples), len(one.phonemes)] for one in spoken],
    }
    # Written last: its presence says that the shard is complete.
    (folder / _SHARD_DONE.format(number)).write_text(json.dumps(index), encoding="utf-8")


@dataclass(frozen=True)
class _Entry:
    shard: int
    text: str
    salad: bool
    samples: slice
    words: slice
    phonemes: slice


class Bank(Sequence[Utterance]):
    """Every utterance of the folder, in the order spoken: neighbours mostly share a voice."""

    def __init__(self, folder: Path) -> None:
        self._entries: list[_Entry] = []
        self._samples: list[NDArray[np.int16]] = []
        self._words: list[NDArray[np.float32]] = []
        self._phonemes: list[NDArray[np.uint8]] = []
        indexes = [json.loads((folder / _SHARD_DONE.format(number)).read_text("utf-8")) for number in range(_SHARDS)]
        names = sorted({name for index in indexes for name in index["phonemes"]})
        self.phoneme_classes = len(names) + 1
        for number, index in enumerate(indexes):
            renumbered = np.zeros(len(index["phonemes"]) + 1, np.uint8)
            renumbered[1:] = [names.index(name) + 1 for name in index["phonemes"]]
            self._samples.append(np.load(folder / f"samples-{number}.npy", mmap_mode="r"))
            self._words.append(np.load(folder / f"words-{number}.npy"))
            self._phonemes.append(renumbered[np.load(folder / f"phonemes-{number}.npy")])
            self._index(number, index["utterances"])
        self._salad = [number for number, entry in enumerate(self._entries) if entry.salad]

    def _index(self, shard: int, utterances: list[tuple[str, bool, int, int]]) -> None:
        sample = word = frame = 0
        for text, salad, samples, frames in utterances:
            words = len(text.split())
            self._entries.append(
                _Entry(
                    shard,
                    text,
                    salad,
                    slice(sample, sample + samples),
                    slice(word, word + words),
                    slice(frame, frame + frames),
                )
            )
            sample, word, frame = sample + samples, word + words, frame + frames

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, number: int) -> Utterance:  # type: ignore[override]
        entry = self._entries[number]
        return Utterance(
            entry.text,
            entry.salad,
            self._samples[entry.shard][entry.samples],
            self._words[entry.shard][entry.words],
            self._phonemes[entry.shard][entry.phonemes],
        )

    @property
    def hours(self) -> float:
        return sum(len(samples) for samples in self._samples) / SAMPLE_RATE / 3600

    def draw_salad(self, rng: Random) -> int:
        """The number of a random-word utterance."""
        return rng.choice(self._salad)
