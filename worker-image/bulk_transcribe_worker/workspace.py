"""Owns the files of jobs: names are made by the worker from its own ids, nothing from the wire becomes a path."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

_HINT = "Make it writable, or name another with"


class Workspace:
    """`<work directory>/jobs/<job id>/…`. Methods block."""

    def __init__(self, work_dir: Path) -> None:
        self._root = work_dir / "jobs"
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def make(self, job_id: str) -> None:
        """Makes the folder of a job."""
        self._folder(job_id).mkdir(mode=0o700, exist_ok=True)

    def recording(self, job_id: str, position: int) -> Path:
        """Where the input is downloaded to."""
        return self._folder(job_id) / f"recording-{position}"

    def sound(self, job_id: str, position: int, channel: int = 0) -> Path:
        """Where its decoded samples lie, those of each channel apart where they are transcribed apart."""
        return self._folder(job_id) / f"sound-{position}{f'-{channel}' if channel else ''}.pcm"

    def sounds(self, job_id: str, position: int) -> list[Path]:
        """All decoded samples of an input that lie there."""
        return sorted(self._folder(job_id).glob(f"sound-{position}[-.]*"))

    def transcript(self, job_id: str, position: int) -> Path:
        """Where the finished transcript lies until it is acknowledged."""
        return self._folder(job_id) / f"transcript-{position}.json"

    def write_transcript(self, job_id: str, position: int, body: bytes) -> str:
        """Writes a transcript so that it is whole or not there, synced to disk; answers its SHA-256 in hex."""
        path = self.transcript(job_id, position)
        temporary = path.with_suffix(".tmp")
        with open(temporary, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
        return hashlib.sha256(body).hexdigest()

    def read_transcript(self, job_id: str, position: int, sha256: str) -> bytes | None:
        """The bytes of a transcript, or None where they are not those that were written."""
        try:
            body = self.transcript(job_id, position).read_bytes()
        except OSError:
            return None
        return body if hashlib.sha256(body).hexdigest() == sha256 else None

    def remove(self, *paths: Path) -> None:
        """Deletes files that may be there."""
        for path in paths:
            path.unlink(missing_ok=True)

    def discard(self, job_id: str) -> None:
        """Deletes everything of a job."""
        shutil.rmtree(self._folder(job_id), ignore_errors=True)

    def discard_all_but(self, job_ids: set[str]) -> None:
        """Deletes what a killed worker left of other jobs."""
        for entry in self._root.iterdir():
            if entry.name not in job_ids:
                shutil.rmtree(entry, ignore_errors=True)

    def free_bytes(self) -> int:
        """Bytes left on the disk."""
        return shutil.disk_usage(self._root).free

    def _folder(self, job_id: str) -> Path:
        return self._root / job_id


def make_work_dir(path: Path) -> None:
    """Makes the work directory, for its owner alone. Raises OSError with a sentence where it cannot be used.

    One that another user made, as anybody may in a folder such as /tmp, is not used: its owner could read or exchange
    what lies in it. Root's is, for root can do that anywhere; and root, who may run in a container over a volume of the
    image's user, uses any.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        own = os.geteuid() if hasattr(os, "geteuid") else 0
        if own != 0 and not {path.lstat().st_uid, path.stat().st_uid} <= {own, 0}:
            raise PermissionError(errno.EPERM, "another user made it")
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise OSError(f"The work directory {path} cannot be used ({_why(error)}). {_HINT} WORKER_TMP_DIR.") from error


def unwritable(folder: Path) -> str | None:
    """Why nothing could be written to a folder that is there or will be made, or None. Writes nothing."""
    found = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    if found.is_dir() and os.access(found, os.W_OK | os.X_OK):
        return None
    return f"{folder} cannot be written to{_by_whom()}."


def _why(error: OSError) -> str:
    return f"{error.strerror or error}{_by_whom()}"


def _by_whom() -> str:
    return f" by user {os.getuid()}" if hasattr(os, "getuid") else ""


def _sync_folder(folder: Path) -> None:
    """Makes a rename durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
