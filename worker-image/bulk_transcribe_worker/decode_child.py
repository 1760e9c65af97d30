"""The child process that opens files of unknown origin and writes their sound as 16 kHz mono signed 16-bit samples.

    python -m bulk_transcribe_worker.decode_child

It reads one JSON object a line, one after the other until its input ends: `{"number": n, "source": path,
"target": path, "track": n, "start": seconds, "channel": n|null}`. `track` is the audio track, from 1; `start` the
seconds of silence before its first sound, which a file that holds the track alone cannot say; `channel`, from 0, the
only one that is taken, or null for all together. Each is answered by JSON objects with its `number`, one a line:
`{"seconds": n}` as it goes on, and at last `{"ok": true, "samples": n, "damaged": [[start, end], …], "silent":
[[start, end], …], "stated": seconds|null, "channels": n}`, `{"ok": false, "code": …, "message": …}` or
`{"crashed": true}`.

A process of its own, because a hostile file may crash or eat memory, and because a decoder's leaks end with it. On
Linux every recording has one of its own, forked from this one, which has loaded the libraries and opens no file: to
start Python and load them takes as long as to decode some minutes. Elsewhere it ends after one recording: Windows
cannot fork, and what macOS's frameworks have begun is not sound in a fork.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard

from bulk_transcribe_worker.sound_track import SoundTrack
from bulk_transcribe_worker.vad import Span

MAX_SECONDS = 48 * 3600
"""Longest recording; a small file can claim to be endless."""

MAX_MEMORY_BYTES = 4 * 1024**3
_REPORT_SECONDS = 60.0
_MOST_TRIES = 50
"""How often in a row reading on is tried where the container itself is damaged."""
_TELLS_ITS_LENGTH = ("mov", "mp4", "matroska", "webm", "wav", "w64", "flac", "ogg", "avi", "asf", "aiff", "caf")
"""Containers whose length is written down; that of the others is a guess from the bit rate."""


class Undecodable(Exception):
    """The file gives no usable sound. `code` is one of the job error codes."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Order:
    """What is asked for."""

    number: int
    source: str
    target: str
    track: int
    start: float
    channel: int | None = None


def main() -> None:
    """Answers until its input ends."""
    while line := sys.stdin.buffer.readline():
        order = Order(**json.loads(line))
        if sys.platform != "linux":
            _answer(order)
            return
        child = os.fork()
        if child == 0:
            # Nothing of the parent's is flushed, closed or awaited by the child.
            with suppress(BaseException):
                _answer(order)
                os._exit(0)
            os._exit(1)
        if os.waitpid(child, 0)[1] != 0:
            _say(order, {"crashed": True})


def _answer(order: Order) -> None:
    """Decodes and reports; it returns whenever a verdict was given."""
    _limit_memory()
    try:
        with open(order.source, "rb") as file, open(order.target, "wb") as sink:
            if not file.read(1):
                raise Undecodable("EMPTY_INPUT", "The file is empty.")
            file.seek(0)
            stated, track, channels = _decode(file, sink, order)
        _say(
            order,
            {
                "ok": True,
                "samples": track.samples,
                "damaged": _pairs(track.damaged),
                "silent": _pairs(track.silent),
                "stated": stated,
                "channels": channels,
            },
        )
    except Undecodable as error:
        _say(order, {"ok": False, "code": error.code, "message": error.message})
    except MemoryError:
        _say(order, {"ok": False, "code": "DECODE_FAILED", "message": "The file needs too much memory to decode."})


