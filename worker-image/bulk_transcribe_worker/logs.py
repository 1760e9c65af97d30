"""Owns the log: one JSON object a line on stdout, written by a thread so that a slow reader stalls no job.

A closed or blocked stdout (the parent died) never harms the worker: lines are dropped.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import threading

from bulk_transcribe_worker.wire import utc_now

_QUEUE_LINES = 10_000
_STDOUT = 1


class LogWriter:
    """Writes lines to a file descriptor from one daemon thread."""

    def __init__(self, descriptor: int = _STDOUT) -> None:
        self._descriptor = descriptor
        self._lines: queue.Queue[bytes | None] = queue.Queue(_QUEUE_LINES)
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Queues a line; drops it when nobody has read ten thousand."""
        try:
            self._lines.put_nowait(line.encode("utf-8", "backslashreplace") + b"\n")
        except queue.Full:
            return

    def close(self, timeout: float = 1.0) -> None:
        """Writes what is queued, for at most `timeout` seconds."""
        try:
            self._lines.put(None, timeout=timeout)
        except queue.Full:
            return
        self._thread.join(timeout)

    def _run(self) -> None:
        broken = False
        while (line := self._lines.get()) is not None:
            if broken:
                continue
            try:
                view = memoryview(line)
                while view:
                    view = view[os.write(self._descriptor, view) :]
            except OSError:
                # The reader is gone for good; keep draining so that writers never notice.
                broken = True


class JsonLog:
    """The worker's own events, with the fields that docs/protocol.md names."""

    def __init__(self, writer: LogWriter) -> None:
        self._writer = writer

    def write(self, level: str, event: str, message: str, **fields: object) -> None:
        """One line. Fields that are None are left out."""
        line: dict[str, object] = {"ts": utc_now(), "level": level, "event": event, "message": message}
        line.update((name, value) for name, value in fields.items() if value is not None)
        self._writer.write(json.dumps(line, ensure_ascii=False, default=str))


class _LibraryHandler(logging.Handler):
    """Carries what libraries log, as event `library`."""

    def __init__(self, log: JsonLog) -> None:
        super().__init__()
        self._log = log
        self._format = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + self._format.formatException(record.exc_info)
        self._log.write(record.levelname.lower(), "library", message, logger=record.name)


def route_library_logs(log: JsonLog) -> None:
    """Sends warnings and errors of every library to the JSON log."""
    root = logging.getLogger()
    root.handlers[:] = [_LibraryHandler(log)]
    root.setLevel(logging.WARNING)
    # httpcore logs request targets at debug level, signed links included.
    logging.getLogger("httpcore").setLevel(logging.WARNING)
