"""Owns who this worker is: its build, its process (`bootId`) and its work directory (`instanceId`)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from bulk_transcribe_worker.config import Config
from bulk_transcribe_worker.wire import Identity


@dataclass(frozen=True)
class Instance:
    """`boot_id` is new at each start of the process; `instance_id` lives as long as the work directory."""

    boot_id: str
    instance_id: str


def build_identity(config: Config) -> Identity:
    """The build as `/v1/ping` reports it. The digest is what the operator declared, nothing measured."""
    return Identity(
        git_commit=config.git_commit,
        build_time=config.build_time,
        declared_image_digest=config.image_digest,
        image_digest_source="env" if config.image_digest else "none",
    )


def open_instance(work_dir: Path) -> Instance:
    """Reads the instance id of `work_dir`, or makes one. Raises OSError where the folder is not writable."""
    path = work_dir / "instance-id"
    try:
        instance_id = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        instance_id = ""
    if not instance_id:
        instance_id = f"wi_{secrets.token_hex(8)}"
        path.write_text(instance_id + "\n", encoding="ascii")
    return Instance(boot_id=f"wb_{secrets.token_hex(8)}", instance_id=instance_id)
