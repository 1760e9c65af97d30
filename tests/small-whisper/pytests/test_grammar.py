"""The closed language: its words, its sentences, its held-out part."""

from __future__ import annotations

from random import Random

from training.grammar import Grammar, is_held_out
from training.wer import words

grammar = Grammar()


def test_has_165_words() -> None:
    assert len(grammar.words) == len(set(grammar.words)) == 165


def test_sentences_keep_to_the_words() -> None:
    rng, known = Random(1), {word.lower() for word in grammar.words}
    for salad_share in (0.0, 1.0):
        for _ in range(500):
            assert set(words(grammar.draw(rng, held_out=False, salad_share=salad_share).text)) <= known


def test_every_word_is_spoken() -> None:
    rng = Random(2)
    heard = {word for _ in range(3000) for word in words(grammar.draw(rng, held_out=False, salad_share=0.3).text)}
    assert heard == {word.lower() for word in grammar.words}


def test_a_seed_names_the_sentences() -> None:
    one, other = Random(7), Random(7)
    drawn = [grammar.draw(one, held_out=False, salad_share=0.3) for _ in range(50)]
    assert drawn == [grammar.draw(other, held_out=False, salad_share=0.3) for _ in range(50)]


def test_training_and_evaluation_share_no_sentence() -> None:
    rng = Random(3)
    assert not any(is_held_out(grammar.draw(rng, held_out=False, salad_share=0.3).text) for _ in range(200))
    assert all(is_held_out(grammar.draw(rng, held_out=True, salad_share=0).text) for _ in range(50))


def test_holds_out_what_the_recordings_of_other_tests_say() -> None:
    """The same two verdicts as speech/grammar.mjs gives."""
    assert [is_held_out(text) for text in ("Good morning Grace.", "Good morning Anna.")] == [True, False]
