"""Real speakers: the real pyannote pipeline on small weights of its own classes, in the real worker, on two voices."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from bulk_transcribe_worker.diarization import DiarizationSetup, SpeakerCount
from bulk_transcribe_worker.diarizer import Diarizer
from tests.diarization import PACKAGES, build_pipeline, environment
from tests.process import DEMO, DEVICE, TOKEN, WorkerProcess
from tests.standin import Controller
from tests.test_heap import MINOR_FAULTS, RESIDENT_PAGES, field
from tests.test_whisper_engine import audio, demo_samples

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_pipeline(tmp_path_factory.mktemp("pyannote") / "pipeline")


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory, pipeline: Path) -> Iterator[WorkerProcess]:
    """A worker that tells speakers apart."""
    worker = WorkerProcess(
        tmp_path_factory.mktemp("speaking") / "work",
        DIARIZATION_MODEL=str(pipeline),
        DIARIZATION_PACKAGES=str(PACKAGES),
    )
    worker.start()
    yield worker
    worker.close()


def right_words(transcript: dict[str, Any]) -> float:
    """Share of the words that have the speaker of the script's line in which they lie, under the best naming."""
    lines = json.loads((DEMO / "demo.json").read_text())["lines"]
    words = [word for segment in transcript["segments"] for word in segment["words"]]

    def who(word: dict[str, Any]) -> str:
        middle = (word["start"] + word["end"]) / 2
        return str(min(lines, key=lambda line: max(line["start"] - middle, middle - line["end"], 0))["speaker"])

    pairs = [(word.get("speaker"), who(word)) for word in words]
    named = ({"SPEAKER_00": "Anna", "SPEAKER_01": "Ben"}, {"SPEAKER_00": "Ben", "SPEAKER_01": "Anna"})
    return max(sum(names.get(str(found)) == meant for found, meant in pairs) for names in named) / len(pairs)


async def test_a_job_gets_its_two_speakers_and_words_are_theirs(speaking: WorkerProcess, demo: bytes) -> None:
    async with Controller(speaking.port, TOKEN) as controller:
        # Sent while it is still being found out whether speakers can be told apart: the job waits for that.
        job_id = await speaking.submit(controller.request("speakers", demo, diarizationEnabled=True))
        job = await speaking.ended(job_id, 240)
        assert job["status"] == "complete", (job, speaking.log_text()[-3000:])
        transcript = json.loads(controller.outputs["speakers"][0])
        events = [event async for event in speaking.events(job_id)]
    assert list(transcript["speakers"]) == ["SPEAKER_00", "SPEAKER_01"]
    assert all(len(speaker["embedding"]) == 256 for speaker in transcript["speakers"].values())
    assert right_words(transcript) >= 0.9
    assert [segment["speaker"] for segment in transcript["segments"]][:3] == ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"]
    assert transcript["engine"]["options"]["diarization"]["device"] == DEVICE
    assert [event["data"] for event in events if event["event"] == "speakers"] == [{"count": 2}]
    assert "diarizing" in [event["data"]["stage"] for event in events if event["event"] == "progress"]
    assert job["timings"]["diarizeSec"] > 0
    logged = [line["event"] for line in speaking.log_events()]
    wanted = ["transcribe_finished", "diarization_started", "diarization_finished", "merge_started", "merge_finished"]
    seen = [event for event in logged if event in wanted]
    # On a GPU both run beside one another.
    assert (seen if DEVICE == "cpu" else sorted(seen)) == (wanted if DEVICE == "cpu" else sorted(wanted))

    _, ping, _ = await speaking.call("GET", "/v1/ping")
    assert (ping["diarization"], ping["diarizationReason"]) == (True, None)
    _, preflight, _ = await speaking.call("GET", "/v1/preflight")
    assert preflight["checks"]["diarization"] is True
    assert preflight["versions"]["pyannote.audio"].startswith("4.")
    if sys.platform == "linux":
        assert speaking.process is not None
        # torch is in the other process alone.
        assert "libtorch" not in await anyio.Path(f"/proc/{speaking.process.pid}/maps").read_text()


async def test_without_a_token_it_is_named_and_a_job_is_refused_or_does_without(
    start_worker: Callable[..., WorkerProcess], short: bytes
) -> None:
    worker = start_worker("tokenless", DIARIZATION_PACKAGES=str(PACKAGES), HF_TOKEN="", DIARIZATION_MODEL="")
    _, ping, _ = await worker.call("GET", "/v1/ping")
    assert ping["diarization"] is False
    assert "HF_TOKEN is not set" in ping["diarizationReason"]
    _, preflight, _ = await worker.call("GET", "/v1/preflight")
    # Nobody meant to have speakers here: that is named, and the rest is well.
    assert (preflight["status"], preflight["checks"].get("diarization")) == ("ok", None)
    assert "HF_TOKEN is not set" in preflight["errors"]["diarization"]
    async with Controller(worker.port, TOKEN) as controller:
        request = controller.request("must", short, diarizationEnabled=True)
        status, answer, _ = await worker.call("POST", "/v1/jobs", request)
        assert (status, answer["code"]) == (400, "UNSUPPORTED_OPTION")
        assert "HF_TOKEN is not set" in answer["error"]
        assert not any(call.method == "GET" for call in controller.calls)
        may = controller.request("may", short, diarizationEnabled=True, diarizationOptional=True)
        job = await worker.ended(await worker.submit(may))
        assert job["status"] == "complete"
        transcript = json.loads(controller.outputs["may"][0])
    assert transcript["speakers"] == {}
    assert [warning["code"] for warning in transcript["warnings"]].count("SPEAKERS_UNAVAILABLE") == 1


def test_the_numbers_are_those_of_stock_pyannote(pipeline: Path) -> None:
    arguments = ["-m", "tests.pyannote_equality", str(PACKAGES), str(pipeline), str(DEMO / "demo.wav")]
    ended = subprocess.run([sys.executable, *arguments], env=environment(), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    told = json.loads(ended.stdout)
    assert told["silent"] > 0
    assert max(told["mostFalse"], told["mostTrue"]) <= 1e-4 * max(1.0, told["scale"])
    assert told["sameTurns"] is True
    assert told["turns"] >= 5
    assert (told["asked1"], told["asked3"]) == (1, 3)
    # Two seconds hold no five speakers, silence none; neither is a failure.
    assert told["short"][0] == 1
    assert told["nobody"] == 0
    assert told["halved"] == {"batchSizeReducedTo": 2}


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told what to keep")
def test_on_a_processor_memory_is_taken_once_and_given_back_at_rest(pipeline: Path, tmp_path: Path) -> None:
    diarizer = Diarizer(DiarizationSetup(PACKAGES, tmp_path, str(pipeline), device="cpu", threads=1))
    sound = audio(tmp_path, demo_samples())
    try:
        for _ in range(3):
            assert diarizer.run(sound.path, SpeakerCount(), lambda share: None, lambda: False).exclusive
            assert diarizer._child is not None
            pid = diarizer._child._process.pid
            before, busy = field(pid, "stat", MINOR_FAULTS), field(pid, "statm", RESIDENT_PAGES)
        diarizer.run(sound.path, SpeakerCount(), lambda share: None, lambda: False)
        assert field(pid, "stat", MINOR_FAULTS) - before < 10_000
        until = time.monotonic() + 60
        while field(pid, "statm", RESIDENT_PAGES) > busy - 10_000:
            assert time.monotonic() < until, "at rest it keeps what it does not need"
            time.sleep(0.2)
    finally:
        diarizer.close()
