"""Damage, holes and clocks: whatever happens to a recording in its middle, what comes after it keeps its time."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from bulk_transcribe_worker.decode import Decoded, Decoder, decode
from bulk_transcribe_worker.decoded import Condition, condition_remarks
from bulk_transcribe_worker.errors import JobErrorCode, JobFailed
from bulk_transcribe_worker.vad import Span

pytestmark = pytest.mark.anyio

RATE = 48_000
BEEPS = (2.0, 8.0)
SECONDS = 10


def beeps() -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """Ten seconds of faint noise with a tone of 0.3 s at each of BEEPS."""
    samples = np.random.default_rng(1).normal(0, 20, SECONDS * RATE)
    tone = 12_000 * np.sin(2 * np.pi * 440 * np.arange(round(0.3 * RATE)) / RATE)
    for at in BEEPS:
        samples[round(at * RATE) : round(at * RATE) + len(tone)] += tone
    return samples.astype(np.int16)


def encoded(
    codec: str, container: str, keep: Callable[[float], bool] = lambda time: True, video: bool = False
) -> tuple[bytes, list[tuple[float, int, int]]]:
    """The beeps as a file, without the packets that `keep` leaves out; and time, place and size of its packets."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as target:
        picture = None
        if video:
            picture = target.add_stream("mpeg4", rate=Fraction(5))
            picture.width = picture.height = 32
            picture.pix_fmt = "yuv420p"
        stream = target.add_stream(codec, rate=RATE)
        stream.layout = "mono"
        if picture is not None:
            for _ in range(5 * SECONDS):
                frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), dtype=np.uint8), format="rgb24")
                target.mux(picture.encode(frame))
            target.mux(picture.encode(None))
        samples = beeps()
        size = stream.codec_context.frame_size or 1024
        packets = []
        for first in range(0, len(samples), size):
            sound = av.AudioFrame.from_ndarray(samples[None, first : first + size], format="s16", layout="mono")
            sound.sample_rate, sound.pts = RATE, first
            packets += stream.encode(sound)
        packets += stream.encode(None)
        for packet in packets:
            if packet.pts is None or keep(float(packet.pts * packet.time_base)):
                target.mux(packet)
    data = buffer.getvalue()
    with av.open(io.BytesIO(data)) as source:
        places = [
            (float(packet.pts * packet.time_base), packet.pos or 0, packet.size)
            for packet in source.demux(audio=0)
            if packet.pts is not None
        ]
    return data, places


async def heard(folder: Path, data: bytes) -> tuple[Decoded, list[float]]:
    """The recording decoded, and where its tones begin."""
    (folder / "recording").write_bytes(data)
    result = await decode(folder / "recording", folder / "sound.pcm")
    loud = np.abs(result.audio.seconds(0, result.audio.duration)) > 0.2
    starts, last = [], -1.0
    for index in np.flatnonzero(loud):
        at = float(index) / 16_000
        if at - last > 0.5:
            starts.append(at)
        last = at
    return result, starts


def overwritten(data: bytes, places: list[tuple[float, int, int]], start: float, end: float) -> bytes:
    """The file with the bytes of some packets replaced."""
    damaged = bytearray(data)
    for time, at, size in places:
        if start <= time < end:
            # The container's own note of the packet, before its bytes, stays.
            damaged[at + 16 : at + size] = b"\xff" * (size - 16)
    return bytes(damaged)


@pytest.mark.parametrize(
    ("codec", "container"),
    [("aac", "mp4"), ("aac", "matroska"), ("flac", "matroska"), ("libopus", "ogg"), ("mp2", "mpegts")],
)
async def test_whole_recordings_have_their_tones_in_place_and_no_remark(
    tmp_path: Path, codec: str, container: str
) -> None:
    result, starts = await heard(tmp_path, encoded(codec, container)[0])
    assert starts == pytest.approx(BEEPS, abs=0.06)
    assert result.audio.duration == pytest.approx(SECONDS, abs=0.1)
    assert condition_remarks(result.condition, result.audio.duration) == []


