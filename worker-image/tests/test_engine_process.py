"""The engine in its own process: it dies in every way, runs out of memory and hangs, and no other recording suffers."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bulk_transcribe_worker.engine import ClipResult, Outcome, Speech, SpeechOptions
from bulk_transcribe_worker.engine_errors import is_device_lost, is_out_of_memory
from bulk_transcribe_worker.engine_process import EngineProcess
from bulk_transcribe_worker.engine_wire import EngineSetup
from bulk_transcribe_worker.errors import Interrupted, JobErrorCode, JobFailed
from bulk_transcribe_worker.exclusive import Exclusive
from bulk_transcribe_worker.vad import Clip, Span
from tests.process import COMPUTE_TYPE, DEVICE, MODELS
from tests.test_whisper_engine import audio, demo_samples, text_of

SCRIPTED = (sys.executable, "-m", "tests.scripted_engine")
SETUP = EngineSetup(MODELS)
Make = Callable[..., EngineProcess]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[EngineProcess] = []

    def start(setup: EngineSetup = SETUP, stall_seconds: float | None = None) -> EngineProcess:
        made.append(EngineProcess(setup, SCRIPTED, stall_seconds))
        return made[-1]

    yield start
    for engine in made:
        engine.close()


def script(**faults: object) -> SpeechOptions:
    return SpeechOptions("demo-en", initial_prompt=json.dumps(faults))


def hear(
    engine: EngineProcess, folder: Path, options: SpeechOptions, clips: int = 4
) -> tuple[list[Outcome], list[ClipResult]]:
    outcomes: list[Outcome] = []
    speech = Speech(tuple(Clip((Span(float(n), n + 1.0),), (Span(float(n), n + 1.0),)) for n in range(clips)))
    sound = audio(folder, bytes(2 * 16_000))
    return outcomes, list(engine.transcribe(sound, speech, options, outcomes.append, lambda: False))


def places(results: list[ClipResult]) -> list[float]:
    return [segment.start for result in results for segment in result.segments]


def pids(results: list[ClipResult]) -> list[str]:
    return [segment.text.split(":")[0] for result in results for segment in result.segments]


@pytest.mark.parametrize("how", ["segv", "kill", "exit", "cuda"])
def test_a_recording_goes_on_in_a_fresh_engine_where_the_first_one_died(make: Make, tmp_path: Path, how: str) -> None:
    engine = make()
    outcomes, results = hear(engine, tmp_path, script(die_at=2.0, how=how, once=str(tmp_path / "died")))
    assert places(results) == [0.0, 1.0, 2.0, 3.0]
    first, second = pids(results)[0], pids(results)[2]
    assert pids(results) == [first, first, second, second] and first != second
    assert len(outcomes) == 1
    assert [dict(result.changed) for result in results] == [{}, {}, {"engineRestarts": 1}, {"engineRestarts": 1}]
    assert engine.busy_share() is not None


def test_a_recording_that_kills_engines_fails_alone(make: Make, tmp_path: Path) -> None:
    engine = make()
    with pytest.raises(JobFailed) as caught:
        hear(engine, tmp_path, script(die_at=1.0, how="segv"))
    assert caught.value.code is JobErrorCode.ENGINE_FAILED
    assert "2 times at 1 s" in caught.value.message and "SIGSEGV" in caught.value.message
    assert places(hear(engine, tmp_path, script())[1]) == [0.0, 1.0, 2.0, 3.0]


def test_a_recording_beside_one_that_kills_engines_is_heard_whole(make: Make, tmp_path: Path) -> None:
    engine = make()
    outcomes: list[object] = []
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()

    def run(name: str, options: SpeechOptions) -> None:
        try:
            outcomes.append((name, places(hear(engine, tmp_path / name, options, 200)[1])))
        except JobFailed as error:
            outcomes.append((name, error.code))

    threads = [
        threading.Thread(target=run, args=("good", script())),
        threading.Thread(target=run, args=("bad", script(die_at=100.0, how="cuda"))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert ("good", [float(n) for n in range(200)]) in outcomes
    assert ("bad", JobErrorCode.ENGINE_FAILED) in outcomes


def test_where_not_one_clip_fits_the_model_is_loaded_with_smaller_numbers(make: Make, tmp_path: Path) -> None:
    engine = make()
    _, before = hear(engine, tmp_path, script())
    _, results = hear(engine, tmp_path, script(fits="int8_float16"))
    assert places(results) == [0.0, 1.0, 2.0, 3.0]
    assert pids(results)[0] != pids(before)[0]
    assert results[-1].changed == {"computeTypeReducedTo": "int8_float16"}


def test_a_compute_type_that_a_person_named_is_never_changed(make: Make, tmp_path: Path) -> None:
    engine = make(replace(SETUP, compute_type="float16"))
    with pytest.raises(JobFailed) as caught:
        hear(engine, tmp_path, script(fits="int8_float16"))
    assert caught.value.code is JobErrorCode.OUT_OF_MEMORY


def test_an_engine_that_hangs_is_replaced(make: Make, tmp_path: Path) -> None:
    engine = make(stall_seconds=2.0)
    _, results = hear(engine, tmp_path, script(die_at=3.0, how="hang", once=str(tmp_path / "hung")))
    assert places(results) == [0.0, 1.0, 2.0, 3.0]
    assert results[-1].changed == {"engineRestarts": 1}


def test_a_recording_that_is_not_wanted_any_more_stops_while_the_engine_hangs(make: Make, tmp_path: Path) -> None:
    engine = make()
    stop = threading.Event()
    speech = Speech((Clip((Span(0.0, 1.0),), (Span(0.0, 1.0),)),))
    results = engine.transcribe(
        audio(tmp_path, bytes(32_000)), speech, script(die_at=0.0, how="hang"), lambda outcome: stop.set(), stop.is_set
    )
    with pytest.raises(Interrupted):
        list(results)


def test_an_engine_that_dies_while_it_starts_is_told_of(tmp_path: Path) -> None:
    engine = EngineProcess(SETUP, (sys.executable, "-c", "raise SystemExit(9)"))
    assert "ended with code 9" in engine.device().warnings[-1]
    assert engine.self_test().checks == {"engine process": False}
    with pytest.raises(JobFailed, match="ended with code 9"):
        engine.load("demo-en")
    engine.close()


def test_the_real_engine_in_its_process_hears_what_it_hears_without(tmp_path: Path) -> None:
    engine = EngineProcess(EngineSetup(MODELS, cpu_threads=1))
    sound = audio(tmp_path, demo_samples())
    speech = engine.find_speech(sound, True, lambda: False)
    outcomes: list[Outcome] = []
    results = list(engine.transcribe(sound, speech, SpeechOptions("demo-en"), outcomes.append, lambda: False))
    assert "anna" in text_of(results).lower()
    assert engine.loaded_models() == ["demo-en"]
    assert (engine.device().device, engine.device().compute_type) == (DEVICE, COMPUTE_TYPE)
    test = engine.self_test()
    assert all(test.checks.values()), test.errors
    with pytest.raises(JobFailed) as caught:
        engine.load("never-there")
    assert caught.value.code is JobErrorCode.MODEL_LOAD_FAILED
    engine.close()
    assert engine.loaded_models() == []


def test_who_wants_to_be_alone_goes_before_those_who_come_later() -> None:
    turns, order = Exclusive(), []
    inside, leave = threading.Event(), threading.Event()

    def share(name: str) -> None:
        with turns.together(lambda: False):
            order.append(name)
            inside.set()
            leave.wait(10)

    def alone() -> None:
        with turns.alone(lambda: False):
            order.append("alone")

    first = threading.Thread(target=share, args=("first",))
    first.start()
    inside.wait(10)
    second = threading.Thread(target=alone)
    second.start()
    deadline = time.monotonic() + 10
    while not turns._want_alone:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    third = threading.Thread(target=share, args=("third",))
    third.start()
    leave.set()
    for thread in (first, second, third):
        thread.join(10)
    assert order == ["first", "alone", "third"]
    with turns.together(lambda: False), pytest.raises(Interrupted), turns.alone(lambda: True):
        raise AssertionError


def test_what_the_libraries_say_of_memory_and_of_a_lost_device() -> None:
    assert is_out_of_memory(RuntimeError("CUDA failed with error out of memory"))
    assert is_out_of_memory(RuntimeError("parallel_for failed: cudaErrorInvalidDevice: invalid device ordinal"))
    assert not is_device_lost(RuntimeError("CUDA failed with error out of memory"))
    for text in (
        "CUDA failed with error an illegal memory access was encountered",
        "CUDA failed with error unspecified launch failure",
        "cuBLAS failed with status CUBLAS_STATUS_EXECUTION_FAILED",
        "CUDA failed with error unknown error",
    ):
        assert is_device_lost(RuntimeError(text))
    assert not is_device_lost(ValueError("no such luck"))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux shows a process's environment")
def test_threads_that_wait_for_each_other_do_not_spin(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKER_TOKEN", "a-secret")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    _, results = hear(make(), tmp_path, script(), 1)
    given = Path(f"/proc/{pids(results)[0]}/environ").read_bytes().split(b"\0")
    assert b"OMP_WAIT_POLICY=passive" in given
    # What a person sets wins.
    assert b"OPENBLAS_NUM_THREADS=2" in given
    assert not [one for one in given if one.startswith(b"WORKER_TOKEN=")]
