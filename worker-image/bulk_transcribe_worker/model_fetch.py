"""Owns fetching a model of the hub into the cache, and how far that is: gigabytes, on whose way somebody waits."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILES = ("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*")
"""What faster-whisper wants of a repository (its download_model)."""


@dataclass(frozen=True)
class Fetching:
    """A model on its way: bytes that are here, and those of all files that were asked for so far."""

    model: str
    bytes: int
    total_bytes: int


def fetch(
    repository: str,
    revision: str | None,
    cache: Path,
    token: str | None,
    tell: Callable[[int, int], None],
) -> Path:
    """The folder of a model in `cache`; what is there already is not fetched again, and without a network it will do.

    `tell` gets the bytes that are here and all of them, from several threads. Raises what the hub's client raises.
    """
    import huggingface_hub
    from tqdm.auto import tqdm  # type: ignore[import-untyped]

    lock = threading.Lock()

    class Bar(tqdm):  # type: ignore[misc]
        """Draws nothing, and counts what is written to the disk. There are others for the network and for the files."""

        def __init__(self, *args: Any, **settings: Any) -> None:
            self._counts = settings.get("unit") == "B" and "Downloading" not in settings.get("desc", "")
            super().__init__(*args, **{**settings, "file": io.StringIO()})

        def display(self, *_: Any, **__: Any) -> None:
            self._say()

        def update(self, n: float | None = 1) -> None:
            with lock:
                super().update(n)
            self._say()

        def _say(self) -> None:
            # Called by the base's constructor before there is anything to count.
            if getattr(self, "_counts", False) and self.total:
                tell(int(self.n), int(self.total))

    return Path(
        huggingface_hub.snapshot_download(
            repository,
            revision=revision,
            cache_dir=cache,
            token=token,
            allow_patterns=list(FILES),
            tqdm_class=Bar,
        )
    )
