"""A small controller for tests: dials the worker's tunnel with real WebSockets and serves HTTP/1.1 over them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import h11
import websockets
from websockets.asyncio.client import ClientConnection, connect

BASE = "http://controller.tunnel"
MOST_SOCKETS = 4
"""Data sockets that a controller has at most, idle ones and those at work together (docs/protocol.md, "Tunnel")."""


@dataclass
class Call:
    """One request that the worker made."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What the controller answers. `cut_after`: close the socket after so many bytes of the body."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut_after: int | None = None


Handler = Callable[[Call], Awaitable[Answer | None]]


class Controller:
    """Recordings by job id, outputs that arrived, every call in order. `handler` may answer before the routes do."""

    def __init__(self, port: int, token: str, controller: str = "test-controller") -> None:
        self.port = port
        self.token = token
        self.controller = controller
        self.session = ""
        self.recordings: dict[str, bytes] = {}
        self.outputs: dict[str, list[bytes]] = {}
        self.calls: list[Call] = []
        self.completions: list[dict[str, object]] = []
        self.handler: Handler | None = None
        self.wish = 0
        self.greeting: dict[str, object] = {}
        self.close_code: int | None = None
        self.frame_bytes: int | None = None
        """Where given, a message goes out in frames of so many bytes, as a proxy may cut it anew."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._control: ClientConnection | None = None
        self._open = 0
        self._busy = 0
        self._closed = False

    async def __aenter__(self) -> Controller:
        await self.dial()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hang_up()

    async def dial(self) -> None:
        """Connects, and returns when the worker has greeted."""
        self.session = secrets.token_hex(8)
        self._closed = False
        self.close_code = None
        self._control = await self._connect(f"channel=control&controller={self.controller}&session={self.session}")
        await self._control.send(json.dumps({"type": "hello", "controller": self.controller, "session": self.session}))
        self.greeting = json.loads(await asyncio.wait_for(self._control.recv(), 10))
        self.wish = int(str(self.greeting["dataSockets"]))
        self._spawn(self._listen(self._control))
        self._fill()

    async def hang_up(self) -> None:
        """Closes all sockets."""
        self._closed = True
        if self._control is not None:
            await self._control.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._open = self._busy = 0

    def request(self, job: str, recording: bytes, attempt: int | None = 1, **options: object) -> dict[str, object]:
        """A job request for a recording that this controller serves."""
        self.recordings[job] = recording
        expected: dict[str, object] = {
            "inputId": "in1",
            "filename": "meeting.wav",
            "contentType": "audio/wav",
            "sizeBytes": len(recording),
            "sha256": hashlib.sha256(recording).hexdigest(),
            "downloadUrl": f"{BASE}/api/jobs/{job}/inputs/in1?attempt={attempt}&sig=x",
        }
        return {
            "controllerJobId": job,
            "controllerSessionHash": "abcd",
            **({} if attempt is None else {"attempt": attempt}),
            "inputs": [expected],
            "options": {"model": "demo-en", "language": "", "diarizationEnabled": False, **options},
            "callbackUrl": f"{BASE}/api/jobs/{job}/worker/complete?attempt={attempt}&sig=x",
            "outputsUploadUrl": f"{BASE}/api/jobs/{job}/worker/outputs?inputId=in1&attempt={attempt}&sig=x",
        }

    async def _connect(self, query: str) -> ClientConnection:
        return await connect(
            f"ws://127.0.0.1:{self.port}/v1/tunnel?{query}",
            additional_headers={"Authorization": f"Bearer {self.token}"},
            compression=None,
            max_size=1024 * 1024,
            proxy=None,
        )

    async def _listen(self, control: ClientConnection) -> None:
        try:
            async for text in control:
                message = json.loads(text)
                if message["type"] == "need":
                    self.wish = message["dataSockets"]
                    self._fill()
        except websockets.ConnectionClosed:
            pass
        self.close_code = control.close_code
        self._closed = True

    def _fill(self) -> None:
        while not self._closed and self._open < MOST_SOCKETS and self._open - self._busy < self.wish:
            self._open += 1
            self._spawn(self._serve())

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self) -> None:
        """One data socket: requests one after another until it ends."""
        try:
            socket = await self._connect(f"channel=data&session={self.session}")
            try:
                await self._converse(socket)
            finally:
                await socket.close()
        except (websockets.WebSocketException, OSError, h11.RemoteProtocolError):
            await asyncio.sleep(0.05)
        finally:
            self._open -= 1
            self._fill()

    async def _converse(self, socket: ClientConnection) -> None:
        connection = h11.Connection(h11.SERVER)
        call: Call | None = None
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                data = await socket.recv()
                assert isinstance(data, bytes)
                assert len(data) <= 256 * 1024
                connection.receive_data(data)
            elif isinstance(event, h11.Request):
                headers = {name.decode(): value.decode() for name, value in event.headers}
                call = Call(event.method.decode(), event.target.decode(), headers, b"")
            elif isinstance(event, h11.Data):
                assert call is not None
                call.body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                assert call is not None
                self.calls.append(call)
                # Until it is answered, another socket may take its place among the idle ones.
                self._busy += 1
                self._fill()
                try:
                    if not await self._reply(socket, connection, await self._answer(call)):
                        return
                finally:
                    self._busy -= 1
                connection.start_next_cycle()
            else:
                return

    async def _reply(self, socket: ClientConnection, connection: h11.Connection, answer: Answer) -> bool:
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        head = connection.send(h11.Response(status_code=answer.status, headers=list(headers.items())))
        body = answer.body if answer.cut_after is None else answer.body[: answer.cut_after]
        data = (head or b"") + (connection.send(h11.Data(data=body)) or b"")
        for offset in range(0, len(data), 256 * 1024):
            message = data[offset : offset + 256 * 1024]
            size = self.frame_bytes
            await socket.send(
                message if size is None else [message[at : at + size] for at in range(0, len(message), size)]
            )
        if answer.cut_after is not None:
            return False
        connection.send(h11.EndOfMessage())
        return True

    async def _answer(self, call: Call) -> Answer:
        if self.handler is not None and (answer := await self.handler(call)) is not None:
            return answer
        path = urlsplit(call.path).path
        match = re.fullmatch(r"/api/jobs/([^/]+)/(inputs/in1|worker/outputs|worker/complete)", path)
        if match is None:
            return Answer(404, body=b"{}")
        job, route = match[1], match[2]
        if route == "inputs/in1":
            return self.recording_answer(call, self.recordings[job])
        assert call.headers["authorization"] == f"Bearer {self.token}"
        if route == "worker/complete":
            self.completions.append(json.loads(call.body))
            return Answer(200, body=b"{}")
        return self.output_answer(job, call)

    def recording_answer(self, call: Call, recording: bytes, cut_after: int | None = None) -> Answer:
        """200, or 206 for a range whose validator is the file's."""
        etag = f'"sha256-{hashlib.sha256(recording).hexdigest()}"'
        headers = {"Accept-Ranges": "bytes", "ETag": etag}
        asked = re.fullmatch(r"bytes=(\d+)-", call.headers.get("range", ""))
        if asked is None or call.headers.get("if-range") != etag:
            return Answer(200, headers, recording, cut_after)
        first = int(asked[1])
        if first >= len(recording):
            return Answer(416, {"Content-Range": f"bytes */{len(recording)}"}, b"{}")
        headers["Content-Range"] = f"bytes {first}-{len(recording) - 1}/{len(recording)}"
        return Answer(206, headers, recording[first:], cut_after)

    def output_answer(self, job: str, call: Call) -> Answer:
        """Stores an output whose digest is right, and acknowledges it."""
        digest = hashlib.sha256(call.body).digest()
        told = call.headers.get("content-digest")
        if told != f"sha-256=:{base64.b64encode(digest).decode()}:":
            return Answer(400, body=b'{"error":"digest","code":"DIGEST_MISMATCH"}')
        self.outputs.setdefault(job, []).append(call.body)
        return Answer(200, body=json.dumps({"stored": True, "sha256": digest.hex()}).encode())
