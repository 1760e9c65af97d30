"""Twenty recordings for the benches: the demo recording over and over, in five formats and many lengths."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np

from tests.process import DEMO

FORMATS: Sequence[tuple[str, str]] = (
    ("pcm_s16le", "wav"),
    ("aac", "mp4"),
    ("mp3", "mp3"),
    ("libopus", "ogg"),
    ("flac", "flac"),
)
LENGTHS = (30, 60, 90, 120, 150, 180, 240, 300, 420, 600)
"""Seconds; each comes twice, in two formats."""


def samples(seconds: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """The demo, repeated, 16 kHz."""
    with wave.open(str(DEMO / "demo.wav")) as demo:
        once = np.frombuffer(demo.readframes(demo.getnframes()), dtype=np.int16)
    return np.resize(once, seconds * 16_000)


def recording(seconds: int, codec: str, container: str) -> bytes:
    """A file of the demo, repeated."""
    buffer = io.BytesIO()
    rate = 48_000 if codec == "libopus" else 16_000 if codec == "pcm_s16le" else 44_100
    with av.open(buffer, "w", format=container) as target:
        stream = target.add_stream(codec, rate=rate)
        stream.layout = "mono"
        resampler = av.AudioResampler(stream.format.name, "mono", rate)
        fifo, size = av.AudioFifo(), stream.codec_context.frame_size or 4096
        frame = av.AudioFrame.from_ndarray(samples(seconds)[None, :], format="s16", layout="mono")
        frame.sample_rate = 16_000
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            part.pts = None
            fifo.write(part)
        while (piece := fifo.read(size, partial=fifo.samples < size)) is not None:
            target.mux(stream.encode(piece))
        target.mux(stream.encode(None))
    return buffer.getvalue()


def mixed(scale: float = 1.0) -> list[tuple[str, int, bytes]]:
    """Twenty of them: name, seconds, bytes. `scale` shortens them."""

    def make(number: int) -> tuple[str, int, bytes]:
        seconds = max(10, round(LENGTHS[number * 7 % len(LENGTHS)] * scale))
        codec, container = FORMATS[number % len(FORMATS)]
        return f"{number:02d}.{container}", seconds, recording(seconds, codec, container)

    with ThreadPoolExecutor() as threads:
        return list(threads.map(make, range(20)))
