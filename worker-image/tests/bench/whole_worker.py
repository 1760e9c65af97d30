"""The whole worker against stock batched faster-whisper: `python -m tests.bench.whole_worker [SCALE [ROUNDS]]`.

Twenty mixed recordings, the small model, int8, one thread each. Ours: fetched through the tunnel, verified, decoded,
transcribed with words, delivered and acknowledged, until the last one is. Stock: BatchedInferencePipeline on files that
are there already, one by one, with words; its model loaded once, and once for each as deployed workers do. In turn, and
each in processes of its own. Word errors are of both, against what is said in the recordings. No gate.
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
from dataclasses import dataclass
from pathlib import Path

from tests.bench.memory import family
from tests.bench.recordings import mixed
from tests.process import DEMO, MODELS, TOKEN, WorkerProcess
from tests.speech_error import word_error_rate, words
from tests.standin import Controller

BATCH = 2
ROUNDS = 3
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Run:
    """Wall and CPU seconds for all recordings, and the text of each."""

    wall: float
    cpu: float
    texts: list[str]


def said(seconds: int) -> tuple[list[str], list[str]]:
    """The words of a recording, which is the demo repeated: of its whole lines, and of the line that its end cuts."""
    script = json.loads((DEMO / "demo.json").read_text())
    whole, cut = [], []
    for turn in range(int(seconds / script["duration"]) + 1):
        for line in script["lines"]:
            start, end = (turn * script["duration"] + line[edge] for edge in ("start", "end"))
            if end <= seconds:
                whole += words(line["text"])
            elif start < seconds:
                cut = words(line["text"])
    return whole, cut


def word_errors(files: list[tuple[str, int, bytes]], run: Run) -> float:
    """Of all recordings together, 0..1. Of a line that is cut, as many words are taken for said as suit the text."""
    errors = count = 0.0
    for (_, seconds, _), text in zip(files, run.texts, strict=True):
        whole, cut = said(seconds)
        scripts = [[*whole, *cut[:heard]] for heard in range(len(cut) + 1)]
        errors += min(word_error_rate(" ".join(script), text) * len(script) for script in scripts)
        count += len(whole)
    return errors / count


def stock(paths: list[str], load_each: bool) -> Run:
    """All files one by one, in a process of its own, from the loading of its model on."""
    command = [sys.executable, "-m", "tests.bench.whole_worker", "each" if load_each else "once", *paths]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return Run(told["wall"], told["cpu"], told["texts"])


def _stock(paths: list[str], load_each: bool) -> dict[str, object]:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    def model() -> BatchedInferencePipeline:
        return BatchedInferencePipeline(
            WhisperModel(str(MODELS / "demo-en"), "cpu", compute_type="int8", cpu_threads=1)
        )

    began, spent, texts = time.monotonic(), time.process_time(), []
    pipeline = model()
    for number, path in enumerate(paths):
        if load_each and number:
            pipeline = model()
        segments, _ = pipeline.transcribe(path, language="en", batch_size=BATCH, word_timestamps=True)
        texts.append(" ".join(segment.text for segment in segments))
    return {"wall": time.monotonic() - began, "cpu": time.process_time() - spent, "texts": texts}


def _spent(pid: int) -> float:
    """CPU seconds of a process and of its descendants, those that have ended included."""
    ticks = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICKS


async def ours(folder: Path, files: list[tuple[str, int, bytes]]) -> Run:
    """From the first request to the last acknowledgement; the controller's CPU seconds count too."""
    worker = WorkerProcess(folder / "work", WORKER_BATCH_SIZE=str(BATCH))
    worker.start()
    assert worker.process is not None
    try:
        async with Controller(worker.port, TOKEN) as controller:
            own, theirs = time.process_time(), _spent(worker.process.pid)
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
            wall = time.monotonic() - began
            cpu = time.process_time() - own + _spent(worker.process.pid) - theirs
            texts = [
                " ".join(segment["text"] for segment in json.loads(controller.outputs[f"bench-{name}"][0])["segments"])
                for name, _, _ in files
            ]
            return Run(wall, cpu, texts)
    finally:
        worker.close()


def main() -> None:
    """Runs the three in turn and prints them; or one way of stock for the files that are named."""
    if len(sys.argv) > 2 and sys.argv[1] in ("once", "each"):
        sys.stdout.write(json.dumps(_stock(sys.argv[2:], sys.argv[1] == "each")))
        return
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    files = mixed(scale)
    minutes = sum(seconds for _, seconds, _ in files) / 60
    runs: dict[str, list[Run]] = {"ours": [], "once": [], "each": []}
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / name) for name, _, _ in files]
        for path, (_, _, data) in zip(paths, files, strict=True):
            Path(path).write_bytes(data)
        for number in range(rounds):
            # What comes first in one round comes last in the next.
            for way in ("ours", "once", "each") if number % 2 == 0 else ("each", "once", "ours"):
                if way == "ours":
                    place = Path(folder) / f"round-{number}"
                    place.mkdir()
                    runs[way].append(asyncio.run(ours(place, files)))
                else:
                    runs[way].append(stock(paths, way == "each"))
    wall = {way: statistics.median(run.wall for run in of) for way, of in runs.items()}
    cpu = {way: statistics.median(run.cpu for run in of) for way, of in runs.items()}
    errors = {way: 100 * word_errors(files, of[0]) for way, of in runs.items()}
    sys.stdout.write(
        f"{len(files)} recordings, {minutes:.0f} minutes, small model, int8, batch {BATCH}, 1 thread, {os.cpu_count()}"
        f" cores, {rounds} rounds in turn, medians, load {os.getloadavg()[0]:.1f} at the end\n"
        f"(3) whole worker {wall['ours']:.1f} s; stock one by one, model loaded once {wall['once']:.1f} s:"
        f" {wall['ours'] / wall['once']:.2f} (goal: at most 1.0);"
        f" model loaded for each {wall['each']:.1f} s: {wall['ours'] / wall['each']:.2f}\n"
        f"    CPU s {cpu['ours']:.1f}, {cpu['once']:.1f} and {cpu['each']:.1f}:"
        f" {cpu['ours'] / cpu['once']:.2f} and {cpu['ours'] / cpu['each']:.2f}\n"
        f"    word errors, ours {errors['ours']:.2f} %, stock {errors['once']:.2f} %\n"
    )


if __name__ == "__main__":
    main()
