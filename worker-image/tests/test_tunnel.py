"""The tunnel: who may connect, who replaces whom, and what a cut costs."""

from __future__ import annotations

import asyncio

import anyio
import pytest
import websockets
from websockets.asyncio.client import connect

from bulk_transcribe_worker.data_socket import MESSAGE_BYTES
from tests.process import TOKEN, WorkerProcess
from tests.standin import MOST_SOCKETS, Answer, Call, Controller

pytestmark = pytest.mark.anyio


async def test_the_token_is_checked_before_the_upgrade(worker: WorkerProcess) -> None:
    url = f"ws://127.0.0.1:{worker.port}/v1/tunnel?channel=control&controller=c&session=s"
    with pytest.raises(websockets.InvalidStatus) as missing:
        await connect(url, proxy=None)
    assert missing.value.response.status_code == 401
    with pytest.raises(websockets.InvalidStatus) as wrong:
        await connect(url, proxy=None, additional_headers={"Authorization": "Bearer nonsense"})
    assert wrong.value.response.status_code == 403


async def test_the_worker_greets_and_shows_the_tunnel_in_its_ping(worker: WorkerProcess) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        assert controller.greeting["protocol"] == 2
        with anyio.fail_after(10):
            while (await _ping(worker))["tunnel"] != {
                "connected": True,
                "controllerId": "test-controller",
                "dataSockets": 2,
            }:
                await asyncio.sleep(0.02)
        assert controller.greeting["bootId"] == (await _ping(worker))["bootId"]
    await _gone(worker)


async def test_another_controller_is_refused_while_one_is_alive(worker: WorkerProcess) -> None:
    async with Controller(worker.port, TOKEN):
        url = f"ws://127.0.0.1:{worker.port}/v1/tunnel?channel=control&controller=other&session=s"
        async with connect(url, proxy=None, additional_headers={"Authorization": f"Bearer {TOKEN}"}) as socket:
            await socket.wait_closed()
            assert socket.close_code == 4409
    await _gone(worker)
    async with Controller(worker.port, TOKEN, "other") as other:
        assert other.greeting["type"] == "hello"
    await _gone(worker)


async def test_a_data_socket_of_an_unknown_session_is_refused(worker: WorkerProcess) -> None:
    async with Controller(worker.port, TOKEN):
        url = f"ws://127.0.0.1:{worker.port}/v1/tunnel?channel=data&session=unknown"
        async with connect(url, proxy=None, additional_headers={"Authorization": f"Bearer {TOKEN}"}) as socket:
            await socket.wait_closed()
            assert socket.close_code == 4404
    await _gone(worker)


async def test_a_message_that_is_too_large_ends_its_socket(worker: WorkerProcess) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        url = f"ws://127.0.0.1:{worker.port}/v1/tunnel?channel=data&session={controller.session}"
        async with connect(url, proxy=None, additional_headers={"Authorization": f"Bearer {TOKEN}"}) as socket:
            await socket.send(bytes(4 * MESSAGE_BYTES + 1))
            await socket.wait_closed()
            assert socket.close_code == 1009
    await _gone(worker)


async def test_a_recording_arrives_whole_however_a_proxy_frames_it(worker: WorkerProcess, short: bytes) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        for size in (1_000, 70_000):
            controller.frame_bytes = size
            job_id = await worker.submit(controller.request(f"framed-{size}", short))
            assert (await worker.ended(job_id))["status"] == "complete"
    await _gone(worker)


async def test_the_same_controller_replaces_its_predecessor_in_mid_download(
    worker: WorkerProcess, short: bytes
) -> None:
    first = Controller(worker.port, TOKEN)
    stuck = asyncio.Event()

    async def handler(call: Call) -> Answer | None:
        await stuck.wait()
        return None

    first.handler = handler
    await first.dial()
    request = first.request("replaced", short)
    job_id = await worker.submit(request)
    with anyio.fail_after(10):
        while not first.calls:
            await asyncio.sleep(0.02)
    async with Controller(worker.port, TOKEN) as second:
        second.recordings["replaced"] = short
        job = await worker.ended(job_id)
        assert job["status"] == "complete", job
        assert first.close_code == 4408
    stuck.set()
    await first.hang_up()


async def test_a_job_waits_for_a_controller_that_is_away(worker: WorkerProcess, short: bytes) -> None:
    controller = Controller(worker.port, TOKEN)
    job_id = await worker.submit(controller.request("away", short))
    await worker.until(job_id, lambda job: job["stage"] == "downloading")
    async with controller:
        assert (await worker.ended(job_id))["status"] == "complete"


async def test_more_data_sockets_are_wished_for_while_requests_wait(worker: WorkerProcess, short: bytes) -> None:
    controller = Controller(worker.port, TOKEN)
    jobs = [await worker.submit(controller.request(f"wish-{n}", short)) for n in range(3)]
    await worker.until(jobs[0], lambda job: job["stage"] == "downloading")
    await worker.until(jobs[1], lambda job: job["stage"] == "downloading")
    async with controller:
        for job_id in jobs:
            assert (await worker.ended(job_id))["status"] == "complete"


async def test_many_deliveries_at_once_leave_sockets_for_the_next_download(worker: WorkerProcess, short: bytes) -> None:
    controller = Controller(worker.port, TOKEN)
    held = 0
    all_held = asyncio.Event()

    async def handler(call: Call) -> Answer | None:
        nonlocal held
        if "/worker/outputs" in call.path and not all_held.is_set():
            held += 1
            if held == MOST_SOCKETS:
                all_held.set()
            await all_held.wait()
        return None

    controller.handler = handler
    async with controller:
        for number in range(MOST_SOCKETS):
            job_id = await worker.submit(controller.request(f"many-{number}", short))
            await worker.until(job_id, lambda job: job["stage"] in ("uploading", "complete"))
        last = await worker.submit(controller.request("many-last", short))
        assert (await worker.ended(last))["status"] == "complete"
    await _gone(worker)


async def _ping(worker: WorkerProcess) -> dict[str, object]:
    _, answer, _ = await worker.call("GET", "/v1/ping")
    assert isinstance(answer, dict)
    return answer


async def _gone(worker: WorkerProcess) -> None:
    with anyio.fail_after(10):
        while (await _ping(worker))["tunnel"] != {"connected": False, "controllerId": None, "dataSockets": 0}:
            await asyncio.sleep(0.02)