def _decode(file: BinaryIO, sink: BinaryIO, order: Order) -> tuple[float | None, SoundTrack, int]:
    with _open(file) as container:
        if not container.streams.audio:
            raise Undecodable("NO_AUDIO", "The file has no audio track.")
        if order.track > len(container.streams.audio):
            raise Undecodable("NO_AUDIO", f"The file has no audio track {order.track}.")
        stream = container.streams.audio[order.track - 1]
        stream.thread_type = "AUTO"
        stated = _stated_seconds(container, stream)
        stated = None if stated is None else stated + order.start
        track = SoundTrack(sink, stated, order.channel)
        channels = stream.codec_context.channels
        begin = _begin_seconds(container, stream) - order.start
        reported = 0.0
        for frame in _frames(container, stream, track):
            track.add(frame, None if frame.time is None else frame.time - begin)
            if track.reached > MAX_SECONDS:
                raise Undecodable("DECODE_FAILED", f"The recording is longer than {MAX_SECONDS // 3600} hours.")
            if track.reached - reported >= _REPORT_SECONDS:
                reported = track.reached
                _say(order, {"seconds": round(reported, 3)})
        heard = track.reached > 0
        if heard:
            track.finish()
    if not heard and track.is_hurt:
        raise Undecodable("DECODE_FAILED", "The audio track is damaged: nothing of it could be decoded.")
    if track.samples == 0:
        raise Undecodable("EMPTY_INPUT", "The audio track holds no sound at all.")
    return stated, track, channels


def _begin_seconds(container: InputContainer, stream: AudioStream) -> float:
    """Where the recording's clock starts: that of the whole file, so that sound which sets in late stays late."""
    if container.start_time is not None:
        return container.start_time / av.time_base
    return float(stream.start_time * stream.time_base) if stream.start_time and stream.time_base else 0.0


def _stated_seconds(container: InputContainer, stream: AudioStream) -> float | None:
    """How long the audio track says it is, or None where nothing reliable says so."""
    if not set(container.format.name.split(",")) & set(_TELLS_ITS_LENGTH):
        return None
    late = 0.0
    if stream.start_time is not None and stream.time_base is not None:
        late = max(0.0, float(stream.start_time * stream.time_base) - _begin_seconds(container, stream))
    if stream.duration is not None and stream.time_base is not None:
        seconds = late + float(stream.duration * stream.time_base)
    elif (tagged := _tagged_seconds(stream.metadata)) is not None:
        seconds = tagged
    elif container.duration is not None and len(container.streams) == 1:
        seconds = container.duration / av.time_base
    else:
        return None
    return seconds if 0 < seconds <= MAX_SECONDS else None


def _tagged_seconds(metadata: dict[str, str]) -> float | None:
    """The length that Matroska notes for a track, `00:01:30.250000000`."""
    try:
        hours, minutes, seconds = next(v for k, v in metadata.items() if k.upper().startswith("DURATION")).split(":")
        return timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds)).total_seconds()
    except (StopIteration, ValueError, OverflowError):
        return None


def _open(file: BinaryIO) -> InputContainer:
    """Opens a container through a file object, with no protocol allowed: a playlist can then open nothing else."""
    try:
        return av.open(file, mode="r", metadata_errors="ignore", options={"protocol_whitelist": "none"})
    except (FFmpegError, ValueError, EOFError) as error:
        raise Undecodable(
            "DECODE_FAILED", f"The file is not a recording that can be read ({_plain(error)})."
        ) from error


def _frames(container: InputContainer, stream: AudioStream, track: SoundTrack) -> Iterator[AudioFrame]:
    """The frames of a stream. What does not decode is noted at the track and left out."""
    for other in container.streams:
        if other is not stream:
            other.discard = Discard.all
    failures = 0
    while failures <= _MOST_TRIES:
        try:
            for packet in container.demux(stream):
                failures = 0
                try:
                    for frame in packet.decode():
                        if isinstance(frame, AudioFrame) and frame.samples and frame.sample_rate:
                            yield frame
                except FFmpegError:
                    track.hurt()
            return
        except FFmpegError:
            # The container is damaged or ends in the middle; it may go on behind that.
            track.hurt()
            failures += 1


def _pairs(stretches: list[Span]) -> list[list[float]]:
    return [[round(one.start, 3), round(one.end, 3)] for one in stretches]


def _plain(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).strip().rstrip(".")


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the parent's time limit still holds.
        return
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ValueError, OSError):
        return


def _say(order: Order, message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps({"number": order.number, **message}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
