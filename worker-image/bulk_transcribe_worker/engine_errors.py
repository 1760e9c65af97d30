"""Owns the codes for what the engine's libraries raise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bulk_transcribe_worker.errors import Interrupted, JobErrorCode, JobFailed


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device, or the machine, had no memory left."""
    return isinstance(error, MemoryError) or "out of memory" in str(error).lower()


def one_line(error: BaseException) -> str:
    """What it says, on one line of at most 500 characters."""
    return " ".join(str(error).split())[:500] or type(error).__name__


@contextmanager
def coded_failures() -> Iterator[None]:
    """Turns an exception of CTranslate2 into a JobFailed with its code."""
    try:
        yield
    except (JobFailed, Interrupted):
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise JobFailed(JobErrorCode.OUT_OF_MEMORY, "The device ran out of memory while transcribing.") from error
        raise JobFailed(JobErrorCode.ENGINE_FAILED, f"The engine failed: {one_line(error)}") from error
