"""Owns the tunnel: one controller at a time, its control socket, and the data sockets that lie idle.

A session is born with a control socket and dies with it. `offered` data sockets wait to be taken by a request; one
that was taken carries one request and is then given back, or closed.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio
import httpcore
from starlette.websockets import WebSocket, WebSocketDisconnect

from bulk_transcribe_worker import PROTOCOL
from bulk_transcribe_worker.data_socket import MESSAGE_BYTES, DataSocket
from bulk_transcribe_worker.identity import Instance
from bulk_transcribe_worker.stream_protocol import byte_stream
from bulk_transcribe_worker.wire import TunnelState

CLOSE_REPLACED = 4408
CLOSE_UNKNOWN_SESSION = 4404
CLOSE_OTHER_CONTROLLER = 4409
CLOSE_BAD_REQUEST = 4400
CLOSE_TOO_LARGE = 1009

_MOST_MESSAGE_BYTES = 4 * MESSAGE_BYTES
"""Room for a peer that frames its messages a little larger than agreed."""

IDLE_SOCKETS = 2
MAX_SOCKETS = 4
WAIT_SECONDS = 60.0
"""How long one try waits for an idle data socket."""


@dataclass
class _Session:
    """One controller's connection."""

    controller: str
    session: str
    control: WebSocket
    offered: deque[DataSocket] = field(default_factory=deque)
    open: set[DataSocket] = field(default_factory=set)
    said: int = IDLE_SOCKETS