@pytest.mark.parametrize(("codec", "container"), [("aac", "mp4"), ("flac", "matroska")])
async def test_damage_in_the_middle_is_named_and_shifts_nothing(tmp_path: Path, codec: str, container: str) -> None:
    data, places = encoded(codec, container)
    result, starts = await heard(tmp_path, overwritten(data, places, 4.0, 6.0))
    assert [starts[0], starts[-1]] == pytest.approx(BEEPS, abs=0.06)
    remarks = condition_remarks(result.condition, result.audio.duration)
    (remark,) = [remark for remark in remarks if remark.code == "DAMAGED_AUDIO"]
    assert [remark.start, remark.end] == pytest.approx([4.0, 6.0], abs=0.15)
    assert result.audio.duration == pytest.approx(SECONDS, abs=0.1)


async def test_sound_that_the_recording_leaves_out_is_silence(tmp_path: Path) -> None:
    data, _ = encoded("aac", "matroska", keep=lambda time: not 4.0 <= time < 6.5)
    result, starts = await heard(tmp_path, data)
    assert starts == pytest.approx(BEEPS, abs=0.06)
    (remark,) = condition_remarks(result.condition, result.audio.duration)
    assert remark.code == "AUDIO_GAP"
    assert [remark.start, remark.end] == pytest.approx([4.0, 6.5], abs=0.1)


async def test_sound_that_sets_in_later_than_the_picture_stays_late(tmp_path: Path) -> None:
    data, _ = encoded("aac", "matroska", keep=lambda time: time >= 1.5, video=True)
    _, starts = await heard(tmp_path, data)
    assert starts == pytest.approx(BEEPS, abs=0.06)


async def test_a_recording_whose_end_is_missing_says_so(tmp_path: Path) -> None:
    data, places = encoded("flac", "matroska")
    cut = next(at for time, at, _ in places if time >= 5.0)
    result, starts = await heard(tmp_path, data[:cut])
    assert starts == pytest.approx(BEEPS[:1], abs=0.06)
    remarks = condition_remarks(result.condition, result.audio.duration)
    assert "AUDIO_MISSING" in [remark.code for remark in remarks]
    assert result.audio.duration == pytest.approx(5.0, abs=0.2)


async def test_a_clock_that_begins_anew_loses_no_sound(tmp_path: Path) -> None:
    one, _ = encoded("mp2", "mpegts")
    result, starts = await heard(tmp_path, one + one)
    assert starts == pytest.approx([*BEEPS, *(at + SECONDS for at in BEEPS)], abs=0.15)
    assert result.audio.duration == pytest.approx(2 * SECONDS, abs=0.2)


async def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    source = tmp_path / "recording"
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="wav") as target:
        stream = target.add_stream("pcm_s16le", rate=8000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000 * 130), dtype=np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        target.mux(stream.encode(frame))
    source.write_bytes(buffer.getvalue())
    with pytest.raises(JobFailed) as caught:
        await Decoder(first_seconds=-1e6).decode(source, tmp_path / "sound.pcm")
    assert caught.value.code is JobErrorCode.DECODE_FAILED
    assert "too long" in caught.value.message


def test_remarks_name_a_few_silent_stretches_and_count_the_rest() -> None:
    silent = tuple(Span(10.0 * n, 10.0 * n + 2) for n in range(300))
    remarks = condition_remarks(Condition(silent=silent, stated=3000.4), 3000.0)
    assert len(remarks) == 21
    assert remarks[-1].message == "The recording holds no sound in 280 further places, 560 s in all."
    near = condition_remarks(Condition(damaged=(Span(1, 1.2), Span(2, 2.5), Span(9, 9.1))), 10.0)
    assert [(remark.start, remark.end) for remark in near] == [(1, 2.5), (9, 9.1)]


async def test_random_bytes_in_the_middle_of_any_container_fail_with_a_code_or_keep_the_length(tmp_path: Path) -> None:
    for codec, container in [
        ("aac", "mp4"),
        ("flac", "matroska"),
        ("libopus", "ogg"),
        ("mp2", "mpegts"),
        ("mp3", "mp3"),
    ]:
        data = bytearray(encoded(codec, container)[0])
        middle = len(data) // 2
        data[middle : middle + 2000] = os.urandom(2000)
        result, starts = await heard(tmp_path, bytes(data))
        assert starts[0] == pytest.approx(BEEPS[0], abs=0.1)
        if container != "mp3":  # Its packets carry no times.
            assert result.audio.duration == pytest.approx(SECONDS, abs=0.3), container
