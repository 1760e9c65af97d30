"""A real GPU that has no memory left, and one that is lost: `python -m tests.bench.gpu_trouble [--beside]`. Needs CUDA.

Another process takes the card's memory but for a given rest, with plain allocations, while the engine's process has a
model of large-v3's shape loaded; then a kernel stores to an address that is nobody's. Each time eight minutes of audio
must come through, and the result must say what was changed. Prints what happened; the exit code is 1 where one failed.
`--beside` measures something else: transcribing and telling speakers apart beside one another, against one after the
other.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.diarization import DiarizationSetup, SpeakerCount
from bulk_transcribe_worker.diarizer import Diarizer
from bulk_transcribe_worker.engine import ClipResult, Speech, SpeechOptions
from bulk_transcribe_worker.engine_process import EngineProcess
from bulk_transcribe_worker.engine_wire import EngineSetup
from bulk_transcribe_worker.gpu import read_gpu
from bulk_transcribe_worker.vad import Clip, Span
from tests.bench.big_model import LARGE_V3, make
from tests.bench.big_worker import COMMAND, LOSE
from tests.bench.recordings import samples
from tests.diarization import PACKAGES, build_pipeline

MB = 1024 * 1024
CLIP_SECONDS = 15
OPTIONS = SpeechOptions("big", language="en")


def hold(leave_mb: int) -> None:
    """Takes all memory of the first GPU but `leave_mb`, says so, and holds it until its input ends."""
    cuda = ctypes.CDLL("libcuda.so.1")
    device, context = ctypes.c_int(), ctypes.c_void_p()
    free, total, block = ctypes.c_size_t(), ctypes.c_size_t(), ctypes.c_uint64()
    assert cuda.cuInit(0) == 0 and cuda.cuDeviceGet(ctypes.byref(device), 0) == 0
    assert cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), device) == 0 and cuda.cuCtxSetCurrent(context) == 0
    assert cuda.cuMemGetInfo_v2(ctypes.byref(free), ctypes.byref(total)) == 0
    left = free.value - leave_mb * MB
    while left > 2 * MB:
        size = min(left, 1024 * MB)
        if cuda.cuMemAlloc_v2(ctypes.byref(block), ctypes.c_size_t(size)) != 0:
            break
        left -= size
    sys.stdout.write("held\n")
    sys.stdout.flush()
    sys.stdin.read()


@contextmanager
def full(leave_mb: int) -> Iterator[None]:
    """A process beside this one that holds the card's memory."""
    command = [sys.executable, "-m", "tests.bench.gpu_trouble", "hold", str(leave_mb)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdin is not None and holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"held\n"
        yield
    finally:
        holder.stdin.close()
        holder.wait(30)


class Trouble:
    """One engine in its process, and a recording."""

    def __init__(self, folder: Path, seconds: int) -> None:
        (folder / "sound").write_bytes(samples(seconds).tobytes())
        self.sound = Audio(folder / "sound")
        spans = [Span(start, start + CLIP_SECONDS) for start in range(0, seconds, CLIP_SECONDS)]
        self.speech = Speech(tuple(Clip((span,), (span,)) for span in spans))
        self.folder = folder

    def engine(self, batch_size: int = 16) -> EngineProcess:
        """A fresh one with the model loaded."""
        engine = EngineProcess(EngineSetup(self.folder, batch_size=batch_size), COMMAND)
        engine.load("big")
        return engine

    def hear(self, engine: EngineProcess) -> list[ClipResult]:
        """The whole recording."""
        return list(engine.transcribe(self.sound, self.speech, OPTIONS, lambda outcome: None, lambda: False))

    def checked(self, name: str, engine: EngineProcess, *wanted: str) -> bool:
        """Whether all came through, and the result names `wanted`."""
        began = time.monotonic()
        try:
            results = self.hear(engine)
        except Exception as error:
            return _say(f"FAILED {name}: {type(error).__name__}: {error}", False)
        changed = dict(results[-1].changed)
        good = len(results) == len(self.speech.clips) and all(result.segments for result in results)
        good = good and all(key in changed for key in wanted) and engine.self_test().checks.get("engine process", False)
        told = f"{len(results)} clips in {time.monotonic() - began:.1f} s, changed {changed}"
        return _say(f"{'ok    ' if good else 'FAILED'} {name}: {told}; {_memory()}", good)


def _memory() -> str:
    gpu = read_gpu()
    return f"{gpu.vram_used_mb} of {gpu.vram_total_mb} MB taken" if gpu else "no GPU"


def _say(line: str, good: bool = True) -> bool:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
    return good


def trouble(folder: Path) -> bool:
    """Memory, then the loss."""
    case = Trouble(folder, 480)
    engine = case.engine()
    before = _memory()
    good = case.checked(f"all memory ({before} with the model)", engine)
    engine.close()
    for leave in (2500, 1200):
        engine = case.engine()
        with full(leave):
            good = case.checked(f"{leave} MB left beside the loaded model", engine, "batchSizeReducedTo") and good
        good = case.checked("memory is back", engine) and good
        engine.close()
    engine = case.engine()
    with full(150):
        good = case.checked("150 MB left: smaller numbers", engine, "computeTypeReducedTo") and good
    engine.close()
    lose = folder / "lose"
    os.environ[LOSE] = str(lose)
    engine = case.engine()
    lose.touch()
    good = case.checked("CUDA lost", engine, "engineRestarts") and good
    engine.close()
    return good


def beside(folder: Path) -> bool:
    """Seconds of each alone, and of both at once."""
    case = Trouble(folder, 1800)
    engine = case.engine(0)
    setup = DiarizationSetup(PACKAGES, folder, str(build_pipeline(folder / "pipeline")))
    diarizer = Diarizer(setup)
    diarizer.start()
    reason = diarizer.wait(lambda: False)
    if reason is not None:
        return _say(f"FAILED: {reason}", False)

    def speakers() -> None:
        diarizer.run(case.sound.path, SpeakerCount(), lambda share: None, lambda: False, None)

    def speech() -> None:
        case.hear(engine)

    def both() -> None:
        thread = threading.Thread(target=speakers)
        thread.start()
        speech()
        thread.join()

    took: dict[str, float] = {}
    for name, work in (("speech", speech), ("speakers", speakers), ("both", both)):
        work()
        began = time.monotonic()
        work()
        took[name] = time.monotonic() - began
    one_after_the_other = took["speech"] + took["speakers"]
    engine.close()
    diarizer.close()
    return _say(
        f"{case.sound.duration / 60:.0f} minutes: transcribed in {took['speech']:.1f} s, speakers told apart in "
        f"{took['speakers']:.1f} s ({diarizer.device}); both beside one another {took['both']:.1f} s, "
        f"{took['both'] / one_after_the_other:.2f} of one after the other"
    )


def main() -> None:
    """Runs all cases, or the comparison."""
    if sys.argv[1:2] == ["hold"]:
        hold(int(sys.argv[2]))
        return
    if read_gpu() is None:
        sys.stdout.write("not run: there is no NVIDIA GPU here\n")
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make(folder / "big", LARGE_V3)
        good = beside(folder) if "--beside" in sys.argv else trouble(folder)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
