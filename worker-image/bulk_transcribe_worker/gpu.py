"""Owns what is known of the machine without loading a model: GPU, driver and memory from nvidia-smi, CPU by name."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bulk_transcribe_worker.engine import DeviceState

CUDA_RELEASE = "12.8"
"""What the wheels of the locked CTranslate2 are built on."""
_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class Gpu:
    """The first GPU. Memory in MB."""

    name: str
    driver: str
    vram_total_mb: int
    vram_used_mb: int


def read_gpu() -> Gpu | None:
    """The first GPU as nvidia-smi reports it, or None where there is none."""
    try:
        answer = subprocess.run(
            [
                "nvidia-smi",
                "--query-gpu=name,driver_version,memory.total,memory.used",
                "--format=csv,noheader,nounits",
            ],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_gpu(answer)


def parse_gpu(answer: str) -> Gpu | None:
    """Reads the first line of nvidia-smi's answer."""
    fields = [field.strip() for field in (answer.splitlines() or [""])[0].split(",")]
    if len(fields) != 4 or not fields[2].isdigit() or not fields[3].isdigit():
        return None
    return Gpu(fields[0], fields[1], int(fields[2]), int(fields[3]))


def device_state(device: str, compute_type: str) -> DeviceState:
    """The machine now, for an engine that computes on `device` ("cuda" or "cpu")."""
    gpu = read_gpu()
    if device == "cpu":
        unused = () if gpu is None else (f"A GPU ({gpu.name}) is there, but the engine computes on the CPU.",)
        return DeviceState("cpu", compute_type, cpu_name(), warnings=unused)
    if gpu is None:
        silent = ("nvidia-smi does not answer; GPU name and memory are unknown.",)
        return DeviceState("cuda", compute_type, None, CUDA_RELEASE, warnings=silent)
    return DeviceState("cuda", compute_type, gpu.name, CUDA_RELEASE, gpu.driver, gpu.vram_total_mb, gpu.vram_used_mb)


def cpu_name() -> str:
    """The processor as a person would name it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
