"""The whole way of a recording: real worker process, real tunnel, real faster-whisper with the small model."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable

import anyio
import pytest

from tests.process import COMPUTE_TYPE, DEMO, DEVICE, TOKEN, WorkerProcess
from tests.speech_error import word_error_rate
from tests.standin import Answer, Call, Controller

pytestmark = pytest.mark.anyio

Start = Callable[..., WorkerProcess]


def script() -> str:
    return " ".join(line["text"] for line in json.loads((DEMO / "demo.json").read_text())["lines"])


async def test_a_recording_becomes_a_transcript_that_is_delivered_and_acknowledged(
    worker: WorkerProcess, demo: bytes
) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        job_id = await worker.submit(controller.request("journey", demo))
        job = await worker.ended(job_id)

        assert (job["status"], job["stage"], job["error"]) == ("complete", "complete", None)
        assert job["progress"]["percent"] == 100
        assert job["progress"]["totalSec"] == pytest.approx(30.422, abs=0.01)
        assert [name for name, value in job["timings"].items() if value is None] == ["diarizeSec"]
        (body,) = controller.outputs["journey"]
        digest = hashlib.sha256(body).hexdigest()
        assert job["result"] == {"sha256": digest, "sizeBytes": len(body), "acknowledged": True}

        transcript = json.loads(body)
        assert word_error_rate(script(), transcript["text"]) <= 0.10
        assert set(transcript) == {
            "schemaVersion", "text", "language", "duration", "segments", "speakers", "warnings", "source", "engine",
            "worker", "createdAt",
        }  # fmt: skip
        assert transcript["source"]["sha256"] == hashlib.sha256(demo).hexdigest()
        assert transcript["engine"]["name"] == "faster-whisper"
        assert (transcript["engine"]["device"], transcript["engine"]["computeType"]) == (DEVICE, COMPUTE_TYPE)
        assert transcript["worker"]["bootId"] == job["bootId"]
        words = [word for segment in transcript["segments"] for word in segment["words"]]
        times = [time for word in words for time in (word["start"], word["end"])]
        assert times == sorted(times)
        # The alignment of Whisper begins each clip at 0; the speech of the first line begins at 0.5 s.
        assert words[0]["start"] == pytest.approx(0.5, abs=0.1)

        await _until(lambda: bool(controller.completions))
        assert controller.completions[0]["status"] == "complete"
        assert controller.completions[0]["attempt"] == 1
        # Nothing of the job is left on the worker's disk.
        assert not (worker.work_dir / "jobs" / job_id).exists()
        logged = [line["event"] for line in worker.log_events() if line.get("workerJobId") == job_id]
        assert logged[0] == "job_started"
        assert logged[-1] == "job_complete"


async def test_segments_are_streamed_and_a_reader_resumes_after_the_last_event_it_saw(
    worker: WorkerProcess, demo: bytes
) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        job_id = await worker.submit(controller.request("events", demo))
        first: list[dict[str, object]] = []
        async for event in worker.events(job_id):
            first.append(event)
            if len(first) == 8:
                break
        rest = [event async for event in worker.events(job_id, 8)]
        events = first + rest
        assert [event["id"] for event in events] == list(range(1, len(events) + 1))
        assert events[-1] == {"id": len(events), "event": "done", "data": {"status": "complete", "error": None}}
        segments = [event["data"] for event in events if event["event"] == "segment"]
        transcript = json.loads(controller.outputs["events"][0])
        assert segments == [{key: s[key] for key in ("id", "start", "end", "text")} for s in transcript["segments"]]


async def test_a_cut_download_resumes_where_it_was_cut(worker: WorkerProcess, short: bytes) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        cuts = iter([100_000, 50_000, None])

        async def handler(call: Call) -> Answer | None:
            if call.method == "GET":
                return controller.recording_answer(call, short, next(cuts))
            return None

        controller.handler = handler
        job = await worker.ended(await worker.submit(controller.request("cut", short)))
        assert job["status"] == "complete", job
        ranges = [call.headers.get("range") for call in controller.calls if call.method == "GET"]
        assert ranges == [None, "bytes=100000-", "bytes=150000-"]


async def test_a_file_that_changed_between_two_tries_is_fetched_anew(worker: WorkerProcess, short: bytes) -> None:
    other = bytes(len(short))
    async with Controller(worker.port, TOKEN) as controller:
        answers = iter([(other, 100_000), (short, None)])

        async def handler(call: Call) -> Answer | None:
            return controller.recording_answer(call, *next(answers)) if call.method == "GET" else None

        controller.handler = handler
        job = await worker.ended(await worker.submit(controller.request("swapped", short)))
        assert job["status"] == "complete", job


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sha256": "0" * 64}, "INPUT_MISMATCH"),
        ({"sizeBytes": 1000}, "INPUT_MISMATCH"),
        ({"sizeBytes": 0}, "EMPTY_INPUT"),
    ],
)
async def test_a_file_that_is_not_the_promised_one_is_refused(
    worker: WorkerProcess, short: bytes, change: dict[str, object], code: str
) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        request = controller.request(f"wrong-{next(iter(change.items()))}".replace(" ", ""), short)
        request["inputs"][0].update(change)  # type: ignore[index]
        job = await worker.ended(await worker.submit(request))
        assert (job["status"], job["error"]["code"]) == ("failed", code)


@pytest.mark.parametrize(
    ("status", "code", "wanted"),
    [
        (410, "SOURCE_GONE", "SOURCE_GONE"),
        (409, "ATTEMPT_SUPERSEDED", "LINK_REFUSED"),
        (409, "SOURCE_CHANGED", "INPUT_MISMATCH"),
        (403, "LINK_INVALID", "LINK_REFUSED"),
        (302, "", "DOWNLOAD_FAILED"),
    ],
)
async def test_refusals_of_the_source_become_codes(
    worker: WorkerProcess, short: bytes, status: int, code: str, wanted: str
) -> None:
    async with Controller(worker.port, TOKEN) as controller:

        async def handler(call: Call) -> Answer | None:
            body = json.dumps({"error": "No.", "code": code}).encode()
            headers = {"Location": "http://127.0.0.1:1/"} if status == 302 else {}
            return Answer(status, headers, body) if call.method == "GET" else None

        controller.handler = handler
        job = await worker.ended(await worker.submit(controller.request(f"refused-{code}-{status}", short)))
        assert (job["status"], job["error"]["code"]) == ("failed", wanted)


async def test_an_expired_link_is_waited_for_and_renewed_by_posting_again(worker: WorkerProcess, short: bytes) -> None:
    async with Controller(worker.port, TOKEN) as controller:

        async def handler(call: Call) -> Answer | None:
            if call.method == "GET" and "renewed" not in call.path:
                return Answer(403, body=b'{"error":"expired","code":"LINK_EXPIRED"}')
            return None

        controller.handler = handler
        request = controller.request("renewal", short)
        job_id = await worker.submit(request)
        await _until(lambda: any(call.method == "GET" for call in controller.calls))
        request["inputs"][0]["downloadUrl"] += "&renewed=1"  # type: ignore[index]
        assert await worker.submit(request) == job_id
        job = await worker.ended(job_id)
        assert job["status"] == "complete", job


async def test_a_host_that_was_damaged_on_the_way_costs_a_try_and_no_work(worker: WorkerProcess, short: bytes) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        tries = {"GET": 0, "outputs": 0}

        async def handler(call: Call) -> Answer | None:
            what = "outputs" if "worker/outputs" in call.path else call.method
            if what not in tries:
                return None
            tries[what] += 1
            refused = Answer(421, body=b'{"error":"This host is not served here.","code":"MISDIRECTED"}')
            return refused if tries[what] == 1 else None

        controller.handler = handler
        job = await worker.ended(await worker.submit(controller.request("misdirected", short)))
        assert job["status"] == "complete", job
        assert tries == {"GET": 2, "outputs": 2}


async def test_the_same_key_gives_the_same_job_and_transcribes_once(worker: WorkerProcess, short: bytes) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        request = controller.request("twice", short)
        ids = await asyncio.gather(*(worker.submit(request) for _ in range(5)))
        assert len(set(ids)) == 1
        await worker.ended(ids[0])
        assert await worker.submit(request) == ids[0]
        assert len(controller.outputs["twice"]) == 1


async def test_a_full_worker_says_when_to_come_back(start_worker: Start, short: bytes) -> None:
    worker = start_worker(WORKER_PREFETCH_JOBS="1")
    async with Controller(worker.port, TOKEN) as controller:
        release = asyncio.Event()

        async def handler(call: Call) -> Answer | None:
            if call.method == "GET":
                await release.wait()
            return None

        controller.handler = handler
        jobs = [await worker.submit(controller.request(f"full-{n}", short)) for n in range(2)]
        status, answer, headers = await worker.call("POST", "/v1/jobs", controller.request("full-2", short))
        assert (status, answer["code"]) == (429, "WORKER_FULL")
        assert int(headers["retry-after"]) > 0
        _, ping, _ = await worker.call("GET", "/v1/ping")
        assert ping["activeJobs"] == 2
        # A known job is not a new one.
        assert await worker.submit(controller.request("full-0", short)) == jobs[0]
        release.set()
        for job_id in jobs:
            assert (await worker.ended(job_id))["status"] == "complete"


async def test_cancel_stops_a_download_and_a_running_engine(worker: WorkerProcess, demo: bytes) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        stuck = asyncio.Event()

        async def handler(call: Call) -> Answer | None:
            if call.method == "GET" and "cancel-1" in call.path:
                await stuck.wait()
            return None

        controller.handler = handler
        download = await worker.submit(controller.request("cancel-1", demo))
        await worker.until(download, lambda job: job["stage"] == "downloading")
        engine = await worker.submit(controller.request("cancel-2", demo))
        await worker.until(engine, lambda job: job["stage"] == "transcribing")
        for job_id in (download, engine):
            status, answer, _ = await worker.call("POST", f"/v1/jobs/{job_id}/cancel")
            assert (status, answer) == (200, {"status": "cancel_requested"})
            job = await worker.ended(job_id, 5)
            assert (job["status"], job["error"]) == ("canceled", None)
            assert not (worker.work_dir / "jobs" / job_id).exists()
        assert "cancel-2" not in controller.outputs
        stuck.set()


async def test_a_delivery_survives_errors_of_the_controller_and_offers_the_same_bytes(
    worker: WorkerProcess, short: bytes
) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        offers: list[bytes] = []

        async def handler(call: Call) -> Answer | None:
            if "worker/outputs" not in call.path:
                return None
            offers.append(call.body)
            if len(offers) == 1:
                return Answer(503, body=b"<html>busy</html>")
            if len(offers) == 2:
                return Answer(200, body=json.dumps({"stored": True, "sha256": "0" * 64}).encode())
            return None

        controller.handler = handler
        job = await worker.ended(await worker.submit(controller.request("offers", short)))
        assert job["status"] == "complete"
        assert len(offers) == 3
        assert len(set(offers)) == 1


async def test_a_refused_transcript_stays_until_it_is_pulled(worker: WorkerProcess, short: bytes) -> None:
    async with Controller(worker.port, TOKEN) as controller:

        async def handler(call: Call) -> Answer | None:
            refused = Answer(422, body=b'{"error":"Not valid.","code":"TRANSCRIPT_INVALID"}')
            return refused if "worker/outputs" in call.path else None

        controller.handler = handler
        job_id = await worker.submit(controller.request("refused", short))
        job = await worker.ended(job_id)
        assert (job["status"], job["error"]["code"]) == ("failed", "DELIVERY_REFUSED")
        assert job["result"]["acknowledged"] is False
        status, transcript, headers = await worker.call("GET", f"/v1/jobs/{job_id}/output")
        assert status == 200
        assert transcript["schemaVersion"] == 1
        assert headers["content-digest"].startswith("sha-256=:")


async def test_a_controller_without_a_tunnel_pulls_and_acknowledges(worker: WorkerProcess, demo: bytes) -> None:
    controller = Controller(worker.port, TOKEN)
    await controller.dial()
    job_id = await worker.submit(controller.request("pull", demo))
    await worker.until(job_id, lambda job: job["stage"] == "transcribing")
    await controller.hang_up()
    job = await worker.until(job_id, lambda job: job["stage"] == "uploading")
    digest = job["result"]["sha256"]
    status, answer, _ = await worker.call("POST", f"/v1/jobs/{job_id}/acknowledge", {"sha256": "f" * 64})
    assert (status, answer["code"]) == (409, "DIGEST_MISMATCH")
    status, answer, _ = await worker.call("POST", f"/v1/jobs/{job_id}/acknowledge", {"sha256": digest})
    assert (status, answer["acknowledged"]) == (200, True)
    assert (await worker.ended(job_id))["status"] == "complete"
    status, _, _ = await worker.call("GET", f"/v1/jobs/{job_id}/output")
    assert status == 404


async def _until(condition: Callable[[], bool], seconds: float = 10) -> None:
    with anyio.fail_after(seconds):
        while not condition():
            await asyncio.sleep(0.02)
