"""Owns where words lie in a window: one alignment for a batch, and a second look at what came out of it badly.

On a GPU Whisper computes in float16. CTranslate2 then keeps in float16 how much each token looks at each frame, where
less than 3e-8 is nothing, and divides by how far these differ from token to token. At a frame that no token looks at, a
pause, that is a division by zero: the path through the window ends there, and every word after it gets one and the same
time (tests/bench/README.md has the proof). Stock faster-whisper has the same fault. Such windows are aligned once more
with the model in float32, which is loaded when it is first needed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from bulk_transcribe_worker.clip_task import ClipTask
from bulk_transcribe_worker.engine_errors import is_device_lost, is_out_of_memory, one_line

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

    Alignment = list[dict[str, Any]]
    """The words of one window in faster-whisper's form: word, tokens, start and end in seconds, probability."""
    Row = list[dict[str, Any]]
    """The segments of one window in faster-whisper's form."""

_APART_SECONDS = 2.0
"""Between a segment's own times and its words: more has not been seen where both are right."""
_FALLEN_WORDS = 3
"""So many words without any length at the end of a window do not come of speech."""
_PREPENDED = "\"'“¿([{-"
_APPENDED = "\"'.。,，!！?？:：”)]}、"  # noqa: RUF001 - the marks of other scripts are meant
_LOG = logging.getLogger(__name__)


class ExactModel:
    """The same model once more, in float32, for alignments only; `load` is called once, at the first need.

    It computes the decoder alone: it is given what the other model's encoder made.
    """

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._model: Any = None
        self._is_tried = False

    def model(self) -> Any | None:
        """A `ctranslate2.models.Whisper`, or None where it could not be loaded."""
        with self._lock:
            if not self._is_tried:
                self._is_tried = True
                try:
                    self._model = self._load()
                    _LOG.info("Word times came out badly in float16; such windows are looked at again in float32.")
                except Exception as error:
                    if is_device_lost(error):
                        raise
                    _LOG.warning("No second look at word times: %s", one_line(error))
            return self._model

    def close(self) -> None:
        """Frees it. Nobody may be aligning."""
        with self._lock:
            if self._model is not None:
                self._model.unload_model()
            self._model, self._is_tried = None, True


