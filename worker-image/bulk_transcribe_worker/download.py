"""Owns fetching a recording: resumed after any cut at the offset that is on disk and hashed, checked while it runs.

The bytes are hashed as they are written, so what is resumed is exactly what was verified; a server that answers
with another version (200 instead of 206) starts the file anew.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import anyio.to_thread
import httpcore

from bulk_transcribe_worker.addresses import AddressRefused
from bulk_transcribe_worker.backoff import Backoff
from bulk_transcribe_worker.client import RETRYABLE, Client, header, read_answer
from bulk_transcribe_worker.errors import JobErrorCode, JobFailed
from bulk_transcribe_worker.pulse import Pulse
from bulk_transcribe_worker.ranges import parse_content_range, parse_length, resume_headers, strong_etag
from bulk_transcribe_worker.tunnel_request import Chunk, TunnelAnswer

_BLOCK_BYTES = 1024 * 1024
_LINK_PATIENCE_SECONDS = 30.0
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Promise:
    """What was said of a file before: its size and digest where known, and the largest that is accepted (bytes)."""

    size: int | None
    sha256: str | None
    max_bytes: int


@dataclass(frozen=True)
class Fetched:
    """What arrived."""

    size: int
    sha256: str


class _Again(Exception):
    """This try ended early; the next one may go on. `link` = only a new link helps."""

    def __init__(self, reason: str, link: bool = False) -> None:
        super().__init__(reason)
        self.link = link


class Download:
    """One file. `link` gives the newest link at each try; `wake` beats when links or the network changed."""

    def __init__(
        self,
        client: Client,
        link: Callable[[], str],
        target: Path,
        promise: Promise,
        wake: Pulse,
        patience: float,
        progress: Callable[[int], None],
    ) -> None:
        self._client = client
        self._link = link
        self._target = target
        self._promise = promise
        self._wake = wake
        self._backoff = Backoff(patience)
        self._link_backoff = Backoff(min(patience, _LINK_PATIENCE_SECONDS), first=2.0, longest=5.0)
        self._progress = progress
        self._offset = 0
        self._hash = hashlib.sha256()
        self._etag: str | None = None
        self.tries = 0

    async def run(self) -> Fetched:
        """Fetches and verifies. Raises JobFailed."""
        if self._promise.size == 0:
            raise JobFailed(JobErrorCode.EMPTY_INPUT, "The file is empty.")
        if self._promise.size is not None and self._promise.size > self._promise.max_bytes:
            raise self._too_large()
        while True:
            link = self._link()
            try:
                await self._try(link)
                return self._verified()
            except AddressRefused as error:
                raise JobFailed(JobErrorCode.LINK_REFUSED, str(error)) from error
            except (_Again, *RETRYABLE) as error:
                if isinstance(error, OSError) and error.errno in _FULL:
                    raise JobFailed(JobErrorCode.WORKER_DISK_FULL, "The worker's disk is full.") from error
                await self._pause(error, link)

    async def _pause(self, error: Exception, link: str) -> None:
        for_link = isinstance(error, _Again) and error.link
        if self._link() != link:
            return
        delay = (self._link_backoff if for_link else self._backoff).delay()
        if delay is None:
            code = JobErrorCode.LINK_REFUSED if for_link else JobErrorCode.DOWNLOAD_FAILED
            raise JobFailed(code, f"The recording could not be fetched: {_reason(error)}.") from error
        await self._wake.wait(delay)

    async def _try(self, link: str) -> None:
        self.tries += 1
        async with self._client.stream(
            "GET", link, {"Accept": "*/*", **resume_headers(self._offset, self._etag)}
        ) as answer:
            await self._begin(answer)
            with FileIO(self._target, "r+" if self._offset else "w") as file:
                file.seek(self._offset)
                file.truncate()
                block: list[Chunk] = []
                size = 0
                try:
                    async for part in answer.aiter_stream():
                        block.append(part)
                        size += len(part)
                        if size >= _BLOCK_BYTES:
                            await self._keep(file, block, size)
                            block, size = [], 0
                except RETRYABLE:
                    # What came before the cut is good: the digest of the whole decides.
                    await self._keep(file, block, size)
                    raise
                await self._keep(file, block, size)
        promised = self._promise.size
        if promised is not None and self._offset < promised:
            raise _Again(f"the connection ended after {self._offset} of {promised} bytes")

    async def _begin(self, answer: httpcore.Response | TunnelAnswer) -> None:
        """Settles from the answer's head where its bytes belong, or raises."""
        if answer.status not in (200, 206):
            await self._refused(answer)
        if (header(answer, "content-encoding") or "identity") != "identity":
            raise JobFailed(JobErrorCode.DOWNLOAD_FAILED, "The server compressed the file on the way.")
        if answer.status == 200:
            self._restart(strong_etag(header(answer, "etag")))
            total = parse_length(header(answer, "content-length"))
        else:
            given = parse_content_range(header(answer, "content-range"))
            if given is None or given.first != self._offset:
                self._restart(None)
                raise _Again("the server answered with another range")
            total = given.total
        if total is not None and self._promise.size is not None and total != self._promise.size:
            raise self._other_size(total)
        if total is not None and total > self._promise.max_bytes:
            raise self._too_large()

    def _restart(self, etag: str | None) -> None:
        self._offset = 0
        self._hash = hashlib.sha256()
        self._etag = etag

    async def _keep(self, file: FileIO, block: Sequence[Chunk], size: int) -> None:
        if not size:
            return
        reached = self._offset + size
        if self._promise.size is not None and reached > self._promise.size:
            raise self._other_size(reached)
        if reached > self._promise.max_bytes:
            raise self._too_large()

        def write() -> None:
            for part in block:
                left = memoryview(part)
                while left:
                    written = file.write(left)
                    left = left[written or 0 :]
                self._hash.update(part)

        # Not canceled half-way: bytes and digest stay in step.
        await anyio.to_thread.run_sync(write)
        self._offset = reached
        self._backoff.progress()
        self._progress(reached)

    def _verified(self) -> Fetched:
        digest = self._hash.hexdigest()
        if self._offset == 0:
            raise JobFailed(JobErrorCode.EMPTY_INPUT, "The file is empty.")
        if self._promise.sha256 is not None and digest != self._promise.sha256:
            raise JobFailed(
                JobErrorCode.INPUT_MISMATCH,
                "The file that arrived is not the one that was promised (SHA-256 differs).",
            )
        return Fetched(self._offset, digest)

    async def _refused(self, answer: httpcore.Response | TunnelAnswer) -> None:
        status = answer.status
        code, message = _error_of(await read_answer(answer))
        if status == 416:
            self._restart(None)
            raise _Again("the server has no such range")
        if status in (408, 425, 429) or status >= 500:
            raise _Again(f"the server answered {status}")
        if status == 421:
            # Of another host than the link's: the request was damaged on the way, or the link is of an earlier address.
            raise _Again("the server does not serve this host")
        if code == "LINK_EXPIRED":
            raise _Again("the link has expired", link=True)
        if status == 410 or code == "SOURCE_GONE":
            raise JobFailed(JobErrorCode.SOURCE_GONE, message or "The recording is not there any more.")
        if code == "SOURCE_CHANGED":
            raise JobFailed(JobErrorCode.INPUT_MISMATCH, message or "The recording was changed since it was queued.")
        if status in (401, 403, 409):
            raise JobFailed(JobErrorCode.LINK_REFUSED, message or f"The link to the recording was refused ({status}).")
        if 300 <= status < 400:
            raise JobFailed(JobErrorCode.DOWNLOAD_FAILED, "The link leads elsewhere; redirects are not followed.")
        raise JobFailed(JobErrorCode.DOWNLOAD_FAILED, message or f"The server answered {status}.")

    def _other_size(self, size: int) -> JobFailed:
        return JobFailed(
            JobErrorCode.INPUT_MISMATCH,
            f"The file that arrived is not the one that was promised ({size} bytes instead of {self._promise.size}).",
        )

    def _too_large(self) -> JobFailed:
        return JobFailed(
            JobErrorCode.INPUT_MISMATCH,
            f"The file is larger than this worker accepts ({self._promise.max_bytes} bytes).",
        )


def _error_of(body: bytes) -> tuple[str | None, str | None]:
    """Code and message of an `{error, code}` answer, where it is one."""
    try:
        answer = json.loads(body)
    except ValueError:
        return None, None
    if not isinstance(answer, dict):
        return None, None
    code, message = answer.get("code"), answer.get("error")
    return (
        code if isinstance(code, str) else None,
        message[:500] if isinstance(message, str) else None,
    )


def _reason(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
