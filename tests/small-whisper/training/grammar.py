"""Owns sentences: draws them from grammar.json, and says which ones training must never see."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

GRAMMAR_FILE = Path(__file__).parent.parent / "grammar.json"

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Sentence:
    """A sentence with capital and punctuation; salad is a row of random words that no grammar can guess."""

    text: str
    salad: bool


class Grammar:
    """The closed language: its words in the order of their token ids, and its sentences."""

    def __init__(self, file: Path = GRAMMAR_FILE) -> None:
        parsed = json.loads(file.read_text(encoding="utf-8"))
        lexicon: dict[str, list[str]] = parsed["lexicon"]
        self.words: tuple[str, ...] = tuple(dict.fromkeys(word for group in lexicon.values() for word in group))
        self._rules = {name: _weighted(listed) for name, listed in {**lexicon, **parsed["rules"]}.items()}
        self._sentences: Sequence[str] = parsed["sentences"]

    def draw(self, rng: Random, *, held_out: bool, salad_share: float) -> Sentence:
        """One sentence from the training part or the held-out part of the language."""
        while True:
            salad = rng.random() < salad_share
            plain = self._salad(rng) if salad else self._expand(rng.choice(self._sentences), rng)
            text = capitalise(plain)
            if is_held_out(text) == held_out:
                return Sentence(text, salad)

    def _expand(self, template: str, rng: Random) -> str:
        return _PLACE.sub(lambda place: self._expand(self._choose(place[1], rng), rng), template)

    def _choose(self, name: str, rng: Random) -> str:
        texts, weights = self._rules[name]
        return rng.choices(texts, weights)[0]

    def _salad(self, rng: Random) -> str:
        words = [rng.choice(self.words) for _ in range(rng.randint(2, 8))]
        if len(words) > 4 and rng.random() < 0.3:
            words[rng.randint(1, len(words) - 2)] += ","
        return " ".join(words) + ("?" if rng.random() < 0.15 else ".")


def capitalise(text: str) -> str:
    """The text with a capital first letter and everything else as it is."""
    return text[0].upper() + text[1:]


def is_held_out(text: str) -> bool:
    """Whether training leaves this sentence out: one in twenty, by its digest. speech/grammar.mjs has the same rule."""
    return int(hashlib.md5(text.lower().encode(), usedforsecurity=False).hexdigest(), 16) % 20 == 0


def _weighted(alternatives: Sequence[str | list[str | int]]) -> tuple[list[str], list[int]]:
    pairs = [(1, one) if isinstance(one, str) else (int(one[0]), str(one[1])) for one in alternatives]
    return [text for _, text in pairs], [weight for weight, _ in pairs]
