"""Which models stay in memory: as many as fit, the longest unused goes first; and the hub is asked by commit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bulk_transcribe_worker.busy import BusyClock
from bulk_transcribe_worker.errors import JobErrorCode, JobFailed
from bulk_transcribe_worker.hub_models import PINNED
from bulk_transcribe_worker.memory import free_bytes, machine_free_bytes
from bulk_transcribe_worker.model_shelf import RESERVE_BYTES, DeviceChoice, ModelShelf
from bulk_transcribe_worker.models import ModelCatalogue
from tests.process import MODELS

GIB = 1024**3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("one", "two", "three"):
        (tmp_path / name).symlink_to(MODELS / "demo-en")
    return tmp_path


def shelf(folder: Path, free: list[int | None]) -> ModelShelf:
    """Over models of a few MB; `free[0]` is what is measured."""
    choice = DeviceChoice("cpu", "int8", 1, 2)
    return ModelShelf(ModelCatalogue(folder), lambda name: choice, None, BusyClock(), lambda device: free[0])


def test_models_stay_while_memory_lasts(folder: Path) -> None:
    free: list[int | None] = [RESERVE_BYTES + GIB]
    models = shelf(folder, free)
    for name in ("one", "two", "three"):
        models.load(name)
    assert models.names() == ["one", "three", "two"]
    models.close()


def test_the_longest_unused_goes_first_and_one_in_use_never(folder: Path) -> None:
    free: list[int | None] = [RESERVE_BYTES + GIB]
    models = shelf(folder, free)
    models.load("one")
    models.load("two")
    models.load("one")
    freed: list[str] = []
    unload = models._unload

    def noting(name: str) -> None:
        freed.append(name)
        free[0] = RESERVE_BYTES + GIB
        unload(name)

    models._unload = noting  # type: ignore[method-assign]
    free[0] = GIB
    models.load("three")
    assert freed == ["two"]
    with models.lease("one"), models.lease("three"):
        free[0] = 0
        models.load("two")
        assert models.names() == ["one", "three", "two"]
    models.close()


def test_where_nothing_can_be_measured_only_one_model_stays(folder: Path) -> None:
    models = shelf(folder, [None])
    models.load("one")
    models.load("two")
    assert models.names() == ["two"]
    models.close()


def test_a_model_that_does_not_fit_in_spite_of_the_measure_frees_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = shelf(folder, [RESERVE_BYTES + GIB])
    models.load("one")
    models.load("two")
    open_ = models._open

    def crowded(found: Any, choice: Any) -> Any:
        if len(models.names()) > 0:
            raise JobFailed(JobErrorCode.OUT_OF_MEMORY, "no room")
        return open_(found, choice)

    monkeypatch.setattr(models, "_open", crowded)
    models.load("three")
    assert models.names() == ["three"]
    with models.lease("three"), pytest.raises(JobFailed):
        models.load("one")
    models.close()


def test_the_hub_is_asked_for_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def listening(repository: str, **settings: Any) -> Any:
        asked.update(settings, repository=repository)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("huggingface_hub.snapshot_download", listening)
    kept = shelf(tmp_path, [None])
    with pytest.raises(JobFailed, match="disk is full"):
        kept.load("large-v3")
    assert (asked["repository"], asked["revision"]) == PINNED["large-v3"]
    assert asked["cache_dir"] == tmp_path / "cache"
    assert kept.fetching() is None


def test_free_memory_is_the_machines_or_what_its_container_may_have(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9 kB\nMemAvailable:    2048 kB\n")
    assert machine_free_bytes(meminfo, tmp_path) == 2048 * 1024
    (tmp_path / "memory.current").write_text("1000\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert machine_free_bytes(meminfo, tmp_path) == 2048 * 1024
    (tmp_path / "memory.max").write_text("3000\n")
    assert machine_free_bytes(meminfo, tmp_path) == 2000
    assert machine_free_bytes(tmp_path / "nothing", tmp_path) is None
    assert (free_bytes("cpu") or 1) > 0
