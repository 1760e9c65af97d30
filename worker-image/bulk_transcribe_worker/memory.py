"""Owns how much memory is left for models, measured now: on the GPU, or on the machine and in its container."""

from __future__ import annotations

from pathlib import Path

from bulk_transcribe_worker.gpu import read_gpu

_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


def free_bytes(device: str) -> int | None:
    """Bytes that are free on `device` ("cuda" or "cpu"), None where nothing tells."""
    if device == "cuda":
        gpu = read_gpu()
        return None if gpu is None else (gpu.vram_total_mb - gpu.vram_used_mb) * 1024 * 1024
    return machine_free_bytes(_MEMINFO, _CGROUP)


def machine_free_bytes(meminfo: Path, cgroup: Path) -> int | None:
    """Memory that can be had without swapping."""
    try:
        lines = meminfo.read_text(encoding="ascii").splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return None
    try:
        limit = int((cgroup / "memory.max").read_text(encoding="ascii"))
        used = int((cgroup / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):
        # No limit ("max"), or no such accounting here.
        return free
    return max(0, min(free, limit - used))
