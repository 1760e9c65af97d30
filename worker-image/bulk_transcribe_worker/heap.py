"""Owns memory that a computation on a processor has let go: kept for the next one, given back where there is none.

glibc hands large pieces back to the system at once, and Whisper's encoder asks for some of 36 MB and more in every
layer: each time all their pages were made and cleared anew, which was more than half of the small model's time for a
window. Where there is no glibc, all of this does nothing.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

REST_SECONDS = 5.0
"""Without work, after which a process is to let go."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -3, -4, -8
"""Numbers of mallopt(3), as malloc.h of glibc has them."""
_TRIM_BYTES, _MMAP_BYTES, _MMAPS = 128 * 1024, 128 * 1024, 65_536
"""What glibc begins with."""
_MOST_KEPT_BYTES = 2**31 - 1
"""More is given back at once: the largest number that mallopt takes."""


def one_heap() -> None:
    """All threads share one heap: those beside the first hold pieces of up to 64 MB only. Before other threads ask."""
    _set(_M_ARENA_MAX, 1)


def keep() -> None:
    """From now on nothing that is let go is given back, until `let_go`."""
    _set(_M_MMAP_MAX, 0)
    _set(_M_TRIM_THRESHOLD, _MOST_KEPT_BYTES)


def keep_nothing() -> None:
    """From now on it is as glibc has it: for what comes once, as the loading of a model does."""
    _set(_M_MMAP_MAX, _MMAPS)
    _set(_M_MMAP_THRESHOLD, _MMAP_BYTES)
    _set(_M_TRIM_THRESHOLD, _TRIM_BYTES)


def let_go() -> None:
    """Gives back what was kept so far."""
    glibc = _glibc()
    if glibc is not None:
        glibc.malloc_trim(0)


def _set(parameter: int, value: int) -> None:
    glibc = _glibc()
    if glibc is not None:
        glibc.mallopt(parameter, value)


def _glibc() -> Any:
    """The C library of this process, or None where it is not glibc."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    # musl has malloc, but neither of these.
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
