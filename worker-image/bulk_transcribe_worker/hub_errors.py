"""Owns the sentence for a model that could not be fetched: no connection, no such name there, no access, disk full.

Pure functions on exceptions, by the names of their classes: the hub's library is imported by nobody but faster-whisper.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator

_NO_CONNECTION = (
    "ConnectError",
    "ConnectTimeout",
    "ConnectionError",
    "OfflineModeIsEnabled",
    "PoolTimeout",
    "ProxyError",
    "ReadTimeout",
    "ReadError",
    "RemoteProtocolError",
    "TimeoutException",
    "gaierror",
)
_NO_ACCESS = ("GatedRepoError", "DisabledRepoError")
_UNKNOWN = ("RepositoryNotFoundError", "RevisionNotFoundError", "RemoteEntryNotFoundError", "EntryNotFoundError")
_NOT_CACHED = ("LocalEntryNotFoundError", "IncompleteSnapshotError")
_MOST_CAUSES = 20


def fetch_sentence(model: str, error: BaseException) -> str | None:
    """One plain sentence why `model` could not be fetched from the hub, or None where it was something else."""
    chain = list(_causes(error))
    if any(isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT) for cause in chain):
        return f"The model {model!r} could not be fetched: the worker's disk is full."
    if any(_is_a(cause, _NO_ACCESS) for cause in chain):
        return f"The model hub refuses the model {model!r}: HF_TOKEN is missing or has no access to it."
    # The base class of "not found here" is "not found": what tells them apart is asked first.
    if any(_is_a(cause, _UNKNOWN) and not _is_a(cause, _NOT_CACHED) for cause in chain):
        return f"The model hub has no model {model!r} that this worker may read."
    if any(_is_a(cause, (*_NO_CONNECTION, *_NOT_CACHED)) for cause in chain):
        return (
            f"The model {model!r} is not on this worker and the model hub cannot be reached. "
            "Check the worker's internet connection, or put the model into its models folder."
        )
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what led to it."""
    seen: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__


def _is_a(error: BaseException, names: tuple[str, ...]) -> bool:
    return any(kind.__name__ in names for kind in type(error).__mro__)
