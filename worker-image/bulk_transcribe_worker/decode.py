"""Owns decoding as the worker sees it: a child process with limits, from a file of unknown origin to Audio."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import sys
import time
import wave
from dataclasses import dataclass
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
    """The sound of a recording, and what state it is in."""

    audio: Audio
    condition: Condition


@dataclass(frozen=True)
class Wanted:
    """Which audio track of a file is meant, from 1, and the seconds of the recording before its first sound."""

    track: int = 1
    start_seconds: float = 0.0


_WHOLE = Wanted()


async def decode(
    source: Path,
    target: Path,
    stall_seconds: float = STALL_SECONDS,
    first_seconds: float = FIRST_SECONDS,
    wanted: Wanted = _WHOLE,
) -> Decoded:
    """Decodes `source` into `target`. Raises JobFailed; when canceled, the child is killed first."""
    # No secrets in the environment of the process that reads hostile bytes.
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bulk_transcribe_worker.decode_child",
        str(source),
        str(target),
        str(wanted.track),
        str(wanted.start_seconds),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    try:
        verdict = await _verdict(child, stall_seconds, first_seconds)
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()
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
    return Decoded(Audio(target), condition)


def _stretches(pairs: object) -> tuple[Span, ...]:
    return tuple(Span(float(start), float(end)) for start, end in pairs) if isinstance(pairs, list) else ()


async def _verdict(
    child: asyncio.subprocess.Process, stall_seconds: float, first_seconds: float
) -> dict[str, object] | None:
    """The last line of the child, or None where it died without one."""
    assert child.stdout is not None
    began = time.monotonic()
    while True:
        try:
            with anyio.fail_after(stall_seconds):
                line = await child.stdout.readline()
        except TimeoutError:
            raise JobFailed(JobErrorCode.DECODE_FAILED, "The decoder made no progress on this file.") from None
        if not line:
            return None
        message = json.loads(line)
        if not isinstance(message, dict):
            continue
        if "ok" in message:
            return message
        if time.monotonic() - began > first_seconds + SLOWEST * float(message.get("seconds", 0.0)):
            raise JobFailed(JobErrorCode.DECODE_FAILED, "This file takes too long to decode.")


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
