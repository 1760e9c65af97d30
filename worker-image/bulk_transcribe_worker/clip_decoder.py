"""Owns the decoding of clips in batches on one model: the sequential path of faster-whisper, several clips at once.

A part of a clip (clip_task) is decoded window by window: the first begins where the part does, and where Whisper
stopped before the part's end, the next one begins there. Every round of a batch decodes one window of each clip, checks
it, and finds its words' times. A
window that is not good enough stays, and is decoded warmer in a later round, together with others like it: a GPU takes
about as long for one window as for a batch, so that bad ones tried alone would double the time of their batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bulk_transcribe_worker.audio import Samples
from bulk_transcribe_worker.clip_task import FRAMES_PER_SECOND, ClipTask
from bulk_transcribe_worker.engine import SpeechOptions
from bulk_transcribe_worker.fallback import TEMPERATURES, Try, best, is_good, is_silence
from bulk_transcribe_worker.log_mel import LogMel
from bulk_transcribe_worker.spoken import spoken
from bulk_transcribe_worker.vad import Clip, Span
from bulk_transcribe_worker.word_times import ExactModel, WordTimes

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

BEAM_SIZE = 5
BEST_OF = 5
_MAX_INITIAL_SECONDS = 1.0
"""The first time of a window lies no later than this."""


class ClipDecoder:
    """Makes tasks, in any thread, and takes batches of them a window further, in one. `exact` as in word_times."""

    def __init__(self, model: WhisperModel, exact: ExactModel | None = None) -> None:
        self._model: Any = model
        self._word_times = WordTimes(model, exact)
        self._features = LogMel(model.feature_extractor)
        self._tokenizers: dict[str, Any] = {}
        self._suppressed: dict[str, list[int]] = {}

    def task(
        self, samples: Samples, clip: Clip, options: SpeechOptions, language: str, heard: Sequence[Span] = ()
    ) -> ClipTask:
        """A clip that is to be decoded; computes its features. `heard`: the speech in it, by the voice detector."""
        features = self._features(samples)
        seconds = len(samples) / self._model.feature_extractor.sampling_rate
        frames = min(round(seconds * FRAMES_PER_SECOND), features.shape[-1] - 1)
        tokenizer = self._tokenizer(language)
        first = tokenizer.encode(" " + options.initial_prompt.strip()) if options.initial_prompt else []
        prompts = tuple(
            tuple(self._model.get_prompt(tokenizer, previous, hotwords=options.hotwords)) for previous in (first, [])
        )
        return ClipTask(clip, features, frames, (prompts[0], prompts[1]), language, options, tuple(heard))

    def advance(self, tasks: Sequence[ClipTask]) -> None:
        """Decodes one window of each task. Changes none of them where it raises."""
        tokenizer = self._tokenizer(tasks[0].language)
        sizes = [min(self._window_frames, task.until - task.seek) for task in tasks]
        windows = np.stack(
            [self._window(task.features, task.seek, size) for task, size in zip(tasks, sizes, strict=True)]
        )
        encoded = self._model.encode(windows)
        heard = self._generate(encoded, tasks, tokenizer, tasks[0].temperature)
        chosen = [_chosen((*task.tries, tried), task.options) for task, tried in zip(tasks, heard, strict=True)]
        splits = [
            self._split(task, tried, size, tokenizer) if tried else None
            for task, tried, size in zip(tasks, chosen, sizes, strict=True)
        ]
        if tasks[0].options.word_timestamps:
            rows = [split[0] if split else [] for split in splits]
            self._word_times.lay(tasks, rows, encoded, sizes, tokenizer)
        for task, fresh, tried, size, split in zip(tasks, heard, chosen, sizes, splits, strict=True):
            if tried is None or split is None:
                task.fail(fresh)
            else:
                self._commit(task, tried, size, split, tokenizer)

    @property
    def _window_frames(self) -> int:
        return int(self._model.feature_extractor.nb_max_frames)

    def _window(self, features: npt.NDArray[np.float32], seek: int, size: int) -> npt.NDArray[np.float32]:
        window = np.zeros((features.shape[0], self._window_frames), dtype=np.float32)
        window[:, :size] = features[:, seek : seek + size]
        return window

    def _generate(self, encoded: Any, tasks: Sequence[ClipTask], tokenizer: Any, temperature: float) -> list[Try]:
        """One decoding of each row of `encoded`."""
        search: dict[str, object] = (
            {"beam_size": 1, "num_hypotheses": BEST_OF, "sampling_topk": 0, "sampling_temperature": temperature}
            if temperature > 0
            else {"beam_size": BEAM_SIZE, "patience": 1}
        )
        results = self._model.model.generate(
            encoded,
            [list(task.prompt) for task in tasks],
            max_length=self._model.max_length,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=self._suppressed[tasks[0].language],
            max_initial_timestamp_index=round(_MAX_INITIAL_SECONDS / self._model.time_precision),
            **search,
        )
        return [_try(result, tokenizer, temperature) for result in results]

    def _split(self, task: ClipTask, tried: Try, size: int, tokenizer: Any) -> tuple[list[dict[str, Any]], int, bool]:
        """The window's segments by its own times, the frame that it reached, and whether it ended with one time."""
        if is_silence(tried, task.options.no_speech_threshold):
            return [], task.seek + size, True
        pieces, seek, single_ending = self._model._split_segments_by_timestamps(
            tokenizer=tokenizer,
            tokens=list(tried.tokens),
            time_offset=task.seek * self._model.feature_extractor.time_per_frame,
            segment_size=size,
            segment_duration=size * self._model.feature_extractor.time_per_frame,
            seek=task.seek,
        )
        return pieces, int(seek), bool(single_ending)

    def _commit(
        self, task: ClipTask, tried: Try, size: int, split: tuple[list[dict[str, Any]], int, bool], tokenizer: Any
    ) -> None:
        pieces, seek, single_ending = split
        ends = [piece["words"][-1]["end"] for piece in pieces if piece.get("words")]
        if ends and not any(piece.get("untimed") for piece in pieces):
            begin = task.seek * self._model.feature_extractor.time_per_frame
            if not single_ending and ends[-1] > begin:
                seek = round(ends[-1] * self._model.frames_per_second)
            task.last_speech = ends[-1]
        segments = [
            spoken(piece, text, tried, task.clip, task.options.word_timestamps)
            for piece in pieces
            if (text := tokenizer.decode(piece["tokens"])).strip() and piece["start"] != piece["end"]
        ]
        # A window that brought nothing forward would be decoded for ever.
        task.add(segments, seek if seek > task.seek else task.seek + size)

    def _tokenizer(self, language: str) -> Any:
        tokenizer = self._tokenizers.get(language)
        if tokenizer is None:
            from faster_whisper.tokenizer import Tokenizer
            from faster_whisper.transcribe import get_suppressed_tokens

            multilingual = self._model.model.is_multilingual
            tokenizer = Tokenizer(self._model.hf_tokenizer, multilingual, task="transcribe", language=language)
            self._suppressed[language] = list(get_suppressed_tokens(tokenizer, [-1]))
            self._tokenizers[language] = tokenizer
        return tokenizer


def _chosen(tries: tuple[Try, ...], options: SpeechOptions) -> Try | None:
    """The try that is kept, or None where a warmer one is to follow."""
    if is_good(tries[-1], options.no_speech_threshold):
        return tries[-1]
    return best(tries) if tries[-1].temperature >= TEMPERATURES[-1] else None


def _try(result: Any, tokenizer: Any, temperature: float) -> Try:
    from faster_whisper.transcribe import get_compression_ratio

    tokens = tuple(result.sequences_ids[0])
    ratio = get_compression_ratio(tokenizer.decode(list(tokens)).strip())
    # The score is the mean over the tokens; the end of the text counts as one more.
    logprob = float(result.scores[0]) * len(tokens) / (len(tokens) + 1)
    return Try(tokens, logprob, float(result.no_speech_prob), float(ratio), temperature)
