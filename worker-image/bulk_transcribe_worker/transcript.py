"""Owns the canonical transcript: one JSON a recording, whose bytes are made once and never change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bulk_transcribe_worker.engine import SpokenSegment

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Remark:
    """Something a reader should know; `start` and `end` in seconds where it has a place."""

    code: str
    message: str
    start: float | None = None
    end: float | None = None

    def to_json(self) -> dict[str, object]:
        """The warning with the times that it has."""
        result: dict[str, object] = {"code": self.code, "message": self.message}
        if self.start is not None:
            result["start"] = seconds(self.start)
        if self.end is not None:
            result["end"] = seconds(self.end)
        return result


@dataclass(frozen=True)
class TranscriptParts:
    """Everything that goes into a transcript but its segments."""

    language: str
    duration: float
    source: Mapping[str, object]
    engine: Mapping[str, object]
    worker: Mapping[str, object]
    created_at: str
    warnings: Sequence[Remark] = ()
    speakers: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def seconds(value: float) -> float:
    """Seconds as the transcript writes them: 3 decimals, never negative, never -0.0."""
    return max(0.0, round(float(value), 3)) + 0.0


def segment_json(number: int, segment: SpokenSegment) -> dict[str, object]:
    """A segment with its number and words, times rounded once."""
    return {
        "id": number,
        "start": seconds(segment.start),
        "end": seconds(segment.end),
        "text": segment.text,
        **_speaker_json(segment.speaker, segment.speaker_uncertain),
        "avg_logprob": round(segment.avg_logprob, 6),
        "no_speech_prob": round(segment.no_speech_prob, 6),
        "compression_ratio": round(segment.compression_ratio, 6),
        "temperature": round(segment.temperature, 3),
        "words": [
            {
                "word": word.word,
                "start": seconds(word.start),
                "end": seconds(word.end),
                "probability": round(word.probability, 6),
                **_speaker_json(word.speaker, word.uncertain),
                **({"interpolated": True} if word.interpolated else {}),
            }
            for word in segment.words
        ],
    }


def _speaker_json(speaker: str | None, uncertain: bool) -> dict[str, object]:
    if speaker is None:
        return {}
    return {"speaker": speaker, **({"speakerUncertain": True} if uncertain else {})}


def transcript_json(parts: TranscriptParts, segments: Iterable[dict[str, object]]) -> dict[str, object]:
    """The whole transcript; `segments` are those of `segment_json`."""
    listed = list(segments)
    return {
        "schemaVersion": SCHEMA_VERSION,
        "text": " ".join(str(segment["text"]) for segment in listed),
        "language": parts.language,
        "duration": seconds(parts.duration),
        "segments": listed,
        "speakers": {label: dict(speaker) for label, speaker in parts.speakers.items()},
        "warnings": [warning.to_json() for warning in parts.warnings],
        "source": {**parts.source, "duration": seconds(parts.duration)},
        "engine": dict(parts.engine),
        "worker": dict(parts.worker),
        "createdAt": parts.created_at,
    }


def encode(transcript: Mapping[str, object] | Sequence[object]) -> bytes:
    """The bytes that are delivered. Raises ValueError on NaN and infinity, which JSON does not have."""
    return json.dumps(transcript, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
