"""Owns what the worker and its engine's process say to each other, through a `pipe`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from bulk_transcribe_worker.engine import ClipResult, Outcome, Speech, SpeechOptions
from bulk_transcribe_worker.errors import Interrupted, JobErrorCode, JobFailed, RefusalCode, Refused
from bulk_transcribe_worker.model_fetch import Fetching


@dataclass(frozen=True)
class EngineSetup:
    """What an engine is made from. `compute_types`: smaller ones for models that did not fit, by the model's name."""

    models_folder: Path
    device: str = "auto"
    compute_type: str | None = None
    cpu_threads: int = 0
    hub_token: str = field(default="", repr=False)
    batch_size: int = 0
    compute_types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Start:
    """To the engine, first of all."""

    setup: EngineSetup


@dataclass(frozen=True)
class Load:
    """To the engine: answered by Returned(None) or Failed."""

    id: int
    model: str


@dataclass(frozen=True)
class Test:
    """To the engine: answered by Returned(SelfTest) or Failed."""

    id: int


@dataclass(frozen=True)
class Transcribe:
    """To the engine: answered by Began, a Heard for each clip, and Returned(None) or Failed."""

    id: int
    sound: Path
    speech: Speech
    options: SpeechOptions


@dataclass(frozen=True)
class Stop:
    """To the engine: what Transcribe `id` began is not wanted any more. It is still answered."""

    id: int


@dataclass(frozen=True)
class Ready:
    """From the engine, first of all."""

    device: Literal["cuda", "cpu"]
    compute_type: str


@dataclass(frozen=True)
class State:
    """From the engine whenever it has changed; `rounds` counts what it computed, `busy_seconds` how long."""

    loaded: tuple[str, ...]
    busy_seconds: float
    rounds: int
    working: bool
    fetching: Fetching | None = None


@dataclass(frozen=True)
class Logged:
    """From the engine: a line of one of its libraries."""

    logger: str
    level: int
    message: str


@dataclass(frozen=True)
class Began:
    """From the engine."""

    id: int
    outcome: Outcome


@dataclass(frozen=True)
class Heard:
    """From the engine."""

    id: int
    result: ClipResult


@dataclass(frozen=True)
class Returned:
    """From the engine: the request is done."""

    id: int
    value: object


@dataclass(frozen=True)
class Failed:
    """From the engine: the request has failed. `kind` is the exception, whose code is `code`."""

    id: int
    kind: Literal["job", "refused", "interrupted"]
    code: str
    message: str


ToEngine: TypeAlias = Start | Load | Test | Transcribe | Stop
FromEngine: TypeAlias = Ready | State | Logged | Began | Heard | Returned | Failed


def failed(request: int, error: Exception) -> Failed:
    """The message for an exception."""
    if isinstance(error, JobFailed):
        return Failed(request, "job", error.code.value, error.message)
    if isinstance(error, Refused):
        return Failed(request, "refused", error.code.value, error.message)
    if isinstance(error, Interrupted):
        return Failed(request, "interrupted", "", "")
    message = f"The engine failed: {type(error).__name__}: {error}"[:500]
    return Failed(request, "job", JobErrorCode.ENGINE_FAILED.value, message)


def raised(message: Failed) -> Exception:
    """The exception for a message."""
    if message.kind == "interrupted":
        return Interrupted()
    if message.kind == "refused":
        return Refused(RefusalCode(message.code), message.message)
    return JobFailed(JobErrorCode(message.code), message.message)
