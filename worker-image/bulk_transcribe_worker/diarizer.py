"""Owns telling speakers apart as the worker uses it: whether it can be done here, and the process that does it.

What can be known without torch is known at once: are the packages there, a pipeline, or a token to fetch it with.
The rest the process finds out by telling the speakers of known speech apart. Methods block; used by threads.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bulk_transcribe_worker.diarization import (
    Advanced,
    Broke,
    Diarization,
    DiarizationSetup,
    Diarize,
    Found,
    Prepared,
    SpeakerCount,
    StopDiarizing,
    Unable,
)
from bulk_transcribe_worker.diarizer_link import DiarizerLink
from bulk_transcribe_worker.engine import SelfTest
from bulk_transcribe_worker.errors import Interrupted, JobErrorCode, JobFailed

_LOG = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "bulk_transcribe_worker.diarize_child")
CHECKING = "Whether speakers can be told apart is being found out."
IDLE_SECONDS = 600.0
"""A process that computes on the processor holds about 1 GB of a person's memory: it ends when nobody needs it."""
_POLL_SECONDS = 0.2


class DiarizationOutOfMemory(Exception):
    """Not even one window at once fits into the memory of the device."""


class DiarizerLost(Exception):
    """The process ended in the middle."""


class Diarizer:
    """One pipeline in one process of `command`, made anew where it died."""

    def __init__(self, setup: DiarizationSetup, command: Sequence[str] = COMMAND) -> None:
        self._setup = setup
        self._command = command
        self._lock = threading.Lock()
        self._settled = threading.Event()
        self._reason: str | None = CHECKING
        self._prepared: Prepared | None = None
        self._child: DiarizerLink | None = None
        self._closed = False
        self._working = 0
        self._idle: threading.Timer | None = None

    def start(self) -> None:
        """Begins to find out; `reason` tells at any time, `wait` when it is known."""
        reason = missing(self._setup)
        if reason is not None:
            self._settle(reason)
            return
        threading.Thread(target=self._check, name="diarizer-check", daemon=True).start()

    def reason(self) -> str | None:
        """Why speakers cannot be told apart here, or None where they can."""
        return self._reason

    def checking(self) -> bool:
        """Whether it is still being found out whether speakers can be told apart."""
        return not self._settled.is_set()

    def wait(self, stopped: Callable[[], bool]) -> str | None:
        """`reason`, once it is known. Raises Interrupted when `stopped` says so."""
        while not self._settled.wait(_POLL_SECONDS):
            if stopped():
                raise Interrupted
        return self._reason

    @property
    def installed(self) -> bool:
        """Whether its packages are there."""
        return has_packages(self._setup)

    @property
    def device(self) -> str:
        """`cuda` or `cpu`; cpu before it is known."""
        return self._prepared.device if self._prepared is not None else "cpu"

    @property
    def may_leave_gpu(self) -> bool:
        """Whether no setting says that it must be the GPU."""
        return self._setup.device != "cuda"

    def describe(self) -> dict[str, object]:
        """What it computes with, for the transcript."""
        described: dict[str, object] = {"model": self._setup.model, "device": self.device}
        if self._setup.local_pipeline() is None:
            described["revision"] = self._setup.pinned_revision
        if self._prepared is not None:
            described["version"] = self._prepared.versions.get("pyannote.audio")
        return described

    def run(
        self,
        sound: Path | None,
        count: SpeakerCount,
        progress: Callable[[float], None],
        stopped: Callable[[], bool],
        device: str | None = None,
    ) -> Diarization:
        """Who speaks when in a file of samples (audio.Audio), or in the known speech.

        A process that dies is tried once more. Raises JobFailed, DiarizationOutOfMemory and Interrupted.
        """
        restarts = 0
        while True:
            with self._at_work():
                try:
                    found = self._ask(sound, count, progress, stopped, device)
                    changed = {**found.changed, **({"diarizerRestarts": restarts} if restarts else {})}
                    return replace(found, changed=changed)
                except DiarizerLost as error:
                    restarts += 1
                    if restarts > 1 or self._closed:
                        message = f"The process that tells speakers apart ended: {error}."
                        raise JobFailed(JobErrorCode.DIARIZATION_FAILED, message) from error

    def self_test(self) -> SelfTest:
        """Tells the speakers of known speech apart once more; where nobody set that up it is named, and no failure."""
        reason = self.wait(lambda: self._closed)
        if reason is not None and missing(self._setup) is not None:
            return SelfTest({}, {}, {"diarization": reason})
        if reason is not None:
            return SelfTest({"diarization": False}, {}, {"diarization": reason})
        try:
            found = self.run(None, SpeakerCount(), lambda share: None, lambda: self._closed)
        except (JobFailed, DiarizationOutOfMemory) as error:
            return SelfTest({"diarization": False}, {}, {"diarization": str(error) or "out of memory"})
        versions = dict(self._prepared.versions) if self._prepared is not None else {}
        if not found.exclusive:
            return SelfTest({"diarization": False}, versions, {"diarization": "Nobody was heard in known speech."})
        return SelfTest({"diarization": True}, versions, {})

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            self._closed = True
            child, self._child = self._child, None
            if self._idle is not None:
                self._idle.cancel()
        self._settled.set()
        if child is not None:
            child.kill()

    def _check(self) -> None:
        try:
            with self._at_work():
                self._living()
            self._settle(None)
        except (DiarizerLost, JobFailed, OSError) as error:
            self._settle(str(error))

    def _settle(self, reason: str | None) -> None:
        if reason is not None and self.installed:
            _LOG.warning("Speakers cannot be told apart: %s", reason)
        self._reason = reason
        self._settled.set()

    def _ask(
        self,
        sound: Path | None,
        count: SpeakerCount,
        progress: Callable[[float], None],
        stopped: Callable[[], bool],
        device: str | None,
    ) -> Diarization:
        child = self._living()
        number, answers = child.request(lambda number: Diarize(number, sound, count, device))
        try:
            while True:
                try:
                    answer = answers.get(timeout=_POLL_SECONDS)
                except queue.Empty:
                    if stopped():
                        child.send(StopDiarizing(number))
                        raise Interrupted from None
                    continue
                if isinstance(answer, Advanced):
                    progress(answer.share)
                elif isinstance(answer, Found):
                    return answer.diarization
                elif isinstance(answer, Broke) and answer.out_of_memory:
                    raise DiarizationOutOfMemory
                elif isinstance(answer, Broke):
                    message = f"The speakers could not be told apart: {answer.message}"
                    raise JobFailed(JobErrorCode.DIARIZATION_FAILED, message)
                else:
                    raise DiarizerLost(str(answer))
        finally:
            child.forget(number)

    def _living(self) -> DiarizerLink:
        """The process, prepared. Raises DiarizerLost, and JobFailed where it says that it cannot."""
        with self._lock:
            if self._closed:
                raise DiarizerLost("the worker is about to stop")
            if self._child is None or self._child.ended:
                self._child = DiarizerLink(self._command, self._setup)
            child = self._child
        answer = child.prepared()
        if isinstance(answer, Prepared):
            self._prepared = answer
            return child
        if isinstance(answer, Unable):
            raise JobFailed(JobErrorCode.DIARIZATION_FAILED, answer.reason)
        raise DiarizerLost("it did not start" if answer is None else str(answer))

    def _at_work(self) -> _AtWork:
        return _AtWork(self._begin_work, self._end_work)

    def _begin_work(self) -> None:
        with self._lock:
            self._working += 1
            if self._idle is not None:
                self._idle.cancel()
                self._idle = None

    def _end_work(self) -> None:
        with self._lock:
            self._working -= 1
            if self._working or self._closed or self.device != "cpu":
                return
            self._idle = threading.Timer(IDLE_SECONDS, self._end_idle)
            self._idle.daemon = True
            self._idle.start()

    def _end_idle(self) -> None:
        with self._lock:
            child, self._child = (None, self._child) if self._working else (self._child, None)
        if child is not None:
            child.kill()


def has_packages(setup: DiarizationSetup) -> bool:
    """Whether pyannote.audio lies where it is looked for; whether it can be imported only its process finds out."""
    return (setup.packages / "pyannote" / "audio").is_dir()


def missing(setup: DiarizationSetup) -> str | None:
    """What is missing that can be seen without torch, in a sentence, or None."""
    if not has_packages(setup):
        return (
            "Telling speakers apart is not installed on this worker. On your own computer: "
            "bulk-transcribe worker install --diarization."
        )
    if setup.local_pipeline() is not None or setup.hub_token:
        return None
    cached = setup.models_folder / "cache" / f"models--{setup.model.replace('/', '--')}"
    if cached.is_dir():
        return None
    return (
        f"HF_TOKEN is not set, and without it {setup.model} cannot be fetched. Accept its conditions on its page at "
        "the model hub, make a token there, and set HF_TOKEN on the worker; or let DIARIZATION_MODEL name a folder "
        "that holds a pipeline."
    )


@dataclass(frozen=True)
class _AtWork:
    begin: Callable[[], None]
    end: Callable[[], None]

    def __enter__(self) -> None:
        self.begin()

    def __exit__(self, *_: object) -> None:
        self.end()
