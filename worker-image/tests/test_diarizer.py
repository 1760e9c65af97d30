"""What the worker makes of its diarizer: found missing at the start, lost, out of memory, stopped. No torch in here."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bulk_transcribe_worker.config import Config
from bulk_transcribe_worker.diarization import DEFAULT_REVISION, DiarizationSetup, SpeakerCount
from bulk_transcribe_worker.diarizer import CHECKING, DiarizationOutOfMemory, Diarizer
from bulk_transcribe_worker.diarizing import runs_beside
from bulk_transcribe_worker.engine import DeviceState
from bulk_transcribe_worker.errors import Interrupted, JobErrorCode, JobFailed

Start = Callable[..., Diarizer]


@pytest.fixture
def setup(tmp_path: Path) -> DiarizationSetup:
    """Everything that can be seen without torch is there."""
    (tmp_path / "packages" / "pyannote" / "audio").mkdir(parents=True)
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "config.yaml").touch()
    return DiarizationSetup(tmp_path / "packages", tmp_path / "models", str(tmp_path / "pipeline"))


@pytest.fixture
def start(tmp_path: Path, setup: DiarizationSetup) -> Iterator[Start]:
    started: list[Diarizer] = []

    def begin(*acts: dict[str, object]) -> Diarizer:
        script = tmp_path / "script"
        script.write_text("\n".join(json.dumps(act) for act in acts))
        diarizer = Diarizer(setup, (sys.executable, "-m", "tests.scripted_diarizer", str(script)))
        diarizer.start()
        started.append(diarizer)
        return diarizer

    yield begin
    for diarizer in started:
        diarizer.close()


def never() -> bool:
    return False


def run(diarizer: Diarizer, stopped: Callable[[], bool] = never, device: str | None = None) -> dict[str, object]:
    return dict(diarizer.run(None, SpeakerCount(), lambda share: None, stopped, device).changed)


def test_what_is_missing_is_said_at_once_and_in_words(tmp_path: Path, setup: DiarizationSetup) -> None:
    bare = Diarizer(DiarizationSetup(tmp_path / "nothing", tmp_path / "models"))
    bare.start()
    assert "worker install --diarization" in (bare.wait(never) or "")
    tokenless = Diarizer(DiarizationSetup(setup.packages, tmp_path / "models"))
    assert tokenless.reason() == CHECKING
    tokenless.start()
    assert "HF_TOKEN is not set" in (tokenless.reason() or "")
    test = tokenless.self_test()
    # Not set up is no failure, but it is named; set up and broken is one.
    assert test.checks == {}
    assert "HF_TOKEN" in test.errors["diarization"]


def test_what_only_the_process_finds_out_is_the_reason_too(start: Start) -> None:
    licence = "The model hub refuses the model: HF_TOKEN is missing or has no access to it."
    refused = start({"unable": licence})
    assert refused.wait(never) == licence
    assert refused.self_test().checks == {"diarization": False}
    assert "code 7" in (start({"exit": 7}).wait(never) or "")


def test_a_process_that_dies_is_replaced_once_and_that_is_told(start: Start) -> None:
    diarizer = start({"answers": ["die"]}, {"answers": ["found", "die"]}, {"answers": ["die"]})
    assert diarizer.wait(never) is None
    assert run(diarizer) == {"diarizerRestarts": 1}
    with pytest.raises(JobFailed) as failed:
        run(diarizer)
    assert failed.value.code is JobErrorCode.DIARIZATION_FAILED


def test_no_memory_and_failures_are_told_apart(start: Start) -> None:
    diarizer = start({"answers": ["memory", "broke", "found"]})
    with pytest.raises(DiarizationOutOfMemory):
        run(diarizer)
    with pytest.raises(JobFailed, match="ValueError: so"):
        run(diarizer)
    assert run(diarizer, device="cpu") == {"ranOn": "cpu"}


def test_stopping_reaches_the_process(start: Start, tmp_path: Path) -> None:
    diarizer = start({"answers": ["hang", "found"]})
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    with pytest.raises(Interrupted):
        run(diarizer, stop.is_set)
    assert run(diarizer) == {}
    assert (tmp_path / "stopped").exists()


def test_closing_ends_the_process_in_the_middle(start: Start) -> None:
    diarizer = start({"answers": ["hang"]})
    assert diarizer.wait(never) is None
    threading.Timer(0.1, diarizer.close).start()
    with pytest.raises(JobFailed):
        run(diarizer)


def test_both_run_at_once_on_two_devices_or_on_a_gpu_with_room() -> None:
    gpu = DeviceState("cuda", "float16", vram_total_mb=24_000, vram_used_mb=8_000)
    full = DeviceState("cuda", "float16", vram_total_mb=8_000, vram_used_mb=6_000)
    cpu = DeviceState("cpu", "int8")
    assert runs_beside("cuda", gpu)
    assert not runs_beside("cuda", full)
    assert runs_beside("cpu", gpu)
    assert runs_beside("cuda", cpu)
    assert not runs_beside("cpu", cpu)


def test_the_settings_name_pipeline_revision_device_and_packages(tmp_path: Path) -> None:
    plain = Config.from_environment({}).diarization
    assert plain.model == "pyannote/speaker-diarization-community-1"
    assert plain.pinned_revision == DEFAULT_REVISION
    assert plain.packages == Path(sys.prefix) / "diarization"
    assert plain.local_pipeline() is None
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "config.yaml").touch()
    named = Config.from_environment(
        {
            "DIARIZATION_MODEL": "own",
            "WORKER_MODELS_DIR": str(tmp_path),
            "DIARIZATION_DEVICE": "cuda",
            "DIARIZATION_PACKAGES": str(tmp_path),
            "HF_TOKEN": "secret",
        }
    ).diarization
    assert (named.local_pipeline(), named.device, named.packages) == (tmp_path / "own", "cuda", tmp_path)
    assert "secret" not in repr(named)
    assert Config.from_environment({"DIARIZATION_MODEL": "a/b"}).diarization.pinned_revision is None
