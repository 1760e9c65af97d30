"""Owns the codes for what the engine's libraries raise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bulk_transcribe_worker.errors import Interrupted, JobErrorCode, JobFailed

_FULL = ("out of memory", "parallel_for failed: cudaerrorinvaliddevice")
"""What CTranslate2 passes on when an allocation failed. The second, too: seen on a full H200, where thrust, after
such a failure, blames the device; a device that is not there fails when the model is loaded. On Turing cards an
alignment says so with memory to spare (CTranslate2 #2064), which word_times gets over."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device, or the machine, had no memory left."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(sign in text for sign in _FULL)


class DeviceLost(Exception):
    """The GPU failed in a way that only a new process gets over."""


_LOST = (
    "illegal memory access",
    "unspecified launch failure",
    "device-side assert",
    "misaligned address",
    "illegal instruction",
    "hardware stack error",
    "uncorrectable ecc",
    "launch timed out",
    "driver shutting down",
    "device is lost",
    "gpu is lost",
    "cuda-capable device is detected",
    "cublas_status_execution_failed",
    "cublas_status_internal_error",
    "cublas_status_not_initialized",
    "cudnn_status_execution_failed",
    "cudnn_status_internal_error",
    "cuda failed with error unknown error",
)
"""What CTranslate2 passes on from CUDA, cuBLAS and cuDNN once a context can do nothing more, in lower case."""


def is_device_lost(error: BaseException) -> bool:
    """Whether the GPU will fail at everything from now on in this process."""
    text = str(error).lower()
    return any(sign in text for sign in _LOST)


def one_line(error: BaseException) -> str:
    """What it says, on one line of at most 500 characters."""
    return " ".join(str(error).split())[:500] or type(error).__name__


@contextmanager
def coded_failures() -> Iterator[None]:
    """Turns an exception of CTranslate2 into a JobFailed with its code, or into DeviceLost."""
    try:
        yield
    except (JobFailed, Interrupted, DeviceLost):
        raise
    except Exception as error:
        if is_device_lost(error):
            raise DeviceLost(one_line(error)) from error
        if is_out_of_memory(error):
            raise JobFailed(JobErrorCode.OUT_OF_MEMORY, "The device ran out of memory while transcribing.") from error
        raise JobFailed(JobErrorCode.ENGINE_FAILED, f"The engine failed: {one_line(error)}") from error
