"""Owns the models in memory: loaded under a lock, used under a lease, so that a switch frees none in use."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulk_transcribe_worker.batches import BatchScheduler
from bulk_transcribe_worker.busy import BusyClock
from bulk_transcribe_worker.clip_decoder import ClipDecoder, ClipTask
from bulk_transcribe_worker.engine_errors import is_out_of_memory, one_line
from bulk_transcribe_worker.errors import JobErrorCode, JobFailed
from bulk_transcribe_worker.hub_errors import fetch_sentence
from bulk_transcribe_worker.models import ModelCatalogue

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_LOG = logging.getLogger(__name__)


@dataclass
class LoadedModel:
    """A model in memory, and what decodes with it."""

    whisper: WhisperModel
    decoder: ClipDecoder
    batches: BatchScheduler[ClipTask]
    leases: int = 0


@dataclass(frozen=True)
class DeviceChoice:
    """What models are loaded for; `batch_size` clips at once."""

    device: str
    compute_type: str
    cpu_threads: int
    batch_size: int


class ModelShelf:
    """All models of one engine. `choice` is asked at each load, with the model's name."""

    def __init__(
        self, catalogue: ModelCatalogue, choice: Callable[[str], DeviceChoice], hub_token: str | None, busy: BusyClock
    ) -> None:
        self._catalogue = catalogue
        self._choice = choice
        self._hub_token = hub_token
        self._busy = busy
        self._lock = threading.Lock()
        self._models: dict[str, LoadedModel] = {}

    def names(self) -> list[str]:
        """Models in memory."""
        return sorted(self._models)

    def load(self, name: str) -> LoadedModel:
        """Loads a model; the ones that nobody uses are freed first. Raises JobFailed."""
        with self._lock:
            return self._load(name)

    @contextmanager
    def lease(self, name: str) -> Iterator[LoadedModel]:
        """A model that is not freed inside. Raises JobFailed."""
        with self._lock:
            model = self._load(name)
            model.leases += 1
        try:
            yield model
        finally:
            with self._lock:
                model.leases -= 1

    def close(self) -> None:
        """Frees all models."""
        with self._lock:
            for name in list(self._models):
                self._unload(name)

    def _load(self, name: str) -> LoadedModel:
        known = self._models.get(name)
        if known is not None:
            return known
        for other in [other for other, model in self._models.items() if not model.leases]:
            self._unload(other)
        found = self._catalogue.find(name)
        if found is None:
            raise JobFailed(JobErrorCode.MODEL_LOAD_FAILED, f"The model {name!r} is not there any more.")
        from faster_whisper import WhisperModel

        choice = self._choice(name)
        try:
            whisper = WhisperModel(
                str(found.folder or name),
                device=choice.device,
                compute_type=choice.compute_type,
                cpu_threads=choice.cpu_threads or os.cpu_count() or 1,
                download_root=str(self._catalogue.cache),
                use_auth_token=self._hub_token,
            )
        except Exception as error:
            if is_out_of_memory(error):
                raise JobFailed(JobErrorCode.OUT_OF_MEMORY, f"The model {name!r} does not fit into memory.") from error
            _LOG.warning("The model %r could not be loaded.", name, exc_info=error)
            sentence = fetch_sentence(name, error) if found.folder is None else None
            raise JobFailed(
                JobErrorCode.MODEL_LOAD_FAILED,
                sentence or f"The model {name!r} could not be loaded: {one_line(error)}",
            ) from error
        decoder = ClipDecoder(whisper)
        batches = BatchScheduler(decoder.advance, choice.batch_size, is_out_of_memory, self._busy)
        loaded = LoadedModel(whisper, decoder, batches)
        self._models[name] = loaded
        return loaded

    def _unload(self, name: str) -> None:
        # Freed first, forgotten after: a failure leaves it visible.
        self._models[name].batches.close()
        self._models[name].whisper.model.unload_model()
        del self._models[name]
