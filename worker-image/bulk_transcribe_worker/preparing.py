"""Owns what is done to a recording before a model hears it: its sound, or that of each channel, and where it speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bulk_transcribe_worker import channels
from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.decode import Decoded, Decoder, Wanted
from bulk_transcribe_worker.engine import SpeechEngine
from bulk_transcribe_worker.heard import Voice
from bulk_transcribe_worker.job import Job
from bulk_transcribe_worker.threads import Threads
from bulk_transcribe_worker.transcript import Remark


@dataclass(frozen=True)
class Prepared:
    """A recording that is ready for the engine: one voice, or one for each channel. `remarks`: what was not done."""

    decoded: Decoded
    voices: tuple[Voice, ...]
    remarks: tuple[Remark, ...] = ()


class Preparing:
    """Prepares one recording after another."""

    def __init__(self, engine: SpeechEngine, threads: Threads) -> None:
        self._engine = engine
        self._threads = threads
        self._decoder = Decoder()

    async def run(self, job: Job, position: int, recording: Path, sound: Callable[[int], Path], vad: bool) -> Prepared:
        """`sound`: where the samples of a channel are to lie. Raises JobFailed."""
        asked = job.request.inputs[position]
        wanted = Wanted(asked.audio_track or 1, asked.start_sec or 0.0)
        if job.request.options.channels != "separate":
            decoded = await self._decoder.decode(recording, sound(0), wanted)
            return Prepared(decoded, (await self._voice(job, decoded.audio, vad, None),))
        decoded = await self._decoder.decode(recording, sound(0), wanted.of_channel(0))
        sides = [decoded.audio]
        if 1 < decoded.channels <= channels.MOST:
            for channel in range(1, decoded.channels):
                sides.append((await self._decoder.decode(recording, sound(channel), wanted.of_channel(channel))).audio)
        same = [await self._threads.short(channels.alike, sides[0], side) for side in sides[1:]]
        if all(same):
            decoded = await self._decoder.decode(recording, sound(0), wanted)
            return Prepared(decoded, (await self._voice(job, decoded.audio, vad, None),), (channels.MIXED,))
        voices = [await self._voice(job, side, vad, channels.label(number)) for number, side in enumerate(sides)]
        return Prepared(decoded, tuple(voices))

    async def close(self) -> None:
        """Ends the decoder."""
        await self._decoder.close()

    async def _voice(self, job: Job, audio: Audio, vad: bool, speaker: str | None) -> Voice:
        find = partial(self._engine.find_speech, audio, vad, job.stop.is_set)
        return Voice(audio, await self._threads.long(find, job.stop.set), speaker)
