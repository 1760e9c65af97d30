"""What a controller of Part 1 gets of a transcript, from hostile text and from speakers that take turns."""

from __future__ import annotations

import json
from typing import Any

from bulk_transcribe_worker.part1_outputs import part1_outputs


def transcript(*segments: dict[str, Any], warnings: tuple[str, ...] = ()) -> bytes:
    told = {
        "text": "",
        "language": "en",
        "segments": list(segments),
        "warnings": [{"code": code, "message": ""} for code in warnings],
        "source": {"filename": "two\n*voices*.wav"},
    }
    return json.dumps(told).encode()


def line(start: float, end: float, text: str, speaker: str | None = None) -> dict[str, Any]:
    return {"start": start, "end": end, "text": text, **({"speaker": speaker} if speaker else {})}


SPOKEN = (
    line(0, 2, "Good morning.", "SPEAKER_00"),
    line(2, 3, "Hello.", "SPEAKER_00"),
    line(3, 4, "Mm."),
    line(3725.9, 3727, "Hi <b>there</b>.", "SPEAKER_01"),
)


def bodies(raw: bytes, speakers: bool) -> dict[str, str]:
    return {output.type: output.body.decode() for output in part1_outputs(raw, speakers)}


def test_speakers_become_turns_and_texts() -> None:
    found = bodies(transcript(*SPOKEN), speakers=True)
    assert list(found) == ["json", "diarization-json", "markdown", "speaker-markdown"]
    assert json.loads(found["diarization-json"]) == [
        {"start": 0, "end": 3, "speaker": "SPEAKER_00"},
        {"start": 3725.9, "end": 3727, "speaker": "SPEAKER_01"},
    ]
    assert found["markdown"].splitlines() == [
        "# two \\*voices\\*.wav",
        "",
        "**[00:00:00]** Good morning.",
        "",
        "**[00:00:02]** Hello.",
        "",
        "**[00:00:03]** Mm.",
        "",
        "**[01:02:05]** Hi \\<b\\>there\\</b\\>.",
    ]
    assert found["speaker-markdown"].split("\n\n")[1:] == [
        "**SPEAKER\\_00** [00:00:00]",
        "Good morning. Hello.",
        "**UNKNOWN** [00:00:03]",
        "Mm.",
        "**SPEAKER\\_01** [01:02:05]",
        "Hi \\<b\\>there\\</b\\>.\n",
    ]


def test_the_result_of_whisper_is_the_transcript_itself() -> None:
    raw = transcript(*SPOKEN)
    (first, *_) = part1_outputs(raw, speakers=False)
    assert (first.type, first.body) == ("json", raw)


def test_nobody_asked_for_none_found_and_none_to_be_had() -> None:
    assert list(bodies(transcript(*SPOKEN), speakers=False)) == ["json", "markdown"]
    assert bodies(transcript(warnings=("NO_SPEAKERS",)), speakers=True)["diarization-json"] == "[]"
    assert list(bodies(transcript(warnings=("SPEAKERS_UNAVAILABLE",)), speakers=True)) == ["json", "markdown"]
