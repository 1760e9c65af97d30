"""Owns how a rented machine ends itself: one call to the provider's API, with the key that each pod has for itself.

The key and the address come from the environment of the machine, never from a request.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

import httpcore

from bulk_transcribe_worker import USER_AGENT
from bulk_transcribe_worker.backoff import Backoff
from bulk_transcribe_worker.config import PodAccess
from bulk_transcribe_worker.logs import JsonLog

PATIENCE_SECONDS = 600.0
"""How long the provider is asked before the worker only exits."""
_TIMEOUTS = {"connect": 20.0, "read": 30.0, "write": 20.0, "pool": 20.0}
_FINAL = (400, 401, 403, 404, 405, 410, 422)


@dataclass(frozen=True)
class _Reply:
    status: int
    text: str


async def end_pod(
    access: PodAccess,
    wanted: Callable[[], bool],
    log: JsonLog,
    backoff: Backoff,
    sleep: Callable[[float], Awaitable[None]],
) -> bool:
    """Asks until the provider has taken it on; whether it has. Gives up once `wanted` says no or it is refused."""
    while wanted():
        try:
            reply = await _ask(access)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
            reason = str(error).strip() or type(error).__name__
        else:
            if 200 <= reply.status < 300:
                log.write("info", "pod_end", f"The provider was told to {access.action} this pod.", podId=access.pod_id)
                return True
            reason = f"the provider answered {reply.status}: {reply.text[:300]}"
            if reply.status in _FINAL:
                log.write("error", "pod_end_refused", f"This pod cannot end itself: {reason}", podId=access.pod_id)
                return False
        delay = backoff.delay()
        if delay is None:
            log.write("error", "pod_end_failed", f"This pod could not end itself: {reason}", podId=access.pod_id)
            return False
        log.write("warning", "pod_end_waiting", f"Not ended yet: {reason}. Asking again.", podId=access.pod_id)
        await sleep(delay)
    return False


async def _ask(access: PodAccess) -> _Reply:
    async with httpcore.AsyncConnectionPool() as pool:
        answer = await pool.request(
            "POST",
            f"{access.api_url}/pods/{quote(access.pod_id, safe='')}/action",
            headers={
                "Authorization": f"Bearer {access.key.reveal()}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": USER_AGENT,
            },
            content=json.dumps({"action": access.action}).encode(),
            extensions={"timeout": _TIMEOUTS},
        )
    return _Reply(answer.status, " ".join(answer.content.decode("utf-8", "replace").split()))
