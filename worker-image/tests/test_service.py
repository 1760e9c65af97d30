"""What a worker that runs for weeks holds in memory of jobs that have ended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from bulk_transcribe_worker import service as module
from bulk_transcribe_worker.config import Config, Secret
from bulk_transcribe_worker.errors import Refused
from bulk_transcribe_worker.job import Job
from bulk_transcribe_worker.logs import JsonLog, LogWriter
from bulk_transcribe_worker.service import TOLD_JOBS, Service
from bulk_transcribe_worker.wire import JobRequest, Timings

pytestmark = pytest.mark.anyio

REQUEST = JobRequest.model_validate(
    {
        "controllerJobId": "a",
        "inputs": [{"inputId": "in", "downloadUrl": "http://controller.tunnel/in"}],
        "outputsUploadUrl": "http://controller.tunnel/out",
    }
)


async def test_ended_jobs_are_remembered_for_a_week_and_their_events_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Service(
        Config(tmp_path, Secret("t")), cast(Any, None), JsonLog(LogWriter(os.open(os.devnull, os.O_WRONLY)))
    )
    count = TOLD_JOBS + 10
    for number in range(count):
        first.journal.add(f"wk_{number}", f"key-{number}", REQUEST)
        if number != 3:
            first.journal.finish(f"wk_{number}", "canceled", None, Timings())
    first._restore()
    jobs = [first.job(f"wk_{number}") for number in range(count)]
    assert (jobs[3].status, jobs[4].status) == ("failed", "canceled")
    for job in jobs:
        # As a job has them that ended in this life: its end is the last of many.
        job.events._ended = False
        job.write("info", "job_canceled", "The job was canceled.")
        job.end("canceled")
        job.events.write("done", {"status": "canceled", "error": None})
    await first.forget()
    assert [len(job.events.after(0)) > 1 for job in jobs] == [False] * 10 + [True] * TOLD_JOBS
    assert [job.events.after(0)[-1].name for job in jobs] == ["done"] * count

    monkeypatch.setattr(module, "RETENTION", timedelta(0))
    await first.forget()
    assert first.job("wk_0") is jobs[0], "it looks once an hour"
    monkeypatch.setattr(module, "_FORGET_SECONDS", 0.0)
    await first.forget()
    with pytest.raises(Refused):
        first.job("wk_0")
    assert first.journal.jobs() == []
    first.journal.close()


class _Unread(dict[str, Job]):
    """Finds by a key; whoever looks at all of it fails."""

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("all jobs are looked at")

    values = items = keys = __iter__  # type: ignore[assignment]


async def test_what_was_remembered_of_a_week_is_not_looked_at_for_each_new_job(tmp_path: Path) -> None:
    service = Service(
        Config(tmp_path, Secret("t")), cast(Any, None), JsonLog(LogWriter(os.open(os.devnull, os.O_WRONLY)))
    )
    for number in range(2 * TOLD_JOBS):
        service.journal.add(f"wk_{number}", f"key-{number}", REQUEST)
        service.journal.finish(f"wk_{number}", "canceled", None, Timings())
    service._restore()
    await service.forget()
    assert (len(service._jobs), len(service._open), len(service._told)) == (2 * TOLD_JOBS, 0, TOLD_JOBS)
    service._jobs = _Unread(service._jobs)
    fresh = service._job("wk_new", "key-new", REQUEST)
    service._remember(fresh)
    assert service.active_jobs == 1
    await service.forget()
    fresh.end("canceled")
    await service.forget()
    assert (service.active_jobs, service._told[-1]) == (0, fresh)
    service.journal.close()
