"""Owns what the worker asks of a speech engine. Engines give segments; `wire` and `transcript` shape them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.model_fetch import Fetching
from bulk_transcribe_worker.vad import Clip, Span


@dataclass(frozen=True)
class SpeechOptions:
    """How to transcribe. `language` None = found by the model."""

    model: str
    language: str | None = None
    vad: bool = True
    word_timestamps: bool = True
    initial_prompt: str | None = None
    hotwords: str | None = None
    no_speech_threshold: float = 0.6
    doubt: bool = True
    """Whether to look for loops, text over silence, gaps and impossible speed."""
    sensitivity: float = 1.0
    """How many times as easily as usual they are seen (trust.py)."""


@dataclass(frozen=True)
class SpokenWord:
    """A word with its leading space; times in seconds of the recording. `interpolated`: not measured.

    `speaker` and whether that is `uncertain` are added where speakers were told apart.
    """

    word: str
    start: float
    end: float
    probability: float
    interpolated: bool = False
    speaker: str | None = None
    uncertain: bool = False


@dataclass(frozen=True)
class SpokenSegment:
    """A stretch of text; times in seconds of the recording."""

    start: float
    end: float
    text: str
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    temperature: float
    words: tuple[SpokenWord, ...] = ()
    speaker: str | None = None
    speaker_uncertain: bool = False


@dataclass(frozen=True)
class Speech:
    """Where a recording speaks: what `find_speech` hands to `transcribe`.

    `heard`: what the voice detector says, also where the clips were made without it.
    """

    clips: tuple[Clip, ...]
    heard: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Redecoded:
    """A part of a clip (seconds of the recording) whose text was doubtful: decoded once more, with other settings.

    `reason` is the code of what was found first, as in a transcript's warnings.
    """

    start: float
    end: float
    second_kept: bool
    other_text: str
    reason: str = "LOOP"


@dataclass(frozen=True)
class ClipResult:
    """The segments of one clip, and up to which second the recording is now done.

    `computed`: seconds of computing for this recording since the result before; `changed`: options that the engine
    had to change on its way.
    """

    segments: Sequence[SpokenSegment]
    processed: float
    computed: float = 0.0
    changed: Mapping[str, object] = field(default_factory=dict)
    redecoded: tuple[Redecoded, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What is known of a recording once the model has begun: language, and what the engine chose."""

    language: str
    options: dict[str, object]


@dataclass(frozen=True)
class DeviceState:
    """The machine as `/v1/ping` shows it. Memory in MB."""

    device: str
    compute_type: str
    device_name: str | None = None
    cuda: str | None = None
    driver: str | None = None
    vram_total_mb: int | None = None
    vram_used_mb: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def gpu(self) -> bool:
        """Whether the engine computes on a GPU."""
        return self.device == "cuda"


@dataclass(frozen=True)
class SelfTest:
    """What really works, by name; `errors` says why the rest does not."""

    checks: dict[str, bool] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


class SpeechEngine(Protocol):
    """One engine serves the whole worker. Everything but `models` and `check` may block: call it in a thread."""

    name: str

    def version(self) -> str:
        """Release of the engine."""
        ...

    def models(self) -> list[str]:
        """Exact names of the models that may be asked for."""
        ...

    def loaded_models(self) -> list[str]:
        """Those that lie warm in memory."""
        ...

    def fetching(self) -> Fetching | None:
        """The model that comes from the hub now, or None."""
        ...

    def busy_share(self) -> float | None:
        """Share of the time since the start in which it computed, 0..1, two decimals; None before the first work."""
        ...

    def check(self, options: SpeechOptions) -> None:
        """Raises Refused where the model or the language is not supported."""
        ...

    def device(self) -> DeviceState:
        """The machine, measured now."""
        ...

    def find_speech(self, audio: Audio, vad: bool, stopped: Callable[[], bool]) -> Speech:
        """Where the recording speaks. Needs no model. Raises Interrupted when `stopped` says so."""
        ...

    def load(self, model: str) -> None:
        """Brings a model into memory, or does nothing where it is there. Raises JobFailed."""
        ...

    def transcribe(
        self,
        audio: Audio,
        speech: Speech,
        options: SpeechOptions,
        started: Callable[[Outcome], None],
        stopped: Callable[[], bool],
    ) -> Generator[ClipResult, None, None]:
        """Clip by clip, in order; `started` is called once, before the first.

        Raises JobFailed, and Interrupted soon after `stopped` says so. Several recordings may be under way at once.
        """
        ...

    def self_test(self) -> SelfTest:
        """Runs the real thing once: imports, device, voice detection, and inference where a model is at hand."""
        ...

    def close(self) -> None:
        """Frees the models."""
        ...
