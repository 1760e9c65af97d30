"""A controller that knows Part 1 alone, over plain HTTP and without a tunnel, drives the whole worker."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.process import TOKEN, WorkerProcess
from tests.speech_error import words
from tests.worker_with_speakers import MODULE, settings

pytestmark = pytest.mark.anyio


class OldController(ThreadingHTTPServer):
    """The three routes of Part 1. `failures`: how many uploads are answered with 503 first; `refused`: types."""

    daemon_threads = True

    def __init__(self, recording: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Routes)
        self.recording = recording
        self.failures = 0
        self.refused: set[str] = set()
        self.uploads: list[dict[str, str]] = []
        self.completions: list[dict[str, Any]] = []
        self.agents: set[str] = set()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def request(self, job: str, count: int) -> dict[str, Any]:
        """As such a controller asks: no attempt, no digest."""
        return {
            "controllerJobId": job,
            "controllerSessionHash": "1f3a",
            "inputs": [
                {
                    "inputId": f"in{n}",
                    "filename": f"interview {n}.wav",
                    "contentType": "audio/wav",
                    "sizeBytes": len(self.recording),
                    "downloadUrl": f"{self.base}/api/jobs/{job}/inputs/in{n}?expires=1&sig=x",
                }
                for n in range(count)
            ],
            "options": {
                "model": "demo-en",
                "language": "",
                "diarizationEnabled": False,
                "diarizationEffective": None,
                "vadEnabled": True,
                "hallucinationDetection": True,
                "hallucinationSensitivity": "medium",
                "noSpeechThreshold": 0.6,
            },
            "callbackUrl": f"{self.base}/api/jobs/{job}/worker/complete",
            "outputsUploadUrl": f"{self.base}/api/jobs/{job}/worker/outputs",
        }


class _Routes(BaseHTTPRequestHandler):
    server: OldController

    def do_GET(self) -> None:
        self.server.agents.add(self.headers["User-Agent"])
        assert "Authorization" not in self.headers
        self._answer(200, self.server.recording)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401, b"{}")
        elif self.path.endswith("/worker/complete"):
            self.server.completions.append(json.loads(body))
            self._answer(200, b"{}")
        elif self.server.failures:
            self.server.failures -= 1
            self._answer(503, b"busy")
        else:
            upload = _fields(self.headers["Content-Type"], body)
            if upload["outputType"] in self.server.refused:
                self._answer(415, b'{"error": "no such type"}')
                return
            self.server.uploads.append(upload)
            self._answer(200, b'{"ok": true}')

    def log_message(self, *_: object) -> None:
        return

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _fields(content_type: str, body: bytes) -> dict[str, str]:
    """A form, read by the standard library."""
    message = email.message_from_bytes(
        f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=email.policy.HTTP
    )
    return {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True).decode()  # type: ignore[union-attr]
        for part in message.iter_parts()
    }


@pytest.fixture
def old(short: bytes) -> Iterator[OldController]:
    server = OldController(short)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


async def test_it_gets_whispers_own_result_for_each_input_and_is_told_the_end(
    start_worker: Callable[..., WorkerProcess], old: OldController
) -> None:
    worker = start_worker(WORKER_CONTROLLER_HOSTS="127.0.0.1", WORKER_LOG_PROGRESS="true")
    old.failures = 1
    status, answer, _ = await worker.call("POST", "/v1/jobs", old.request("job1", 2), {"Idempotency-Key": "key-1"})
    assert status == 200 and answer["workerJobId"].startswith("wk_")
    again = await worker.call("POST", "/v1/jobs", old.request("job1", 2), {"Idempotency-Key": "key-1"})
    assert again[1]["workerJobId"] == answer["workerJobId"]
    job = await worker.ended(answer["workerJobId"])
    assert (job["status"], job["stage"], job["error"]) == ("complete", "complete", None)
    assert (job["progress"]["currentFileIndex"], job["progress"]["totalFiles"]) == (1, 2)
    assert job["progress"]["percent"] == 100 and len(job["logs"]) <= 20

    assert [(upload["inputId"], upload["outputType"]) for upload in old.uploads] == [
        ("in0", "json"),
        ("in0", "markdown"),
        ("in1", "json"),
        ("in1", "markdown"),
    ]
    for upload in old.uploads:
        assert set(upload) == {"file", "workerJobId", "inputId", "outputType"}
        assert upload["workerJobId"] == job["workerJobId"]
        if upload["outputType"] == "markdown":
            assert upload["file"].startswith("# interview ") and "Hello Anna" in upload["file"]
            continue
        result = json.loads(upload["file"])
        assert "anna" in words(result["text"]) and result["language"] == "en"
        for number, segment in enumerate(result["segments"]):
            assert segment["id"] == number and segment["end"] > segment["start"] and segment["text"]
            assert {"word", "start", "end"} <= set(segment["words"][0])
    with anyio.fail_after(10):
        while not old.completions:
            await asyncio.sleep(0.02)
    (completion,) = old.completions
    assert (completion["status"], completion["error"]) == ("complete", None)
    assert (completion["workerJobId"], completion["controllerJobId"]) == (job["workerJobId"], "job1")
    assert completion["outputs"] == [
        {"inputId": name, "filename": filename, "type": kind}
        for name in ("in0", "in1")
        for kind, filename in (("json", "transcript.json"), ("markdown", "transcript.md"))
    ]
    assert all("bulk-transcribe" in agent for agent in old.agents)
    logged = [line for line in worker.log_events() if line["event"] == "progress"]
    assert logged and all(line["workerJobId"] == job["workerJobId"] for line in logged)
    assert all(0 < line["percent"] <= 100 and line["stage"] and line["totalFiles"] == 2 for line in logged)


async def test_it_gets_the_speakers_that_it_asked_for(
    start_worker: Callable[..., WorkerProcess], old: OldController, tmp_path: Path
) -> None:
    worker = start_worker(module=MODULE, WORKER_CONTROLLER_HOSTS="127.0.0.1", **settings(tmp_path, "found"))
    old.refused = {"speaker-markdown"}
    request = old.request("voices", 1)
    bounds = {"minSpeakers": None, "maxSpeakers": 2, "numSpeakers": None}
    request["options"] |= {"diarizationEnabled": True, "diarizationEffective": bounds}
    _, answer, _ = await worker.call("POST", "/v1/jobs", request)
    job = await worker.ended(answer["workerJobId"])
    assert (job["status"], job["error"]) == ("complete", None)
    files = {upload["outputType"]: upload["file"] for upload in old.uploads}
    assert list(files) == ["json", "diarization-json", "markdown"]
    first, second = json.loads(files["diarization-json"])
    assert (first["speaker"], second["speaker"]) == ("SPEAKER_00", "SPEAKER_01")
    assert 0 <= first["start"] < first["end"] <= second["start"] < second["end"] <= 6
    # What only says again what the others say may be refused; it is told of.
    assert "upload_refused" in [line["event"] for line in job["logs"]]
    with anyio.fail_after(10):
        while not old.completions:
            await asyncio.sleep(0.02)
    assert [output["type"] for output in old.completions[0]["outputs"]] == ["json", "diarization-json", "markdown"]


async def test_it_sees_failures_and_cancels(start_worker: Callable[..., WorkerProcess], old: OldController) -> None:
    worker = start_worker(WORKER_CONTROLLER_HOSTS="127.0.0.1")
    old.recording = b"this is no recording " * 100
    _, answer, _ = await worker.call("POST", "/v1/jobs", old.request("bad", 1))
    job = await worker.ended(answer["workerJobId"])
    assert (job["status"], job["error"]["code"]) == ("failed", "DECODE_FAILED")
    with anyio.fail_after(10):
        while not old.completions:
            await asyncio.sleep(0.02)
    assert old.completions[0]["status"] == "failed" and old.completions[0]["error"]["message"]
    old.failures = 10**6
    _, answer, _ = await worker.call(
        "POST", "/v1/jobs", old.request("cancel", 1) | {"inputs": old.request("c", 1)["inputs"]}
    )
    status, told, _ = await worker.call("POST", f"/v1/jobs/{answer['workerJobId']}/cancel")
    assert (status, told) == (200, {"status": "cancel_requested"})
    assert (await worker.ended(answer["workerJobId"]))["status"] in ("canceled", "failed")
    assert os.listdir(worker.work_dir / "jobs") == []


async def test_a_worker_that_was_not_told_so_calls_no_machine_of_its_own_network(
    worker: WorkerProcess, old: OldController
) -> None:
    status, answer, _ = await worker.call("POST", "/v1/jobs", old.request("inside", 1))
    assert (status, answer["code"]) == (400, "BAD_REQUEST")
    assert "WORKER_CONTROLLER_HOSTS" in answer["error"]
    assert old.agents == set()


async def test_a_name_that_leads_inside_is_a_refused_link_at_once(worker: WorkerProcess, old: OldController) -> None:
    request = json.loads(json.dumps(old.request("name", 1)).replace(old.base, f"https://localhost:{old.server_port}"))
    status, answer, _ = await worker.call("POST", "/v1/jobs", request)
    assert status == 200
    job = await worker.ended(answer["workerJobId"])
    assert (job["status"], job["error"]["code"]) == ("failed", "LINK_REFUSED")
    assert "localhost" in job["error"]["message"] and "WORKER_CONTROLLER_HOSTS" in job["error"]["message"]
    assert old.agents == set()
    assert not [line for line in worker.log_events() if line["event"] == "progress"]
