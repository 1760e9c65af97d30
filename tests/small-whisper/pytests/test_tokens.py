"""Token ids: they must stay those of the delivered model."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from training.grammar import Grammar
from training.tokens import Tokens

MODEL = Path(__file__).parent.parent / "models" / "demo-en"

grammar = Grammar()
tokens = Tokens(grammar)


def test_are_those_of_the_delivered_model() -> None:
    vocabulary = json.loads((MODEL / "vocabulary.json").read_text("utf-8"))
    assert len(vocabulary) == tokens.size
    assert vocabulary[: tokens.end] == list(tokens.text)
    assert vocabulary[tokens.no_timestamps : tokens.no_timestamps + 2] == ["<|notimestamps|>", "<|0.00|>"]


def test_sentences_come_back_as_they_were() -> None:
    rng = Random(1)
    for _ in range(200):
        text = grammar.draw(rng, held_out=False, salad_share=0.5).text
        assert tokens.decode(written.token for written in tokens.encode(text)) == text


def test_a_mark_belongs_to_its_word() -> None:
    assert [written.word for written in tokens.encode("Yes, I will send it.")] == [0, 0, 1, 2, 3, 4, 4]


def test_timestamps_stay_in_the_window() -> None:
    assert tokens.timestamp(-1) == tokens.first_timestamp
    assert tokens.timestamp(1.01) == tokens.first_timestamp + 50
    assert tokens.timestamp(99) == tokens.size - 1
    assert tokens.timestamp(1, offset=100) == tokens.first_timestamp + 150


def test_word_classes_ignore_case_and_marks() -> None:
    assert tokens.word_class("Meeting.") == tokens.word_class("meeting") > 0
