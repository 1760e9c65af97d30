"""What is kept of the memory that computing lets go: counted in the pages that the system had to make anew."""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bulk_transcribe_worker.engine import Speech, SpeechOptions
from bulk_transcribe_worker.engine_process import EngineProcess
from bulk_transcribe_worker.engine_wire import EngineSetup
from tests.process import DEVICE, MODELS
from tests.test_whisper_engine import audio, demo_samples

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told what to keep")

OPTIONS = SpeechOptions("demo-en")
PAGES_OF_A_WINDOW = 35_000
"""What the small model's encoder lets go and takes anew for each window where nothing is kept."""
RESIDENT_PAGES, MINOR_FAULTS = 1, 7
"""Fields of /proc/PID/statm, and of /proc/PID/stat behind the name."""

TAKE_AND_LET_GO = """
import resource, sys, threading
from bulk_transcribe_worker import heap
heap.one_heap()
{before}
def take():
    for _ in range(2):
        began = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        piece = bytearray(200_000_000)
        del piece
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - began)
thread = threading.Thread(target=take)
thread.start()
thread.join()
{after}
print(int(open("/proc/self/statm").read().split()[1]) * 4096)
"""


def taken(before: str, after: str = "") -> tuple[int, int]:
    """Pages that were made for a second piece of 200 MB, in a thread, and what the process holds in the end."""
    script = TAKE_AND_LET_GO.format(before=before, after=after)
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()
    return int(told[0]), int(told[1])


def test_what_is_kept_is_not_made_anew_and_is_given_back_when_asked() -> None:
    made, held = taken("heap.keep()")
    assert made < 1_000 and held > 200_000_000
    made, held = taken("heap.keep()", "heap.let_go()")
    assert made < 1_000 and held < 100_000_000


def test_what_is_not_to_be_kept_goes_back_at_once() -> None:
    # bytearray takes cleared memory, of which only some may be touched: what counts is that nothing is left.
    _, held = taken("heap.keep(); heap.keep_nothing()")
    assert held < 100_000_000


def field(pid: int, file: str, number: int) -> int:
    return int(Path(f"/proc/{pid}/{file}").read_text().rpartition(")")[2].split()[number])


def test_an_engine_takes_its_memory_once_and_gives_it_back_at_rest(tmp_path: Path) -> None:
    engine = EngineProcess(EngineSetup(MODELS, "auto" if DEVICE == "cpu" else "cpu", cpu_threads=1))
    try:
        sound = audio(tmp_path, demo_samples() * 6)
        speech = engine.find_speech(sound, True, lambda: False)
        engine.load(OPTIONS.model)
        pid = engine._link._child.pid

        def hear(part: Speech) -> int:
            began = field(pid, "stat", MINOR_FAULTS)
            assert list(engine.transcribe(sound, part, OPTIONS, lambda outcome: None, lambda: False))
            return field(pid, "stat", MINOR_FAULTS) - began

        hear(speech)
        again = hear(speech)
        assert again < PAGES_OF_A_WINDOW * len(speech.clips) / 10
        busy = field(pid, "statm", RESIDENT_PAGES)
        until = time.monotonic() + 60
        while field(pid, "statm", RESIDENT_PAGES) > busy - PAGES_OF_A_WINDOW / 2:
            assert time.monotonic() < until, "an engine at rest keeps what it does not need"
            time.sleep(0.2)
        hear(replace(speech, clips=speech.clips[:1]))
    finally:
        engine.close()
