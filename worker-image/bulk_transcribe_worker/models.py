"""Owns which models may be asked for, by exact name: folders of the models directory first, then the hub's list."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from bulk_transcribe_worker.errors import RefusalCode, Refused
from bulk_transcribe_worker.hub_models import PINNED
from bulk_transcribe_worker.languages import LANGUAGES

HUB_MODELS = tuple(PINNED)
"""Names that are fetched from the hub, at their commits."""

CACHE_FOLDER = "cache"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LANGUAGE_TOKEN = b"<|de|>"


@dataclass(frozen=True)
class Model:
    """A model that may be loaded. `folder` None = it comes from the hub."""

    name: str
    folder: Path | None
    english_only: bool

    @property
    def bytes(self) -> int:
        """Size of its weights on disk, 0 where they are not in a folder."""
        return (self.folder / "model.bin").stat().st_size if self.folder else 0


class ModelCatalogue:
    """The models of one directory and of the hub. The directory is read at each call: folders may be added."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @property
    def cache(self) -> Path:
        """Where models of the hub are kept."""
        return self._directory / CACHE_FOLDER

    def local(self) -> list[str]:
        """Names of the models that lie in the directory."""
        try:
            entries = sorted(entry.name for entry in os.scandir(self._directory) if entry.is_dir())
        except OSError:
            return []
        return [name for name in entries if self._folder(name) is not None]

    def names(self) -> list[str]:
        """All names that may be asked for, local ones first."""
        local = self.local()
        return local + [name for name in HUB_MODELS if name not in local]

    def find(self, name: str) -> Model | None:
        """The model of exactly this name, or None. The name never becomes a path before it was checked."""
        folder = self._folder(name)
        if folder is not None:
            return Model(name, folder, not _speaks_many_languages(folder))
        if name in HUB_MODELS:
            return Model(name, None, name.endswith(".en") or name.startswith("distil-"))
        return None

    def check(self, name: str, language: str | None) -> Model:
        """The model of this name. Raises Refused where it, or the language, is not supported, and lists what is."""
        model = self.find(name)
        if model is None:
            raise Refused(
                RefusalCode.UNSUPPORTED_MODEL,
                f"The model {name!r} is not supported. Supported: {', '.join(self.names())}.",
            )
        if language is not None and model.english_only and language != "en":
            raise Refused(
                RefusalCode.UNSUPPORTED_LANGUAGE,
                f"The model {model.name!r} knows English only, not {language!r}. Supported: en.",
            )
        if language is not None and language not in LANGUAGES:
            raise Refused(
                RefusalCode.UNSUPPORTED_LANGUAGE,
                f"The language {language!r} is not supported. Supported: {', '.join(LANGUAGES)}.",
            )
        return model

    def _folder(self, name: str) -> Path | None:
        if _NAME.fullmatch(name) is None or name == CACHE_FOLDER:
            return None
        folder = self._directory / name
        return folder if (folder / "model.bin").is_file() else None


def _speaks_many_languages(folder: Path) -> bool:
    """Whether the tokenizer has tokens for other languages, which is what makes Whisper multilingual."""
    try:
        return _LANGUAGE_TOKEN in (folder / "tokenizer.json").read_bytes()
    except OSError:
        return True
