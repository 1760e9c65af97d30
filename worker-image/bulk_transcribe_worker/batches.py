"""Owns the batches of the engine: jobs hand in tasks, tasks that may share a batch do, also those of different jobs.

One thread computes, or several at once where the device gains by it. Each job has a lane; the oldest lane's tasks come
first and younger lanes fill what is left of a batch. A task may need several rounds. Results go back in the order in
which the lane handed its tasks in.

Tasks of different keys share no batch. The larger group goes first, so that the few of a rare key gather until they are
worth a batch; but the oldest task is passed over no more than PATIENCE times in a row.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from bulk_transcribe_worker.busy import BusyClock
from bulk_transcribe_worker.errors import Interrupted

PATIENCE = 3
"""Batches that the oldest task may see go before it."""
_POLL_SECONDS = 0.1
_CLOSE_SECONDS = 120.0
"""A batch that a stopped job left behind is waited for: its model must not be freed under it."""


class BatchTask(Protocol):
    """Work that is done in one or more rounds."""

    @property
    def key(self) -> Hashable:
        """Only tasks with the same key share a batch. May change from round to round."""
        ...

    @property
    def done(self) -> bool:
        """Whether no further round is needed."""
        ...


T = TypeVar("T", bound=BatchTask)


@dataclass(eq=False)
class _Entry(Generic[T]):
    lane: Lane[T]
    task: T
    finished: bool = False
    passed: int = 0
    """Batches of other keys that went before it while it was the oldest."""
    error: Exception | None = None


class BatchScheduler(Generic[T]):
    """Computes with `advance`, which takes tasks of one key one round further, at most `size` at once.

    `at_once` batches are computed side by side, so `advance` is called by as many threads. Where it runs out of memory,
    they are computed one after the other from then on; where that is not enough the batch is halved, down to one, and
    stays so. Another error fails only the tasks that fail alone too.
    """

    def __init__(
        self,
        advance: Callable[[Sequence[T]], None],
        size: int,
        is_out_of_memory: Callable[[Exception], bool],
        busy: BusyClock,
        at_once: int = 1,
    ) -> None:
        self._advance = advance
        self._size = size
        self._is_out_of_memory = is_out_of_memory
        self._busy = busy
        self._lanes: list[Lane[T]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._at_once = at_once
        self._computing = 0
        self._threads = [threading.Thread(target=self._work, name="engine", daemon=True) for _ in range(at_once)]
        for thread in self._threads:
            thread.start()

    @property
    def size(self) -> int:
        """Most tasks at once, as far as memory has allowed so far."""
        return self._size

    @property
    def ahead(self) -> int:
        """Tasks of a lane that may be on their way: those being computed, and a batch that waits."""
        return (self._at_once + 1) * self._size

    def open(self) -> Lane[T]:
        """A lane for one job; it is younger than all that are open."""
        lane = Lane(self)
        with self._changed:
            self._lanes.append(lane)
        return lane

    def close(self) -> None:
        """Ends the threads after their batches; lanes that still wait are interrupted."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(_CLOSE_SECONDS)

    def _work(self) -> None:
        while (batch := self._next_batch()) is not None:
            pieces = [batch]
            while pieces:
                pieces = self._run(pieces[0]) + pieces[1:]

    def _next_batch(self) -> list[_Entry[T]] | None:
        """Waits for a full batch, or for whatever there is once nobody prepares more. None at the end."""
        with self._changed:
            while not self._closed:
                oldest, batch = self._candidates()
                full = len(batch) >= self._size or not any(lane.preparing for lane in self._lanes)
                if batch and full and self._computing < self._at_once:
                    for entry in oldest[:1]:
                        entry.passed += 1
                    for entry in batch:
                        entry.lane.queue.remove(entry)
                        entry.passed = 0
                    return batch
                self._changed.wait()
        return None

    def _candidates(self) -> tuple[list[_Entry[T]], list[_Entry[T]]]:
        """The oldest task's group, and the next batch: that group, or a larger one as long as the oldest can wait."""
        groups: dict[Hashable, list[_Entry[T]]] = {}
        for lane in self._lanes:
            for entry in lane.queue:
                groups.setdefault(entry.task.key, []).append(entry)
        batches = [group[: self._size] for group in groups.values()]
        if not batches:
            return [], []
        oldest = batches[0]
        # Of equals the first: groups stand in the order of their oldest tasks.
        return oldest, oldest if oldest[0].passed >= PATIENCE else max(batches, key=len)

    def _run(self, batch: list[_Entry[T]]) -> list[list[_Entry[T]]]:
        """One round of one batch. The batches that are to be tried instead, where it failed as a whole."""
        with self._changed:
            while self._computing >= self._at_once:
                self._changed.wait()
            self._computing += 1
            beside, at_once = self._computing, self._at_once
        started = time.monotonic()
        error: Exception | None = None
        try:
            with self._busy.computing():
                self._advance([entry.task for entry in batch])
        except Exception as caught:
            error = caught
        # Batches that are computed side by side share the device.
        share = (time.monotonic() - started) / len(batch) / beside
        with self._changed:
            self._computing -= 1
            self._changed.notify_all()
            for entry in batch:
                entry.lane.computed += share
            if error is not None and at_once > 1 and self._is_out_of_memory(error):
                self._at_once = 1
                return [batch]
            if error is not None and len(batch) > 1:
                if not self._is_out_of_memory(error):
                    return [[entry] for entry in batch]
                self._size = min(self._size, max(1, len(batch) // 2))
                return [batch[first : first + self._size] for first in range(0, len(batch), self._size)]
            # Unfinished ones go back to the front of their lanes, in their order.
            for entry in reversed(batch):
                entry.error = error
                entry.finished = error is not None or entry.task.done
                if not entry.finished and entry.lane in self._lanes:
                    entry.lane.queue.appendleft(entry)
            self._changed.notify_all()
        return []


class Lane(Generic[T]):
    """The way of one job's tasks through the batches. `queue`, `preparing` and `computed` belong to the scheduler."""

    def __init__(self, scheduler: BatchScheduler[T]) -> None:
        self.queue: deque[_Entry[T]] = deque()
        self.preparing = False
        self.computed = 0.0
        """Seconds of computing: of a shared batch, this lane's part."""
        self._scheduler = scheduler

    def run(self, tasks: Iterable[T], stopped: Callable[[], bool]) -> Generator[T, None, None]:
        """The tasks, done, in order. They are asked for at most one batch ahead; making one may take time.

        Raises Interrupted when `stopped` says so, at most one batch later, and whatever a task failed with.
        """
        scheduler, changed = self._scheduler, self._scheduler._changed
        source = iter(tasks)
        outstanding: deque[_Entry[T]] = deque()
        more = True
        try:
            while True:
                most = scheduler.ahead
                if more and len(outstanding) < most:
                    more = self._fill(source, outstanding, most, stopped)
                if not outstanding:
                    return
                with changed:
                    while not outstanding[0].finished:
                        if stopped() or scheduler._closed:
                            raise Interrupted
                        changed.wait(_POLL_SECONDS)
                while outstanding and outstanding[0].finished:
                    entry = outstanding.popleft()
                    if entry.error is not None:
                        raise entry.error
                    yield entry.task
        finally:
            self._leave()

    def _fill(self, source: Iterator[T], outstanding: deque[_Entry[T]], most: int, stopped: Callable[[], bool]) -> bool:
        """Hands in tasks until `most` are on their way; whether there may be more."""
        changed = self._scheduler._changed
        with changed:
            self.preparing = True
        try:
            while len(outstanding) < most:
                if stopped():
                    raise Interrupted
                task = next(source, None)
                if task is None:
                    return False
                entry = _Entry(self, task, finished=task.done)
                outstanding.append(entry)
                with changed:
                    if not entry.finished:
                        self.queue.append(entry)
                    changed.notify_all()
            return True
        finally:
            with changed:
                self.preparing = False
                changed.notify_all()

    def _leave(self) -> None:
        with self._scheduler._changed:
            self.queue.clear()
            if self in self._scheduler._lanes:
                self._scheduler._lanes.remove(self)
            self._scheduler._changed.notify_all()
