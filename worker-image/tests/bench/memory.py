"""Memory of a worker: `python -m tests.bench.memory [JOBS] [HOURS]`, from worker-image. No gate.

200 jobs and 10 hours unless said otherwise; 0 leaves one out.

(6) Resident memory of the worker and of its engine's process after a quarter of the jobs and after all of them; and
the most that worker and decoder ever took for one recording of ten hours (with a stand-in for the GPU).
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from tests.bench.recordings import recording
from tests.process import TOKEN, WorkerProcess
from tests.standin import Controller


def family(pid: int) -> dict[int, str]:
    """A process and its descendants: id and command."""
    found = {pid: "worker"}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
            command = status.with_name("cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if int(fields[1]) in found:
            found[int(status.parent.name)] = next((part for part in command if "bulk_transcribe" in part), "child")
    return found


def kilobytes(pid: int, field: str) -> int:
    """A line of /proc/PID/status, 0 where the process is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


async def jobs(folder: Path, count: int) -> list[str]:
    """Short jobs one after another; memory after a quarter of them and at the end."""
    worker = WorkerProcess(folder / "jobs")
    worker.start()
    assert worker.process is not None
    data, marks = recording(10, "pcm_s16le", "wav"), {}
    try:
        async with Controller(worker.port, TOKEN) as controller:
            for number in range(1, count + 1):
                job = await worker.submit(controller.request(f"memory-{number}", data))
                assert (await worker.ended(job, 120))["status"] == "complete"
                controller.outputs.clear()
                controller.calls.clear()
                if number in (count // 4, count):
                    marks[number] = sum(kilobytes(pid, "VmRSS") for pid in family(worker.process.pid))
    finally:
        worker.close()
    first, last = marks[count // 4] / 1024, marks[count] / 1024
    return [
        f"(6) worker and engine after {count // 4} jobs {first:.0f} MB, after {count} jobs {last:.0f} MB:"
        f" {last / first:.2f}"
    ]


async def long(folder: Path, hours: float) -> list[str]:
    """One long recording; the peaks of the worker and of its decoder."""
    hour = recording(3600, "libopus", "ogg")
    # Chained Ogg files are one recording whose clock begins anew, as recorders make them.
    data = hour * round(hours)
    worker = WorkerProcess(folder / "long", module="tests.bench.standin_gpu", GPU_SECONDS_PER_HOUR="0")
    worker.start()
    assert worker.process is not None
    peaks: dict[str, int] = {}
    try:
        async with Controller(worker.port, TOKEN) as controller:
            job = await worker.submit(controller.request("long", data))
            while True:
                for pid, name in family(worker.process.pid).items():
                    peaks[name] = max(peaks.get(name, 0), kilobytes(pid, "VmHWM"))
                view = await worker.job(job)
                if view["status"] in ("complete", "failed"):
                    break
                await asyncio.sleep(0.1)
    finally:
        worker.close()
    assert view["status"] == "complete", view
    told = ", ".join(f"{name} {size / 1024:.0f} MB" for name, size in sorted(peaks.items()))
    return [f"(6) {view['progress']['totalSec'] / 3600:.1f} hours in one recording, at most: {told}"]


def main() -> None:
    """Runs both and prints them."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    hours = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    lines = [f"{os.cpu_count()} cores, small model, int8"]
    with tempfile.TemporaryDirectory() as folder:
        lines += asyncio.run(long(Path(folder), hours)) if hours else []
        lines += asyncio.run(jobs(Path(folder), count)) if count else []
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
