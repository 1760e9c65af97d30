"""Owns decoding as the worker sees it: child processes with limits, from a file of unknown origin to Audio."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import sys
import time
import wave
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import anyio

from bulk_transcribe_worker.audio import SAMPLE_RATE, Audio
from bulk_transcribe_worker.decoded import Condition
from bulk_transcribe_worker.errors import JobErrorCode, JobFailed
from bulk_transcribe_worker.vad import Span

STALL_SECONDS = 180.0
"""The child reports each minute of sound; one that is silent for so long is stuck."""
FIRST_SECONDS = 60.0
SLOWEST = 0.5
"""It may take FIRST_SECONDS, and this many seconds more for each second of sound. Real files take less than 0.01."""
KEPT_SECONDS = 60.0
"""How long a process waits for the next recording; it takes 30 MB."""

_CODES = {code.value: code for code in (JobErrorCode.NO_AUDIO, JobErrorCode.EMPTY_INPUT, JobErrorCode.DECODE_FAILED)}
_PASSED_ON = (
    "PATH",
    "SYSTEMROOT",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "TMPDIR",
    "TEMP",
    "TMP",
    "PYTHONPATH",
    "HOME",
)


@dataclass(frozen=True)
class Decoded:
    """The sound of a recording, and what state it is in. `channels`: how many the recording has."""

    audio: Audio
    condition: Condition
    channels: int = 1


@dataclass(frozen=True)
class Wanted:
    """Which audio track of a file is meant, from 1, and the seconds of the recording before its first sound.

    `channel`, from 0: the only one that is taken; None: all of them together.
    """

    track: int = 1
    start_seconds: float = 0.0
    channel: int | None = None

    def of_channel(self, channel: int) -> Wanted:
        """The same, of one channel."""
        return replace(self, channel=channel)


_WHOLE = Wanted()


class Decoder:
    """Decodes one recording after another. The process that it needs for that is kept for a while, and `close` ends it.

    Used by one event loop.
    """

    def __init__(self, stall_seconds: float = STALL_SECONDS, first_seconds: float = FIRST_SECONDS) -> None:
        self._stall_seconds = stall_seconds
        self._first_seconds = first_seconds
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._number = 0
        self._idle: asyncio.TimerHandle | None = None

    async def decode(self, source: Path, target: Path, wanted: Wanted = _WHOLE) -> Decoded:
        """Decodes `source` into `target`. Raises JobFailed; when canceled, what decodes is killed first."""
        async with self._turn:
            if self._idle is not None:
                self._idle.cancel()
            try:
                verdict = await self._ask(source, target, wanted)
            except BaseException:
                await self._end()
                raise
            if self._child is not None:
                self._idle = asyncio.get_running_loop().call_later(KEPT_SECONDS, self._expire)
        if verdict is None:
            if _disk_is_full(target):
                raise JobFailed(JobErrorCode.WORKER_DISK_FULL, "The worker's disk is full.")
            raise JobFailed(JobErrorCode.DECODE_FAILED, "The decoder crashed on this file.")
        if verdict.get("ok") is not True:
            code = _CODES.get(str(verdict.get("code")), JobErrorCode.DECODE_FAILED)
            raise JobFailed(code, str(verdict.get("message")))
        stated = verdict.get("stated")
        condition = Condition(
            _stretches(verdict.get("damaged")),
            _stretches(verdict.get("silent")),
            float(stated) if isinstance(stated, (int, float)) else None,
        )
        channels = verdict.get("channels")
        return Decoded(Audio(target), condition, channels if isinstance(channels, int) else 1)

    async def close(self) -> None:
        """Ends the process."""
        async with self._turn:
            await self._end()

    async def _ask(self, source: Path, target: Path, wanted: Wanted) -> dict[str, object] | None:
        """The verdict on a file, or None where the process died without one."""
        self._number += 1
        order = {
            "number": self._number,
            "source": str(source),
            "target": str(target),
            "track": wanted.track,
            "start": wanted.start_seconds,
            "channel": wanted.channel,
        }
        if self._child is None or self._child.returncode is not None:
            self._child = await _start()
        assert self._child.stdin is not None
        with suppress(OSError):
            self._child.stdin.write(json.dumps(order).encode() + b"\n")
            await self._child.stdin.drain()
        verdict = await self._verdict(self._child)
        if verdict is None or os.name == "nt":
            await self._end()
        return verdict

    async def _verdict(self, child: asyncio.subprocess.Process) -> dict[str, object] | None:
        assert child.stdout is not None
        began = time.monotonic()
        while True:
            try:
                with anyio.fail_after(self._stall_seconds):
                    line = await child.stdout.readline()
            except TimeoutError:
                raise JobFailed(JobErrorCode.DECODE_FAILED, "The decoder made no progress on this file.") from None
            if not line:
                return None
            message = json.loads(line)
            # What is left of a recording that was given up is not this one's.
            if not isinstance(message, dict) or message.get("number") != self._number:
                continue
            if "crashed" in message:
                return None
            if "ok" in message:
                return message
            if time.monotonic() - began > self._first_seconds + SLOWEST * float(message.get("seconds", 0.0)):
                raise JobFailed(JobErrorCode.DECODE_FAILED, "This file takes too long to decode.")

    async def _end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._kill()
        child, self._child = self._child, None
        if child is not None:
            await child.wait()

    def _expire(self) -> None:
        self._kill()
        self._child = None

    def _kill(self) -> None:
        """Kills the process, and with it the one of its own that decodes."""
        if self._child is None or self._child.returncode is not None:
            return
        with suppress(ProcessLookupError):
            if os.name == "nt":
                self._child.kill()
            else:
                os.killpg(self._child.pid, signal.SIGKILL)


async def _start() -> asyncio.subprocess.Process:
    # No secrets in the environment of the process that reads hostile bytes.
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bulk_transcribe_worker.decode_child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        start_new_session=True,
    )


async def decode(source: Path, target: Path, wanted: Wanted = _WHOLE) -> Decoded:
    """Decodes one recording, and keeps nothing. Raises JobFailed."""
    decoder = Decoder()
    try:
        return await decoder.decode(source, target, wanted)
    finally:
        await decoder.close()


def _stretches(pairs: object) -> tuple[Span, ...]:
    return tuple(Span(float(start), float(end)) for start, end in pairs) if isinstance(pairs, list) else ()


def _disk_is_full(target: Path) -> bool:
    """Whether the folder of `target` takes no more bytes."""
    probe = target.with_suffix(".probe")
    try:
        probe.write_bytes(b"\0" * 65536)
        return False
    except OSError as error:
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    finally:
        probe.unlink(missing_ok=True)


async def check_decoder(folder: Path) -> None:
    """Decodes a second of silence, in files of `folder`. Raises JobFailed where the decoder does not work."""
    source = folder / "recording"
    with wave.open(str(source), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(bytes(2 * SAMPLE_RATE))
    decoded = await decode(source, folder / "sound.pcm")
    if len(decoded.audio) != SAMPLE_RATE:
        raise JobFailed(JobErrorCode.DECODE_FAILED, f"{len(decoded.audio)} samples came out, not {SAMPLE_RATE}.")
