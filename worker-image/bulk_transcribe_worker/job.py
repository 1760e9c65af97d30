"""Owns one job as it lives in memory: status, stage, progress, log, events, and the answer to who asks.

States: `queued` (accepted, nothing done) -> `running` (each stage in turn) -> `complete`, `failed` or `canceled`.
A final state is never left. While `running`, the stage `initializing` covers decoding and the wait for the engine,
`uploading` begins when the transcript lies finished on disk, and `complete` is said only after its acknowledgement.
Used on the event loop only, but for `stop`, which threads read.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bulk_transcribe_worker.events import EventLog
from bulk_transcribe_worker.identity import Instance
from bulk_transcribe_worker.journal import JobRow, OutputRow
from bulk_transcribe_worker.logs import JsonLog
from bulk_transcribe_worker.model_fetch import Fetching
from bulk_transcribe_worker.pulse import Pulse
from bulk_transcribe_worker.transcript import seconds
from bulk_transcribe_worker.wire import (
    ErrorBody,
    JobRequest,
    JobView,
    LogLine,
    Progress,
    Result,
    Stage,
    Status,
    Timings,
    utc_now,
)

FINAL: tuple[Status, ...] = ("complete", "failed", "canceled")
_PROGRESS_SECONDS = 0.25
_LOGGED_PROGRESS_SECONDS = 5.0


@dataclass
class Output:
    """A transcript that lies finished on disk."""

    position: int
    sha256: str
    size_bytes: int
    acknowledged: bool


class Job:
    """One accepted job. `attempt` None marks a job of a Part 1 controller. `log_progress`: to the log, too."""

    def __init__(
        self,
        job_id: str,
        key: str,
        request: JobRequest,
        log: JsonLog,
        now: Callable[[], float] = time.monotonic,
        log_progress: bool = False,
    ) -> None:
        self.id = job_id
        self.key = key
        self.request = request
        self.status: Status = "queued"
        self.stage: Stage = "queued"
        self.error: ErrorBody | None = None
        self.events = EventLog()
        self.outputs: dict[int, Output] = {}
        self.delivered: dict[int, tuple[tuple[str, str], ...]] = {}
        """Of a Part 1 job: type and name of each file that the controller took, by input."""
        self.wake = Pulse()
        self.stop = threading.Event()
        self.cancel_requested = False
        self.task: asyncio.Task[None] | None = None
        self.total_sec: float | None = None
        self._log = log
        self._now = now
        self._lines: deque[LogLine] = deque(maxlen=20)
        self._stage_started_at = utc_now()
        self._timings: dict[str, float] = {}
        self._created = now()
        self._file_index = 0
        self._percent = 0.0
        self._processed = 0.0
        self._clip_index = 0
        self._clips = 0
        self._fetched: tuple[int, int] | None = None
        self._told_at = 0.0
        self._to_tell: asyncio.TimerHandle | None = None
        self._next_logged = 0.0 if log_progress else float("inf")

    @property
    def final(self) -> bool:
        """Whether it has ended."""
        return self.status in FINAL

    @property
    def holds_capacity(self) -> bool:
        """Whether it counts against what the worker takes on: a finished transcript that waits does not."""
        return not self.final and self.stage != "uploading"

    @property
    def legacy(self) -> bool:
        """Whether a Part 1 controller made it."""
        return self.request.attempt is None

    def restore(self, row: JobRow) -> None:
        """Takes over what the journal knows."""
        self.status = row.status
        self.total_sec = row.total_sec
        self.error = ErrorBody(code=row.error[0], message=row.error[1]) if row.error else None
        self._timings = row.timings.model_dump(exclude_none=True)
        for output in row.outputs:
            self.outputs[output.position] = Output(
                output.position, output.sha256, output.size_bytes, output.acknowledged
            )
        if self.status == "complete":
            self.stage, self._percent = "complete", 100.0
            self._processed = self.total_sec or 0.0
        if self.final:
            self._tell_done()

    def renew(self, request: JobRequest) -> None:
        """Takes the links of a newer request for the same job; all else stays as it was accepted."""
        links = [
            old.model_copy(update={"download_url": new.download_url})
            for old, new in zip(self.request.inputs, request.inputs, strict=False)
        ]
        self.request = self.request.model_copy(
            update={
                "inputs": links + list(self.request.inputs[len(links) :]),
                "outputs_upload_url": request.outputs_upload_url,
                "callback_url": request.callback_url,
            }
        )
        self.wake.beat()

    def enter(self, stage: Stage) -> None:
        """Begins a stage; the first one makes the job `running`."""
        if self.status == "queued":
            self.status = "running"
            self._timings["queued_sec"] = self._now() - self._created
        if stage != self.stage:
            self.stage = stage
            self._stage_started_at = utc_now()
            self._tell_progress()

    def advance(self, file_index: int, share: float, processed: float | None = None) -> None:
        """Moves the progress: `share` 0..1 of one file's work, `processed` seconds of its recording."""
        files = len(self.request.inputs)
        self._file_index = file_index
        # Percent never falls; the last hundredths belong to the delivery.
        self._percent = max(self._percent, min(97.0, 97.0 * (file_index + share) / files))
        if processed is not None:
            self._processed = processed
        since = self._now() - self._told_at
        if since >= _PROGRESS_SECONDS:
            self._tell_progress()
        elif self._to_tell is None:
            # The last of many is told too: nothing may follow it for as long as a batch takes.
            self._to_tell = asyncio.get_running_loop().call_later(_PROGRESS_SECONDS - since, self._tell_progress)
        if self._now() >= self._next_logged:
            self._next_logged = self._now() + _LOGGED_PROGRESS_SECONDS
            self._log.write(
                "info",
                "progress",
                f"{self._percent:.1f} % done.",
                workerJobId=self.id,
                stage=self.stage,
                percent=round(self._percent, 1),
                processedSec=seconds(self._processed),
                totalSec=None if self.total_sec is None else seconds(self.total_sec),
                fileIndex=self._file_index,
                totalFiles=files,
            )

    def fetch(self, fetching: Fetching | None) -> None:
        """How much is here of the model that the job waits for; None when nothing is being fetched."""
        told = None if fetching is None else (fetching.bytes, fetching.total_bytes)
        if told != self._fetched:
            self._fetched = told
            self._tell_progress()

    def count_clips(self, done: int, total: int) -> None:
        """How many clips of the present file are transcribed."""
        self._clip_index, self._clips = done, total

    def time(self, name: str, elapsed: float) -> None:
        """Adds wall seconds to a timing (snake case, as in wire.Timings)."""
        self._timings[name] = self._timings.get(name, 0.0) + elapsed

    def tell_segment(self, segment: dict[str, object]) -> None:
        """Streams a segment."""
        self.events.write("segment", {name: segment[name] for name in ("id", "start", "end", "text")})

    def tell_speakers(self, count: int) -> None:
        """Streams how many speakers there are."""
        self.events.write("speakers", {"count": count})

    def write(self, level: str, event: str, message: str, **fields: object) -> None:
        """Logs a line: to stdout with its fields, to the job's last lines, and to the event stream."""
        self._log.write(level, event, message, workerJobId=self.id, **fields)
        self._lines.append(LogLine(ts=utc_now(), level=level, event=event, message=message))
        self.events.write("log", {"level": level, "event": event, "message": message})

    def end(self, status: Status, error: ErrorBody | None = None) -> None:
        """Reaches a final state; the first one stands."""
        if self.final:
            return
        self.status, self.error = status, error
        if status == "complete":
            self._percent = 100.0
            self.enter("complete")
        self._tell_progress()
        self._tell_done()

    def timings(self) -> Timings:
        """The timings so far."""
        return Timings(**{name: round(value, 3) for name, value in self._timings.items()})

    def result(self) -> Result | None:
        """The transcript of a job with one input, once it lies on disk."""
        output = self.outputs.get(0)
        if output is None:
            return None
        return Result(sha256=output.sha256, size_bytes=output.size_bytes, acknowledged=output.acknowledged)

    def view(self, instance: Instance) -> JobView:
        """The answer of `GET /v1/jobs/{id}`."""
        return JobView(
            worker_job_id=self.id,
            controller_job_id=self.request.controller_job_id,
            status=self.status,
            stage=self.stage,
            stage_started_at=self._stage_started_at,
            progress=Progress(
                current_file_index=self._file_index,
                total_files=len(self.request.inputs),
                chunk_index=self._clip_index,
                total_chunks=self._clips,
                percent=round(self._percent, 1),
                current_file=self.request.inputs[self._file_index].filename or None,
                processed_sec=seconds(self._processed),
                total_sec=None if self.total_sec is None else seconds(self.total_sec),
                model_bytes=None if self._fetched is None else self._fetched[0],
                model_total_bytes=None if self._fetched is None else self._fetched[1],
            ),
            logs=list(self._lines),
            error=self.error,
            boot_id=instance.boot_id,
            instance_id=instance.instance_id,
            attempt=self.request.attempt,
            result=self.result(),
            timings=self.timings(),
        )

    def _tell_progress(self) -> None:
        if self._to_tell is not None:
            self._to_tell.cancel()
            self._to_tell = None
        self._told_at = self._now()
        self.events.write(
            "progress",
            {
                "status": self.status,
                "stage": self.stage,
                "stageStartedAt": self._stage_started_at,
                "percent": round(self._percent, 1),
                "processedSec": seconds(self._processed),
                "totalSec": None if self.total_sec is None else seconds(self.total_sec),
                "modelBytes": None if self._fetched is None else self._fetched[0],
                "modelTotalBytes": None if self._fetched is None else self._fetched[1],
            },
        )

    def _tell_done(self) -> None:
        error = self.error.model_dump(by_alias=True) if self.error else None
        self.events.write("done", {"status": self.status, "error": error})


def output_row(output: Output) -> OutputRow:
    """The journal's form of an output."""
    return OutputRow(output.position, output.sha256, output.size_bytes, output.acknowledged)
