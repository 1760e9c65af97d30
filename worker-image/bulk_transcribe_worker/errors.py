"""Owns the closed lists of error codes and the exceptions that carry them.

Two kinds, never mixed: a `Refused` answers a request and changes nothing; a `JobFailed` ends a job.
Codes cross the wire, prose is for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class JobErrorCode(str, Enum):
    """Why a job failed (docs/protocol.md, Part 2, "Jobs")."""

    DOWNLOAD_FAILED = "DOWNLOAD_FAILED"
    INPUT_MISMATCH = "INPUT_MISMATCH"
    LINK_REFUSED = "LINK_REFUSED"
    SOURCE_GONE = "SOURCE_GONE"
    NO_AUDIO = "NO_AUDIO"
    DECODE_FAILED = "DECODE_FAILED"
    EMPTY_INPUT = "EMPTY_INPUT"
    MODEL_LOAD_FAILED = "MODEL_LOAD_FAILED"
    OUT_OF_MEMORY = "OUT_OF_MEMORY"
    ENGINE_FAILED = "ENGINE_FAILED"
    DIARIZATION_FAILED = "DIARIZATION_FAILED"
    DELIVERY_REFUSED = "DELIVERY_REFUSED"
    WORKER_DISK_FULL = "WORKER_DISK_FULL"
    WORKER_RESTARTED = "WORKER_RESTARTED"


class RefusalCode(str, Enum):
    """Why a request was refused; each has one HTTP status."""

    BAD_REQUEST = "BAD_REQUEST"
    UNSUPPORTED_MODEL = "UNSUPPORTED_MODEL"
    UNSUPPORTED_LANGUAGE = "UNSUPPORTED_LANGUAGE"
    UNSUPPORTED_OPTION = "UNSUPPORTED_OPTION"
    UNAUTHORIZED = "UNAUTHORIZED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    DIGEST_MISMATCH = "DIGEST_MISMATCH"
    TOO_LARGE = "TOO_LARGE"
    WORKER_FULL = "WORKER_FULL"
    NOT_CONFIGURED = "NOT_CONFIGURED"
    INTERNAL = "INTERNAL"
    DRAINING = "DRAINING"
    WORKER_DISK_FULL = "WORKER_DISK_FULL"


STATUS_OF: Mapping[RefusalCode, int] = {
    RefusalCode.BAD_REQUEST: 400,
    RefusalCode.UNSUPPORTED_MODEL: 400,
    RefusalCode.UNSUPPORTED_LANGUAGE: 400,
    RefusalCode.UNSUPPORTED_OPTION: 400,
    RefusalCode.UNAUTHORIZED: 401,
    RefusalCode.FORBIDDEN: 403,
    RefusalCode.NOT_FOUND: 404,
    RefusalCode.DIGEST_MISMATCH: 409,
    RefusalCode.TOO_LARGE: 413,
    RefusalCode.WORKER_FULL: 429,
    RefusalCode.NOT_CONFIGURED: 500,
    RefusalCode.INTERNAL: 500,
    RefusalCode.DRAINING: 503,
    RefusalCode.WORKER_DISK_FULL: 507,
}


class Refused(Exception):
    """A request is refused. `headers` go into the answer as they are."""

    def __init__(self, code: RefusalCode, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = STATUS_OF[code]
        self.headers = dict(headers or {})

    def __repr__(self) -> str:
        return f"Refused({self.code.value}, {self.message!r})"


class JobFailed(Exception):
    """A job ends as `failed`. `message` is one plain sentence for the user."""

    def __init__(self, code: JobErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __repr__(self) -> str:
        return f"JobFailed({self.code.value}, {self.message!r})"


class Interrupted(Exception):
    """Work in a thread stopped because it was asked to; no outcome is recorded by whoever raises it."""
