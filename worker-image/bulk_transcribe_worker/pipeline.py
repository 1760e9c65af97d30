"""Owns the way of a recording through the worker: download, decode, engine, disk, delivery.

Each stage has its own slots, so while one recording is on the engine the next is fetched and decoded and the last
is delivered. What must not be lost is in the journal before the next step begins.
"""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from bulk_transcribe_worker import PROTOCOL
from bulk_transcribe_worker.client import Client
from bulk_transcribe_worker.config import Config
from bulk_transcribe_worker.decode import Decoded, decode
from bulk_transcribe_worker.download import Download, Fetched, Promise
from bulk_transcribe_worker.engine import ClipResult, Outcome, Speech, SpeechEngine, SpeechOptions
from bulk_transcribe_worker.errors import Interrupted, JobErrorCode, JobFailed
from bulk_transcribe_worker.identity import Instance
from bulk_transcribe_worker.job import Job, Output, output_row
from bulk_transcribe_worker.journal import Journal
from bulk_transcribe_worker.outbox import Outbox
from bulk_transcribe_worker.threads import Threads
from bulk_transcribe_worker.transcript import (
    Remark,
    TranscriptParts,
    encode,
    segment_json,
    transcript_json,
)
from bulk_transcribe_worker.wire import ErrorBody, Status, utc_now
from bulk_transcribe_worker.workspace import Workspace

_DOWNLOAD_SHARE, _DECODE_SHARE, _ENGINE_SHARE = 0.10, 0.05, 0.85
_DOWNLOADS = 2


