"""Owns the worker as a whole: which jobs it has taken on, how many more it takes, and how it starts and ends.

At the start every job of the journal is taken up: finished transcripts are offered again, whatever else was not
final has failed with WORKER_RESTARTED. At the end (drain) finished transcripts are delivered as long as time allows,
and all else is left to the next start.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import anyio

from bulk_transcribe_worker.addresses import TUNNEL_HOST, AddressRefused, ControllerHosts, origin
from bulk_transcribe_worker.client import Client
from bulk_transcribe_worker.config import MIB, Config
from bulk_transcribe_worker.decode import Decoded, check_decoder
from bulk_transcribe_worker.diarizer import Diarizer
from bulk_transcribe_worker.diarizing import wants_speakers
from bulk_transcribe_worker.engine import SelfTest, SpeechEngine, SpeechOptions
from bulk_transcribe_worker.errors import JobErrorCode, JobFailed, RefusalCode, Refused
from bulk_transcribe_worker.heard import Heard
from bulk_transcribe_worker.identity import open_instance
from bulk_transcribe_worker.idle import IdleClock
from bulk_transcribe_worker.job import Job, Output
from bulk_transcribe_worker.journal import JobRow, Journal
from bulk_transcribe_worker.logs import JsonLog
from bulk_transcribe_worker.pipeline import Pipeline
from bulk_transcribe_worker.tunnel import Tunnel
from bulk_transcribe_worker.wire import JobInput, JobRequest, utc_text
from bulk_transcribe_worker.workspace import Workspace

RETENTION = timedelta(days=7)
"""How long ended jobs are remembered, so that a controller that was away finds them."""

DISK_RESERVE_BYTES = 256 * MIB
RETRY_AFTER_SECONDS = 15
_LEGACY_ATTEMPT = "1"
_GUEST = JobRequest(
    controller_job_id="guest",
    inputs=[JobInput(input_id="guest", download_url=f"http://{TUNNEL_HOST}/")],
    outputs_upload_url=f"http://{TUNNEL_HOST}/",
)
"""Stands where a controller's request would: nothing is fetched or delivered for it."""


