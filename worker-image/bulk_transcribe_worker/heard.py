"""Owns what goes into the engine for a recording, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.engine import Speech, SpokenSegment
from bulk_transcribe_worker.transcript import Remark


@dataclass(frozen=True)
class Voice:
    """What is transcribed in one go: a recording, or a channel of it, which is then its `speaker`'s."""

    audio: Audio
    speech: Speech
    speaker: str | None = None


@dataclass(frozen=True)
class Heard:
    """What the engine made of a recording. `options`: what it was asked, and what it had to change."""

    language: str
    options: dict[str, object]
    segments: list[SpokenSegment]
    doubts: list[Remark]
    speakers: dict[str, dict[str, object]] = field(default_factory=dict)
    """By label, in order; empty where nobody was told apart."""
