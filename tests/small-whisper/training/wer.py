"""Owns the word error rate: the same words and the same distance as wer.mjs."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NO_WORD = re.compile(r"[^\w'\s]|_")


def words(text: str) -> list[str]:
    """Lower-cased words without punctuation."""
    return _NO_WORD.sub(" ", text.lower()).split()


def word_errors(said: Sequence[str], written: Sequence[str]) -> int:
    """The fewest words to substitute, insert and delete."""
    row = list(range(len(written) + 1))
    for number, word in enumerate(said, start=1):
        previous, row = row, [number]
        for column, other in enumerate(written, start=1):
            row.append(min(previous[column] + 1, row[-1] + 1, previous[column - 1] + (word != other)))
    return row[-1]
