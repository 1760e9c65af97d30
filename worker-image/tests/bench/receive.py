"""CPU seconds of the worker per GB received: `python -m tests.bench.receive [MB] [ROUNDS]`, from worker-image. No gate.

Ours: a real worker process fetches a recording through its tunnel, hashes it and writes it to disk. Stock: HTTP/2 in a
WebSocket with the libraries' own parts (receive_stock), hashed and written too. In turn, in one run; loopback.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.process import ROOT, TOKEN, WorkerProcess
from tests.standin import Controller

GOAL = 0.25
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def ours(worker: WorkerProcess, recording: bytes, name: str) -> tuple[float, float]:
    """CPU and wall seconds of one download, in the worker's process."""
    assert worker.process is not None
    async with Controller(worker.port, TOKEN) as controller:
        request = controller.request(name, recording)
        began, spent = time.monotonic(), cpu_seconds(worker.process.pid)
        job_id = await worker.submit(request)
        while (await worker.job(job_id))["timings"]["downloadSec"] is None:
            await asyncio.sleep(0.05)
        cpu, wall = cpu_seconds(worker.process.pid) - spent, time.monotonic() - began
        await worker.ended(job_id)
    return cpu, wall


def stock(size: int, folder: Path) -> tuple[float, float]:
    """The same, in the stock receiver."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.receive_stock", str(size), str(folder / "stock")],
        stdout=subprocess.PIPE,
        text=True,
    ) as receiver:
        assert receiver.stdout is not None
        url = f"ws://127.0.0.1:{int(receiver.stdout.readline())}/"
        node = os.environ.get("BENCH_NODE") or ROOT / "node_modules" / "node" / "bin" / "node"
        with subprocess.Popen([node, Path(__file__).with_name("receive_stock.mjs"), url, str(size)]) as sender:
            told = json.loads(receiver.stdout.readline())
            receiver.wait(30)
            sender.kill()
    assert told["bytes"] == size, told
    return told["cpu"], told["wall"]


async def main() -> None:
    """Both in turn; prints medians and their ratio."""
    size = int(sys.argv[1] if len(sys.argv) > 1 else 256) * 1024 * 1024
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    block = b"recording " * 26_215
    recording = (block * (size // len(block) + 1))[:size]
    gigabytes = size / 1e9
    results: dict[str, list[float]] = {"ours": [], "stock": []}
    speed: dict[str, list[float]] = {"ours": [], "stock": []}
    with tempfile.TemporaryDirectory() as folder:
        worker = WorkerProcess(Path(folder) / "work")
        worker.start()
        try:
            for number in range(rounds):
                for name, (cpu, wall) in (
                    ("ours", await ours(worker, recording, f"bench-{number}")),
                    ("stock", stock(size, Path(folder))),
                ):
                    results[name].append(cpu / gigabytes)
                    speed[name].append(size / 1e6 / wall)
        finally:
            worker.close()
    lines = [f"{size >> 20} MiB a round, {rounds} rounds in turn, loopback, {os.cpu_count()} cores, medians"]
    for name in results:
        lines.append(
            f"{name:6} {statistics.median(results[name]):6.2f} CPU s per GB"
            f" ({min(results[name]):.2f} to {max(results[name]):.2f})   {statistics.median(speed[name]):5.0f} MB/s"
        )
    ratio = statistics.median(results["ours"]) / statistics.median(results["stock"])
    lines.append(f"ours / stock: {ratio:.2f} (goal: at most {GOAL})")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
