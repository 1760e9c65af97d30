"""A model that is not there yet: fetched from a hub on loopback by its commit, told of on its way, kept afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from tests.hub import Hub
from tests.process import TOKEN, WorkerProcess
from tests.standin import Controller

pytestmark = pytest.mark.anyio

MODEL = "tiny.en"


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub(MODEL)
    yield made
    made.close()


async def test_it_is_told_how_much_of_a_model_is_here_and_a_later_start_needs_no_hub(
    hub: Hub, start_worker: Callable[..., WorkerProcess], tmp_path: object, short: bytes
) -> None:
    settings = {"WORKER_MODELS_DIR": f"{tmp_path}/models", "WORKER_MODEL": MODEL, "HF_ENDPOINT": hub.address}
    worker = start_worker(**settings)
    async with Controller(worker.port, TOKEN) as controller:
        job_id = await worker.submit(controller.request("fetch", short, model=MODEL))
        assert await asyncio.to_thread(hub.half.wait, 30), worker.log_text()
        waiting = await worker.until(job_id, lambda job: job["progress"]["modelTotalBytes"] is not None)
        assert waiting["stage"] == "loading_model"
        assert 0 <= waiting["progress"]["modelBytes"] < waiting["progress"]["modelTotalBytes"]
        hub.go.set()
        job = await worker.ended(job_id)
        assert (job["status"], job["error"]) == ("complete", None)
        assert (job["progress"]["modelBytes"], job["progress"]["modelTotalBytes"]) == (None, None)
        told = [event["data"] async for event in worker.events(job_id) if event["event"] == "progress"]
        assert any(data["modelTotalBytes"] for data in told if data["stage"] == "loading_model")
    assert any(call.startswith("GET") and call.endswith("/model.bin") for call in hub.asked)
    assert all(hub.revision in call for call in hub.asked)

    worker.terminate()
    hub.close()
    worker.start()
    async with Controller(worker.port, TOKEN) as controller:
        again = await worker.ended(await worker.submit(controller.request("again", short, model=MODEL)))
        assert (again["status"], again["error"]) == ("complete", None)