class WordTimes:
    """Lays words into the segments of windows. `exact` is None where the model itself computes in float32."""

    def __init__(self, model: WhisperModel, exact: ExactModel | None = None) -> None:
        self._model: Any = model
        self._exact = exact

    def lay(
        self, tasks: Sequence[ClipTask], rows: Sequence[Row], encoded: Any, sizes: Sequence[int], tokenizer: Any
    ) -> None:
        """Adds `words` to each segment of `rows`, one row for a window of `encoded` and its task.

        A segment whose words do not lie where the model said it has none, its own times, and `untimed`: text is worth
        more than its words' times, and an alignment that failed must not take it along.
        """
        tokens = [[token for piece in row for token in piece["tokens"] if token < tokenizer.eot] for row in rows]
        said = [[(piece["start"], piece["end"]) for piece in row] for row in rows]
        alignments = self._alignments(tokenizer, tokens, encoded, sizes)
        fallen = {index for index, found in enumerate(alignments) if not found or _fell_together(found)}

        def lay_row(index: int, alignment: Alignment) -> None:
            for piece, (start, end) in zip(rows[index], said[index], strict=True):
                piece.update(start=start, end=end)
            self._lay_row(rows[index], alignment, tokenizer, encoded, sizes[index], tasks[index].last_speech)

        for index, alignment in enumerate(alignments):
            lay_row(index, alignment)
        fallen.update(index for index, row in enumerate(rows) if not all(map(_lies_in, row, said[index])))
        again = sorted(index for index in fallen if tokens[index])
        for index, alignment in self._second_look(again, tokenizer, tokens, encoded, sizes):
            lay_row(index, alignment)
            fallen.discard(index)
        for index, (row, times) in enumerate(zip(rows, said, strict=True)):
            for piece, (start, end) in zip(row, times, strict=True):
                # What came before the fall may be right; near is not enough there.
                if not _lies_in(piece, (start, end)) or (index in fallen and not _covers(piece, (start, end))):
                    piece.update(start=start, end=end, words=[], untimed=True)

    def _lay_row(
        self, row: Row, alignment: Alignment, tokenizer: Any, encoded: Any, size: int, last_speech: float
    ) -> None:
        from faster_whisper import WhisperModel

        if not row:
            return
        aligned: Any = _Aligned(alignment, self._model.frames_per_second)
        WhisperModel.add_word_timestamps(aligned, [row], tokenizer, encoded, size, _PREPENDED, _APPENDED, last_speech)

    def _alignments(
        self, tokenizer: Any, tokens: Sequence[list[int]], encoded: Any, sizes: Sequence[int]
    ) -> list[Alignment]:
        try:
            return list(self._model.find_alignment(tokenizer, list(tokens), encoded, list(sizes)))
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            # The text is there: it fitted into memory, or the alignment fails for another reason that is told in the
            # same words (CTranslate2 #2064, on Turing). Halving the batch would give up speed, and failing the text.
            _LOG.warning("Words could not be aligned: %s", one_line(error))
            return [[] for _ in tokens]

    def _second_look(
        self,
        fallen: Sequence[int],
        tokenizer: Any,
        tokens: Sequence[list[int]],
        encoded: Any,
        sizes: Sequence[int],
    ) -> list[tuple[int, Alignment]]:
        """The alignments of the windows `fallen` in float32; none where that cannot be had."""
        if not fallen or self._exact is None or (exact := self._exact.model()) is None:
            return []
        import ctranslate2
        from faster_whisper import WhisperModel

        on_cpu = encoded.to_device(ctranslate2.Device.cpu).to(ctranslate2.DataType.float32)
        windows = ctranslate2.StorageView.from_array(np.ascontiguousarray(np.array(on_cpu)[list(fallen)]))
        stand_in: Any = _Standing(exact, self._model.tokens_per_second)
        try:
            looked: list[Alignment] = WhisperModel.find_alignment(
                stand_in, tokenizer, [tokens[index] for index in fallen], windows, [sizes[index] for index in fallen]
            )
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            _LOG.warning("No second look at word times: %s", one_line(error))
            return []
        return list(zip(fallen, looked, strict=True))


@dataclass(frozen=True)
class _Aligned:
    """Stands for the model where faster-whisper lays words into segments: the alignment is there already."""

    alignment: Alignment
    frames_per_second: int

    def find_alignment(self, *_: object) -> list[Alignment]:
        return [self.alignment]


@dataclass(frozen=True)
class _Standing:
    """Stands for faster-whisper's model where it aligns with another of CTranslate2's."""

    model: Any
    tokens_per_second: int


def _fell_together(alignment: Alignment) -> bool:
    """Whether the last words of a window, marks aside, all have one time."""
    words = [word for word in alignment if any(map(str.isalnum, word["word"]))]
    lying = takewhile(lambda word: word["end"] <= word["start"], reversed(words))
    return sum(1 for _ in lying) >= _FALLEN_WORDS


def _lies_in(piece: dict[str, Any], said: tuple[float, float]) -> bool:
    """Whether a segment has words that last, and that lie about where the model said that they are."""
    start, end = said
    apart = max(start - piece["end"], piece["start"] - end)
    return end <= start or (bool(piece["start"] < piece["end"]) and apart <= _APART_SECONDS)


def _covers(piece: dict[str, Any], said: tuple[float, float]) -> bool:
    """Whether a segment's words lie over half of the time, at least, that the model gave it."""
    start, end = said
    return bool(min(end, piece["end"]) - max(start, piece["start"]) >= (end - start) / 2)
