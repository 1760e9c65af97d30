"""Owns a recording's time at the engine: model in memory, clips decoded, segments streamed as they come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from bulk_transcribe_worker.channels import spoken_by, together
from bulk_transcribe_worker.engine import Outcome, Redecoded, SpeechEngine, SpeechOptions, SpokenSegment
from bulk_transcribe_worker.errors import Interrupted
from bulk_transcribe_worker.heard import Heard, Voice
from bulk_transcribe_worker.job import Job
from bulk_transcribe_worker.threads import Threads
from bulk_transcribe_worker.transcript import Remark, segment_json
from bulk_transcribe_worker.trust import doubts

_LOOK_SECONDS = 0.5
"""Between two looks at how much of a model is here."""


@dataclass(frozen=True)
class _Part:
    """Of the engine's part of the progress: where a voice begins and what it has; `told`: segments before it."""

    begin: float
    share: float
    told: int


class Hearing:
    """Takes one recording of a job through the engine. `base` and `share`: the engine's part of the progress, 0..1."""

    def __init__(self, engine: SpeechEngine, threads: Threads, base: float, share: float) -> None:
        self._engine = engine
        self._threads = threads
        self._base = base
        self._share = share

    async def run(
        self, job: Job, position: int, options: SpeechOptions, voices: Sequence[Voice], share: float = 1.0
    ) -> Heard:
        """Raises JobFailed. Call it with a place at the engine. `share`: of the engine's part of the progress, 0..1."""
        await self._load(job, options.model)
        started = time.monotonic()
        job.enter("transcribing")
        duration = round(voices[0].audio.duration, 3)
        job.write("info", "transcribe_started", "Transcribing began.", durationSec=duration)
        each = self._share * share / len(voices)
        heards: list[Heard] = []
        for number, voice in enumerate(voices):
            told = sum(len(heard.segments) for heard in heards)
            heards.append(await self._hear(job, position, options, voice, _Part(number * each, each, told)))
        heard = heards[0] if len(heards) == 1 else together(heards)
        elapsed = time.monotonic() - started
        job.time("transcribe_sec", elapsed)
        job.write(
            "info",
            "transcribe_finished",
            f"{len(heard.segments)} segments in {elapsed:.1f} s.",
            durationSec=duration,
            segmentCount=len(heard.segments),
        )
        return heard

    async def _load(self, job: Job, model: str) -> None:
        if model not in self._engine.loaded_models():
            job.enter("loading_model")
            job.write("info", "model_load_started", f"The model {model} is being loaded.")
        started = time.monotonic()
        watch = asyncio.ensure_future(self._show_fetching(job))
        try:
            await self._threads.long(partial(self._engine.load, model), job.stop.set)
        finally:
            watch.cancel()
            job.fetch(None)
        job.time("model_load_sec", time.monotonic() - started)
        if job.stage == "loading_model":
            job.write("info", "model_load_finished", f"The model {model} is loaded.")

    async def _show_fetching(self, job: Job) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            job.fetch(self._engine.fetching())

    async def _hear(self, job: Job, position: int, options: SpeechOptions, voice: Voice, part: _Part) -> Heard:
        """Runs the engine in a thread; segments reach the event stream as they are decoded."""
        loop = asyncio.get_running_loop()
        audio, speech = voice.audio, voice.speech
        duration = audio.duration
        outcomes: list[Outcome] = []
        segments: list[SpokenSegment] = []
        changed: dict[str, object] = {}
        computed: list[float] = []
        redecoded: list[Redecoded] = []

        def show(first: int, fresh: list[SpokenSegment], done: int, processed: float) -> None:
            for number, segment in enumerate(fresh, start=part.told + first):
                job.tell_segment(segment_json(number, segment))
            job.count_clips(done, len(speech.clips))
            reached = min(1.0, processed / duration if duration else 1.0)
            job.advance(position, self._base + part.begin + part.share * reached, processed)

        def work() -> None:
            results = self._engine.transcribe(audio, speech, options, outcomes.append, job.stop.is_set)
            with closing(results):
                for done, result in enumerate(results, start=1):
                    first = len(segments)
                    fresh = [spoken_by(segment, voice.speaker) for segment in result.segments]
                    segments.extend(fresh)
                    changed.update(result.changed)
                    computed.append(result.computed)
                    redecoded.extend(result.redecoded)
                    loop.call_soon_threadsafe(show, first, fresh, done, result.processed)
                    if job.stop.is_set():
                        raise Interrupted

        await self._threads.long(work, job.stop.set)
        job.time("engine_sec", sum(computed))
        job.advance(position, self._base + part.begin + part.share, duration)
        doubted: list[Remark] = []
        if options.doubt:
            doubted = await self._threads.short(doubts, segments, speech.heard, redecoded, options.sensitivity)
        return Heard(outcomes[0].language, {**outcomes[0].options, **changed}, segments, doubted)
