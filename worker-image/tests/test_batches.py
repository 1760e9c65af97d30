"""The batch scheduler with a computing double: order, filling across jobs, fairness, memory, failures, stopping."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulk_transcribe_worker.batches import PATIENCE, BatchScheduler, Lane
from bulk_transcribe_worker.busy import BusyClock
from bulk_transcribe_worker.engine_errors import is_out_of_memory
from bulk_transcribe_worker.errors import Interrupted


@dataclass(eq=False)
class Work:
    job: str
    number: int
    rounds: int = 1
    key: object = "same"

    @property
    def done(self) -> bool:
        return self.rounds <= 0


class Machine:
    """Takes every task a round further and writes down the batches. `check` may raise."""

    def __init__(self, check: Callable[[Sequence[Work]], None] = lambda batch: None) -> None:
        self.batches: list[list[tuple[str, int]]] = []
        self.check = check
        self.gate = threading.Event()
        self.gate.set()

    def advance(self, tasks: Sequence[Work]) -> None:
        self.gate.wait(10)
        self.batches.append([(task.job, task.number) for task in tasks])
        assert len({task.key for task in tasks}) == 1
        self.check(tasks)
        for task in tasks:
            task.rounds -= 1


def scheduler(machine: Machine, size: int) -> BatchScheduler[Work]:
    return BatchScheduler(machine.advance, size, is_out_of_memory, BusyClock())


def run(lane: Lane[Work], works: Sequence[Work], stopped: Callable[[], bool] = lambda: False) -> list[int]:
    return [work.number for work in lane.run(works, stopped)]


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def in_thread(function: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    results: list[object] = []

    def work() -> None:
        try:
            results.append(function())
        except BaseException as error:
            results.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread, results


@settings(deadline=None, max_examples=40)
@given(
    rounds=st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab")), max_size=30),
    size=st.integers(1, 8),
)
def test_every_task_is_done_once_and_comes_back_in_order(rounds: list[tuple[int, str]], size: int) -> None:
    machine = Machine()
    batches = scheduler(machine, size)
    works = [Work("job", number, count, key) for number, (count, key) in enumerate(rounds)]
    assert run(batches.open(), works) == list(range(len(works)))
    assert sum(len(batch) for batch in machine.batches) == sum(count for count, _ in rounds)
    assert all(len(batch) <= size for batch in machine.batches)
    batches.close()


def test_a_younger_job_fills_what_the_older_one_leaves() -> None:
    machine = Machine()
    machine.gate.clear()
    batches = scheduler(machine, 4)
    old, young = batches.open(), batches.open()
    first, got_old = in_thread(lambda: run(old, [Work("old", number) for number in range(6)]))
    eventually(lambda: len(old.queue) == 2)
    second, got_young = in_thread(lambda: run(young, [Work("young", number) for number in range(6)]))
    eventually(lambda: len(young.queue) == 6)
    machine.gate.set()
    first.join(10)
    second.join(10)
    assert got_old == [list(range(6))] and got_young == [list(range(6))]
    assert machine.batches[:2] == [
        [("old", 0), ("old", 1), ("old", 2), ("old", 3)],
        [("old", 4), ("old", 5), ("young", 0), ("young", 1)],
    ]
    assert len(machine.batches) == 3
    batches.close()


def test_other_options_never_share_a_batch() -> None:
    machine = Machine()
    batches = scheduler(machine, 8)
    works = [Work("job", number, key=number % 2) for number in range(10)]
    assert run(batches.open(), works) == list(range(10))
    batches.close()


@pytest.mark.parametrize("fits", [4, 3, 1])
def test_out_of_memory_halves_the_batch_and_loses_nothing(fits: int) -> None:
    def check(tasks: Sequence[Work]) -> None:
        if len(tasks) > fits:
            raise RuntimeError("CUDA failed with error out of memory")

    machine = Machine(check)
    batches = scheduler(machine, 8)
    assert run(batches.open(), [Work("job", number) for number in range(20)]) == list(range(20))
    assert 1 <= batches.size <= fits
    batches.close()


def test_one_that_does_not_fit_alone_fails_its_job_only() -> None:
    def check(tasks: Sequence[Work]) -> None:
        if any(task.job == "huge" for task in tasks):
            raise RuntimeError("CUDA failed with error out of memory")

    machine = Machine(check)
    batches = scheduler(machine, 4)
    huge, small = batches.open(), batches.open()
    _, failed = in_thread(lambda: run(huge, [Work("huge", 0)]))
    assert run(small, [Work("small", number) for number in range(5)]) == list(range(5))
    eventually(lambda: bool(failed))
    assert isinstance(failed[0], RuntimeError)
    batches.close()


def test_another_error_fails_only_the_task_that_has_it() -> None:
    def check(tasks: Sequence[Work]) -> None:
        if any(task.number == 3 and task.job == "bad" for task in tasks):
            raise ValueError("broken clip")

    machine = Machine(check)
    batches = scheduler(machine, 8)
    lane = batches.open()
    seen: list[int] = []

    def read() -> None:
        for work in lane.run([Work("bad", number) for number in range(6)], lambda: False):
            seen.append(work.number)

    with pytest.raises(ValueError, match="broken clip"):
        read()
    assert seen == [0, 1, 2]
    assert batches.size == 8
    assert run(batches.open(), [Work("good", 1)]) == [1]
    batches.close()


def test_a_stopped_job_leaves_between_batches_and_the_others_go_on() -> None:
    machine = Machine()
    machine.gate.clear()
    batches = scheduler(machine, 2)
    stop = threading.Event()
    lane, other = batches.open(), batches.open()
    thread, results = in_thread(lambda: run(lane, [Work("stopped", number) for number in range(50)], stop.is_set))
    eventually(lambda: len(lane.queue) == 2)
    stop.set()
    thread.join(10)
    assert isinstance(results[0], Interrupted)
    machine.gate.set()
    assert run(other, [Work("other", 7)]) == [7]
    assert sum(job == "stopped" for batch in machine.batches for job, _ in batch) == 2
    batches.close()


def test_tasks_are_made_no_more_than_two_batches_ahead() -> None:
    made: list[int] = []

    def works() -> Iterator[Work]:
        for number in range(100):
            made.append(number)
            yield Work("job", number)

    batches = scheduler(Machine(), 4)
    results = batches.open().run(works(), lambda: False)
    next(results)
    assert len(made) <= 8
    results.close()
    batches.close()


def test_a_failure_to_make_a_task_reaches_its_job() -> None:
    def works() -> Iterator[Work]:
        yield Work("job", 0)
        raise OSError("the sound is gone")

    batches = scheduler(Machine(), 4)
    with pytest.raises(OSError, match="sound is gone"):
        list(batches.open().run(works(), lambda: False))
    assert run(batches.open(), [Work("next", 1)]) == [1]
    batches.close()


def test_computing_is_shared_out_among_the_jobs_of_a_batch() -> None:
    machine = Machine(lambda tasks: time.sleep(0.02))
    batches = scheduler(machine, 4)
    lane = batches.open()
    run(lane, [Work("job", number) for number in range(8)])
    assert 0.04 <= lane.computed < 5
    batches.close()


def test_a_closed_scheduler_interrupts_who_waits() -> None:
    machine = Machine()
    machine.gate.clear()
    batches = scheduler(machine, 1)
    _, results = in_thread(lambda: run(batches.open(), [Work("job", 0), Work("job", 1)]))
    eventually(lambda: len(batches._lanes) == 1)
    closing = threading.Thread(target=batches.close)
    closing.start()
    eventually(lambda: bool(results))
    machine.gate.set()
    closing.join(10)
    assert isinstance(results[0], Interrupted)


def test_tasks_of_a_rare_key_gather_but_the_oldest_does_not_wait_for_ever() -> None:
    """As windows do that are decoded a second time: alone each would cost as much as a batch."""

    def again(tasks: Sequence[Work]) -> None:
        for task in tasks:
            # Every fifth is not good enough the first time.
            if task.key == "same" and task.number % 5 == 0:
                task.key = "warmer"
                task.rounds += 1

    machine = Machine(again)
    batches = scheduler(machine, 10)
    assert run(batches.open(), [Work("job", number) for number in range(100)]) == list(range(100))
    second: list[list[int]] = []
    seen: set[int] = set()
    for batch in machine.batches:
        numbers = [number for _, number in batch]
        if seen & set(numbers):
            second.append(numbers)
        seen |= set(numbers)
    assert sorted(number for batch in second for number in batch) == list(range(0, 100, 5))
    assert len(second) < 10
    batches.close()


def test_a_rare_key_is_passed_over_only_so_often() -> None:
    machine = Machine()
    machine.gate.clear()
    batches = scheduler(machine, 2)
    lanes = [batches.open() for _ in range(3)]
    first, _ = in_thread(lambda: run(lanes[0], [Work("first", 0)]))
    eventually(lambda: not lanes[0].queue)
    rare, _ = in_thread(lambda: run(lanes[1], [Work("rare", 0, key="rare")]))
    eventually(lambda: len(lanes[1].queue) == 1)
    many, _ = in_thread(lambda: run(lanes[2], [Work("many", number) for number in range(20)]))
    eventually(lambda: len(lanes[2].queue) == 4)
    machine.gate.set()
    for thread in (first, rare, many):
        thread.join(10)
    assert 2 <= machine.batches.index([("rare", 0)]) <= 1 + PATIENCE
    batches.close()


@pytest.mark.parametrize("fits", [8, 4, 3, 1])
def test_batches_side_by_side_go_one_after_the_other_before_they_are_halved(fits: int) -> None:
    """`fits` tasks at a time, in however many batches."""
    lock = threading.Lock()
    taken = 0

    class Small(Machine):
        def advance(self, tasks: Sequence[Work]) -> None:
            nonlocal taken
            with lock:
                taken += len(tasks)
                crowded = taken > fits
            time.sleep(0.002)
            with lock:
                taken -= len(tasks)
            if crowded:
                raise RuntimeError("CUDA failed with error out of memory")
            super().advance(tasks)

    machine = Small()
    batches = BatchScheduler(machine.advance, 4, is_out_of_memory, BusyClock(), at_once=3)
    assert run(batches.open(), [Work("job", number) for number in range(60)]) == list(range(60))
    # One batch of four fits alone: it is not made smaller for what others took.
    assert batches.size == min(4, fits if fits != 3 else 2)
    batches.close()


def test_batches_are_computed_side_by_side() -> None:
    together = threading.Barrier(2, timeout=10)

    def meet(tasks: Sequence[Work]) -> None:
        together.wait()

    machine = Machine(meet)
    batches = BatchScheduler(machine.advance, 2, is_out_of_memory, BusyClock(), at_once=2)
    assert run(batches.open(), [Work("job", number) for number in range(8)]) == list(range(8))
    batches.close()
