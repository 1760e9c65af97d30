"""Owns the worker's settings: read once from an environment, checked at once, never read again."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bulk_transcribe_worker.diarization import DEFAULT_MODEL, DiarizationSetup

MIB = 1024 * 1024
RUNPOD_API_URL = "https://api.runpod.io/v2"


class ConfigError(Exception):
    """A setting has a value that cannot be used; the message names the setting and the value."""


class Secret:
    """A string that prints as stars; `reveal()` gives it."""

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Never log it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"


@dataclass(frozen=True)
class PodAccess:
    """What a rented machine needs to end itself. `action` is the provider's word for it, "terminate" or "stop"."""

    pod_id: str
    key: Secret
    api_url: str
    action: str


@dataclass(frozen=True)
class Config:
    """Everything a worker needs to know from outside. Durations in seconds, sizes in bytes."""

    work_dir: Path
    token: Secret = field(default_factory=lambda: Secret(""))
    hub_token: Secret = field(default_factory=lambda: Secret(""))
    host: str = "0.0.0.0"
    port: int = 8477
    state_file: Path | None = None
    model: str = "large-v3"
    models_dir: Path | None = None
    compute_type: str | None = None
    device: str = "auto"
    cpu_threads: int = 0
    batch_size: int = 0
    max_concurrent_jobs: int = 1
    prefetch_jobs: int = 2
    max_file_bytes: int = 2000 * MIB
    ping_public: bool = False
    log_progress: bool = False
    idle_stop_seconds: float = 0.0
    pod: PodAccess | None = None
    controller_hosts: tuple[str, ...] = ()
    transfer_patience_seconds: float = 900.0
    drain_seconds: float = 20.0
    diarization_model: str = DEFAULT_MODEL
    diarization_revision: str | None = None
    diarization_device: str = "auto"
    diarization_batch_size: int = 0
    diarization_packages: Path | None = None
    git_commit: str | None = None
    build_time: str | None = None
    image_digest: str | None = None

    @property
    def max_file_mb(self) -> int:
        """The limit as Part 1 announces it."""
        return self.max_file_bytes // MIB

    @property
    def models_folder(self) -> Path:
        """Where models lie: `WORKER_MODELS_DIR`, or a folder of the work directory."""
        return self.models_dir or self.work_dir / "models"

    @property
    def diarization(self) -> DiarizationSetup:
        """How speakers are told apart. Their packages lie beside the worker's own unless a setting says where."""
        return DiarizationSetup(
            packages=self.diarization_packages or Path(sys.prefix) / "diarization",
            models_folder=self.models_folder,
            model=self.diarization_model,
            revision=self.diarization_revision,
            device=self.diarization_device,
            batch_size=self.diarization_batch_size,
            threads=self.cpu_threads,
            hub_token=self.hub_token.reveal(),
        )

    @staticmethod
    def from_environment(environment: Mapping[str, str]) -> Config:
        """Reads the settings that docs/protocol.md lists. Raises ConfigError."""
        read = _Reader(environment)
        models_dir = read.text("WORKER_MODELS_DIR")
        state_file = read.text("WORKER_STATE_FILE")
        packages = read.text("DIARIZATION_PACKAGES")
        # Part 1 names /tmp/bt-worker; on Windows there is no /tmp.
        work_dir = read.text("WORKER_TMP_DIR") or str(Path(tempfile.gettempdir()) / "bt-worker")
        return Config(
            work_dir=Path(work_dir).absolute(),
            token=Secret(read.text("WORKER_TOKEN") or ""),
            hub_token=Secret(read.text("HF_TOKEN") or ""),
            host=read.text("WORKER_HOST") or "0.0.0.0",
            port=read.integer("WORKER_PORT", 8477, 0, 65535),
            state_file=Path(state_file).absolute() if state_file else None,
            model=read.text("WORKER_MODEL") or "large-v3",
            models_dir=Path(models_dir).absolute() if models_dir else None,
            compute_type=read.text("WORKER_COMPUTE_TYPE"),
            device=read.choice("WORKER_DEVICE", "auto", ("auto", "cuda", "cpu")),
            cpu_threads=read.integer("WORKER_CPU_THREADS", 0, 0, 1024),
            batch_size=read.integer("WORKER_BATCH_SIZE", 0, 0, 256),
            max_concurrent_jobs=read.integer("WORKER_MAX_CONCURRENT_JOBS", 1, 1, 64),
            prefetch_jobs=read.integer("WORKER_PREFETCH_JOBS", 2, 0, 64),
            max_file_bytes=read.integer("WORKER_MAX_FILE_MB", 2000, 1, 10_000_000) * MIB,
            ping_public=read.flag("WORKER_PING_PUBLIC"),
            log_progress=read.flag("WORKER_LOG_PROGRESS"),
            idle_stop_seconds=float(read.integer("WORKER_IDLE_STOP_SECONDS", 0, 0, 10_000_000)),
            pod=_pod(read),
            controller_hosts=read.names("WORKER_CONTROLLER_HOSTS"),
            transfer_patience_seconds=float(read.integer("WORKER_TRANSFER_PATIENCE_SECONDS", 900, 1, 1_000_000)),
            diarization_model=read.text("DIARIZATION_MODEL") or DEFAULT_MODEL,
            diarization_revision=read.text("DIARIZATION_REVISION"),
            diarization_device=read.choice("DIARIZATION_DEVICE", "auto", ("auto", "cuda", "cpu")),
            diarization_batch_size=read.integer("DIARIZATION_BATCH_SIZE", 0, 0, 256),
            diarization_packages=Path(packages).absolute() if packages else None,
            git_commit=read.text("BUILD_COMMIT"),
            build_time=read.text("BUILD_TIME"),
            image_digest=read.text("IMAGE_DIGEST"),
        )


def _pod(read: _Reader) -> PodAccess | None:
    """None where the machine was given no key for itself, or is to exit only."""
    action = read.choice("WORKER_IDLE_ACTION", "terminate", ("terminate", "stop", "exit"))
    api_url = (read.text("RUNPOD_API_URL") or RUNPOD_API_URL).rstrip("/")
    parts = urlsplit(api_url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ConfigError("RUNPOD_API_URL must begin with https://: a key is sent there.")
    pod_id, key = read.text("RUNPOD_POD_ID"), read.text("RUNPOD_API_KEY")
    if action == "exit" or pod_id is None or key is None:
        return None
    return PodAccess(pod_id, Secret(key), api_url if parts.path else f"{api_url}/v2", action)


class _Reader:
    """Typed reads of one environment; empty counts as unset."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str) -> str | None:
        return self._environment.get(name, "").strip() or None

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name)
        if text is None:
            return default
        try:
            value = int(text)
        except ValueError:
            raise ConfigError(f"{name} must be a whole number, not {text!r}.") from None
        if not low <= value <= high:
            raise ConfigError(f"{name} must be between {low} and {high}, not {value}.")
        return value

    def flag(self, name: str) -> bool:
        text = (self.text(name) or "false").lower()
        if text in ("true", "1", "yes", "on"):
            return True
        if text in ("false", "0", "no", "off"):
            return False
        raise ConfigError(f"{name} must be true or false, not {text!r}.")

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        text = (self.text(name) or default).lower()
        if text not in allowed:
            raise ConfigError(f"{name} must be one of {', '.join(allowed)}, not {text!r}.")
        return text

    def names(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip().lower() for part in (self.text(name) or "").split(",") if part.strip())
