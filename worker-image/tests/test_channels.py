"""Channels as speakers: a real worker on a recording that has one person on each, and what is told of others."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bulk_transcribe_worker.audio import SAMPLE_RATE, Audio
from bulk_transcribe_worker.channels import alike, together
from bulk_transcribe_worker.decode import Wanted, decode
from bulk_transcribe_worker.engine import SpokenSegment
from bulk_transcribe_worker.heard import Heard
from bulk_transcribe_worker.transcript import Remark
from tests.process import DEMO, TOKEN, WorkerProcess
from tests.speech_error import word_error_rate
from tests.standin import Controller

pytestmark = pytest.mark.anyio

Samples16 = npt.NDArray[np.int16]
LINES: list[dict[str, Any]] = json.loads((DEMO / "demo.json").read_text())["lines"]


def demo() -> Samples16:
    with wave.open(str(DEMO / "demo.wav")) as source:
        return np.frombuffer(source.readframes(source.getnframes()), dtype="<i2").astype(np.int16)


def only(speaker: str) -> Samples16:
    """The demo, silent but where one person speaks."""
    kept = np.zeros_like(demo())
    for line in LINES:
        if line["speaker"] == speaker:
            part = slice(round((line["start"] - 0.1) * SAMPLE_RATE), round((line["end"] + 0.1) * SAMPLE_RATE))
            kept[part] = demo()[part]
    return kept


def wav(*channels: Samples16) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as target:
        target.setnchannels(len(channels))
        target.setsampwidth(2)
        target.setframerate(SAMPLE_RATE)
        target.writeframes(np.stack(channels, axis=1).astype("<i2").tobytes())
    return buffer.getvalue()


def said(speaker: str | None = None) -> str:
    return " ".join(line["text"] for line in LINES if speaker in (None, line["speaker"]))


async def transcribed(worker: WorkerProcess, name: str, data: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The transcript, and the segments as they were streamed."""
    async with Controller(worker.port, TOKEN) as controller:
        job = await worker.submit(controller.request(name, data, channels="separate"))
        assert (await worker.ended(job))["status"] == "complete"
        events = [event async for event in worker.events(job)]
        assert list((worker.work_dir / "jobs").glob("*/sound*")) == []
        streamed = [event["data"] for event in events if event["event"] == "segment"]
        return json.loads(controller.outputs[name][0]), streamed


async def test_each_channel_is_a_speaker_and_the_words_are_in_the_order_of_time(worker: WorkerProcess) -> None:
    assert "channels" in (await worker.call("GET", "/v1/ping"))[1]["features"]
    transcript, streamed = await transcribed(worker, "sides", wav(only("Anna"), only("Ben")))
    segments = transcript["segments"]
    assert list(transcript["speakers"]) == ["SPEAKER_00", "SPEAKER_01"]
    for label, speaker in (("SPEAKER_00", "Anna"), ("SPEAKER_01", "Ben")):
        text = " ".join(segment["text"] for segment in segments if segment["speaker"] == label)
        assert word_error_rate(said(speaker), text) <= 0.1
        assert all(word["speaker"] == label for one in segments if one["speaker"] == label for word in one["words"])
    assert word_error_rate(said(), transcript["text"]) <= 0.1
    assert [segment["start"] for segment in segments] == sorted(segment["start"] for segment in segments)
    assert [segment["id"] for segment in segments] == list(range(len(segments)))
    assert sorted(segment["id"] for segment in streamed) == [segment["id"] for segment in segments]
    assert transcript["engine"]["options"]["channels"] == "separate"
    assert transcript["warnings"] == []


@pytest.mark.parametrize("count", [1, 2])
async def test_one_channel_or_two_that_are_the_same_are_transcribed_once(worker: WorkerProcess, count: int) -> None:
    transcript, _ = await transcribed(worker, f"same-{count}", wav(*[demo()] * count))
    assert word_error_rate(said(), transcript["text"]) <= 0.1
    assert transcript["speakers"] == {}
    assert [warning["code"] for warning in transcript["warnings"]] == ["CHANNELS_MIXED"]


async def test_the_decoder_takes_the_channel_that_is_meant(tmp_path: Path) -> None:
    source = tmp_path / "recording"
    source.write_bytes(wav(only("Anna"), only("Ben")))
    for channel, speaker in enumerate(("Anna", "Ben")):
        decoded = await decode(source, tmp_path / "sound.pcm", Wanted(channel=channel))
        assert decoded.channels == 2
        heard = decoded.audio.slice(0, len(decoded.audio)) * 32768
        assert np.abs(heard[: len(only(speaker))] - only(speaker)).max() <= 1


def test_channels_are_alike_where_they_carry_the_same(tmp_path: Path) -> None:
    def audio(name: str, samples: Samples16) -> Audio:
        (tmp_path / name).write_bytes(samples.astype("<i2").tobytes())
        return Audio(tmp_path / name)

    both = demo()
    whole, anna, ben = audio("whole", both), audio("anna", only("Anna")), audio("ben", only("Ben"))
    hiss = both + np.random.default_rng(1).normal(0, 20, len(both)).astype(np.int16)
    assert alike(whole, whole) and alike(whole, audio("hiss", hiss))
    assert not alike(anna, ben) and not alike(whole, anna)
    silence = audio("silence", np.zeros_like(both))
    assert alike(silence, silence) and not alike(whole, silence)


def test_what_channels_say_becomes_one_transcript() -> None:
    def segment(start: float, text: str, speaker: str) -> SpokenSegment:
        return SpokenSegment(start, start + 1, text, -0.2, 0.0, 1.0, 0.0, speaker=speaker)

    one = Heard("en", {"beamSize": 5}, [segment(0, "Hello.", "SPEAKER_00"), segment(4, "Yes.", "SPEAKER_00")], [])
    other = Heard("de", {"beamSize": 5}, [segment(2, "Guten Tag allerseits.", "SPEAKER_01")], [Remark("GAP", "", 3, 9)])
    heard = together([one, other])
    assert [spoken.text for spoken in heard.segments] == ["Hello.", "Guten Tag allerseits.", "Yes."]
    assert heard.language == "de"
    assert list(heard.speakers) == ["SPEAKER_00", "SPEAKER_01"]
    assert heard.doubts == other.doubts
    assert heard.options == {"beamSize": 5, "channels": "separate"}
