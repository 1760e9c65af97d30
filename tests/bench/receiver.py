"""The far end of the tunnel benches: the worker's own end of the tunnel, which fetches what it is told to, and on the
same server a plain HTTP PUT and a short call. Nothing that comes is looked at, so that both ways cost the same.

`python receiver.py` prints its port; then a line of JSON for each command on stdin, answered by one: fetch a link,
begin it and throw it away after its first bytes (so many times), or begin it and read no further until the next fetch
has ended.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from bulk_transcribe_worker.addresses import ControllerHosts
from bulk_transcribe_worker.client import Client
from bulk_transcribe_worker.identity import Instance
from bulk_transcribe_worker.server import bind, web_settings
from bulk_transcribe_worker.tunnel import Tunnel


class Put:
    """Takes a body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers when all of it has come."""
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


async def fetched(client: Client, link: str) -> float:
    """Milliseconds that all of it took."""
    began = time.monotonic()
    async with client.stream("GET", link, {}) as answer:
        async for _ in answer.aiter_stream():
            pass
    return 1000 * (time.monotonic() - began)


async def begun(client: Client, link: str, held: AsyncExitStack) -> None:
    """Reads its first bytes; it is thrown away when `held` is closed."""
    answer = await held.enter_async_context(client.stream("GET", link, {}))
    await anext(aiter(answer.aiter_stream()))


async def main() -> None:
    """Until its input ends."""
    tunnel = Tunnel(Instance("boot", "instance"), lambda: None)
    client = Client(tunnel, ControllerHosts([]))
    routes = [
        WebSocketRoute("/v1/tunnel", tunnel.serve),
        Route("/v1/ping", lambda _: JSONResponse({})),
        Route("/", Put()),
    ]
    app = Starlette(routes=routes)
    listener = bind("127.0.0.1", 0)
    serving = asyncio.create_task(uvicorn.Server(web_settings(app)).serve(sockets=[listener]))
    say(listener.getsockname()[1])
    paused = AsyncExitStack()
    while not serving.done() and (line := await asyncio.to_thread(sys.stdin.readline)):
        command = json.loads(line)
        took = 0.0
        if command["do"] == "fetch":
            took = await fetched(client, command["link"])
            await paused.aclose()
        elif command["do"] == "pause":
            await begun(client, command["link"], paused)
        else:
            for _ in range(command["times"]):
                async with AsyncExitStack() as canceled:
                    await begun(client, command["link"], canceled)
        say({"ms": took})


def say(what: object) -> None:
    """One line."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


asyncio.run(main())
