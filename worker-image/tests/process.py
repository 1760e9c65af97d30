"""A real worker process for tests, spoken to over real HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import ctranslate2
import httpcore

TOKEN = "test-token-4f1c"
ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "tests" / "small-whisper" / "models"
DEMO = ROOT / "tests" / "small-whisper" / "demo"
DEVICE = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
"""What a worker of these tests computes on: they run on an NVIDIA GPU where there is one."""
COMPUTE_TYPE = "float16" if DEVICE == "cuda" else "int8"


class WorkerProcess:
    """`python -m bulk_transcribe_worker`, or another module, on a free port over one work directory."""

    def __init__(self, work_dir: Path, module: str = "bulk_transcribe_worker", **settings: str) -> None:
        self.work_dir = work_dir
        self.module = module
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.startup_seconds = 0.0
        self.log_path = work_dir.with_name(work_dir.name + ".log")

    def start(self) -> None:
        """Starts it and waits until it listens."""
        state_file = self.work_dir.with_name(self.work_dir.name + ".state.json")
        state_file.unlink(missing_ok=True)
        environment = {
            **os.environ,
            "WORKER_TOKEN": TOKEN,
            "WORKER_HOST": "127.0.0.1",
            "WORKER_PORT": "0",
            "WORKER_STATE_FILE": str(state_file),
            "WORKER_TMP_DIR": str(self.work_dir),
            "WORKER_MODELS_DIR": str(MODELS),
            "WORKER_MODEL": "demo-en",
            "WORKER_CPU_THREADS": "1",
            # Whether they are installed or not: only tests of speakers want them.
            "DIARIZATION_PACKAGES": str(self.work_dir.with_name("no-packages")),
            "PYTHONWARNINGS": "default",
            **self.settings,
        }
        started = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module], stdout=log, stderr=log, env=environment
            )
        while not state_file.exists():
            assert self.process.poll() is None, self.log_text()
            assert time.monotonic() - started < 20, self.log_text()
            time.sleep(0.02)
        self.startup_seconds = time.monotonic() - started
        self.port = json.loads(state_file.read_text())["port"]

    def kill(self) -> None:
        """`kill -9`, and waits until it is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def terminate(self, seconds: float = 10) -> int:
        """SIGTERM; answers the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def close(self) -> None:
        """Makes sure that nothing is left running."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def log_text(self) -> str:
        """Everything that it wrote."""
        return self.log_path.read_text() if self.log_path.exists() else ""

    def log_events(self) -> list[dict[str, Any]]:
        """The JSON lines of its log."""
        return [json.loads(line) for line in self.log_text().splitlines() if line.startswith("{")]

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: dict[str, str] | None = None,
        token: str | None = TOKEN,
        raw: bytes | None = None,
    ) -> tuple[int, Any, dict[str, str]]:
        """One request: status, parsed body, headers."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        content = raw if raw is not None else (None if body is None else json.dumps(body).encode())
        async with httpcore.AsyncConnectionPool() as pool:
            answer = await pool.request(
                method,
                f"http://127.0.0.1:{self.port}{path}",
                headers=list(sent.items()),
                content=content,
                extensions={"timeout": {"connect": 5.0, "read": 30.0, "write": 5.0, "pool": 5.0}},
            )
        told = {name.decode().lower(): value.decode() for name, value in answer.headers}
        try:
            parsed = json.loads(answer.content)
        except ValueError:
            parsed = answer.content
        return answer.status, parsed, told

    async def submit(self, request: dict[str, Any]) -> str:
        """Posts a job as a Part 2 controller does; answers its id."""
        key = f"{request['controllerJobId']}:{request.get('attempt', 1)}"
        status, answer, _ = await self.call("POST", "/v1/jobs", request, {"Idempotency-Key": key})
        assert status == 200, answer
        return str(answer["workerJobId"])

    async def job(self, job_id: str) -> dict[str, Any]:
        """The answer of `GET /v1/jobs/{id}`."""
        status, answer, _ = await self.call("GET", f"/v1/jobs/{job_id}")
        assert status == 200, answer
        assert isinstance(answer, dict)
        return answer

    async def until(
        self, job_id: str, condition: Callable[[dict[str, Any]], bool], seconds: float = 30
    ) -> dict[str, Any]:
        """Asks until the job is as wanted."""
        deadline = time.monotonic() + seconds
        while True:
            job = await self.job(job_id)
            if condition(job):
                return job
            assert time.monotonic() < deadline, (job, self.log_text()[-3000:])
            await asyncio.sleep(0.05)

    async def ended(self, job_id: str, seconds: float = 30) -> dict[str, Any]:
        """Asks until the job is final."""
        return await self.until(job_id, lambda job: job["status"] in ("complete", "failed", "canceled"), seconds)

    async def events(self, job_id: str, last_event_id: int | None = None) -> AsyncIterator[dict[str, Any]]:
        """The event stream, one `{id, event, data}` after another, until it ends."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        async with (
            httpcore.AsyncConnectionPool() as pool,
            pool.stream(
                "GET", f"http://127.0.0.1:{self.port}/v1/jobs/{job_id}/events", headers=list(headers.items())
            ) as answer,
        ):
            assert answer.status == 200
            buffer = ""
            async for part in answer.aiter_stream():
                buffer += part.decode()
                while "\n\n" in buffer:
                    block, buffer = buffer.split("\n\n", 1)
                    if not block.startswith(":"):
                        fields = dict(line.split(": ", 1) for line in block.splitlines())
                        yield {
                            "id": int(fields["id"]),
                            "event": fields["event"],
                            "data": json.loads(fields["data"]),
                        }
