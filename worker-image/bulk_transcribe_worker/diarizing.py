"""Owns a recording's speakers: told apart beside its transcription or after it, and laid onto its words.

Where the device's memory ends, what is tried next: after the transcription, then on the processor if that is allowed.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Protocol

from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.diarization import Diarization, SpeakerCount
from bulk_transcribe_worker.diarizer import DiarizationOutOfMemory, Diarizer
from bulk_transcribe_worker.engine import DeviceState, SpeechEngine
from bulk_transcribe_worker.errors import JobErrorCode, JobFailed
from bulk_transcribe_worker.heard import Heard
from bulk_transcribe_worker.job import Job
from bulk_transcribe_worker.speakers import assign_speakers
from bulk_transcribe_worker.threads import Threads
from bulk_transcribe_worker.transcript import Remark
from bulk_transcribe_worker.wire import JobOptions

GPU_HEADROOM_MB = 4096
"""Free memory with which a GPU takes both at once."""
_BESIDE_SHARE, _AFTER_SHARE = 0.85, 0.5
"""The transcription's part of the work at the engine, where speakers are told apart beside it, and after it."""


class Voices(Protocol):
    """The speakers of one recording, on their way."""

    share: float

    async def assign(self, heard: Heard) -> Heard:
        """What was heard, with speakers. Raises JobFailed where they were wanted and cannot be had."""
        ...


class Diarizing:
    """Tells the speakers of jobs' recordings apart."""

    def __init__(self, diarizer: Diarizer, engine: SpeechEngine, threads: Threads, base: float) -> None:
        """`base`: where the engine's part of the progress begins, 0..1."""
        self._diarizer = diarizer
        self._engine = engine
        self._threads = threads
        self._base = base

    async def check(self, job: Job) -> None:
        """Raises JobFailed where a job wants speakers that it cannot have, before anything is done for it."""
        if not wants_speakers(job.request.options):
            return
        reason = await self._threads.long(partial(self._diarizer.wait, job.stop.is_set), job.stop.set)
        if reason is not None and not job.request.options.diarization_optional:
            raise JobFailed(JobErrorCode.DIARIZATION_FAILED, reason)

    @asynccontextmanager
    async def over(self, job: Job, position: int, audio: Audio) -> AsyncIterator[Voices]:
        """The recording's voices; whatever still computes for them is stopped at the end."""
        reason = self._diarizer.reason()
        if not wants_speakers(job.request.options):
            yield _Nobody(None)
        elif reason is not None:
            yield _Nobody(Remark("SPEAKERS_UNAVAILABLE", f"Speakers were not told apart: {reason}"[:2000]))
        else:
            voices = _Voices(self._diarizer, self._threads, job, position, audio, self._base)
            device = await self._threads.short(self._engine.device)
            if runs_beside(self._diarizer.device, device):
                voices.begin()
            try:
                yield voices
            finally:
                await voices.end()


def wants_speakers(options: JobOptions) -> bool:
    """Whether a job asks for speakers that are to be told apart; where each has a channel they are."""
    return options.diarization_enabled is True and options.channels != "separate"


def runs_beside(diarizer: str, engine: DeviceState) -> bool:
    """Whether speakers are told apart while the engine transcribes: on another device, or on a GPU with room for both.

    On one processor the two would only wait for each other, and the first text would come later.
    """
    if diarizer == "cpu":
        return engine.gpu
    if not engine.gpu or engine.vram_total_mb is None or engine.vram_used_mb is None:
        return True
    return engine.vram_total_mb - engine.vram_used_mb >= GPU_HEADROOM_MB


class _Nobody:
    """No speakers: none were asked for, or none can be had and the job goes on without."""

    share = 1.0

    def __init__(self, remark: Remark | None) -> None:
        self._remark = remark

    async def assign(self, heard: Heard) -> Heard:
        return heard if self._remark is None else replace(heard, doubts=[*heard.doubts, self._remark])


