"""A recording's time at the engine, with an engine double: what reaches the job, and what the transcript gets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, cast

from bulk_transcribe_worker.audio import SAMPLE_RATE, Audio
from bulk_transcribe_worker.engine import ClipResult, Outcome, Redecoded, Speech, SpeechOptions, SpokenSegment
from bulk_transcribe_worker.heard import Heard, Voice
from bulk_transcribe_worker.hearing import Hearing
from bulk_transcribe_worker.job import Job
from bulk_transcribe_worker.logs import JsonLog
from bulk_transcribe_worker.threads import Threads
from bulk_transcribe_worker.vad import Clip, Span
from bulk_transcribe_worker.wire import JobRequest


def segment(start: float, end: float, text: str) -> SpokenSegment:
    return SpokenSegment(start, end, text, -0.2, 0.0, 1.2, 0.0)


class Double:
    """Loads nothing; gives the results that it was made with."""

    def __init__(self, results: list[ClipResult]) -> None:
        self.results = results

    def loaded_models(self) -> list[str]:
        return []

    def fetching(self) -> None:
        return None

    def load(self, model: str) -> None:
        return None

    def transcribe(
        self,
        audio: Audio,
        speech: Speech,
        options: SpeechOptions,
        started: Callable[[Outcome], None],
        stopped: Callable[[], bool],
    ) -> Generator[ClipResult, None, None]:
        started(Outcome("en", {"batchSize": 8}))
        yield from self.results


class Silent:
    def write(self, line: str) -> None:
        return None


def hear(tmp_path: Path, results: list[ClipResult], options: SpeechOptions) -> tuple[Heard, Job]:
    (tmp_path / "sound").write_bytes(bytes(2 * 40 * SAMPLE_RATE))
    request = JobRequest.model_validate(
        {"controllerJobId": "j", "inputs": [{"inputId": "i", "downloadUrl": "x"}], "outputsUploadUrl": "y"}
    )
    spans = (Span(0, 10), Span(10, 40))
    speech = Speech(tuple(Clip((span,), (span,)) for span in spans), spans)

    async def run() -> tuple[Heard, Job]:
        threads = Threads(2)
        job = Job("wk_1", "key", request, JsonLog(cast(Any, Silent())))
        hearing = Hearing(cast(Any, Double(results)), threads, 0.15, 0.85)
        heard = await hearing.run(job, 0, options, [Voice(Audio(tmp_path / "sound"), speech)])
        threads.close()
        return heard, job

    return asyncio.run(run())


RESULTS = [
    ClipResult([segment(0, 10, "We begin.")], 10, 0.5, {}, (Redecoded(0, 10, True, "no no no"),)),
    ClipResult([segment(10, 20, "We end.")], 40, 0.25, {"batchSizeReducedTo": 4}),
]


def test_doubts_changes_and_computing_reach_the_transcript_and_the_job(tmp_path: Path) -> None:
    heard, job = hear(tmp_path, RESULTS, SpeechOptions("m"))
    assert heard.options == {"batchSize": 8, "batchSizeReducedTo": 4}
    assert [(doubt.code, doubt.start, doubt.end) for doubt in heard.doubts] == [("LOOP", 0, 10), ("GAP", 20, 40)]
    assert "no no no" in heard.doubts[0].message
    assert [spoken.text for spoken in heard.segments] == ["We begin.", "We end."]
    assert job.timings().engine_sec == 0.75
    assert job.timings().transcribe_sec is not None


def test_who_wants_no_doubts_gets_none(tmp_path: Path) -> None:
    heard, _ = hear(tmp_path, RESULTS, SpeechOptions("m", doubt=False))
    assert heard.doubts == []


def test_the_last_of_many_steps_of_progress_is_told_soon_though_nothing_follows_it(tmp_path: Path) -> None:
    request = JobRequest.model_validate(
        {"controllerJobId": "j", "inputs": [{"inputId": "i", "downloadUrl": "x"}], "outputsUploadUrl": "y"}
    )

    async def run() -> list[object]:
        job = Job("wk_1", "key", request, JsonLog(cast(Any, Silent())))
        for second in range(1, 41):
            job.advance(0, second / 40, float(second))
        while job.events.last_id < 2:
            assert await job.events.changed(30.0, 1, asyncio.get_running_loop().create_future())
        told = [event.json() for event in job.events.after(0)]
        # Told once: no timer is left that would tell it again.
        job.end("complete")
        return [one["processedSec"] for one in told]

    assert asyncio.run(run()) == [1, 40]
