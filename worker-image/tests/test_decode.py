"""Decoding, in the real child process."""

from __future__ import annotations

import asyncio
import io
import math
import os
import struct
import wave
from array import array
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulk_transcribe_worker.decode import Decoder, Wanted, check_decoder, decode
from bulk_transcribe_worker.errors import JobErrorCode, JobFailed

pytestmark = pytest.mark.anyio


def tone(seconds: float, rate: int = 44_100, channels: int = 2) -> bytes:
    samples = array("h")
    for index in range(round(seconds * rate)):
        samples.extend([round(8000 * math.sin(2 * math.pi * 440 * index / rate))] * channels)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as target:
        target.setnchannels(channels)
        target.setsampwidth(2)
        target.setframerate(rate)
        target.writeframes(samples.tobytes())
    return buffer.getvalue()


def video_without_sound() -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(5))
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), dtype=np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


async def decoded(tmp_path: Path, data: bytes) -> tuple[float, int]:
    source = tmp_path / "recording"
    source.write_bytes(data)
    result = await decode(source, tmp_path / "sound.pcm")
    return result.audio.duration, len(result.condition.damaged)


async def failure(tmp_path: Path, data: bytes) -> JobFailed:
    with pytest.raises(JobFailed) as caught:
        await decoded(tmp_path, data)
    return caught.value


async def test_any_rate_and_number_of_channels_becomes_16_khz_mono(tmp_path: Path) -> None:
    source = tmp_path / "recording"
    source.write_bytes(tone(2.0))
    result = await decode(source, tmp_path / "sound.pcm")
    assert result.audio.duration == pytest.approx(2.0, abs=0.01)
    samples = result.audio.seconds(0.5, 1.5)
    assert samples.dtype == np.float32
    assert samples.shape == (16_000,)
    assert np.abs(samples).max() == pytest.approx(8000 / 32768, abs=0.02)
    # 440 Hz still is 440 Hz.
    assert int(np.argmax(np.abs(np.fft.rfft(samples)))) == 440


async def test_the_decoder_checks_itself(tmp_path: Path) -> None:
    await check_decoder(tmp_path)


async def test_an_empty_file_and_a_recording_without_samples_are_empty(tmp_path: Path) -> None:
    assert (await failure(tmp_path, b"")).code is JobErrorCode.EMPTY_INPUT
    assert (await failure(tmp_path, tone(0.0))).code is JobErrorCode.EMPTY_INPUT


async def test_a_video_without_sound_has_no_audio(tmp_path: Path) -> None:
    assert (await failure(tmp_path, video_without_sound())).code is JobErrorCode.NO_AUDIO


@pytest.mark.parametrize("data", [b"hello, this is text\n" * 100, os.urandom(50_000), b"RIFF", tone(1)[:30]])
async def test_what_is_no_recording_fails_with_a_reason(tmp_path: Path, data: bytes) -> None:
    error = await failure(tmp_path, data)
    # Random bytes may look like the beginning of a container.
    assert error.code in (JobErrorCode.DECODE_FAILED, JobErrorCode.EMPTY_INPUT, JobErrorCode.NO_AUDIO)
    assert error.message.endswith(".")


