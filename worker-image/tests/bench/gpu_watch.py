"""What nvidia-smi says of a GPU while something runs: the share of the time in which it computes, and its memory."""

from __future__ import annotations

import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

_EVERY_MS = 100


@dataclass(frozen=True)
class Seen:
    """Means and most over a stretch of time; percent, MB and watts."""

    busy: float
    memory_mb: int
    watts: float

    def __str__(self) -> str:
        return f"GPU {self.busy:3.0f} % busy, {self.memory_mb / 1024:5.1f} GiB taken at most, {self.watts:3.0f} W"


class GpuWatch:
    """Use it as a context; without an NVIDIA GPU it sees nothing."""

    def __init__(self) -> None:
        self._lines: list[tuple[float, float, int, float]] = []
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> GpuWatch:
        fields = "utilization.gpu,memory.used,power.draw"
        command = ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader,nounits", "-lms", str(_EVERY_MS)]
        with suppress(OSError):
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def since(self, began: float) -> Seen | None:
        """Everything since that moment (time.monotonic), or None where nothing was seen."""
        lines = [line for line in self._lines if line[0] >= began]
        if not lines:
            return None
        return Seen(
            sum(line[1] for line in lines) / len(lines),
            max(line[2] for line in lines),
            sum(line[3] for line in lines) / len(lines),
        )

    def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        for line in self._process.stdout:
            with suppress(ValueError):
                busy, memory, watts = (field.strip() for field in line.split(","))
                self._lines.append((time.monotonic(), float(busy), int(memory), float(watts)))
