"""Owns what a controller of Part 1 gets of a transcript: Whisper's own result, speaker turns, and two texts to read.

Pure functions on the bytes of the canonical transcript, so that a worker that was restarted sends the same again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from bulk_transcribe_worker.transcript import encode

NOBODY = "UNKNOWN"
"""Stands over lines of nobody in particular in `speaker-markdown`."""
_MEANT = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_[]<>#"})


@dataclass(frozen=True)
class Part1Output:
    """One upload. `type` is its `outputType`; one that is not `needed` only says again what the others say."""

    type: str
    filename: str
    content_type: str
    body: bytes
    needed: bool


def part1_outputs(transcript: bytes, speakers: bool) -> list[Part1Output]:
    """All uploads of one recording, in their order. `speakers`: whether the job asked for them."""
    told: dict[str, Any] = json.loads(transcript)
    # The canonical transcript is Whisper's result with more beside it.
    outputs = [Part1Output("json", "transcript.json", "application/json", transcript, needed=True)]
    speakers = speakers and not any(remark["code"] == "SPEAKERS_UNAVAILABLE" for remark in told["warnings"])
    if speakers:
        turns = encode(list(_turns(told)))
        outputs.append(Part1Output("diarization-json", "diarization.json", "application/json", turns, needed=True))
    outputs.append(_markdown("markdown", "transcript.md", _plain(told)))
    if speakers:
        outputs.append(_markdown("speaker-markdown", "speakers.md", _by_speaker(told)))
    return outputs


def _markdown(kind: str, filename: str, text: str) -> Part1Output:
    return Part1Output(kind, filename, "text/markdown; charset=utf-8", text.encode(), needed=False)


def _turns(told: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    """Who speaks when: one turn for all that somebody says until somebody else does."""
    spoken = [segment for segment in told["segments"] if segment.get("speaker")]
    for speaker, said in groupby(spoken, key=lambda segment: segment["speaker"]):
        turn = list(said)
        yield {"start": turn[0]["start"], "end": max(one["end"] for one in turn), "speaker": speaker}


def _plain(told: Mapping[str, Any]) -> str:
    lines = [f"**[{_clock(segment['start'])}]** {_meant(segment['text'])}" for segment in told["segments"]]
    return "\n\n".join([_title(told), *lines]) + "\n"


def _by_speaker(told: Mapping[str, Any]) -> str:
    parts = [_title(told)]
    for speaker, said in groupby(told["segments"], key=lambda segment: segment.get("speaker") or NOBODY):
        turn = list(said)
        text = " ".join(_meant(segment["text"]) for segment in turn)
        parts.append(f"**{_meant(speaker)}** [{_clock(turn[0]['start'])}]\n\n{text}")
    return "\n\n".join(parts) + "\n"


def _title(told: Mapping[str, Any]) -> str:
    return f"# {_meant(str(told['source'].get('filename') or 'Transcript'))}"


def _meant(text: str) -> str:
    """The text in one line, none of which is read as markup."""
    return " ".join(text.split()).translate(_MEANT)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}"
