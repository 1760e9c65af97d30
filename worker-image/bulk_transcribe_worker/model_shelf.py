"""Owns the models in memory: loaded under a lock, used under a lease, so that a switch frees none in use."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bulk_transcribe_worker import heap
from bulk_transcribe_worker.batches import BatchScheduler
from bulk_transcribe_worker.busy import BusyClock
from bulk_transcribe_worker.clip_decoder import ClipDecoder
from bulk_transcribe_worker.clip_task import ClipTask
from bulk_transcribe_worker.engine_errors import DeviceLost, is_device_lost, is_out_of_memory, one_line
from bulk_transcribe_worker.errors import JobErrorCode, JobFailed
from bulk_transcribe_worker.hub_errors import fetch_sentence
from bulk_transcribe_worker.hub_models import PINNED
from bulk_transcribe_worker.memory import free_bytes
from bulk_transcribe_worker.model_fetch import Fetching, fetch
from bulk_transcribe_worker.models import Model, ModelCatalogue
from bulk_transcribe_worker.word_times import ExactModel

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

RESERVE_BYTES = 2 * 1024**3
"""What computing itself takes beside the weights, for each batch of 8 clips at the largest shape."""
_HALVES = ("float16", "int8_float16", "bfloat16", "int8_bfloat16")
"""Types in which word times may fall together (word_times)."""
_LOG = logging.getLogger(__name__)


@dataclass
class LoadedModel:
    """A model in memory, and what decodes with it."""

    whisper: WhisperModel
    exact: ExactModel | None
    decoder: ClipDecoder
    batches: BatchScheduler[ClipTask]
    leases: int = 0
    used_at: float = 0.0
    """When it was last asked for (monotonic)."""


@dataclass(frozen=True)
class DeviceChoice:
    """What models are loaded for; `batch_size` clips at once, in `at_once` batches side by side."""

    device: str
    compute_type: str
    cpu_threads: int
    batch_size: int
    at_once: int = 1


class ModelShelf:
    """All models of one engine. `choice` is asked at each load, with the model's name."""

    def __init__(
        self,
        catalogue: ModelCatalogue,
        choice: Callable[[str], DeviceChoice],
        hub_token: str | None,
        busy: BusyClock,
        free_bytes: Callable[[str], int | None] = free_bytes,
    ) -> None:
        self._catalogue = catalogue
        self._choice = choice
        self._hub_token = hub_token
        self._busy = busy
        self._free_bytes = free_bytes
        self._took: dict[str, int] = {}
        """What a model was measured to take, by its name."""
        self._lock = threading.Lock()
        self._models: dict[str, LoadedModel] = {}
        self._fetching: Fetching | None = None

    def names(self) -> list[str]:
        """Models in memory."""
        return sorted(self._models)

    def fetching(self) -> Fetching | None:
        """The model that comes from the hub now."""
        return self._fetching

    def load(self, name: str) -> LoadedModel:
        """Loads a model; where memory is short, those that nobody uses are freed, the longest unused first.

        Raises JobFailed.
        """
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
        if known is None:
            known = self._fit(name)
            self._models[name] = known
        known.used_at = time.monotonic()
        return known

    def _fit(self, name: str) -> LoadedModel:
        """Loads a model into what memory there is, freeing others as long as it does not fit."""
        found = self._catalogue.find(name)
        if found is None:
            raise JobFailed(JobErrorCode.MODEL_LOAD_FAILED, f"The model {name!r} is not there any more.")
        choice = self._choice(name)
        # What is kept for computing is free for a model.
        heap.let_go()
        while self._is_short(found, choice) and self._free_one():
            pass
        while True:
            before = self._free_bytes(choice.device)
            try:
                loaded = self._open(found, choice)
            except JobFailed as error:
                if error.code is not JobErrorCode.OUT_OF_MEMORY or not self._free_one():
                    raise
                continue
            after = self._free_bytes(choice.device)
            if before is not None and after is not None:
                self._took[name] = max(0, before - after)
            return loaded

    def _is_short(self, model: Model, choice: DeviceChoice) -> bool:
        """Whether memory may not do for a model that is not loaded yet. What cannot be measured counts as short."""
        free = self._free_bytes(choice.device)
        needed = self._took.get(model.name) or (model.bytes if model.folder else None)
        return free is None or needed is None or free < needed + RESERVE_BYTES * choice.at_once

    def _free_one(self) -> bool:
        """Frees the model that was not asked for the longest; whether there was one that nobody uses."""
        unused = [name for name, model in self._models.items() if not model.leases]
        if not unused:
            return False
        self._unload(min(unused, key=lambda name: self._models[name].used_at))
        return True

    def _open(self, found: Model, choice: DeviceChoice) -> LoadedModel:
        from faster_whisper import WhisperModel

        name = found.name
        try:
            folder = found.folder or self._fetch(name)
            heap.keep_nothing()
            whisper = WhisperModel(
                str(folder),
                device=choice.device,
                compute_type=choice.compute_type,
                cpu_threads=choice.cpu_threads or os.cpu_count() or 1,
                # On one device they share the weights.
                num_workers=choice.at_once,
            )
        except Exception as error:
            if is_out_of_memory(error):
                raise JobFailed(JobErrorCode.OUT_OF_MEMORY, f"The model {name!r} does not fit into memory.") from error
            if is_device_lost(error):
                raise DeviceLost(one_line(error)) from error
            _LOG.warning("The model %r could not be loaded.", name, exc_info=error)
            sentence = fetch_sentence(name, error) if found.folder is None else None
            raise JobFailed(
                JobErrorCode.MODEL_LOAD_FAILED,
                sentence or f"The model {name!r} could not be loaded: {one_line(error)}",
            ) from error
        finally:
            if choice.device == "cpu":
                heap.keep()
        exact = self._exact(folder, choice.device) if whisper.model.compute_type in _HALVES else None
        decoder = ClipDecoder(whisper, exact)
        batches = BatchScheduler(decoder.advance, choice.batch_size, is_out_of_memory, self._busy, choice.at_once)
        return LoadedModel(whisper, exact, decoder, batches)

    def _exact(self, folder: Path, device: str) -> ExactModel:
        """The model for second looks at word times: 8 bits a weight, so half of what a float16 model takes."""

        def load() -> object:
            import ctranslate2

            free, needed = self._free_bytes(device), RESERVE_BYTES // 2 + (folder / "model.bin").stat().st_size // 2
            if free is not None and free < needed:
                raise MemoryError(f"{free / 1e9:.1f} GB are free, {needed / 1e9:.1f} are needed")
            offered = ctranslate2.get_supported_compute_types(device)
            exact = "int8_float32" if "int8_float32" in offered else "float32"
            return ctranslate2.models.Whisper(str(folder), device=device, compute_type=exact)

        return ExactModel(load)

    def _fetch(self, name: str) -> Path:
        repository, revision = PINNED.get(name, (name, None))

        def tell(done: int, total: int) -> None:
            self._fetching = Fetching(name, done, total)

        try:
            return fetch(repository, revision, self._catalogue.cache, self._hub_token, tell)
        finally:
            self._fetching = None

    def _unload(self, name: str) -> None:
        # Freed first, forgotten after: a failure leaves it visible.
        self._models[name].batches.close()
        if (exact := self._models[name].exact) is not None:
            exact.close()
        self._models[name].whisper.model.unload_model()
        del self._models[name]
