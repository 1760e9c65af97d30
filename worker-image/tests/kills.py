"""`kill -9` of a real worker at each stage of a recording: `python -m tests.kills [COUNT] [SEED]`, 100 unless said.

After every kill a new worker starts over the same work directory. What must hold: an output that was acknowledged is
not lost, every offer of one job has the same bytes, and what was not finished says so. A seed repeats a run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import tempfile
import wave
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.process import DEMO, TOKEN, WorkerProcess
from tests.standin import Answer, Call, Controller
from tests.worker_with_speakers import MODULE, settings

POINTS = (
    "accepted",
    "downloading",
    "download-half",
    "initializing",
    "loading_model",
    "transcribing",
    "diarizing",
    "offered",
    "acknowledged",
    "complete",
)
"""Where the worker is killed; `offered`: the transcript has arrived and is not acknowledged."""


def recording() -> bytes:
    """The first 5.5 s of the demo."""
    buffer = BytesIO()
    with wave.open(str(DEMO / "demo.wav")) as source, wave.open(buffer, "wb") as target:
        target.setparams(source.getparams())
        target.writeframes(source.readframes(round(5.5 * source.getframerate())))
    return buffer.getvalue()


class Kills:
    """One worker's lives. `jobs`: the worker's id by the controller's."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.worker = WorkerProcess(folder / "work", MODULE)
        self.chance = random.Random(seed)
        self.sound = recording()
        self.jobs: dict[str, str] = {}
        self.offers: dict[str, list[bytes]] = {}
        self.acknowledged: set[str] = set()
        self.ends: Counter[str] = Counter()

    def start(self, life: int, answer: str) -> None:
        """Starts a life, with a script of its own: what is left of the last one may still read its own."""
        self.worker.settings.update(settings(self.folder / f"life-{life}", answer))
        self.worker.start()

    async def round(self, number: int, point: str) -> None:
        """One life: what was left is looked at, a recording is sent, and the worker killed at `point`."""
        # Speakers are told apart by a script, which is at it until it is killed where that is the point.
        self.start(number, "hang" if point == "diarizing" else "found")
        await self.check()
        job = f"kill-{number}"
        reached = asyncio.Event()
        controller = Controller(self.worker.port, TOKEN)

        async def handler(call: Call) -> Answer | None:
            name = call.path.split("/")[3]
            if call.path.split("?")[0].endswith("/worker/outputs"):
                self.offers.setdefault(name, []).append(call.body)
                if name == job and point == "offered":
                    reached.set()
                    await asyncio.Event().wait()
                self.acknowledged.add(name)
                if name == job and point == "acknowledged":
                    # The answer is on its way when the kill comes.
                    asyncio.get_running_loop().call_later(self.chance.uniform(0, 0.02), reached.set)
            elif call.method == "GET" and name == job and point.startswith("download"):
                reached.set()
                if point == "downloading":
                    await asyncio.Event().wait()
                return controller.recording_answer(call, self.sound, len(self.sound) // 2)
            return None

        controller.handler = handler
        await controller.dial()
        try:
            request = controller.request(job, self.sound, diarizationEnabled=number % 2 == 0 or point == "diarizing")
            self.jobs[job] = await self.worker.submit(request)
            if point in ("initializing", "loading_model", "transcribing", "diarizing", "complete"):
                await self.worker.until(
                    self.jobs[job], lambda view: point in (view["stage"], view["status"]) or _beyond(view, point), 60
                )
            elif point != "accepted":
                await asyncio.wait_for(reached.wait(), 60)
            await asyncio.sleep(self.chance.uniform(0, 0.05))
        finally:
            self.worker.kill()
            with contextlib.suppress(Exception):
                await controller.hang_up()

    async def check(self) -> None:
        """Holds what a new life says of all jobs against what is known of them."""
        for name, job_id in self.jobs.items():
            view = await self.worker.job(job_id)
            assert len(set(self.offers.get(name, []))) <= 1, f"{name} was offered with different bytes"
            if view["status"] == "complete":
                assert name in self.acknowledged
            elif view["status"] == "failed":
                assert view["error"]["code"] == "WORKER_RESTARTED", view
                assert name not in self.acknowledged or view["result"] is None, view
            else:
                assert (view["status"], view["stage"]) == ("running", "uploading"), view

    async def finish(self) -> None:
        """A last life in which everything is delivered."""
        self.start(len(self.jobs), "found")
        try:
            async with Controller(self.worker.port, TOKEN) as controller:
                told = self.acknowledged.copy()

                async def handler(call: Call) -> Answer | None:
                    if call.path.split("?")[0].endswith("/worker/outputs"):
                        name = call.path.split("/")[3]
                        self.offers.setdefault(name, []).append(call.body)
                        self.acknowledged.add(name)
                    return None

                controller.handler = handler
                for name, job_id in self.jobs.items():
                    view: dict[str, Any] = await self.worker.ended(job_id, 60)
                    self.ends[view["status"]] += 1
                    offers = self.offers.get(name, [])
                    assert len(set(offers)) <= 1, f"{name} was offered with different bytes"
                    assert (view["status"] == "complete") == (name in self.acknowledged), (name, view)
                    if offers:
                        assert json.loads(offers[0])["text"]
                assert told <= self.acknowledged
            left = list((self.worker.work_dir / "jobs").iterdir())
            assert left == [], left
        finally:
            self.worker.close()


def _beyond(view: dict[str, Any], point: str) -> bool:
    """Whether a quick worker is past the stage that was waited for."""
    stages = ("initializing", "loading_model", "transcribing", "diarizing", "uploading", "complete")
    return point in ("initializing", "loading_model") and view["stage"] in stages[stages.index(point) + 1 :]


async def kill(count: int, seed: int, folder: Path) -> Counter[str]:
    """Kills `count` times; how the recordings ended."""
    kills = Kills(folder, seed)
    try:
        for number in range(count):
            await kills.round(number, POINTS[number % len(POINTS)])
        await kills.finish()
    finally:
        kills.worker.close()
    return kills.ends


def main() -> None:
    """Kills and says how it went."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(2**32)
    sys.stdout.write(f"{count} kills, seed {seed}\n")
    with tempfile.TemporaryDirectory() as folder:
        ends = asyncio.run(kill(count, seed, Path(folder)))
    ended = ", ".join(f"{number} {status}" for status, number in sorted(ends.items()))
    sys.stdout.write(f"nothing lost, nothing delivered twice with different bytes: {ended}\n")


if __name__ == "__main__":
    main()
