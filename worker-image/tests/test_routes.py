"""The HTTP surface of a real worker: tokens, refusals, malformed bodies, Part 1."""

from __future__ import annotations

import http.client
import json
import os
import random
from typing import Any

import pytest

from tests.process import COMPUTE_TYPE, DEVICE, TOKEN, WorkerProcess
from tests.standin import BASE, Answer, Call, Controller

pytestmark = pytest.mark.anyio


def body(worker: WorkerProcess, **options: Any) -> dict[str, Any]:
    return Controller(worker.port, TOKEN).request("routes", b"x" * 100, **options)


async def test_health_is_open_and_all_else_wants_the_token(worker: WorkerProcess) -> None:
    status, answer, _ = await worker.call("GET", "/health", token=None)
    assert (status, answer["service"], answer["maxFileMB"]) == (200, "bulk-transcribe-worker", 2000)
    for method, path in [("GET", "/v1/ping"), ("GET", "/v1/preflight"), ("POST", "/v1/jobs"), ("GET", "/openapi.json")]:
        assert (await worker.call(method, path, token=None))[0] == 401
        assert (await worker.call(method, path, token="wrong"))[0] == 403


async def test_a_worker_without_a_token_says_so(start_worker: Any) -> None:
    worker = start_worker(WORKER_TOKEN="", WORKER_PING_PUBLIC="true")
    status, answer, _ = await worker.call("POST", "/v1/jobs", {})
    assert (status, answer["code"]) == (500, "NOT_CONFIGURED")
    assert (await worker.call("GET", "/v1/ping", token=None))[0] == 200


async def test_ping_and_preflight(worker: WorkerProcess) -> None:
    _, ping, _ = await worker.call("GET", "/v1/ping")
    assert ping["protocol"] == 2
    assert ping["features"] == ["tunnel", "events", "resume", "delivery", "channels"]
    assert "demo-en" in ping["models"]
    assert (ping["diarization"], ping["device"], ping["computeType"]) == (False, DEVICE, COMPUTE_TYPE)
    assert ping["diarizationReason"]
    status, preflight, _ = await worker.call("GET", "/v1/preflight")
    assert (status, preflight["status"], preflight["errors"]) == (200, "ok", {})
    assert preflight["checks"]["inference"] is True


@pytest.mark.parametrize(
    ("options", "code", "listed"),
    [
        ({"model": "demo"}, "UNSUPPORTED_MODEL", "demo-en"),
        ({"model": "../../etc"}, "UNSUPPORTED_MODEL", "large-v3"),
        ({"model": "large"}, "UNSUPPORTED_MODEL", "large-v3"),
        ({"language": "de"}, "UNSUPPORTED_LANGUAGE", "en"),
        ({"model": "large-v3", "language": "xx"}, "UNSUPPORTED_LANGUAGE", "de"),
        ({"diarizationEnabled": True}, "UNSUPPORTED_OPTION", "false"),
    ],
)
async def test_what_is_not_supported_is_refused_with_what_is(
    worker: WorkerProcess, options: dict[str, Any], code: str, listed: str
) -> None:
    status, answer, _ = await worker.call("POST", "/v1/jobs", body(worker, **options))
    assert (status, answer["code"]) == (400, code)
    assert listed in answer["error"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "https://169.254.169.254/x", "file:///etc/passwd", "https://evil.example/x"]
)
async def test_a_link_that_leads_elsewhere_is_refused(worker: WorkerProcess, url: str) -> None:
    request = body(worker)
    request["inputs"][0]["downloadUrl"] = url
    status, answer, _ = await worker.call("POST", "/v1/jobs", request)
    assert (status, answer["code"]) == (400, "BAD_REQUEST")


async def test_limits(worker: WorkerProcess) -> None:
    request = body(worker)
    request["inputs"][0]["sizeBytes"] = 10**12
    assert (await worker.call("POST", "/v1/jobs", request))[0] == 413
    status, answer, _ = await worker.call("POST", "/v1/jobs", raw=b"[" + b" " * 2_000_000 + b"]")
    assert (status, answer["code"]) == (413, "TOO_LARGE")
    # Without a length it is found out while it comes; a body of several messages, so that the first may pass.
    for path in ("/v1/jobs", "/v1/jobs/wk_none/acknowledge"):
        chunked = http.client.HTTPConnection("127.0.0.1", worker.port, timeout=30)
        told = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        chunked.request("POST", path, iter([b"[" + b" " * 60_000] * 20), told, encode_chunked=True)
        refused = chunked.getresponse()
        assert (refused.status, json.loads(refused.read())["code"]) == (413, "TOO_LARGE")
        chunked.close()


