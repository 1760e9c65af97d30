"""Makes a model with random weights talk as much as a real one does, whoever drives it.

Random text never ends by itself, and means nothing. Here a window takes TOKENS_A_SECOND of its length and is one
segment from its beginning to its end, so that stock faster-whisper and ours take the same number of the decoder's steps
over the same windows. Nothing else of the way is changed: beam search, the rules of times and of what is not said, log
probabilities, alignment of words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from bulk_transcribe_worker import clip_decoder, clip_task
from bulk_transcribe_worker.clip_decoder import ClipDecoder
from bulk_transcribe_worker.clip_task import ClipTask
from bulk_transcribe_worker.fallback import Try

TOKENS_A_SECOND = 4.0
"""150 words a minute, 1.3 tokens each, and some marks and times."""
_NOT_SAID = 82
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


def whole_windows() -> None:
    """A window is one segment in which its words, aligned as ever, lie evenly: their end decides what comes next."""
    stock = WhisperModel.find_alignment

    def split(
        self: Any, tokenizer: Any, tokens: list[int], time_offset: float, segment_size: int, segment_duration: float,
        seek: int,
    ) -> Any:  # fmt: skip
        text = [token for token in tokens if token < tokenizer.eot]
        whole = {"seek": seek, "start": time_offset, "end": time_offset + segment_duration, "tokens": text}
        return [whole], seek + segment_size, False

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

    setattr(Tokenizer, "non_speech_tokens", property(_not_said))  # noqa: B010 - replaced on purpose
    for name, stands_in in (("find_alignment", find_alignment), ("_split_segments_by_timestamps", split)):
        setattr(WhisperModel, name, stands_in)


def _not_said(self: Any) -> tuple[int, ...]:
    """As many signs as large-v3 has that are no speech; the small vocabulary has few of them."""
    return tuple(range(1000, 1000 + _NOT_SAID))


def steady_clips() -> None:
    """Ours, in this process, from now on."""
    generate = ClipDecoder._generate

    def steady(self: ClipDecoder, encoded: Any, tasks: Sequence[ClipTask], tokenizer: Any, warmth: float) -> list[Try]:
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
    whole_windows()