class Service:
    """Everything behind the routes. Made before the event loop runs; `start` and `close` belong to the lifespan."""

    def __init__(self, config: Config, engine: SpeechEngine, log: JsonLog) -> None:
        config.work_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.config = config
        self.engine = engine
        self.log = log
        self.journal = Journal(config.work_dir / "journal.sqlite")
        self.instance = open_instance(config.work_dir)
        self.workspace = Workspace(config.work_dir)
        self.idle = IdleClock(config.idle_stop_seconds, time.monotonic)
        self.draining = False
        self.diarizer = Diarizer(config.diarization)
        self._hosts = ControllerHosts(config.controller_hosts)
        self._jobs: dict[str, Job] = {}
        self._by_key: dict[str, Job] = {}
        self._admission = asyncio.Lock()

    async def start(self) -> None:
        """Opens what needs the event loop and takes up the jobs of the journal."""
        self.tunnel = Tunnel(self.instance, self._wake_all)
        self._client = Client(self.tunnel, self._hosts)
        self.diarizer.start()
        self._pipeline = Pipeline(
            self.config, self.engine, self.instance, self.journal, self.workspace, self._client, self.diarizer
        )
        await asyncio.to_thread(self._restore)
        for job in self._jobs.values():
            if not job.final:
                self._begin(job)

    async def close(self) -> None:
        """Stops everything at once; the journal knows what is left to do."""
        self.draining = True
        await self._stop(list(self._jobs.values()))
        for job in self._jobs.values():
            job.events.close()
        await self._pipeline.close()
        await self._client.aclose()
        await asyncio.to_thread(self.diarizer.close)
        await asyncio.to_thread(self.journal.close)

    async def drain(self, seconds: float) -> None:
        """Takes no more jobs, stops the unfinished ones, and waits for deliveries for at most `seconds`."""
        if self.draining:
            return
        self.draining = True
        self.log.write("info", "draining", "Finishing deliveries, then exiting.")
        await self._stop([job for job in self._jobs.values() if job.stage != "uploading"])
        deliveries = [job.task for job in self._jobs.values() if job.task is not None and not job.task.done()]
        if deliveries:
            await asyncio.wait(deliveries, timeout=seconds)
        for job in self._jobs.values():
            job.events.close()

    def job(self, job_id: str) -> Job:
        """The job of this id. Raises Refused (404)."""
        job = self._jobs.get(job_id)
        if job is None:
            raise Refused(RefusalCode.NOT_FOUND, "This worker has no such job.")
        return job

    @property
    def active_jobs(self) -> int:
        """Jobs that hold capacity."""
        return sum(1 for job in self._jobs.values() if job.holds_capacity)

    @property
    def working(self) -> bool:
        """Whether a job is at work; a finished transcript that waits for its controller is not."""
        return self.active_jobs > 0

    @property
    def waiting_outputs(self) -> int:
        """Finished transcripts that no controller has yet."""
        return sum(not output.acknowledged for job in self._jobs.values() for output in job.outputs.values())

    async def accept(self, request: JobRequest, key: str | None) -> Job:
        """The job of this key with the newest links, or a new one. Raises Refused."""
        key = key or f"{request.controller_job_id}:{request.attempt or _LEGACY_ATTEMPT}"
        async with self._admission:
            self._check_links(request)
            known = self._by_key.get(key)
            if known is not None:
                if known.request.controller_job_id != request.controller_job_id:
                    raise Refused(RefusalCode.BAD_REQUEST, "This Idempotency-Key belongs to another controllerJobId.")
                known.renew(request)
                await asyncio.to_thread(self.journal.replace_request, known.id, known.request)
                return known
            self._check_capacity()
            self._check_request(request)
            self._check_disk(request)
            job = Job(f"wk_{secrets.token_hex(12)}", key, request, self.log)
            await asyncio.to_thread(self.journal.add, job.id, key, request)
            self._remember(job)
            self._begin(job)
            return job

    @asynccontextmanager
    async def guest(self) -> AsyncIterator[Job]:
        """A job whose recording comes with its request: it holds a place, is in no journal, and leaves nothing behind.

        Raises Refused.
        """
        async with self._admission:
            self._check_capacity()
            job = Job(f"wk_{secrets.token_hex(12)}", "", _GUEST, self.log)
            self._jobs[job.id] = job
        try:
            await asyncio.to_thread(self.workspace.make, job.id)
            yield job
        finally:
            # Who hung up is canceled at every wait; what they leave is cleared away all the same.
            with anyio.CancelScope(shield=True):
                await self._stop([job])
                self._jobs.pop(job.id, None)
                await asyncio.to_thread(self.workspace.discard, job.id)

    async def hear_guest(self, job: Job, options: SpeechOptions) -> tuple[Decoded, Heard]:
        """The recording of a guest, decoded and transcribed. Raises JobFailed."""
        return await self._pipeline.hear_guest(job, options)

    def cancel(self, job: Job) -> None:
        """Asks a job to stop. One that is final stays as it is."""
        if job.final or job.task is None or job.cancel_requested:
            return
        job.cancel_requested = True
        job.stop.set()
        job.task.cancel()

    async def self_test(self) -> SelfTest:
        """The engine's own test, that of speakers where they are installed, and ours of the decoder."""
        test = await asyncio.to_thread(self.engine.self_test)
        if self.diarizer.installed:
            speakers = await asyncio.to_thread(self.diarizer.self_test)
            test = SelfTest(
                {**test.checks, **speakers.checks},
                {**test.versions, **speakers.versions},
                {**test.errors, **speakers.errors},
            )
        errors: dict[str, str] = {}
        with tempfile.TemporaryDirectory(prefix="bt-decoder-") as folder:
            try:
                await check_decoder(Path(folder))
            except JobFailed as error:
                errors["decode"] = error.message
        return replace(test, checks={**test.checks, "decode": not errors}, errors={**test.errors, **errors})

    async def output(self, job: Job) -> tuple[bytes, Output]:
        """The finished transcript of a job that was not acknowledged yet. Raises Refused (404)."""
        output = job.outputs.get(0)
        if output is not None and not output.acknowledged:
            body = await asyncio.to_thread(self.workspace.read_transcript, job.id, 0, output.sha256)
            if body is not None:
                return body, output
        raise Refused(RefusalCode.NOT_FOUND, "This job has no transcript to give.")

    async def acknowledge(self, job: Job, sha256: str) -> Output:
        """Ends the delivery as if the controller had answered it. Raises Refused."""
        output = job.outputs.get(0)
        if output is None:
            raise Refused(RefusalCode.NOT_FOUND, "This job has no transcript to acknowledge.")
        if output.sha256 != sha256:
            raise Refused(RefusalCode.DIGEST_MISMATCH, f"The transcript's SHA-256 is {output.sha256}.")
        await self._pipeline.outbox.acknowledge(job, output)
        if job.task is not None and len(job.outputs) == len(job.request.inputs):
            # So that who asks next is told `complete`.
            await asyncio.wait({job.task}, timeout=5.0)
        return output

    def _begin(self, job: Job) -> None:
        job.task = asyncio.ensure_future(self._pipeline.run(job, self._options(job.request)))

    async def _stop(self, jobs: list[Job]) -> None:
        tasks = [job.task for job in jobs if job.task is not None and not job.task.done()]
        for job in jobs:
            job.stop.set()
            if job.task is not None:
                job.task.cancel()
        if tasks:
            # A thread in the middle of a clip is not waited for: its result is not wanted.
            await asyncio.wait(tasks, timeout=2.0)

    def _restore(self) -> None:
        horizon = utc_text(datetime.now(timezone.utc) - RETENTION)
        for job_id in self.journal.forget_before(horizon):
            self.workspace.discard(job_id)
        kept: set[str] = set()
        for row in self.journal.jobs():
            if row.status in ("queued", "running") and not self._is_finished(row):
                message = "The worker was restarted before the job was finished."
                error = (JobErrorCode.WORKER_RESTARTED.value, message)
                self.journal.finish(row.id, "failed", error, row.timings)
                row = next(again for again in self.journal.jobs() if again.id == row.id)
            job = Job(row.id, row.idempotency_key, row.request, self.log)
            job.restore(row)
            if any(not output.acknowledged for output in job.outputs.values()):
                kept.add(job.id)
            self._remember(job)
        self.workspace.discard_all_but(kept)

    def _is_finished(self, row: JobRow) -> bool:
        """Whether every output of a job is acknowledged or lies on disk as it was written."""
        if len(row.outputs) != len(row.request.inputs):
            return False
        return all(
            output.acknowledged or self.workspace.read_transcript(row.id, output.position, output.sha256) is not None
            for output in row.outputs
        )

    def _remember(self, job: Job) -> None:
        self._jobs[job.id] = job
        self._by_key[job.key] = job

    def _wake_all(self) -> None:
        self.idle.touch()
        for job in self._jobs.values():
            if not job.final:
                job.wake.beat()

    def _options(self, request: JobRequest) -> SpeechOptions:
        asked = request.options
        return SpeechOptions(
            model=asked.model or self.config.model,
            language=asked.language or None,
            vad=asked.vad_enabled is not False,
            word_timestamps=asked.word_timestamps is not False,
            initial_prompt=asked.initial_prompt or None,
            hotwords=asked.hotwords or None,
            doubt=asked.hallucination_detection is not False,
            no_speech_threshold=0.6 if asked.no_speech_threshold is None else asked.no_speech_threshold,
        )

    def _check_capacity(self) -> None:
        if self.draining:
            raise Refused(RefusalCode.DRAINING, "This worker is about to stop and takes no more jobs.")
        most = self.config.max_concurrent_jobs + self.config.prefetch_jobs
        if self.active_jobs >= most:
            raise Refused(
                RefusalCode.WORKER_FULL,
                f"This worker holds {most} jobs already.",
                {"Retry-After": str(RETRY_AFTER_SECONDS)},
            )

    def _check_request(self, request: JobRequest) -> None:
        if request.attempt is not None and len(request.inputs) != 1:
            raise Refused(RefusalCode.BAD_REQUEST, "A job with an attempt has exactly one input.")
        reason = self.diarizer.reason()
        # What is still being found out is waited for by the job, before it fetches anything.
        if (
            wants_speakers(request.options)
            and not request.options.diarization_optional
            and reason is not None
            and not self.diarizer.checking()
        ):
            raise Refused(
                RefusalCode.UNSUPPORTED_OPTION,
                f"diarizationEnabled is not supported: {reason} Supported: false, or diarizationOptional with it.",
            )
        self.engine.check(self._options(request))
        for expected in request.inputs:
            if expected.size_bytes is not None and expected.size_bytes > self.config.max_file_bytes:
                raise Refused(
                    RefusalCode.TOO_LARGE, f"This worker accepts files of up to {self.config.max_file_mb} MB."
                )

    def _check_links(self, request: JobRequest) -> None:
        """All links of a job lead to one controller, so the token is sent nowhere else."""
        links = [expected.download_url for expected in request.inputs] + [request.outputs_upload_url]
        if request.callback_url is not None:
            links.append(request.callback_url)
        try:
            origins = {origin(self._hosts.check_url(link)) for link in links}
        except AddressRefused as error:
            raise Refused(RefusalCode.BAD_REQUEST, str(error)) from error
        if len(origins) > 1:
            raise Refused(RefusalCode.BAD_REQUEST, "The links of a job must lead to one controller.")

    def _check_disk(self, request: JobRequest) -> None:
        needed = sum(expected.size_bytes or 0 for expected in request.inputs) + DISK_RESERVE_BYTES
        with suppress(OSError):
            free = self.workspace.free_bytes()
            if free < needed:
                raise Refused(
                    RefusalCode.WORKER_DISK_FULL,
                    f"The worker's disk has {free // MIB} MB left, {needed // MIB} MB are needed.",
                )
