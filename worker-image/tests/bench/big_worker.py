"""A worker whose model has random weights and talks as much as a real one, for benches at large-v3's shape.

`python -m tests.bench.big_worker` is the worker; with `child` it is its engine's process. All but the text is real.
Where the file exists that BIG_WORKER_LOSE names, the engine deletes it and spoils its CUDA context with a store to an
address that is nobody's: a real error from which only a new process recovers.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bulk_transcribe_worker import __main__ as entry
from bulk_transcribe_worker.clip_decoder import ClipDecoder
from bulk_transcribe_worker.clip_task import ClipTask
from bulk_transcribe_worker.engine_child import _whisper, serve
from bulk_transcribe_worker.engine_process import EngineProcess
from bulk_transcribe_worker.fallback import Try
from tests.bench.steady import steady_clips

COMMAND = (sys.executable, "-m", "tests.bench.big_worker", "child")
LOSE = "BIG_WORKER_LOSE"
_KERNEL = b"""
.version 6.3
.target sm_70
.address_size 64
.visible .entry spoil() {
    .reg .u64 %address;
    .reg .u32 %value;
    mov.u64 %address, 16;
    mov.u32 %value, 1;
    st.global.u32 [%address], %value;
    ret;
}
"""


def spoil_context() -> None:
    """Whatever this process asks of its GPU from now on fails. Nobody else's process is touched."""
    cuda = ctypes.CDLL("libcuda.so.1")
    module, kernel = ctypes.c_void_p(), ctypes.c_void_p()
    for name, *arguments in (
        ("cuModuleLoadData", ctypes.byref(module), _KERNEL),
        ("cuModuleGetFunction", ctypes.byref(kernel), module, b"spoil"),
        ("cuLaunchKernel", kernel, 1, 1, 1, 1, 1, 1, 0, None, None, None),
    ):
        status = getattr(cuda, name)(*arguments)
        if status:
            raise RuntimeError(f"{name}: {status}")


def _losing() -> None:
    generate = ClipDecoder._generate

    def losing(self: ClipDecoder, encoded: Any, tasks: Sequence[ClipTask], tokenizer: Any, warmth: float) -> list[Try]:
        if (path := Path(os.environ[LOSE])).exists():
            path.unlink()
            spoil_context()
        return generate(self, encoded, tasks, tokenizer, warmth)

    setattr(ClipDecoder, "_generate", losing)  # noqa: B010 - a method is replaced on purpose


if __name__ == "__main__":
    if sys.argv[1:] == ["child"]:
        steady_clips()
        if LOSE in os.environ:
            _losing()
        serve(_whisper)
    with_steady_text: Any = functools.partial(EngineProcess, command=COMMAND)
    setattr(entry, "EngineProcess", with_steady_text)  # noqa: B010 - not exported, and replaced only here
    entry.main()
