"""Owns token ids: 256 bytes, whole words with their leading space, special tokens, and one token per 20 ms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from training.grammar import Grammar, capitalise

TIMESTAMP_SECONDS = 0.02
TIMESTAMPS = 1501
PUNCTUATION = ".,?"
SPACE = "Ġ"

SPECIAL_TOKENS = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)


@dataclass(frozen=True)
class WrittenToken:
    """A text token and the place, in the sentence, of the word that it belongs to."""

    token: int
    word: int


class Tokens:
    """The vocabulary of the model, and the way from sentences to ids and back."""

    def __init__(self, grammar: Grammar) -> None:
        cased = dict.fromkeys(SPACE + form for word in grammar.words for form in (word, capitalise(word)))
        self.text: tuple[str, ...] = (*_byte_characters(), *cased)
        self._ids = {spelling: token for token, spelling in enumerate(self.text)}
        self.end = len(self.text)
        self.start = self.end + 1
        self.previous = self.end + SPECIAL_TOKENS.index("<|startofprev|>")
        self.no_speech = self.end + SPECIAL_TOKENS.index("<|nospeech|>")
        self.no_timestamps = self.end + SPECIAL_TOKENS.index("<|notimestamps|>")
        self.first_timestamp = self.end + len(SPECIAL_TOKENS)
        self.size = self.first_timestamp + TIMESTAMPS
        self._word_classes = {word.lower(): number for number, word in enumerate(grammar.words, start=1)}

    def id(self, spelling: str) -> int:
        """The id of a text token in its spelling with `Ġ` for a leading space."""
        return self._ids[spelling]

    def encode(self, sentence: str) -> list[WrittenToken]:
        """A word token for every word, then a byte token for its punctuation mark."""
        written: list[WrittenToken] = []
        for place, word in enumerate(sentence.split()):
            bare = word.rstrip(PUNCTUATION)
            written.append(WrittenToken(self._ids[SPACE + bare], place))
            written += [WrittenToken(self._ids[mark], place) for mark in word[len(bare) :]]
        return written

    def decode(self, tokens: Iterable[int]) -> str:
        """The text, with special tokens and timestamps left out."""
        return "".join(self.text[token] for token in tokens if token < self.end).replace(SPACE, " ").strip()

    def word_class(self, word: str) -> int:
        """1 to 165 for a word of the language in any case and with any punctuation; 0 is kept for no word."""
        return self._word_classes[word.rstrip(PUNCTUATION).lower()]

    def is_word(self, token: int) -> bool:
        """Whether the token is a whole word, not a byte and not special."""
        return 256 <= token < self.end

    def timestamp(self, seconds: float, offset: int = 0) -> int:
        """The nearest timestamp token; offset counts 20 ms steps that lie before second 0."""
        step = offset + round(seconds / TIMESTAMP_SECONDS)
        return self.first_timestamp + min(TIMESTAMPS - 1, max(0, step))


def _byte_characters() -> list[str]:
    """GPT-2's printable character for every byte, in the order of GPT-2's ids."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return [chr(code) for code in shown] + [chr(256 + number) for number in range(len(hidden))]
