"""Owns the shapes on the wire (docs/protocol.md): requests parsed from unknown JSON, answers in camelCase.

Unknown keys are tolerated everywhere, so that a newer or a Part 1 controller is not refused for saying more.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic.alias_generators import to_camel

Status = Literal["queued", "running", "complete", "failed", "canceled"]
Stage = Literal[
    "queued",
    "initializing",
    "downloading",
    "loading_model",
    "transcribing",
    "diarizing",
    "uploading",
    "complete",
]

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=8192)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Prompt = Annotated[str, StringConstraints(max_length=4000)]

MAX_INPUTS = 500
"""Most inputs of one Part 1 job; a Part 2 job has exactly one."""


class Wire(BaseModel):
    """Base of every shape: camelCase outside, snake_case inside, no silent conversion of types."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", strict=True, frozen=True)


class JobInput(Wire):
    """One recording to fetch. `size_bytes` and `sha256` are what the controller promises of it.

    `audio_track`: which one is meant, from 1; None: the first. `start_sec`: seconds of the recording before the file's
    first sound.
    """

    input_id: Name
    filename: Annotated[str, StringConstraints(max_length=4096)] = ""
    content_type: Annotated[str, StringConstraints(max_length=200)] | None = None
    size_bytes: Annotated[int, Field(ge=0, le=2**50)] | None = None
    sha256: Sha256 | None = None
    audio_track: Annotated[int, Field(ge=1, le=64)] | None = None
    start_sec: Annotated[float, Field(ge=0, le=48 * 3600)] | None = None
    download_url: Url

    @field_validator("sha256", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value


class SpeakerBounds(Wire):
    """How many speakers diarization may find."""

    min_speakers: Annotated[int, Field(ge=1, le=64)] | None = None
    max_speakers: Annotated[int, Field(ge=1, le=64)] | None = None
    num_speakers: Annotated[int, Field(ge=1, le=64)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> SpeakerBounds:
        if self.min_speakers is not None and self.max_speakers is not None and self.min_speakers > self.max_speakers:
            raise ValueError("minSpeakers is larger than maxSpeakers")
        return self


class JobOptions(Wire):
    """How the recording is to be transcribed. Empty or null means the worker's default."""

    model: Annotated[str, StringConstraints(max_length=200)] | None = None
    language: Annotated[str, StringConstraints(max_length=16)] | None = None
    diarization_enabled: bool | None = None
    diarization_optional: bool | None = None
    diarization_effective: SpeakerBounds | None = None
    vad_enabled: bool | None = None
    hallucination_detection: bool | None = None
    hallucination_sensitivity: str | float | None = None
    no_speech_threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    word_timestamps: bool | None = None
    initial_prompt: Prompt | None = None
    hotwords: Prompt | None = None
    channels: Literal["mix", "separate"] | None = None


class JobRequest(Wire):
    """Body of `POST /v1/jobs`. Without `attempt` it comes from a Part 1 controller."""

    controller_job_id: Name
    controller_session_hash: Annotated[str, StringConstraints(max_length=200)] | None = None
    attempt: Annotated[int, Field(ge=1, le=2**31)] | None = None
    inputs: Annotated[list[JobInput], Field(min_length=1, max_length=MAX_INPUTS)]
    options: JobOptions = Field(default_factory=JobOptions)
    callback_url: Url | None = None
    outputs_upload_url: Url


class Acknowledge(Wire):
    """Body of `POST /v1/jobs/{id}/acknowledge`."""

    sha256: Sha256


class Identity(Wire):
    """The build of a worker."""

    git_commit: str | None
    build_time: str | None
    declared_image_digest: str | None
    image_digest_source: Literal["env", "none"]


class TunnelState(Wire):
    """Who is connected, and how many data sockets lie ready."""

    connected: bool
    controller_id: str | None
    data_sockets: int


class Health(Wire):
    """`GET /health`."""

    status: Literal["ok"] = "ok"
    service: str
    model: str
    max_file_mb: int = Field(serialization_alias="maxFileMB")


class Ping(Wire):
    """`GET /v1/ping`: Part 1's fields, then Part 2's."""

    status: Literal["ok"] = "ok"
    version: str | None
    identity: Identity
    gpu: bool
    gpu_name: str | None
    cuda: str | None
    models: list[str]
    diarization: bool
    max_file_mb: int = Field(serialization_alias="maxFileMB")
    active_jobs: int
    max_concurrent_jobs: int
    warnings: list[str]
    protocol: int
    features: list[str]
    prefetch_jobs: int
    boot_id: str
    instance_id: str
    device: Literal["cuda", "cpu"]
    compute_type: str
    device_name: str | None
    driver: str | None
    vram_total_mb: int | None = Field(serialization_alias="vramTotalMB")
    vram_used_mb: int | None = Field(serialization_alias="vramUsedMB")
    loaded_models: list[str]
    engine_busy_share: float | None
    diarization_reason: str | None
    diarization_checking: bool
    tunnel: TunnelState


class Preflight(Wire):
    """`GET /v1/preflight`."""

    status: Literal["ok", "failed"]
    checks: dict[str, bool]
    versions: dict[str, str]
    errors: dict[str, str]


class ErrorBody(Wire):
    """Why a job failed."""

    code: str
    message: str


class Progress(Wire):
    """Where a job stands. Seconds are seconds of the recording."""

    current_file_index: int
    total_files: int
    chunk_index: int
    total_chunks: int
    percent: float
    current_file: str | None
    processed_sec: float
    total_sec: float | None
    model_bytes: int | None
    model_total_bytes: int | None


class LogLine(Wire):
    """One of the last lines that a job logged."""

    ts: str
    level: str
    event: str
    message: str


class Timings(Wire):
    """Seconds of wall time by stage, null until the stage has ended; `engine_sec`: of computing for this job."""

    queued_sec: float | None = None
    download_sec: float | None = None
    decode_sec: float | None = None
    model_load_sec: float | None = None
    transcribe_sec: float | None = None
    engine_sec: float | None = None
    diarize_sec: float | None = None
    deliver_sec: float | None = None


class Result(Wire):
    """The finished transcript as bytes."""

    sha256: str
    size_bytes: int
    acknowledged: bool


class JobAccepted(Wire):
    """Answer of `POST /v1/jobs`."""

    worker_job_id: str
    status: Status
    boot_id: str
    instance_id: str


class CancelAnswer(Wire):
    """Answer of `POST /v1/jobs/{id}/cancel`."""

    status: Literal["cancel_requested"] = "cancel_requested"


class JobView(Wire):
    """Answer of `GET /v1/jobs/{id}`."""

    worker_job_id: str
    controller_job_id: str
    status: Status
    stage: Stage
    stage_started_at: str
    progress: Progress
    logs: list[LogLine]
    error: ErrorBody | None
    boot_id: str
    instance_id: str
    attempt: int | None
    result: Result | None
    timings: Timings


class Completion(Wire):
    """Body of the nudge to the controller's `complete` route."""

    worker_job_id: str
    controller_job_id: str
    status: Status
    attempt: int | None
    outputs: list[dict[str, str]]
    error: ErrorBody | None


def utc_now() -> str:
    """The time as the wire writes it: ISO 8601, UTC, milliseconds."""
    return utc_text(datetime.now(timezone.utc))


def utc_text(moment: datetime) -> str:
    """`moment` as the wire writes it."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
