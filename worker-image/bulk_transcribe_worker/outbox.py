"""Owns finished transcripts on their way out: each is offered until the controller has it for good, then deleted."""

from __future__ import annotations

import asyncio
import hashlib
import time

from bulk_transcribe_worker.client import Client
from bulk_transcribe_worker.config import Secret
from bulk_transcribe_worker.delivery import Delivery, Form, Parcel, nudge
from bulk_transcribe_worker.diarizing import wants_speakers
from bulk_transcribe_worker.errors import JobErrorCode, JobFailed
from bulk_transcribe_worker.job import Job, Output
from bulk_transcribe_worker.journal import Journal
from bulk_transcribe_worker.part1_outputs import part1_outputs
from bulk_transcribe_worker.threads import Threads
from bulk_transcribe_worker.wire import Completion
from bulk_transcribe_worker.workspace import Workspace


class Outbox:
    """Delivers, records acknowledgements, and nudges."""

    def __init__(self, client: Client, token: Secret, journal: Journal, workspace: Workspace, threads: Threads) -> None:
        self._client = client
        self._token = token
        self._journal = journal
        self._workspace = workspace
        self._threads = threads
        self._nudges: set[asyncio.Task[None]] = set()

    async def deliver(self, job: Job) -> None:
        """Offers every output until it is acknowledged, here or by `POST /acknowledge`. Raises JobFailed."""
        started = time.monotonic()
        job.enter("uploading")
        for output in sorted(job.outputs.values(), key=lambda output: output.position):
            if output.acknowledged:
                continue
            body = await self._threads.short(self._workspace.read_transcript, job.id, output.position, output.sha256)
            if body is None:
                raise JobFailed(
                    JobErrorCode.WORKER_RESTARTED, "The finished transcript was lost from the worker's disk."
                )
            job.write("info", "upload_started", "The transcript is being delivered.", fileIndex=output.position)
            await self._until_acknowledged(job, output, body)
            job.write("info", "upload_finished", "The controller has the transcript.", fileIndex=output.position)
        job.time("deliver_sec", time.monotonic() - started)

    async def acknowledge(self, job: Job, output: Output) -> None:
        """Records that the controller has an output for good, then deletes it."""
        if not output.acknowledged:
            await self._threads.short(self._journal.acknowledge, job.id, output.position)
            output.acknowledged = True
            job.wake.beat()
        await self._threads.short(self._workspace.remove, self._workspace.transcript(job.id, output.position))

    def nudge(self, job: Job) -> None:
        """Tells the controller, once and in the background, that a job has ended; it asks by itself anyway."""
        task = asyncio.ensure_future(self._nudge(job))
        self._nudges.add(task)
        task.add_done_callback(self._nudges.discard)

    def close(self) -> None:
        """Gives up the nudges that are under way."""
        for task in self._nudges:
            task.cancel()

    async def _until_acknowledged(self, job: Job, output: Output, body: bytes) -> None:
        told: set[str] = set()

        def waiting(reason: str) -> None:
            if reason not in told:
                told.add(reason)
                job.write("warning", "upload_waiting", f"Not delivered yet: {reason}.")

        delivery = Delivery(self._client, self._token, lambda: job.request.outputs_upload_url, job.wake, waiting)
        send = (
            _send_part1(delivery, job, output.position, body)
            if job.legacy
            else delivery.run(Parcel(body, output.sha256))
        )
        sending = asyncio.ensure_future(send)
        try:
            while not sending.done() and not output.acknowledged:
                woken = asyncio.ensure_future(job.wake.wait(60.0))
                await asyncio.wait({sending, woken}, return_when=asyncio.FIRST_COMPLETED)
                woken.cancel()
            if sending.done():
                sending.result()
        finally:
            sending.cancel()
        await self.acknowledge(job, output)

    async def _nudge(self, job: Job) -> None:
        if job.request.callback_url is None:
            return
        done = Completion(
            worker_job_id=job.id,
            controller_job_id=job.request.controller_job_id,
            status=job.status,
            attempt=job.request.attempt,
            outputs=[
                {"inputId": job.request.inputs[position].input_id, "filename": filename, "type": kind}
                for position, output in sorted(job.outputs.items())
                if output.acknowledged
                for kind, filename in job.delivered.get(position, (("json", "transcript.json"),))
            ],
            error=job.error,
        )
        body = done.model_dump_json(by_alias=True).encode("utf-8")
        await nudge(self._client, self._token, job.request.callback_url, body)


async def _send_part1(delivery: Delivery, job: Job, position: int, transcript: bytes) -> None:
    """One upload after another. One that only says again what others say may be refused."""
    delivered: list[tuple[str, str]] = []
    for upload in part1_outputs(transcript, wants_speakers(job.request.options)):
        fields = {
            "workerJobId": job.id,
            "inputId": job.request.inputs[position].input_id,
            "outputType": upload.type,
        }
        form = Form(fields, upload.filename, upload.content_type)
        try:
            await delivery.run(Parcel(upload.body, hashlib.sha256(upload.body).hexdigest(), form))
        except JobFailed as error:
            if upload.needed:
                raise
            job.write("warning", "upload_refused", error.message, outputType=upload.type, fileIndex=position)
        else:
            delivered.append((upload.type, upload.filename))
    job.delivered[position] = tuple(delivered)
