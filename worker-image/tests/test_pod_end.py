"""A rented machine that ends itself: against a provider that fails in every way, and from a real worker."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bulk_transcribe_worker.backoff import Backoff
from bulk_transcribe_worker.config import Config, ConfigError, PodAccess, Secret
from bulk_transcribe_worker.logs import JsonLog, LogWriter
from bulk_transcribe_worker.pod_end import end_pod
from tests.process import WorkerProcess

pytestmark = pytest.mark.anyio

LOG = JsonLog(LogWriter(os.open(os.devnull, os.O_WRONLY)))


class Provider:
    """Answers with `statuses` in turn, the last one for ever; 0 = hangs up."""

    def __init__(self, statuses: list[int]) -> None:
        self.statuses = statuses
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length")
        )
        key = next(line.split(": ")[1] for line in head.splitlines() if line.lower().startswith("authorization"))
        self.calls.append((head.splitlines()[0], key, json.loads(await reader.readexactly(length))))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status:
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()


@asynccontextmanager
async def provider(*statuses: int) -> AsyncIterator[Provider]:
    served = Provider(list(statuses))
    server = await asyncio.start_server(served.answer, "127.0.0.1", 0)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def ended(served: Provider, wanted: Callable[[], bool] = lambda: True, action: str = "terminate") -> bool:
    clock = Clock()
    access = PodAccess("pod 1/x", Secret("pod-key"), f"http://127.0.0.1:{served.port}/v2", action)
    return await end_pod(access, wanted, LOG, Backoff(600.0, 1.0, 60.0, lambda: clock.now, lambda: 1.0), clock.sleep)


@pytest.mark.parametrize("action", ["terminate", "stop"])
async def test_the_provider_is_told_once(action: str) -> None:
    async with provider(204) as served:
        assert await ended(served, action=action)
        assert served.calls == [("POST /v2/pods/pod%201%2Fx/action HTTP/1.1", "Bearer pod-key", {"action": action})]


async def test_it_is_asked_again_while_it_fails() -> None:
    async with provider(500, 0, 429, 409, 502, 200) as served:
        assert await ended(served)
        assert len(served.calls) == 6


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refusal_is_final(status: int) -> None:
    async with provider(status) as served:
        assert not await ended(served)
        assert len(served.calls) == 1


async def test_patience_ends() -> None:
    async with provider(500) as served:
        assert not await ended(served)
        assert 10 <= len(served.calls) <= 30


async def test_a_controller_that_comes_back_stops_it() -> None:
    async with provider(500) as served:
        assert not await ended(served, lambda: len(served.calls) < 3)
        assert len(served.calls) == 3


async def test_an_idle_worker_ends_its_pod_and_then_itself(start_worker: Callable[..., WorkerProcess]) -> None:
    async with provider(500, 204) as served:
        worker = start_worker(
            WORKER_IDLE_STOP_SECONDS="1",
            RUNPOD_POD_ID="pod1",
            RUNPOD_API_KEY="pod-key",
            RUNPOD_API_URL=f"http://127.0.0.1:{served.port}",
        )
        assert worker.process is not None
        assert await asyncio.to_thread(worker.process.wait, 30) == 0
        assert [call[0] for call in served.calls] == ["POST /v2/pods/pod1/action HTTP/1.1"] * 2
        events = [line["event"] for line in worker.log_events()]
        assert events[-4:] == ["idle_stop", "pod_end_waiting", "pod_end", "draining"]
        assert "pod-key" not in worker.log_text()


def test_the_settings_of_a_pod() -> None:
    mine = {"RUNPOD_POD_ID": "p", "RUNPOD_API_KEY": "k"}
    pod = Config.from_environment(mine).pod
    assert pod is not None
    assert (pod.pod_id, pod.api_url, pod.action) == ("p", "https://api.runpod.io/v2", "terminate")
    assert Config.from_environment({**mine, "WORKER_IDLE_ACTION": "exit"}).pod is None
    assert Config.from_environment({**mine, "RUNPOD_API_KEY": ""}).pod is None
    assert "'k'" not in repr(pod)
    with pytest.raises(ConfigError, match="https"):
        Config.from_environment({**mine, "RUNPOD_API_URL": "http://evil.example"})
    with pytest.raises(ConfigError, match="WORKER_IDLE_ACTION"):
        Config.from_environment({"WORKER_IDLE_ACTION": "sleep"})