async def test_a_file_that_ends_in_the_middle_gives_what_there_is(tmp_path: Path) -> None:
    data = tone(2.0)
    duration, _ = await decoded(tmp_path, data[: len(data) // 2])
    assert duration == pytest.approx(1.0, abs=0.05)


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def _full(name: bytes, body: bytes, flags: int = 0) -> bytes:
    return _box(name, struct.pack(">I", flags) + body)


def movie_of_another_file(reference: bytes) -> bytes:
    """A QuickTime movie of one second whose sound lies in another file, as `reference` (a box of `dref`) says."""
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    table = b"".join(
        (
            _full(
                b"stsd",
                struct.pack(">I", 1)
                + _box(b"sowt", bytes(6) + struct.pack(">HHHIHHHHI", 1, 0, 0, 0, 1, 16, 0, 0, 16000 << 16)),
            ),
            _full(b"stts", struct.pack(">III", 1, 16000, 1)),
            _full(b"stsc", struct.pack(">IIII", 1, 1, 16000, 1)),
            _full(b"stsz", struct.pack(">II", 2, 16000)),
            _full(b"stco", struct.pack(">II", 1, 44)),
        )
    )
    media = _box(
        b"mdia",
        _full(b"mdhd", struct.pack(">IIIIHH", 0, 0, 16000, 16000, 0, 0))
        + _full(b"hdlr", b"mhlrsoun" + bytes(13))
        + _box(
            b"minf",
            _full(b"smhd", bytes(4))
            + _box(b"dinf", _full(b"dref", struct.pack(">I", 1) + reference))
            + _box(b"stbl", table),
        ),
    )
    header = struct.pack(">IIIIIH", 0, 0, 1000, 1000, 0x10000, 0x100) + bytes(10) + matrix + bytes(24)
    track = struct.pack(">IIIII", 0, 0, 1, 0, 1000) + bytes(16) + matrix + bytes(8)
    movie = _full(b"mvhd", header + struct.pack(">I", 2)) + _box(b"trak", _full(b"tkhd", track, 7) + media)
    return _box(b"ftyp", b"qt  " + bytes(4) + b"qt  ") + _box(b"moov", movie)


def alias(path: str) -> bytes:
    """A reference as the Finder writes it: the file's name, how many folders up, and its whole path."""
    name, whole = path.rsplit("/", 1)[-1].encode(), path.encode()
    body = bytes(10) + b"\x03vol" + bytes(24) + bytes(12) + bytes([len(name)]) + name.ljust(63, b"\0")
    body += bytes(16) + struct.pack(">hh", 1, 1) + bytes(16)
    for kind in (2, 18):
        body += struct.pack(">hH", kind, len(whole)) + whole + bytes(len(whole) % 2)
    return _full(b"alis", body + struct.pack(">hH", -1, 0))


async def test_no_container_leads_to_another_file_or_address(tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(tone(1.0))
    asked: list[bytes] = []

    async def told(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(told, "127.0.0.1", 0)
    canary = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    files: list[bytes] = []
    for place in (
        *(str(secret), f"file:{secret}", f"http://{canary}/a", f"tcp://{canary}", f"concat:{secret}|{secret}"),
        *(f"subfile,,start,0,end,0,,:{secret}", f"async:{secret}", f"cache:{secret}", f"crypto:{secret}", "secret.wav"),
    ):
        segments = f'<SegmentList><Initialization sourceURL="{place}"/><SegmentURL media="{place}"/></SegmentList>'
        texts = (
            f"ffconcat version 1.0\nfile '{place}'\n",
            f"ffconcat version 1.0\nfile '{place}'\noption protocol_whitelist file,tcp,http,concat,subfile,async\n",
            f'#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MAP:URI="{place}"\n#EXTINF:1,\n{place}\n#EXT-X-ENDLIST\n',
            f'#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=AES-128,URI="{place}"\n#EXTINF:1,\n{place}\n',
            f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{place}\n",
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
            'mediaPresentationDuration="PT1S" profiles="urn:mpeg:dash:profile:isoff-live:2011"><Period>'
            f'<AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>{place}</BaseURL>'
            f"{segments}</Representation></AdaptationSet></Period></MPD>",
            f"# VobSub index file, v7\nid: en, index: 0\ntimestamp: 00:00:01:000, filepos: 000000000\n{place}\n",
        )
        files += [text.encode() for text in texts]
        files.append(movie_of_another_file(_full(b"url ", place.encode() + b"\0")))
    files.append(movie_of_another_file(alias(str(secret))))
    files.append(
        f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {canary.split(':')[1]} "
        "RTP/AVP 0\na=rtpmap:0 PCMU/8000\n".encode()
    )
    source, target = tmp_path / "recording", tmp_path / "sound.pcm"
    decoder = Decoder()
    try:
        for data in files:
            source.write_bytes(data)
            try:
                decoded = await decoder.decode(source, target)
            except JobFailed as error:
                assert error.code in (JobErrorCode.DECODE_FAILED, JobErrorCode.NO_AUDIO, JobErrorCode.EMPTY_INPUT)
            else:
                # Where it says that its sound lies elsewhere, its own few bytes are taken for it.
                assert decoded.audio.duration < 0.1, data
    finally:
        await decoder.close()
        server.close()
        await server.wait_closed()
    assert asked == []


async def test_a_canceled_decoder_leaves_no_process(tmp_path: Path) -> None:
    source = tmp_path / "recording"
    source.write_bytes(tone(60.0, rate=8000, channels=1))
    task = asyncio.ensure_future(decode(source, tmp_path / "sound.pcm"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_one_process_decodes_many_recordings_and_outlives_one_that_crashes(tmp_path: Path) -> None:
    source, target = tmp_path / "recording", tmp_path / "sound.pcm"
    decoder = Decoder()
    try:
        source.write_bytes(tone(0.5))
        await decoder.decode(source, target)
        kept = decoder._child
        assert kept is not None
        for seconds in (1.0, 2.0):
            source.write_bytes(tone(seconds))
            assert (await decoder.decode(source, target)).audio.duration == pytest.approx(seconds, abs=0.01)
        source.write_bytes(b"no recording")
        with pytest.raises(JobFailed):
            await decoder.decode(source, target)
        # A folder cannot be opened, which the decoder knows no answer to.
        with pytest.raises(JobFailed, match="crashed"):
            await decoder.decode(tmp_path, target)
        source.write_bytes(tone(1.0))
        assert (await decoder.decode(source, target)).audio.duration == pytest.approx(1.0, abs=0.01)
    finally:
        await decoder.close()
    assert kept.returncode is not None


async def test_a_process_that_is_gone_is_replaced(tmp_path: Path) -> None:
    source, target = tmp_path / "recording", tmp_path / "sound.pcm"
    source.write_bytes(tone(0.5))
    decoder = Decoder()
    try:
        await decoder.decode(source, target)
        assert decoder._child is not None
        decoder._child.kill()
        await decoder._child.wait()
        assert (await decoder.decode(source, target)).audio.duration == pytest.approx(0.5, abs=0.01)
    finally:
        await decoder.close()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_mutated_file_decodes_or_fails_with_a_code(tmp_path: Path, data: st.DataObject) -> None:
    mutated = bytearray(tone(0.5, rate=8000, channels=1))
    for _ in range(data.draw(st.integers(1, 20))):
        mutated[data.draw(st.integers(0, 200))] = data.draw(st.integers(0, 255))

    async def attempt() -> None:
        try:
            duration, _ = await decoded(tmp_path, bytes(mutated))
            assert duration > 0
        except JobFailed as error:
            assert error.message

    asyncio.run(attempt())


def two_tracks() -> bytes:
    """A silent track and a loud one, a second each."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as container:
        streams = [container.add_stream("pcm_s16le", rate=16_000, layout="mono") for _ in range(2)]
        for stream, level in zip(streams, (0, 16_000), strict=True):
            frame = av.AudioFrame.from_ndarray(np.full((1, 16_000), level, dtype=np.int16), layout="mono")
            frame.sample_rate = 16_000
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return buffer.getvalue()


async def test_the_track_that_is_meant_is_taken(tmp_path: Path) -> None:
    source = tmp_path / "recording"
    source.write_bytes(two_tracks())
    for number, loud in ((1, False), (2, True)):
        result = await decode(source, tmp_path / "sound.pcm", wanted=Wanted(track=number))
        assert bool(np.abs(result.audio.seconds(0.2, 0.8)).max() > 0.3) is loud
    with pytest.raises(JobFailed) as caught:
        await decode(source, tmp_path / "sound.pcm", wanted=Wanted(track=3))
    assert caught.value.code is JobErrorCode.NO_AUDIO


async def test_sound_that_begins_later_than_its_file_says_is_laid_later(tmp_path: Path) -> None:
    source = tmp_path / "recording"
    source.write_bytes(tone(2.0))
    result = await decode(source, tmp_path / "sound.pcm", wanted=Wanted(start_seconds=0.75))
    assert result.audio.duration == pytest.approx(2.75, abs=0.01)
    assert np.abs(result.audio.seconds(0.0, 0.74)).max() == 0
    assert np.abs(result.audio.seconds(0.8, 1.0)).max() > 0.2
    assert result.condition.damaged == ()
