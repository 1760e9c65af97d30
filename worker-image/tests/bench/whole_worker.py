"""The whole worker against stock batched faster-whisper: `python -m tests.bench.whole_worker [SCALE]`.

Twenty mixed recordings, the small model, int8, one thread each. Ours: fetched through the tunnel, verified, decoded,
transcribed with words, delivered and acknowledged, until the last one is. Stock: BatchedInferencePipeline on files that
are there already, one by one, with words; its model loaded once, and once for each as deployed workers do. No gate.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from faster_whisper import BatchedInferencePipeline, WhisperModel

from tests.bench.recordings import mixed
from tests.process import MODELS, TOKEN, WorkerProcess
from tests.standin import Controller

BATCH = 2


def _model() -> BatchedInferencePipeline:
    return BatchedInferencePipeline(WhisperModel(str(MODELS / "demo-en"), "cpu", compute_type="int8", cpu_threads=1))


def stock(paths: list[Path], load_each: bool) -> float:
    """Wall seconds for all files, one by one."""
    began = time.monotonic()
    pipeline = _model()
    for number, path in enumerate(paths):
        if load_each and number:
            pipeline = _model()
        segments, _ = pipeline.transcribe(str(path), language="en", batch_size=BATCH, word_timestamps=True)
        assert list(segments)
    return time.monotonic() - began


async def ours(folder: Path, files: list[tuple[str, int, bytes]]) -> float:
    """Wall seconds from the first request to the last acknowledgement."""
    worker = WorkerProcess(folder / "work", WORKER_BATCH_SIZE=str(BATCH))
    worker.start()
    try:
        async with Controller(worker.port, TOKEN) as controller:
            began, jobs = time.monotonic(), []
            for name, _, data in files:
                request = controller.request(f"bench-{name}", data)
                while True:
                    status, answer, _ = await worker.call("POST", "/v1/jobs", request)
                    if status == 200:
                        break
                    await asyncio.sleep(0.1)
                jobs.append(answer["workerJobId"])
            for job in jobs:
                assert (await worker.ended(job, 3600))["status"] == "complete"
            return time.monotonic() - began
    finally:
        worker.close()


def main() -> None:
    """Runs the three in turn and prints them."""
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    files = mixed(scale)
    minutes = sum(seconds for _, seconds, _ in files) / 60
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, _, data in files:
            paths.append(Path(folder) / name)
            paths[-1].write_bytes(data)
        mine = asyncio.run(ours(Path(folder), files))
        once = stock(paths, load_each=False)
        each = stock(paths, load_each=True)
    sys.stdout.write(
        f"{len(files)} recordings, {minutes:.0f} minutes, small model, int8, batch {BATCH}, 1 thread, {os.cpu_count()}"
        f" cores, load {os.getloadavg()[0]:.1f} at the end\n"
        f"(3) whole worker {mine:.1f} s; stock one by one, model loaded once {once:.1f} s: {mine / once:.2f}"
        " (goal: at most 1.0);"
        f" model loaded for each {each:.1f} s: {mine / each:.2f}\n"
    )


if __name__ == "__main__":
    main()
