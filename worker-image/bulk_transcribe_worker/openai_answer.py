"""Owns the shapes of OpenAI's transcription API: a transcript in one of its six formats, or as events.

Pure functions on the segments of `transcript.segment_json`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from bulk_transcribe_worker.errors import JobErrorCode, JobFailed, Refused

Segment: TypeAlias = Mapping[str, Any]

JSON = "application/json"
NOBODY = "unknown"
"""Who says what no speaker was found for."""
_THEIRS = (JobErrorCode.NO_AUDIO, JobErrorCode.EMPTY_INPUT, JobErrorCode.DECODE_FAILED)
"""Failures that lie in the file that was sent."""


@dataclass(frozen=True)
class Transcribed:
    """What the engine made of a recording; `duration` in seconds."""

    language: str
    duration: float
    segments: Sequence[Segment]

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(str(segment["text"]) for segment in self.segments)


def body(transcribed: Transcribed, format_: str, words: bool) -> tuple[str, str]:
    """The answer and its media type."""
    if format_ in _TEXTS:
        make, media_type = _TEXTS[format_]
        return make(transcribed), media_type
    answer: dict[str, object] = {"text": transcribed.text, "usage": usage(transcribed.duration)}
    if format_ == "verbose_json":
        answer = {"task": "transcribe", "language": transcribed.language, "duration": transcribed.duration, **answer}
        answer["segments"] = [_verbose(segment) for segment in transcribed.segments]
        if words:
            answer["words"] = [
                {"word": str(word["word"]).strip(), "start": word["start"], "end": word["end"]}
                for segment in transcribed.segments
                for word in segment["words"]
            ]
    elif format_ == "diarized_json":
        answer = {"task": "transcribe", "duration": transcribed.duration, **answer}
        answer["segments"] = [diarized(segment) for segment in transcribed.segments]
    return json.dumps(answer, ensure_ascii=False), JSON


def usage(duration: float) -> dict[str, object]:
    """What is billed elsewhere: begun seconds."""
    return {"type": "duration", "seconds": math.ceil(duration)}


def diarized(segment: Segment) -> dict[str, object]:
    """A segment with its speaker."""
    return {
        "type": "transcript.text.segment",
        "id": f"seg_{segment['id']:04d}",
        "start": segment["start"],
        "end": segment["end"],
        "text": segment["text"],
        "speaker": segment.get("speaker") or NOBODY,
    }


def delta(segment: Segment) -> dict[str, object]:
    """A segment of a stream: what it adds to the text."""
    text = f"{' ' if segment['id'] else ''}{segment['text']}"
    return {"type": "transcript.text.delta", "delta": text, "segment_id": f"seg_{segment['id']:04d}"}


def done(transcribed: Transcribed) -> dict[str, object]:
    """The end of a stream."""
    return {"type": "transcript.text.done", "text": transcribed.text, "usage": usage(transcribed.duration)}


def event(data: Mapping[str, object]) -> str:
    """One event of a stream."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def failure(error: Refused | JobFailed) -> tuple[dict[str, object], int]:
    """An error in their form, and its status."""
    if isinstance(error, Refused):
        status = error.status
    else:
        status = 400 if error.code in _THEIRS else 507 if error.code is JobErrorCode.WORKER_DISK_FULL else 500
    kind = "invalid_request_error" if status < 500 and status != 429 else "server_error"
    return {"error": {"message": error.message, "type": kind, "param": None, "code": error.code.value}}, status


def _verbose(segment: Segment) -> dict[str, object]:
    kept = ("id", "start", "end", "text", "temperature", "avg_logprob", "compression_ratio", "no_speech_prob")
    # Which tokens they were is not kept; their place in the recording is, in frames of 10 ms.
    return {**{name: segment[name] for name in kept}, "seek": round(segment["start"] * 100), "tokens": []}


def _text(transcribed: Transcribed) -> str:
    return transcribed.text + "\n"


def _srt(transcribed: Transcribed) -> str:
    cues = [
        f"{number}\n{_clock(cue['start'], ',')} --> {_clock(cue['end'], ',')}\n{_line(cue)}\n"
        for number, cue in enumerate(transcribed.segments, start=1)
    ]
    return "\n".join(cues)


def _vtt(transcribed: Transcribed) -> str:
    cues = [
        f"{_clock(cue['start'], '.')} --> {_clock(cue['end'], '.')}\n"
        f"{_line(cue).replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}\n"
        for cue in transcribed.segments
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _line(cue: Segment) -> str:
    """The text of a cue: an empty line or an arrow in it would end it."""
    return " ".join(str(cue["text"]).split()).replace("-->", "→")


def _clock(seconds: float, point: str) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"


_TEXTS: Mapping[str, tuple[Callable[[Transcribed], str], str]] = {
    "text": (_text, "text/plain; charset=utf-8"),
    "srt": (_srt, "application/x-subrip; charset=utf-8"),
    "vtt": (_vtt, "text/vtt; charset=utf-8"),
}
