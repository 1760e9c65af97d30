"""Owns what a client of OpenAI's transcription API may ask for, as options of ours.

Nothing that is asked for is passed over in silence but what cannot change the text: `temperature` (the engine raises it
by itself where a text is bad) and `chunking_strategy`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from bulk_transcribe_worker.engine import SpeechOptions
from bulk_transcribe_worker.errors import RefusalCode, Refused
from bulk_transcribe_worker.upload import Form

Format = Literal["json", "text", "srt", "vtt", "verbose_json", "diarized_json"]

THEIR_MODELS = ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-transcribe-diarize")
"""Names that clients have built in. They stand for the worker's own model; every other name is meant exactly."""
_MAX_PROMPT = 4000
_REFUSED = {
    "include": "log probabilities of tokens are not given",
    "known_speaker_names": "speakers are numbered, not recognised",
    "known_speaker_references": "speakers are numbered, not recognised",
}
_TRUE, _FALSE = ("true", "1"), ("", "false", "0")


@dataclass(frozen=True)
class Asked:
    """One request."""

    options: SpeechOptions
    format: Format
    stream: bool
    words: bool
    """Whether verbose_json is to have words."""


def read_form(form: Form, default_model: str) -> Asked:
    """Raises Refused."""
    for name, why in _REFUSED.items():
        if form.many(name):
            raise Refused(RefusalCode.UNSUPPORTED_OPTION, f"{name} is not supported: {why}.")
    granularities = form.many("timestamp_granularities")
    for granularity in granularities:
        _one_of("timestamp_granularities", granularity, ("word", "segment"))
    format_ = _one_of("response_format", form.one("response_format") or "json", get_args(Format))
    if granularities and format_ != "verbose_json":
        raise _bad("timestamp_granularities goes with response_format verbose_json only")
    _number("temperature", form.one("temperature"))
    stream = _flag("stream", form.one("stream"))
    if stream and format_ not in ("json", "text", "diarized_json"):
        raise _bad("stream goes with response_format json, text and diarized_json only")
    prompt = form.one("prompt")
    if len(prompt) > _MAX_PROMPT:
        raise _bad(f"prompt may have {_MAX_PROMPT} characters")
    model = form.one("model")
    languages = form.many("languages")
    return Asked(
        SpeechOptions(
            model=default_model if not model or model in THEIR_MODELS else model,
            language=form.one("language") or (languages[0] if len(languages) == 1 else None) or None,
            initial_prompt=prompt or None,
            hotwords=", ".join(form.many("keywords"))[:_MAX_PROMPT] or None,
        ),
        format_,  # type: ignore[arg-type]
        stream,
        "word" in granularities,
    )


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise Refused(
            RefusalCode.UNSUPPORTED_OPTION, f"{name} {value[:100]!r} is not supported. Supported: {', '.join(allowed)}."
        )
    return value


def _flag(name: str, value: str) -> bool:
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise _bad(f"{name} must be true or false")


def _number(name: str, value: str) -> None:
    try:
        inside = 0.0 <= float(value or 0) <= 1.0
    except ValueError:
        inside = False
    if not inside:
        raise _bad(f"{name} must be a number from 0 to 1")


def _bad(sentence: str) -> Refused:
    return Refused(RefusalCode.BAD_REQUEST, f"{sentence}.")
