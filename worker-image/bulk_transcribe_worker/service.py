"""Owns the worker as a whole: which jobs it has taken on, and how it starts and ends.

At the start every job of the journal is taken up: finished transcripts are offered again, whatever else was not
final has failed with WORKER_RESTARTED. At the end (drain) finished transcripts are delivered as long as time allows,
and all else is left to the next start.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import anyio

from bulk_transcribe_worker.addresses import TUNNEL_HOST, ControllerHosts
from bulk_transcribe_worker.admission import Admission
from bulk_transcribe_worker.client import Client
from bulk_transcribe_worker.config import Config
from bulk_transcribe_worker.decode import Decoded, check_decoder
from bulk_transcribe_worker.diarizer import Diarizer
from bulk_transcribe_worker.engine import SelfTest, SpeechEngine, SpeechOptions
from bulk_transcribe_worker.errors import JobErrorCode, JobFailed, RefusalCode, Refused
from bulk_transcribe_worker.heard import Heard
from bulk_transcribe_worker.identity import open_instance
from bulk_transcribe_worker.idle import IdleClock
from bulk_transcribe_worker.job import Job, Output
from bulk_transcribe_worker.journal import JobRow, Journal
from bulk_transcribe_worker.logs import JsonLog
from bulk_transcribe_worker.models import CACHE_FOLDER
from bulk_transcribe_worker.pipeline import Pipeline
from bulk_transcribe_worker.tunnel import Tunnel
from bulk_transcribe_worker.wire import JobInput, JobRequest, utc_text
from bulk_transcribe_worker.workspace import Workspace, make_work_dir, unwritable

RETENTION = timedelta(days=7)
"""How long ended jobs are remembered, so that a controller that was away finds them."""

TOLD_JOBS = 50
"""Of so many ended jobs all events are kept, for readers who come late; of older ones how they ended."""
_FORGET_SECONDS = 3600.0
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
        make_work_dir(config.work_dir)
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
        self._admission = Admission(config, engine, self.diarizer, self._hosts, self.workspace)
        self._jobs: dict[str, Job] = {}
        self._by_key: dict[str, Job] = {}
        # Those that had not ended when they were last looked at, and the last ones that had: few of a week's jobs.
        self._open: dict[str, Job] = {}
        self._told: deque[Job] = deque()
        self._taking = asyncio.Lock()
        self._forgot_at = time.monotonic()

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
        return sum(1 for job in self._open.values() if job.holds_capacity)

    @property
    def working(self) -> bool:
        """Whether a job is at work; a finished transcript that waits for its controller is not."""
        return self.active_jobs > 0

    def warnings(self) -> list[str]:
        """What keeps this worker from working as well as it could, for people."""
        kept = unwritable(self.config.models_folder / CACHE_FOLDER)
        return [] if kept is None else [f"Models cannot be fetched: {kept}"]

    @property
    def waiting_outputs(self) -> int:
        """Finished transcripts that no controller has yet."""
        return sum(not output.acknowledged for job in self._jobs.values() for output in job.outputs.values())

    async def accept(self, request: JobRequest, key: str | None) -> Job:
        """The job of this key with the newest links, or a new one. Raises Refused."""
        key = key or f"{request.controller_job_id}:{request.attempt or _LEGACY_ATTEMPT}"
        async with self._taking:
            self._admission.check_links(request)
            known = self._by_key.get(key)
            if known is not None:
                if known.request.controller_job_id != request.controller_job_id:
                    raise Refused(RefusalCode.BAD_REQUEST, "This Idempotency-Key belongs to another controllerJobId.")
                known.renew(request)
                await asyncio.to_thread(self.journal.replace_request, known.id, known.request)
                return known
            self._admission.check_capacity(self.active_jobs, self.draining)
            self._admission.check_request(request)
            self._admission.check_disk(request)
            await self.forget()
            job = self._job(f"wk_{secrets.token_hex(12)}", key, request)
            await asyncio.to_thread(self.journal.add, job.id, key, request)
            self._remember(job)
            self._begin(job)
            return job

    @asynccontextmanager
    async def guest(self) -> AsyncIterator[Job]:
        """A job whose recording comes with its request: it holds a place, is in no journal, and leaves nothing behind.

        Raises Refused.
        """
        async with self._taking:
            self._admission.check_capacity(self.active_jobs, self.draining)
            job = self._job(f"wk_{secrets.token_hex(12)}", "", _GUEST)
            self._jobs[job.id] = self._open[job.id] = job
        try:
            await asyncio.to_thread(self.workspace.make, job.id)
            yield job
        finally:
            # Who hung up is canceled at every wait; what they leave is cleared away all the same.
            with anyio.CancelScope(shield=True):
                await self._stop([job])
                self._jobs.pop(job.id, None)
                self._open.pop(job.id, None)
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

    def _job(self, job_id: str, key: str, request: JobRequest) -> Job:
        return Job(job_id, key, request, self.log, log_progress=self.config.log_progress)

    def _begin(self, job: Job) -> None:
        job.task = asyncio.ensure_future(self._pipeline.run(job, self._admission.options(job.request)))

    async def _stop(self, jobs: list[Job]) -> None:
        tasks = [job.task for job in jobs if job.task is not None and not job.task.done()]
        for job in jobs:
            job.stop.set()
            if job.task is not None:
                job.task.cancel()
        if tasks:
            # A thread in the middle of a clip is not waited for: its result is not wanted.
            await asyncio.wait(tasks, timeout=2.0)

    async def forget(self) -> None:
        """Lets go of what a worker that runs for weeks would hold in memory of jobs that have ended."""
        for job in [job for job in self._open.values() if job.final]:
            del self._open[job.id]
            self._told.append(job)
        while len(self._told) > TOLD_JOBS:
            self._told.popleft().events.keep_the_last()
        if time.monotonic() - self._forgot_at < _FORGET_SECONDS:
            return
        self._forgot_at = time.monotonic()
        for job_id in await asyncio.to_thread(self._forget_old):
            forgotten = self._jobs.pop(job_id, None)
            if forgotten is not None:
                self._by_key.pop(forgotten.key, None)

    def _forget_old(self) -> list[str]:
        gone = self.journal.forget_before(utc_text(datetime.now(timezone.utc) - RETENTION))
        for job_id in gone:
            self.workspace.discard(job_id)
        return gone

    def _restore(self) -> None:
        self._forget_old()
        kept: set[str] = set()
        for row in self.journal.jobs():
            if row.status in ("queued", "running") and not self._is_finished(row):
                message = "The worker was restarted before the job was finished."
                error = (JobErrorCode.WORKER_RESTARTED.value, message)
                self.journal.finish(row.id, "failed", error, row.timings)
                row = next(again for again in self.journal.jobs() if again.id == row.id)
            job = self._job(row.id, row.idempotency_key, row.request)
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
        self._jobs[job.id] = self._open[job.id] = job
        self._by_key[job.key] = job

    def _wake_all(self) -> None:
        self.idle.touch()
        for job in self._open.values():
            if not job.final:
                job.wake.beat()
