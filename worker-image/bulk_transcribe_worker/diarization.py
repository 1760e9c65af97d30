"""Owns what the worker asks of diarization, and what it and the process that does it say to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bulk_transcribe_worker.speaker_turns import Turn

DEFAULT_MODEL = "pyannote/speaker-diarization-community-1"
DEFAULT_REVISION = "3533c8cf8e369892e6b79ff1bf80f7b0286a54ee"
"""A commit of DEFAULT_MODEL: what it computes is the same on every worker, and nobody can change it."""


@dataclass(frozen=True)
class SpeakerCount:
    """How many speakers there may be; `exact` wins. None: as many as are found."""

    exact: int | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Diarization:
    """Who speaks when. Labels are SPEAKER_00 for the one who speaks first, and so on.

    `exclusive`: one speaker at a time, which is what words are assigned by; `turns`: also where several speak at once.
    `embeddings`: the voice of each speaker as numbers. `changed`: what had to be changed on the way.
    """

    exclusive: tuple[Turn, ...]
    turns: tuple[Turn, ...]
    embeddings: Mapping[str, tuple[float, ...]]
    changed: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class DiarizationSetup:
    """What a diarizer is made from. `packages`: the folder that holds pyannote.audio and torch.

    `model`: a folder with a pipeline, a name in `models_folder`, or a repository of the hub at `revision`.
    """

    packages: Path
    models_folder: Path
    model: str = DEFAULT_MODEL
    revision: str | None = None
    device: str = "auto"
    batch_size: int = 0
    threads: int = 0
    hub_token: str = field(default="", repr=False)

    def local_pipeline(self) -> Path | None:
        """The pipeline's folder where it lies on this machine, whatever the hub's cache holds."""
        named = Path(self.model)
        for folder in (named, self.models_folder / named.name):
            if (folder / "config.yaml").is_file():
                return folder.absolute()
        return None

    @property
    def pinned_revision(self) -> str | None:
        """The commit that is fetched: the setting's, else the known one of the default pipeline."""
        return self.revision or (DEFAULT_REVISION if self.model == DEFAULT_MODEL else None)


@dataclass(frozen=True)
class Prepare:
    """First message to the process."""

    setup: DiarizationSetup


@dataclass(frozen=True)
class Diarize:
    """One recording: signed 16-bit samples at 16 kHz in a file, or the known speech. `device`: another this once."""

    id: int
    sound: Path | None
    count: SpeakerCount = SpeakerCount()
    device: str | None = None


@dataclass(frozen=True)
class StopDiarizing:
    """Nobody wants the answer any more."""

    id: int


@dataclass(frozen=True)
class Prepared:
    """The pipeline is loaded and has told speakers apart in known speech."""

    device: str
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Unable:
    """Speakers cannot be told apart here; `reason` is a sentence for people. The process ends after it."""

    reason: str


@dataclass(frozen=True)
class Advanced:
    """How far a recording is, 0..1."""

    id: int
    share: float


@dataclass(frozen=True)
class Found:
    """The answer."""

    id: int
    diarization: Diarization


@dataclass(frozen=True)
class Broke:
    """There is no answer. `out_of_memory`: not even one window at once fits."""

    id: int
    message: str
    out_of_memory: bool = False