async def test_a_body_that_says_it_is_something_else_is_told_so(worker: WorkerProcess) -> None:
    status, answer, _ = await worker.call(
        "POST", "/v1/jobs", raw=b"{}", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert (status, answer["code"]) == (400, "BAD_REQUEST")
    assert answer["error"].endswith("Its Content-Type must be application/json.")


async def test_every_answer_names_the_worker_and_its_boot(worker: WorkerProcess) -> None:
    _, ping, _ = await worker.call("GET", "/v1/ping")
    for method, path, token in [
        ("GET", "/health", None),
        ("GET", "/v1/ping", "wrong"),
        ("GET", "/v1/jobs/wk_none", TOKEN),
        ("POST", "/v1/jobs/wk_none/cancel", TOKEN),
        ("GET", "/v1/models", TOKEN),
        ("GET", "/nothing", TOKEN),
    ]:
        _, _, headers = await worker.call(method, path, token=token)
        found = headers["worker-boot-id"], headers["worker-instance-id"]
        assert found == (ping["bootId"], ping["instanceId"]), path


async def test_unknown_jobs_and_paths_are_404_with_an_error(worker: WorkerProcess) -> None:
    for path in ["/v1/jobs/wk_none", "/v1/jobs/wk_none/events", "/v1/jobs/wk_none/output", "/nothing"]:
        status, answer, _ = await worker.call("GET", path)
        assert (status, answer["code"]) == (404, "NOT_FOUND")
        assert answer["error"]
    assert (await worker.call("POST", "/v1/jobs/wk_none/cancel"))[0] == 404


async def test_a_hundred_malformed_bodies_are_400_and_start_nothing(worker: WorkerProcess) -> None:
    chance = random.Random(1)
    good = json.dumps(body(worker)).encode()
    before = sorted(os.listdir(worker.work_dir / "jobs"))
    for _ in range(100):
        broken = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            cut = chance.randrange(len(broken))
            broken[cut : cut + chance.randint(1, 60)] = os.urandom(chance.randint(0, 3))
        status, answer, _ = await worker.call("POST", "/v1/jobs", raw=bytes(broken))
        if status == 200:
            # What was damaged was not looked at; the job is ended again.
            await worker.call("POST", f"/v1/jobs/{answer['workerJobId']}/cancel")
            assert (await worker.ended(answer["workerJobId"]))["status"] in ("canceled", "failed")
        else:
            assert status in (400, 413), answer
            assert answer["code"] and answer["error"]
    assert sorted(os.listdir(worker.work_dir / "jobs")) == before
    assert (await worker.call("GET", "/health", token=None))[0] == 200


async def test_hostile_ids_and_names_touch_no_path(worker: WorkerProcess, short: bytes) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        request = controller.request("hostile", short)
        request["inputs"][0]["inputId"] = "../../../../tmp/evil"  # type: ignore[index]
        request["inputs"][0]["filename"] = "../..\\CON\n\u202e.wav"  # type: ignore[index]
        job = await worker.ended(await worker.submit(request))
        assert job["status"] == "complete"
        transcript = json.loads(controller.outputs["hostile"][0])
        assert transcript["source"]["filename"] == "../..\\CON\n\u202e.wav"


async def test_a_silent_recording_is_complete_with_an_empty_text(worker: WorkerProcess, short: bytes) -> None:
    silent = short[:44] + bytes(len(short) - 44)
    async with Controller(worker.port, TOKEN) as controller:
        job = await worker.ended(await worker.submit(controller.request("silent", silent)))
        assert job["status"] == "complete"
        transcript = json.loads(controller.outputs["silent"][0])
        assert (transcript["text"], transcript["segments"]) == ("", [])


async def test_bad_files_fail_alone_with_their_own_code(worker: WorkerProcess, short: bytes) -> None:
    files = {"corrupt": b"this is no recording " * 500, "header-only": short[:44], "good": short}
    async with Controller(worker.port, TOKEN) as controller:
        codes = {}
        for name, data in files.items():
            job = await worker.ended(await worker.submit(controller.request(f"bad-{name}", data)))
            codes[name] = job["error"]["code"] if job["error"] else job["status"]
        assert codes == {"corrupt": "DECODE_FAILED", "header-only": "EMPTY_INPUT", "good": "complete"}


async def test_word_times_and_vad_can_be_switched_off(worker: WorkerProcess, short: bytes) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        request = controller.request("plain", short, wordTimestamps=False, vadEnabled=False)
        assert (await worker.ended(await worker.submit(request)))["status"] == "complete"
        transcript = json.loads(controller.outputs["plain"][0])
        assert "Hello Anna" in transcript["text"]
        assert all(segment["words"] == [] for segment in transcript["segments"])


async def test_a_part_1_controller_with_two_inputs_gets_the_uploads_of_each(
    worker: WorkerProcess, short: bytes
) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        uploads: list[bytes] = []

        async def handler(call: Call) -> Answer | None:
            if call.method == "GET":
                return controller.recording_answer(call, short)
            if call.path.endswith("/worker/outputs"):
                assert call.headers["content-type"].startswith("multipart/form-data; boundary=")
                uploads.append(call.body)
                return Answer(200, body=b"{}")
            return None

        controller.handler = handler
        request: dict[str, Any] = {
            "controllerJobId": "legacy",
            "controllerSessionHash": "abcd",
            "inputs": [
                {"inputId": f"in{n}", "filename": f"{n}.wav", "sizeBytes": len(short), "downloadUrl": f"{BASE}/f{n}"}
                for n in range(2)
            ],
            "options": {"model": "demo-en", "language": "", "diarizationEnabled": False},
            "callbackUrl": f"{BASE}/api/jobs/legacy/worker/complete",
            "outputsUploadUrl": f"{BASE}/api/jobs/legacy/worker/outputs",
        }
        status, answer, _ = await worker.call("POST", "/v1/jobs", request, {"Idempotency-Key": "legacy-key"})
        assert status == 200, answer
        job = await worker.ended(answer["workerJobId"])
        assert (job["status"], job["attempt"]) == ("complete", None)
        assert [
            [kind for kind in ("json", "markdown") if f'name="outputType"\r\n\r\n{kind}\r\n'.encode() in upload]
            for upload in uploads
        ] == [["json"], ["markdown"]] * 2
        assert [f'name="inputId"\r\n\r\nin{n // 2}\r\n'.encode() in upload for n, upload in enumerate(uploads)] == [
            True
        ] * 4
