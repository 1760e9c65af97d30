"""The whole way of a recording: real worker process, real tunnel, real faster-whisper with the small model."""

from __future__ import annotations

import asyncio
import hashlib
import json

import pytest

from tests.process import DEMO, TOKEN, WorkerProcess
from tests.speech_error import word_error_rate
from tests.standin import Controller

pytestmark = pytest.mark.anyio


def script() -> str:
    return " ".join(line["text"] for line in json.loads((DEMO / "demo.json").read_text())["lines"])


async def test_a_recording_becomes_a_transcript_that_is_delivered_and_acknowledged(
    worker: WorkerProcess, demo: bytes
) -> None:
    async with Controller(worker.port, TOKEN) as controller:
        job_id = await worker.submit(controller.request("journey", demo))
        job = await worker.ended(job_id)

        assert job["status"] == "complete", job
        assert job["stage"] == "complete"
        assert job["progress"]["percent"] == 100
        (body,) = controller.outputs["journey"]
        assert job["result"] == {
            "sha256": hashlib.sha256(body).hexdigest(),
            "sizeBytes": len(body),
            "acknowledged": True,
        }
        transcript = json.loads(body)
        rate = word_error_rate(script(), transcript["text"])
        print(f"word error rate {rate:.3f}")
        assert rate <= 0.10
        while not controller.completions:
            await asyncio.sleep(0.02)
        assert controller.completions[0]["status"] == "complete"
        assert controller.completions[0]["attempt"] == 1
