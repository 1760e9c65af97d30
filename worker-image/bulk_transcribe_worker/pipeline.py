"""Owns the way of a recording through the worker: download, decode, engine, disk, delivery.

Each stage has its own slots, so while one recording is on the engine the next is fetched and decoded and the last
is delivered. What must not be lost is in the journal before the next step begins.
"""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

from bulk_transcribe_worker import PROTOCOL
from bulk_transcribe_worker.client import Client
from bulk_transcribe_worker.config import Config
from bulk_transcribe_worker.decode import Decoded
from bulk_transcribe_worker.decoded import condition_remarks
from bulk_transcribe_worker.diarizer import Diarizer
from bulk_transcribe_worker.diarizing import Diarizing
from bulk_transcribe_worker.download import Download, Fetched, Promise
from bulk_transcribe_worker.engine import SpeechEngine, SpeechOptions
from bulk_transcribe_worker.engine_door import EngineDoor
from bulk_transcribe_worker.errors import Interrupted, JobErrorCode, JobFailed
from bulk_transcribe_worker.heard import Heard
from bulk_transcribe_worker.hearing import Hearing
from bulk_transcribe_worker.identity import Instance
from bulk_transcribe_worker.job import Job, Output, output_row
from bulk_transcribe_worker.journal import Journal
from bulk_transcribe_worker.outbox import Outbox
from bulk_transcribe_worker.preparing import Prepared, Preparing
from bulk_transcribe_worker.threads import Threads
from bulk_transcribe_worker.transcript import (
    TranscriptParts,
    encode,
    segment_json,
    transcript_json,
)
from bulk_transcribe_worker.wire import ErrorBody, Status, utc_now
from bulk_transcribe_worker.workspace import Workspace

_DOWNLOAD_SHARE, _DECODE_SHARE, _ENGINE_SHARE = 0.10, 0.05, 0.85
_DOWNLOADS = 2
_MOST_WARNINGS = 10_000
"""What a transcript may have."""


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
        diarizer: Diarizer,
    ) -> None:
        self._config = config
        self._engine = engine
        self._instance = instance
        self._journal = journal
        self._workspace = workspace
        self._client = client
        # A job may be transcribed and have its speakers told apart at once.
        self._threads = Threads(2 * (config.max_concurrent_jobs + config.prefetch_jobs) + 4)
        self.outbox = Outbox(client, config.token, journal, workspace, self._threads)
        self._downloads = asyncio.Semaphore(_DOWNLOADS)
        self._decoders = asyncio.Semaphore(1)
        self._preparing = Preparing(engine, self._threads)
        # The engine takes the clips of jobs that wait, so that its batches are full.
        self._door = EngineDoor(config.max_concurrent_jobs, config.prefetch_jobs)
        self._diarizing = Diarizing(diarizer, engine, self._threads, _DOWNLOAD_SHARE + _DECODE_SHARE)
        self._early_load: asyncio.Task[None] | None = None
        self._hearing = Hearing(engine, self._threads, _DOWNLOAD_SHARE + _DECODE_SHARE, _ENGINE_SHARE)

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

    async def hear_guest(self, job: Job, options: SpeechOptions) -> tuple[Decoded, Heard]:
        """The recording that lies in the job's folder, decoded and transcribed. Raises JobFailed."""
        job.enter("initializing")
        job.write("info", "job_started", "Work on a request's own recording began.", totalFiles=1)
        try:
            with _disk_full_is_a_code():
                result = await self._hear(job, 0, options)
        except JobFailed as error:
            job.write("error", "job_failed", error.message, code=error.code.value)
            raise
        job.write("info", "job_complete", "The request's own recording is transcribed.")
        return result

    async def close(self) -> None:
        """Ends the decoder and lets go of the threads; those that still compute are not waited for."""
        if self._early_load is not None:
            self._early_load.cancel()
        await self._preparing.close()
        self.outbox.close()
        self._threads.close()

    async def _work(self, job: Job, options: SpeechOptions) -> None:
        failure: JobFailed | None = None
        if not job.outputs:
            await self._threads.short(self._workspace.make, job.id)
            await self._threads.short(self._journal.start, job.id)
            job.write("info", "job_started", "Work on the job began.", totalFiles=len(job.request.inputs))
        self._head_start(options.model)
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

    def _head_start(self, model: str) -> None:
        """Loads the first model of a cold engine while the recording is still on its way."""

        async def load() -> None:
            # The job asks again when it is its turn, and tells what was wrong.
            with suppress(JobFailed, Interrupted):
                await self._threads.long(partial(self._engine.load, model), lambda: None)

        if self._early_load is None and not self._engine.loaded_models():
            self._early_load = asyncio.ensure_future(load())

    async def _produce(self, job: Job, position: int, options: SpeechOptions) -> None:
        """From a link to a transcript on disk and in the journal."""
        try:
            with _disk_full_is_a_code():
                await self._diarizing.check(job)
                fetched = await self._fetch(job, position)
                decoded, heard = await self._hear(job, position, options)
                await self._store(job, position, options, fetched, decoded, heard)
                job.write("info", "file_processed", "The transcript lies finished on disk.", fileIndex=position)
        finally:
            await self._threads.short(self._remove_sound, job, position)

    async def _hear(self, job: Job, position: int, options: SpeechOptions) -> tuple[Decoded, Heard]:
        """From the file on disk to its text, with its speakers where they are wanted."""
        prepared = await self._prepare(job, position, options)
        decoded = prepared.decoded
        async with self._diarizing.over(job, position, decoded.audio) as speakers:
            async with self._door.enter(options.model):
                heard = await self._hearing.run(job, position, options, prepared.voices, speakers.share)
            heard = replace(heard, doubts=[*prepared.remarks, *heard.doubts])
            return decoded, await speakers.assign(heard)

    def _remove_sound(self, job: Job, position: int) -> None:
        sounds = self._workspace.sounds(job.id, position)
        self._workspace.remove(self._workspace.recording(job.id, position), *sounds)

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

    async def _prepare(self, job: Job, position: int, options: SpeechOptions) -> Prepared:
        async with self._decoders:
            started = time.monotonic()
            recording = self._workspace.recording(job.id, position)
            sound = partial(self._workspace.sound, job.id, position)
            prepared = await self._preparing.run(job, position, recording, sound, options.vad)
            await self._threads.short(self._workspace.remove, recording)
            job.total_sec = prepared.decoded.audio.duration
            job.time("decode_sec", time.monotonic() - started)
            job.advance(position, _DOWNLOAD_SHARE + _DECODE_SHARE, 0.0)
        return prepared

    async def _store(
        self,
        job: Job,
        position: int,
        options: SpeechOptions,
        fetched: Fetched,
        decoded: Decoded,
        heard: Heard,
    ) -> None:
        """The transcript to disk, then into the journal."""
        device = await self._threads.short(self._engine.device)
        duration = decoded.audio.duration
        parts = TranscriptParts(
            language=heard.language,
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
                "computeType": heard.options.get("computeTypeReducedTo", device.compute_type),
                "device": device.device,
                "options": heard.options,
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
            speakers=heard.speakers,
            warnings=(condition_remarks(decoded.condition, duration) + heard.doubts)[:_MOST_WARNINGS],
        )
        body = await self._threads.short(_body, parts, heard)
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


def _body(parts: TranscriptParts, heard: Heard) -> bytes:
    return encode(transcript_json(parts, [segment_json(*numbered) for numbered in enumerate(heard.segments)]))
