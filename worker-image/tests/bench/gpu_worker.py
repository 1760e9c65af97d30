"""How busy the whole worker keeps a GPU: `python -m tests.bench.gpu_worker [SCALE] [--tiny] [--speakers]`. No gate.

At the large-v3 shape, twenty mixed recordings through the tunnel of the tests, from the first request to the last
acknowledgement, at the worker's own settings, with times of words; the model (random weights, steady) is in memory
before. `--speakers`: with the small pyannote pipeline, whose embedding has ResNet34's full shape. `--tiny` tries the
steps without a GPU.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bulk_transcribe_worker.gpu import cpu_name, read_gpu
from tests.bench.big_model import LARGE_V3, TINY, make
from tests.bench.gpu_watch import GpuWatch
from tests.bench.recordings import mixed
from tests.diarization import PACKAGES, build_pipeline
from tests.process import TOKEN, WorkerProcess
from tests.standin import Controller


async def measure(worker: WorkerProcess, files: list[tuple[str, int, bytes]], speakers: bool, watch: GpuWatch) -> str:
    """Sends all, waits for all, and says what was seen."""

    async def submit(controller: Controller, name: str, data: bytes) -> str:
        request = controller.request(name, data, model="big", language="en", diarizationEnabled=speakers)
        while True:
            status, answer, _ = await worker.call("POST", "/v1/jobs", request)
            if status == 200:
                return str(answer["workerJobId"])
            await asyncio.sleep(0.05)

    async def busy_seconds() -> float:
        _, ping, _ = await worker.call("GET", "/v1/ping")
        return float(ping["engineBusyShare"] or 0.0) * (time.monotonic() - born)

    born = time.monotonic() - worker.startup_seconds
    async with Controller(worker.port, TOKEN) as controller:
        # The model into memory, and what is compiled at first use.
        first = await submit(controller, "first", files[0][2])
        warm = await worker.ended(first, 600)
        assert warm["status"] == "complete", (warm, worker.log_text()[-3000:])
        before, began = await busy_seconds(), time.monotonic()
        jobs = [await submit(controller, f"bench-{name}", data) for name, _, data in files]
        ended: list[dict[str, Any]] = [await worker.ended(job, 3600) for job in jobs]
        wall = time.monotonic() - began
        seen, busy = watch.since(began), await busy_seconds() - before
        assert {job["status"] for job in ended} == {"complete"}, worker.log_text()[-3000:]
    audio = sum(seconds for _, seconds, _ in files)
    timings = {name: sum(job["timings"][name] or 0.0 for job in ended) for name in ended[0]["timings"]}
    spent = ", ".join(f"{name} {seconds:.1f}" for name, seconds in timings.items() if seconds)
    return (
        f"{len(files)} recordings, {audio / 60:.0f} minutes{', with speakers' if speakers else ''}: wall {wall:.1f} s, "
        f"{audio / wall:.0f} x real time; engine busy {busy / wall:.2f} of it; {seen or 'no GPU'}\n"
        f"  model load {warm['timings']['modelLoadSec']} s, first recording {warm['timings']['transcribeSec']} s;"
        f" sums over the jobs, s: {spent}"
    )


def main() -> None:
    """Runs it once and prints it."""
    tiny, speakers = "--tiny" in sys.argv, "--speakers" in sys.argv
    numbers = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    files = mixed(float(numbers[0]) if numbers else 0.05 if tiny else 1.0)
    with tempfile.TemporaryDirectory() as temporary, GpuWatch() as watch:
        folder = Path(temporary)
        make(folder / "models" / "big", TINY if tiny else LARGE_V3)
        settings = {"WORKER_MODELS_DIR": str(folder / "models"), "WORKER_MODEL": "big"}
        settings["WORKER_CPU_THREADS"] = "1" if tiny else "0"
        if speakers:
            settings["DIARIZATION_MODEL"] = str(build_pipeline(folder / "pipeline"))
            settings["DIARIZATION_PACKAGES"] = str(PACKAGES)
        worker = WorkerProcess(folder / "work", "tests.bench.big_worker", **settings)
        worker.start()
        try:
            told = asyncio.run(measure(worker, files, speakers, watch))
        finally:
            worker.close()
    gpu = read_gpu()
    sys.stdout.write(f"{gpu.name if gpu else cpu_name()}, {os.cpu_count()} cores\n{told}\n")


if __name__ == "__main__":
    main()