class Pipeline:
    """Runs jobs. One task per job; `run` never raises but for cancellation."""

    def __init__(
        self,
        config: Config,
        engine: SpeechEngine,
        instance: Instance,
        journal: Journal,
        workspace: Workspace,
        client: Client,
    ) -> None:
        self._config = config
        self._engine = engine
        self._instance = instance
        self._journal = journal
        self._workspace = workspace
        self._client = client
        self._threads = Threads(config.max_concurrent_jobs + 4)
        self.outbox = Outbox(client, config.token, journal, workspace, self._threads)
        self._downloads = asyncio.Semaphore(_DOWNLOADS)
        self._decoders = asyncio.Semaphore(1)
        self._engines = asyncio.Semaphore(config.max_concurrent_jobs)

    async def run(self, job: Job, options: SpeechOptions) -> None:
        """Takes a job from where it is to a final state. Cancellation without a request leaves it as it is."""
        try:
            await self._work(job, options)
        except JobFailed as error:
            await self._end(job, "failed", ErrorBody(code=error.code.value, message=error.message))
        except asyncio.CancelledError:
            if not job.cancel_requested:
                raise
            await self._end(job, "canceled", None)
        except Exception as error:
            message = f"The worker failed in a way that it does not know: {type(error).__name__}: {error}"
            await self._end(job, "failed", ErrorBody(code=JobErrorCode.ENGINE_FAILED.value, message=message[:500]))

    def close(self) -> None:
        """Lets go of the threads; those that still compute are not waited for."""
        self.outbox.close()
        self._threads.close()

    async def _work(self, job: Job, options: SpeechOptions) -> None:
        failure: JobFailed | None = None
        if not job.outputs:
            await self._threads.short(self._workspace.make, job.id)
            await self._threads.short(self._journal.start, job.id)
            job.write("info", "job_started", "Work on the job began.", totalFiles=len(job.request.inputs))
        for position in range(len(job.request.inputs)):
            if position in job.outputs:
                continue
            try:
                await self._produce(job, position, options)
            except JobFailed as error:
                failure = failure or error
        if job.outputs:
            await self.outbox.deliver(job)
        if failure is not None:
            raise failure
        await self._end(job, "complete", None)

    async def _produce(self, job: Job, position: int, options: SpeechOptions) -> None:
        """From a link to a transcript on disk and in the journal."""
        try:
            with _disk_full_is_a_code():
                fetched = await self._fetch(job, position)
                decoded, speech = await self._prepare(job, position, options)
                await self._transcribe(job, position, options, fetched, decoded, speech)
        finally:
            recording, sound = (
                self._workspace.recording(job.id, position),
                self._workspace.sound(job.id, position),
            )
            await self._threads.short(self._workspace.remove, recording, sound)

    async def _fetch(self, job: Job, position: int) -> Fetched:
        expected = job.request.inputs[position]
        async with self._downloads:
            started = time.monotonic()
            job.enter("downloading")
            job.write(
                "info",
                "download_started",
                "The download began.",
                filename=expected.filename,
                fileIndex=position,
            )

            def progress(reached: int) -> None:
                if expected.size_bytes:
                    job.advance(position, _DOWNLOAD_SHARE * min(1.0, reached / expected.size_bytes))

            download = Download(
                self._client,
                lambda: job.request.inputs[position].download_url,
                self._workspace.recording(job.id, position),
                Promise(expected.size_bytes, expected.sha256, self._config.max_file_bytes),
                job.wake,
                self._config.transfer_patience_seconds,
                progress,
            )
            fetched = await download.run()
            job.time("download_sec", time.monotonic() - started)
            megabytes = round(fetched.size / 1e6, 3)
            job.write(
                "info",
                "file_downloaded",
                f"{megabytes} MB arrived.",
                sizeMB=megabytes,
                fileIndex=position,
                tries=download.tries,
            )
            job.write("info", "download_finished", "The download is complete.", fileIndex=position)
        job.enter("initializing")
        return fetched

    async def _prepare(self, job: Job, position: int, options: SpeechOptions) -> tuple[Decoded, Speech]:
        async with self._decoders:
            started = time.monotonic()
            recording = self._workspace.recording(job.id, position)
            decoded = await decode(recording, self._workspace.sound(job.id, position))
            await self._threads.short(self._workspace.remove, recording)
            job.total_sec = decoded.audio.duration
            find = partial(self._engine.find_speech, decoded.audio, options.vad, job.stop.is_set)
            speech = await self._threads.long(find, job.stop.set)
            job.time("decode_sec", time.monotonic() - started)
            job.advance(position, _DOWNLOAD_SHARE + _DECODE_SHARE, 0.0)
        return decoded, speech

    async def _transcribe(
        self,
        job: Job,
        position: int,
        options: SpeechOptions,
        fetched: Fetched,
        decoded: Decoded,
        speech: Speech,
    ) -> None:
        async with self._engines:
            if options.model not in self._engine.loaded_models():
                job.enter("loading_model")
                job.write("info", "model_load_started", f"The model {options.model} is being loaded.")
            started = time.monotonic()
            await self._threads.long(partial(self._engine.load, options.model), job.stop.set)
            job.time("model_load_sec", time.monotonic() - started)
            if job.stage == "loading_model":
                job.write("info", "model_load_finished", f"The model {options.model} is loaded.")
            started = time.monotonic()
            job.enter("transcribing")
            duration = decoded.audio.duration
            job.write("info", "transcribe_started", "Transcribing began.", durationSec=round(duration, 3))
            outcome, segments = await self._hear(job, position, options, decoded, speech)
            elapsed = time.monotonic() - started
            job.time("transcribe_sec", elapsed)
            job.write(
                "info",
                "transcribe_finished",
                f"{len(segments)} segments in {elapsed:.1f} s.",
                durationSec=round(duration, 3),
                segmentCount=len(segments),
            )
        await self._store(job, position, options, fetched, decoded, outcome, segments)
        job.write("info", "file_processed", "The transcript lies finished on disk.", fileIndex=position)

    async def _hear(
        self, job: Job, position: int, options: SpeechOptions, decoded: Decoded, speech: Speech
    ) -> tuple[Outcome, list[dict[str, object]]]:
        """Runs the engine in a thread; segments reach the event stream as they are decoded."""
        loop = asyncio.get_running_loop()
        duration = decoded.audio.duration
        outcomes: list[Outcome] = []
        segments: list[dict[str, object]] = []

        def show(fresh: list[dict[str, object]], done: int, processed: float) -> None:
            for segment in fresh:
                job.tell_segment(segment)
            job.count_clips(done, len(speech.clips))
            share = _ENGINE_SHARE * min(1.0, processed / duration if duration else 1.0)
            job.advance(position, _DOWNLOAD_SHARE + _DECODE_SHARE + share, processed)

        def work() -> None:
            results = self._engine.transcribe(decoded.audio, speech, options, outcomes.append)
            for done, result in enumerate(results, start=1):
                fresh = _numbered(result, len(segments))
                segments.extend(fresh)
                loop.call_soon_threadsafe(show, fresh, done, result.processed)
                if job.stop.is_set():
                    raise Interrupted

        await self._threads.long(work, job.stop.set)
        job.advance(position, 1.0, duration)
        return outcomes[0], segments

    async def _store(
        self,
        job: Job,
        position: int,
        options: SpeechOptions,
        fetched: Fetched,
        decoded: Decoded,
        outcome: Outcome,
        segments: list[dict[str, object]],
    ) -> None:
        device = await self._threads.short(self._engine.device)
        duration = decoded.audio.duration
        parts = TranscriptParts(
            language=outcome.language,
            duration=duration,
            source={
                "filename": job.request.inputs[position].filename,
                "sizeBytes": fetched.size,
                "sha256": fetched.sha256,
            },
            engine={
                "name": self._engine.name,
                "version": self._engine.version(),
                "model": options.model,
                "computeType": device.compute_type,
                "device": device.device,
                "options": outcome.options,
            },
            worker={
                "gitCommit": self._config.git_commit,
                "buildTime": self._config.build_time,
                "imageDigest": self._config.image_digest,
                "gpu": device.device_name if device.gpu else None,
                "cuda": device.cuda,
                "protocol": PROTOCOL,
                "bootId": self._instance.boot_id,
                "instanceId": self._instance.instance_id,
            },
            created_at=utc_now(),
            warnings=_damage(decoded.damaged),
        )
        body = await self._threads.short(lambda: encode(transcript_json(parts, segments)))
        sha256 = await self._threads.short(self._workspace.write_transcript, job.id, position, body)
        output = Output(position, sha256, len(body), acknowledged=False)
        await self._threads.short(self._journal.add_output, job.id, output_row(output), duration, job.timings())
        job.outputs[position] = output

    async def _end(self, job: Job, status: Status, error: ErrorBody | None) -> None:
        """Journal first, then everyone who asks; files of a job that has nothing left to offer are deleted."""
        pair = (error.code, error.message) if error else None
        # What stands in the journal counts: a cancellation may come in the moment of completion.
        status, pair = await self._threads.short(self._journal.finish, job.id, status, pair, job.timings())
        error = ErrorBody(code=pair[0], message=pair[1]) if pair else None
        if status == "canceled" or not any(not output.acknowledged for output in job.outputs.values()):
            await self._threads.short(self._workspace.discard, job.id)
        if status == "complete":
            job.write("info", "job_complete", "The job is complete.")
        elif status == "canceled":
            job.write("info", "job_canceled", "The job was canceled.")
        else:
            code, message = pair or ("", "")
            job.write("error", "job_failed", message, code=code)
        job.end(status, error)
        self.outbox.nudge(job)


@contextmanager
def _disk_full_is_a_code() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise JobFailed(JobErrorCode.WORKER_DISK_FULL, "The worker's disk is full.") from error
        raise


def _numbered(result: ClipResult, first: int) -> list[dict[str, object]]:
    return [segment_json(first + index, segment) for index, segment in enumerate(result.segments)]


def _damage(times: tuple[float, ...]) -> list[Remark]:
    """One remark for each damaged stretch; times less than 2 s apart are one stretch."""
    remarks: list[Remark] = []
    for time_ in times:
        if remarks and time_ - (remarks[-1].end or 0.0) < 2.0:
            last = remarks[-1]
            remarks[-1] = Remark(last.code, last.message, last.start, time_)
        else:
            remarks.append(
                Remark(
                    "DAMAGED_AUDIO",
                    "Audio near this time could not be decoded and is left out.",
                    time_,
                    time_,
                )
            )
    return remarks
