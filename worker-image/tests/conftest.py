from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.process import DEMO, WorkerProcess

# How fast a computer is that does other things too is no property of what is tested.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def demo() -> bytes:
    """The bundled recording: 30 s, two voices."""
    return (DEMO / "demo.wav").read_bytes()


@pytest.fixture(scope="session")
def short(demo: bytes) -> bytes:
    """Its first 5.5 s: "Good morning everyone. Hello Anna, this is Ben."."""
    with wave.open(io.BytesIO(demo)) as source:
        frames = source.readframes(round(5.5 * source.getframerate()))
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as target:
            target.setparams(source.getparams())
            target.writeframes(frames)
    return buffer.getvalue()


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[..., WorkerProcess]]:
    """Starts workers of one's own, each over the folder named; none outlives the test."""
    started: list[WorkerProcess] = []

    def start(name: str = "work", module: str = "bulk_transcribe_worker", **settings: str) -> WorkerProcess:
        worker = WorkerProcess(tmp_path / name, module, **settings)
        worker.start()
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.close()


@pytest.fixture(scope="session")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    """One worker for all tests that leave it as they found it."""
    worker = WorkerProcess(tmp_path_factory.mktemp("shared") / "work")
    worker.start()
    yield worker
    worker.close()