class Tunnel:
    """Used on the event loop only. `changed` is called when a controller came or went."""

    def __init__(self, instance: Instance, changed: Callable[[], None]) -> None:
        self._instance = instance
        self._changed = changed
        self._session: _Session | None = None
        self._waiting: deque[asyncio.Future[DataSocket]] = deque()

    @property
    def connected(self) -> bool:
        """Whether a controller's control socket is alive."""
        return self._session is not None

    def state(self) -> TunnelState:
        """As `/v1/ping` shows it."""
        session = self._session
        if session is None:
            return TunnelState(connected=False, controller_id=None, data_sockets=0)
        return TunnelState(connected=True, controller_id=session.controller, data_sockets=len(session.open))

    async def serve(self, socket: WebSocket) -> None:
        """Serves one WebSocket of `/v1/tunnel` until it ends; it was authenticated before."""
        channel = socket.query_params.get("channel", "")
        name = socket.query_params.get("session", "")
        controller = socket.query_params.get("controller", "")
        await socket.accept()
        if not 0 < len(name) <= 200 or len(controller) > 200:
            await socket.close(CLOSE_BAD_REQUEST, "session is missing or too long")
        elif channel == "data":
            await self._serve_data(socket, name)
        elif channel == "control" and controller:
            await self._serve_control(socket, controller, name)
        else:
            await socket.close(CLOSE_BAD_REQUEST, "channel must be control (with controller) or data")

    async def take(self, timeout: float | None) -> DataSocket:
        """An idle data socket, waiting for one. Raises httpcore.ConnectTimeout."""
        while self._session is not None and self._session.offered:
            socket = self._session.offered.popleft()
            if socket.alive:
                return socket
            # The controller counts it among the idle ones for as long as it stands.
            await socket.aclose()
        future: asyncio.Future[DataSocket] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await self._say_need()
            with anyio.fail_after(WAIT_SECONDS if timeout is None else min(timeout, WAIT_SECONDS)):
                data = await asyncio.shield(future)
        except BaseException as error:
            self._stop_waiting(future)
            if isinstance(error, TimeoutError):
                await self._say_need()
                raise httpcore.ConnectTimeout("No controller is connected to the tunnel.") from error
            raise
        await self._say_need()
        return data

    def give_back(self, socket: DataSocket) -> bool:
        """Makes a taken socket idle again after a whole answer; whether it can still carry requests."""
        session = self._session
        if session is None or socket not in session.open or not socket.alive:
            return False
        self._offer(session, socket)
        return True

    def _stop_waiting(self, future: asyncio.Future[DataSocket]) -> None:
        if future in self._waiting:
            self._waiting.remove(future)
        if not future.done():
            future.cancel()
        elif self._session is not None and (data := future.result()) in self._session.open:
            # It was handed over in the moment in which the wait ended: the next one takes it.
            self._offer(self._session, data)

    async def _serve_control(self, socket: WebSocket, controller: str, name: str) -> None:
        previous = self._session
        if previous is not None and previous.controller != controller:
            await socket.close(CLOSE_OTHER_CONTROLLER, "another controller is connected")
            return
        session = _Session(controller, name, socket)
        self._session = session
        # Beside the conversation: where the old line is dead, closing it may take as long as TCP likes.
        ending = asyncio.ensure_future(_end(previous)) if previous is not None else None
        try:
            await self._converse(session)
        except (WebSocketDisconnect, OSError):
            pass
        finally:
            if self._session is session:
                self._session = None
            self._changed()
            await _close_data(session)
            if ending is not None:
                await ending

    async def _converse(self, session: _Session) -> None:
        greeted = False
        while True:
            message = _message(await session.control.receive())
            if message.get("type") == "hello" and not greeted:
                greeted = True
                await session.control.send_text(
                    json.dumps(
                        {
                            "type": "hello",
                            "protocol": PROTOCOL,
                            "bootId": self._instance.boot_id,
                            "instanceId": self._instance.instance_id,
                            "dataSockets": session.said,
                        }
                    )
                )
                self._changed()
                await self._say_need()

    async def _serve_data(self, socket: WebSocket, name: str) -> None:
        session = self._session
        if session is None or session.session != name:
            await socket.close(CLOSE_UNKNOWN_SESSION, "unknown session")
            return

        async def close(code: int) -> None:
            try:
                await socket.close(code)
            except (RuntimeError, OSError, WebSocketDisconnect):
                return

        async def send(data: bytes) -> None:
            try:
                await socket.send_bytes(data)
            except (RuntimeError, OSError, WebSocketDisconnect) as error:
                raise httpcore.WriteError("The data socket is closed.") from error

        stream = byte_stream(socket.scope)
        data = DataSocket(send, close, stream.hold)
        stream.divert(data.put, _MOST_MESSAGE_BYTES)
        session.open.add(data)
        self._offer(session, data)
        try:
            while True:
                message = await socket.receive()
                if message["type"] != "websocket.receive":
                    break
                received = message.get("bytes") or b""
                if len(received) > _MOST_MESSAGE_BYTES:
                    await close(CLOSE_TOO_LARGE)
                    break
                # What was not diverted; no other binary messages come this way.
                await data.feed(received)
        finally:
            data.end()
            session.open.discard(data)
            if data in session.offered:
                session.offered.remove(data)

    def _offer(self, session: _Session, data: DataSocket) -> None:
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(data)
                return
        session.offered.append(data)

    async def _say_need(self) -> None:
        """Tells the controller how many idle sockets are wished for, when that has changed."""
        session = self._session
        need = min(MAX_SOCKETS, IDLE_SOCKETS + len(self._waiting))
        if session is None or session.said == need:
            return
        session.said = need
        try:
            await session.control.send_text(json.dumps({"type": "need", "dataSockets": need}))
        except (RuntimeError, OSError, WebSocketDisconnect):
            return


async def _close_data(session: _Session) -> None:
    """All at once: none waits for another's line."""
    await asyncio.gather(*(data.aclose(CLOSE_REPLACED) for data in list(session.open)))


async def _end(session: _Session) -> None:
    await _close_data(session)
    try:
        await session.control.close(CLOSE_REPLACED, "replaced by a newer connection")
    except (RuntimeError, OSError, WebSocketDisconnect):
        return


def _message(received: object) -> dict[str, object]:
    """One control message; whatever is not a JSON object counts as an empty one. Raises WebSocketDisconnect."""
    if not isinstance(received, dict) or received.get("type") != "websocket.receive":
        raise WebSocketDisconnect()
    text = received.get("text")
    if not isinstance(text, str) or len(text) > 65_536:
        return {}
    try:
        message = json.loads(text)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
