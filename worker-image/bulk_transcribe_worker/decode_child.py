"""The child process that opens a file of unknown origin and writes its sound as 16 kHz mono signed 16-bit samples.

    python -m bulk_transcribe_worker.decode_child SOURCE TARGET

It prints one JSON object a line: `{"seconds": n}` as it goes on, and at last `{"ok": true, "samples": n, "damaged":
[seconds, …]}` or `{"ok": false, "code": …, "message": …}`. A process of its own, because a hostile file may crash
or eat memory, and because a decoder's leaks end with it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from bulk_transcribe_worker.audio import SAMPLE_RATE

MAX_SECONDS = 48 * 3600
"""Longest recording; a small file can claim to be endless."""

MAX_MEMORY_BYTES = 4 * 1024**3
MAX_DAMAGED = 1000
_REPORT_SECONDS = 60.0


class Undecodable(Exception):
    """The file gives no usable sound. `code` is one of the job error codes."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def main(source: str, target: str) -> int:
    """Decodes and reports; the exit code is 0 whenever a verdict was printed."""
    _limit_memory()
    try:
        with open(source, "rb") as file, open(target, "wb") as sink:
            if not file.read(1):
                raise Undecodable("EMPTY_INPUT", "The file is empty.")
            file.seek(0)
            samples, damaged = _decode(file, sink)
        _say({"ok": True, "samples": samples, "damaged": damaged})
    except Undecodable as error:
        _say({"ok": False, "code": error.code, "message": error.message})
    except MemoryError:
        _say({"ok": False, "code": "DECODE_FAILED", "message": "The file needs too much memory to decode."})
    return 0


def _decode(file: BinaryIO, sink: BinaryIO) -> tuple[int, list[float]]:
    with _open(file) as container:
        if not container.streams.audio:
            raise Undecodable("NO_AUDIO", "The file has no audio track.")
        stream = container.streams.audio[0]
        stream.thread_type = "AUTO"
        resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        damaged: list[float] = []
        reported = 0.0

        def seconds_so_far() -> float:
            return sink.tell() / 2 / SAMPLE_RATE

        for frame in _frames(container, stream, damaged, seconds_so_far):
            for part in resampler.resample(frame):
                _write(part, sink)
            seconds = seconds_so_far()
            if seconds > MAX_SECONDS:
                raise Undecodable("DECODE_FAILED", f"The recording is longer than {MAX_SECONDS // 3600} hours.")
            if seconds - reported >= _REPORT_SECONDS:
                reported = seconds
                _say({"seconds": round(seconds, 3)})
        if sink.tell():
            for part in resampler.resample(None):
                _write(part, sink)
        samples = sink.tell() // 2
    if samples == 0 and damaged:
        raise Undecodable("DECODE_FAILED", "The audio track is damaged: nothing of it could be decoded.")
    if samples == 0:
        raise Undecodable("EMPTY_INPUT", "The audio track holds no sound at all.")
    return samples, damaged


def _open(file: BinaryIO) -> InputContainer:
    """Opens a container through a file object, with no protocol allowed: a playlist can then open nothing else."""
    try:
        return av.open(file, mode="r", metadata_errors="ignore", options={"protocol_whitelist": "none"})
    except (FFmpegError, ValueError, EOFError) as error:
        raise Undecodable(
            "DECODE_FAILED", f"The file is not a recording that can be read ({_plain(error)})."
        ) from error


def _frames(
    container: InputContainer, stream: AudioStream, damaged: list[float], now: Callable[[], float]
) -> Iterator[AudioFrame]:
    """The frames of a stream. A packet that does not decode is noted with its time and left out."""
    try:
        for packet in container.demux(stream):
            try:
                for frame in packet.decode():
                    if isinstance(frame, AudioFrame):
                        # A jump in the clock of the container makes the resampler refuse; sound goes on after it.
                        frame.pts = None
                        yield frame
            except FFmpegError:
                _note(damaged, now())
    except FFmpegError:
        # The container ends in the middle; what came before is good.
        _note(damaged, now())


def _note(damaged: list[float], seconds: float) -> None:
    if len(damaged) < MAX_DAMAGED:
        damaged.append(round(seconds, 3))


def _write(frame: AudioFrame, sink: BinaryIO) -> None:
    sink.write(frame.to_ndarray().tobytes())


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


def _say(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