class _Voices:
    def __init__(
        self, diarizer: Diarizer, threads: Threads, job: Job, position: int, audio: Audio, base: float
    ) -> None:
        self._base = base
        self.share = _AFTER_SHARE
        self._diarizer = diarizer
        self._threads = threads
        self._job = job
        self._position = position
        self._audio = audio
        self._stop = threading.Event()
        self._beside: asyncio.Task[Diarization] | None = None
        self._transcribed = False

    def begin(self) -> None:
        """Starts while the recording is transcribed."""
        self.share = _BESIDE_SHARE
        self._beside = asyncio.ensure_future(self._run(None))

    async def end(self) -> None:
        """Stops what still computes."""
        self._stop.set()
        if self._beside is None:
            return
        if not self._beside.done():
            self._beside.cancel()
            await asyncio.wait({self._beside})
        if not self._beside.cancelled():
            # Looked at, so that asyncio does not complain of an error that nobody wants any more.
            self._beside.exception()

    async def assign(self, heard: Heard) -> Heard:
        self._transcribed = True
        self._job.enter("diarizing")
        changed: dict[str, object] = {}
        try:
            found = await self._found(changed)
        except JobFailed as error:
            if not self._job.request.options.diarization_optional:
                raise
            remark = Remark("SPEAKERS_UNAVAILABLE", f"Speakers were not told apart: {error.message}"[:2000])
            return replace(heard, doubts=[*heard.doubts, remark])
        self._job.write("info", "merge_started", "Words meet their speakers.")
        segments = await self._threads.short(assign_speakers, heard.segments, found.exclusive, found.turns)
        speakers = _speakers([segment.speaker for segment in segments], found)
        self._job.write("info", "merge_finished", "The merge is done.", segmentCount=len(segments))
        self._job.tell_speakers(len(speakers))
        doubts = list(heard.doubts)
        if not speakers and heard.segments:
            doubts.append(Remark("NO_SPEAKERS", "Speakers were asked for, and none could be told apart."))
        options = {**heard.options, "diarization": {**self._diarizer.describe(), **found.changed, **changed}}
        return replace(heard, segments=segments, doubts=doubts, options=options, speakers=speakers)

    async def _found(self, changed: dict[str, object]) -> Diarization:
        """Beside the transcription, else after it, else on the processor."""
        if self._beside is not None:
            with suppress(DiarizationOutOfMemory):
                return await self._beside
            changed["ranAfterTranscription"] = True
        try:
            return await self._run(None)
        except DiarizationOutOfMemory:
            if self._diarizer.device == "cpu" or not self._diarizer.may_leave_gpu:
                raise _no_memory() from None
        changed["device"] = "cpu"
        try:
            return await self._run("cpu")
        except DiarizationOutOfMemory:
            raise _no_memory() from None

    async def _run(self, device: str | None) -> Diarization:
        job, loop, started = self._job, asyncio.get_running_loop(), time.monotonic()
        asked = job.request.options.diarization_effective
        count = SpeakerCount(asked.num_speakers, asked.min_speakers, asked.max_speakers) if asked else SpeakerCount()
        job.write(
            "info", "diarization_started", "Telling speakers apart began.", durationSec=round(self._audio.duration, 3)
        )

        def progress(share: float) -> None:
            loop.call_soon_threadsafe(self._advance, share)

        def stopped() -> bool:
            return self._stop.is_set() or job.stop.is_set()

        run = partial(self._diarizer.run, self._audio.path.absolute(), count, progress, stopped, device)
        try:
            found = await self._threads.long(run, self._stop.set)
        finally:
            job.time("diarize_sec", time.monotonic() - started)
        speakers = len({turn.speaker for turn in found.exclusive})
        elapsed = time.monotonic() - started
        job.write("info", "diarization_finished", f"{speakers} speakers in {elapsed:.1f} s.", speakerCount=speakers)
        return found

    def _advance(self, share: float) -> None:
        # While the recording is transcribed, that is what its progress shows.
        if self._transcribed:
            done = self.share + (1.0 - self.share) * share
            self._job.advance(self._position, self._base + (1.0 - self._base) * done)


def _speakers(labels: list[str | None], found: Diarization) -> dict[str, dict[str, object]]:
    """Who says something, in order of their labels, with their voices."""
    speaking = sorted({speaker for speaker in labels if speaker is not None})
    return {
        speaker: {"embedding": list(found.embeddings[speaker])} if speaker in found.embeddings else {}
        for speaker in speaking
    }


def _no_memory() -> JobFailed:
    return JobFailed(JobErrorCode.OUT_OF_MEMORY, "There is not enough memory to tell the speakers apart.")
