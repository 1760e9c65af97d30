"""Makes a model with random weights talk as much as a real one does, whoever drives it.

Random text never ends by itself, and its times are anywhere. Here a window takes TOKENS_A_SECOND of its length and is
one segment from its beginning to its end, so that stock faster-whisper and ours take the same number of the decoder's
steps over the same windows. Nothing else of the way is changed: beam search, log probabilities, alignment of words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from faster_whisper import WhisperModel

from bulk_transcribe_worker import clip_decoder, clip_task
from bulk_transcribe_worker.clip_decoder import ClipDecoder
from bulk_transcribe_worker.clip_task import ClipTask
from bulk_transcribe_worker.fallback import Try

TOKENS_A_SECOND = 4.0
"""150 words a minute, 1.3 tokens each, and some marks and times."""
_PROMPT = 3
"""Start, language, task."""


def tokens_for(seconds: float) -> int:
    """How many tokens a window of this length is given."""
    return max(4, round(seconds * TOKENS_A_SECOND))


def max_length(tokens: int) -> int:
    """CTranslate2's limit under which a window gets so many: it halves it, for half of Whisper's context is prompt."""
    return 2 * tokens


def max_new_tokens(tokens: int) -> int:
    """The same as faster-whisper wants it, which adds the prompt."""
    return max_length(tokens) - _PROMPT


def suppressed(tokenizer: Any) -> list[int]:
    """What stock never says besides, and: the end, and every time but 0.00. For `suppress_tokens` of either."""
    from faster_whisper.transcribe import get_suppressed_tokens

    first = tokenizer.timestamp_begin
    return [*get_suppressed_tokens(tokenizer, [-1]), tokenizer.eot, *range(first + 1, first + 1501)]


def spread_words() -> None:
    """Words are aligned as ever, and then laid evenly over their window: where they end decides what comes next."""
    stock = WhisperModel.find_alignment

    def find_alignment(
        self: Any, tokenizer: Any, text_tokens: Any, encoded: Any, num_frames: Any, median_filter_width: int = 7
    ) -> Any:
        found = stock(self, tokenizer, text_tokens, encoded, num_frames, median_filter_width)
        sizes = num_frames if isinstance(num_frames, list) else [num_frames] * len(found)
        for words, size in zip(found, sizes, strict=True):
            seconds = size / self.frames_per_second / max(1, len(words))
            for number, word in enumerate(words):
                word["start"], word["end"] = number * seconds, (number + 1) * seconds
                # A real text has its words in it, not its marks alone, which would be laid to the word before them.
                word["word"] = " word"
        return found

    setattr(WhisperModel, "find_alignment", find_alignment)  # noqa: B010 - a method is replaced on purpose


def steady_clips() -> None:
    """Ours, in this process, from now on."""
    generate = ClipDecoder._generate

    def steady(self: ClipDecoder, encoded: Any, tasks: Sequence[ClipTask], tokenizer: Any, warmth: float) -> list[Try]:
        self._suppressed[tasks[0].language] = suppressed(tokenizer)
        # As in a real batch, the longest of them decides when it ends.
        seconds = max(min(task.until - task.seek, self._window_frames) for task in tasks) / 100
        self._model.max_length = max_length(tokens_for(seconds))
        return generate(self, encoded, tasks, tokenizer, warmth)

    def good(tried: Try, no_speech_threshold: float) -> bool:
        return True

    def no_silence(tried: Try, no_speech_threshold: float) -> bool:
        return False

    def no_doubt(*_: object) -> tuple[None, float]:
        return None, 0.0

    def no_stretches(*_: object) -> list[tuple[int, int]]:
        return []

    for owner, name, stands_in in (
        (ClipDecoder, "_generate", steady),
        (clip_decoder, "is_good", good),
        (clip_decoder, "is_silence", no_silence),
        (clip_task, "clip_doubt", no_doubt),
        (clip_task, "weak_stretches", no_stretches),
    ):
        setattr(owner, name, stands_in)
    spread_words()
