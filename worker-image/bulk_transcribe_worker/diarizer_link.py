"""Owns one process that tells speakers apart: its start, its messages, and how it ended."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from bulk_transcribe_worker.diarization import DiarizationSetup, Diarize, Prepare, Prepared, Unable
from bulk_transcribe_worker.pipe import Pipe

READY_SECONDS = 900.0
"""The first start fetches a pipeline."""
_SECRETS = ("WORKER_TOKEN", "RUNPOD_API_KEY", "HF_TOKEN")


class DiarizerLink:
    """One process. `ended` once nothing comes from it any more; whoever waits is told how it ended."""

    def __init__(self, command: Sequence[str], setup: DiarizationSetup) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in _SECRETS}
        self.ended = False
        self._lock = threading.Lock()
        self._waiting: dict[int, queue.SimpleQueue[object]] = {}
        self._numbers = 0
        self._first: object = None
        self._settled = threading.Event()
        self._process = subprocess.Popen(list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._pipe = Pipe(self._process.stdout, self._process.stdin)
        self._reader = threading.Thread(target=self._read, name="diarizer", daemon=True)
        self._reader.start()
        self.send(Prepare(setup))

    def prepared(self) -> object:
        """Prepared, Unable, or how it ended before either; None where it took too long."""
        if not self._settled.wait(READY_SECONDS):
            self.kill()
            return None
        return self._first

    def request(self, make: Callable[[int], Diarize]) -> tuple[int, queue.SimpleQueue[object]]:
        """Sends a request; its answers, or how the process ended, come through the queue."""
        answers: queue.SimpleQueue[object] = queue.SimpleQueue()
        with self._lock:
            self._numbers += 1
            number = self._numbers
            if self.ended:
                answers.put("it is gone")
            else:
                self._waiting[number] = answers
        self.send(make(number))
        return number, answers

    def forget(self, number: int) -> None:
        """Nobody waits for these answers any more."""
        with self._lock:
            self._waiting.pop(number, None)

    def send(self, message: object) -> None:
        """To a process that is gone it is not said; the reader finds that out."""
        with suppress(OSError, ValueError):
            self._pipe.send(message)

    def kill(self) -> None:
        """Ends it, and waits until it is gone."""
        self._pipe.close()
        with suppress(OSError):
            self._process.kill()
        self._reader.join()

    def _read(self) -> None:
        with suppress(Exception):
            while (message := self._pipe.receive()) is not None:
                if isinstance(message, (Prepared, Unable)):
                    self._first = message
                    self._settled.set()
                    continue
                number = getattr(message, "id", None)
                with self._lock:
                    answers = self._waiting.get(number) if isinstance(number, int) else None
                if answers is not None:
                    answers.put(message)
        self._pipe.close()
        deadline = time.monotonic() + 5.0
        while self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if self._process.poll() is None:
            self._process.kill()
        code = self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        how = f"it was ended by signal {-code}" if code < 0 else f"it ended with code {code}"
        with self._lock:
            self.ended = True
            waiting, self._waiting = list(self._waiting.values()), {}
        if self._first is None:
            self._first = how
        self._settled.set()
        for answers in waiting:
            answers.put(how)
