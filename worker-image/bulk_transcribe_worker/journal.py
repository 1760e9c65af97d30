"""Owns what must survive `kill -9`: jobs, finished outputs and acknowledgements, in SQLite in the work directory.

A row is committed to disk (WAL, synchronous=FULL) before anyone is told of what it says. The file is held
exclusively, so two workers never share one work directory. Methods block; call them off the event loop.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import get_args

from bulk_transcribe_worker.wire import JobRequest, Status, Timings, utc_now


class JournalError(Exception):
    """The journal cannot be opened; the message says why."""


@dataclass(frozen=True)
class OutputRow:
    """A finished transcript: which input of its job, and its bytes by digest and size."""

    position: int
    sha256: str
    size_bytes: int
    acknowledged: bool


@dataclass(frozen=True)
class JobRow:
    """A job as the journal knows it."""

    id: str
    idempotency_key: str
    request: JobRequest
    status: Status
    error: tuple[str, str] | None
    timings: Timings
    total_sec: float | None
    created_at: str
    outputs: tuple[OutputRow, ...]


class Journal:
    """The only writer of the database. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        path.touch(mode=0o600)
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=2.0)
        self._database.row_factory = sqlite3.Row
        try:
            # Before WAL, so that SQLite needs no shared memory and a network volume will do.
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute("PRAGMA foreign_keys = ON")
            self._migrate()
        except sqlite3.OperationalError as error:
            self._database.close()
            if "locked" in str(error):
                raise JournalError(
                    f"Another worker is using {path.parent}. Give each its own WORKER_TMP_DIR."
                ) from error
            raise JournalError(f"{path} cannot be opened: {error}.") from error
        except (sqlite3.DatabaseError, JournalError) as error:
            self._database.close()
            raise JournalError(f"{path} cannot be used: {error}") from error

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._database.close()

    def add(self, job_id: str, key: str, request: JobRequest) -> None:
        """Records an accepted job as queued."""
        with self._transaction() as database:
            database.execute(
                "INSERT INTO jobs (id, idempotency_key, controller_job_id, attempt, request, status, created_at)"
                " VALUES (?, ?, ?, ?, ?, 'queued', ?)",
                (job_id, key, request.controller_job_id, request.attempt, _request_text(request), utc_now()),
            )

    def replace_request(self, job_id: str, request: JobRequest) -> None:
        """Keeps the newest links of a job."""
        with self._transaction() as database:
            database.execute("UPDATE jobs SET request = ? WHERE id = ?", (_request_text(request), job_id))

    def start(self, job_id: str) -> None:
        """Records that work on a job began."""
        with self._transaction() as database:
            database.execute("UPDATE jobs SET status = 'running' WHERE id = ? AND status = 'queued'", (job_id,))

    def add_output(self, job_id: str, output: OutputRow, total_sec: float, timings: Timings) -> None:
        """Records that a transcript lies finished on disk (its file is synced by then)."""
        with self._transaction() as database:
            database.execute(
                "INSERT INTO outputs (job_id, position, sha256, size_bytes) VALUES (?, ?, ?, ?)",
                (job_id, output.position, output.sha256, output.size_bytes),
            )
            database.execute(
                "UPDATE jobs SET total_sec = ?, timings = ? WHERE id = ?",
                (total_sec, timings.model_dump_json(), job_id),
            )

    def acknowledge(self, job_id: str, position: int) -> None:
        """Records that the controller has one output for good."""
        with self._transaction() as database:
            database.execute(
                "UPDATE outputs SET acknowledged = 1 WHERE job_id = ? AND position = ?", (job_id, position)
            )

    def finish(
        self, job_id: str, status: Status, error: tuple[str, str] | None, timings: Timings
    ) -> tuple[Status, tuple[str, str] | None]:
        """Records the outcome and answers the one that stands: the first. A job that is final is not changed."""
        code, message = error or (None, None)
        with self._transaction() as database:
            database.execute(
                "UPDATE jobs SET status = ?, error_code = ?, error_message = ?, timings = ?, finished_at = ?"
                " WHERE id = ? AND status IN ('queued', 'running')",
                (status, code, message, timings.model_dump_json(), utc_now(), job_id),
            )
            row = database.execute(
                "SELECT status, error_code, error_message FROM jobs WHERE id = ?", (job_id,)
            ).fetchone()
        return row["status"], (row["error_code"], row["error_message"]) if row["error_code"] else None

    def forget_before(self, moment: str) -> list[str]:
        """Deletes jobs that ended before `moment` (wire time); answers their ids."""
        with self._transaction() as database:
            rows = database.execute("SELECT id FROM jobs WHERE finished_at < ?", (moment,)).fetchall()
            database.executemany("DELETE FROM jobs WHERE id = ?", [(row["id"],) for row in rows])
        return [str(row["id"]) for row in rows]

    def jobs(self) -> list[JobRow]:
        """All jobs, oldest first. A row that cannot be read any more is left out, never an error."""
        with self._lock:
            rows = self._database.execute("SELECT * FROM jobs ORDER BY created_at, rowid").fetchall()
            outputs = self._database.execute("SELECT * FROM outputs ORDER BY job_id, position").fetchall()
        by_job: dict[str, list[OutputRow]] = {}
        for row in outputs:
            by_job.setdefault(row["job_id"], []).append(
                OutputRow(row["position"], row["sha256"], row["size_bytes"], bool(row["acknowledged"]))
            )
        return [job for row in rows if (job := _job_row(row, by_job.get(row["id"], []))) is not None]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def _migrate(self) -> None:
        """Brings the schema up to date, one transaction a step, and refuses a newer one."""
        steps = _migrations()
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version > len(steps):
            raise JournalError(f"it was written by a newer worker (schema {version}, known {len(steps)}).")
        for number, script in enumerate(steps[version:], start=version + 1):
            with self._transaction() as database:
                for statement in _statements(script):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {number}")


def _migrations() -> list[str]:
    folder = resources.files("bulk_transcribe_worker") / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return [file.read_text(encoding="utf-8") for file in files]


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: `executescript` would commit the transaction."""
    without_comments = re.sub(r"--[^\n]*", "", script)
    yield from (statement for statement in without_comments.split(";") if statement.strip())


def _request_text(request: JobRequest) -> str:
    return request.model_dump_json(by_alias=True)


def _job_row(row: sqlite3.Row, outputs: list[OutputRow]) -> JobRow | None:
    try:
        request = JobRequest.model_validate(json.loads(row["request"]))
        timings = Timings.model_validate(json.loads(row["timings"]))
    except ValueError:
        return None
    status = row["status"]
    if status not in get_args(Status):
        return None
    error = (row["error_code"], row["error_message"] or "") if row["error_code"] else None
    return JobRow(
        id=row["id"],
        idempotency_key=row["idempotency_key"],
        request=request,
        status=status,
        error=error,
        timings=timings,
        total_sec=row["total_sec"],
        created_at=row["created_at"],
        outputs=tuple(outputs),
    )
