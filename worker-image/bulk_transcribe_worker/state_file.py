"""Owns the file that tells whoever started the worker where it listens."""

from __future__ import annotations

import json
import os
from pathlib import Path

from bulk_transcribe_worker.identity import Instance
from bulk_transcribe_worker.wire import utc_now


def write_state_file(path: Path, port: int, instance: Instance) -> None:
    """Writes `{pid, port, bootId, instanceId, startedAt}` atomically, readable by the owner only. Raises OSError."""
    state = {
        "pid": os.getpid(),
        "port": port,
        "bootId": instance.boot_id,
        "instanceId": instance.instance_id,
        "startedAt": utc_now(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(state, file)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def remove_state_file(path: Path) -> None:
    """Removes it, if it still speaks of this process."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(state, dict) and state.get("pid") == os.getpid():
            path.unlink()
    except (OSError, ValueError):
        return
