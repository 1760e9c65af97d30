"""Owns the one door through which blocking work leaves the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

_T = TypeVar("_T")


class Threads:
    """A pool of threads. Work that has begun is finished, or told to stop, before its caller goes on."""

    def __init__(self, most: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=most, thread_name_prefix="work")

    async def short(self, function: Callable[..., _T], *arguments: object) -> _T:
        """A short blocking call. It is finished even when its caller is canceled."""
        return await self.long(partial(function, *arguments), lambda: None)

    async def long(self, function: Callable[[], _T], stop: Callable[[], None]) -> _T:
        """Long work. When canceled, `stop` is called and the work waited for: until then its slot is taken."""
        call = asyncio.get_running_loop().run_in_executor(self._pool, function)
        canceled: asyncio.CancelledError | None = None
        while not call.done():
            try:
                await asyncio.wait({call})
            except asyncio.CancelledError as error:
                canceled = error
                stop()
        if canceled is not None:
            # Looked at, so that asyncio does not complain of an error that nobody wants any more.
            call.exception()
            raise canceled
        return call.result()

    def close(self) -> None:
        """Lets go of the threads; what still computes is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)
