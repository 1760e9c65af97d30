"""Puts speech models into the image at build time, so that a pod starts with its weights and fetches nothing.

Used by the Dockerfile only: `python bake_models.py DIRECTORY [NAME ...]`. Each model goes to DIRECTORY/NAME, where the
worker looks first. The revisions are commits of the hub: the same image can be built again, and nobody can change it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from bulk_transcribe_worker.hub_models import PINNED

# What faster-whisper itself fetches; the rest of a repository is for people.
_FILES = ("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*")


def bake(directory: Path, names: list[str]) -> None:
    """Fetches the models. Raises ValueError for a name that is not in the list, before anything is fetched."""
    unknown = [name for name in names if name not in PINNED]
    if unknown:
        raise ValueError(f"No such model: {', '.join(unknown)}. There are: {', '.join(PINNED)}.")
    # Where the worker keeps what it fetches later: made here, so that it is there to be mounted over.
    (directory / "cache").mkdir(parents=True, exist_ok=True)
    for name in names:
        from huggingface_hub import snapshot_download

        repository, revision = PINNED[name]
        folder = directory / name
        snapshot_download(repository, revision=revision, local_dir=folder, allow_patterns=list(_FILES))
        # The downloader's own notes about the download.
        shutil.rmtree(folder / ".cache", ignore_errors=True)
        if not (folder / "model.bin").is_file():
            raise ValueError(f"{repository} at {revision} holds no model.bin.")
        sys.stdout.write(f"{name}: {repository} at {revision}\n")
    _without_times(directory)


def _without_times(directory: Path) -> None:
    """The same models then make the same layer, which a registry has already, also where the steps before were new."""
    for path in (*directory.rglob("*"), directory):
        os.utime(path, (0, 0))


if __name__ == "__main__":
    try:
        bake(Path(sys.argv[1]), sys.argv[2:])
    except ValueError as error:
        sys.exit(str(error))
