"""Owns what every request passes first: the token, the size of its body, and one shape for all errors. Plain ASGI.

Every answer names the worker that gives it, also one that refuses: a job that is unknown (404) under the boot that took
it was never there; under another it was lost with the restart.
"""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bulk_transcribe_worker import openai_answer
from bulk_transcribe_worker.auth import check_bearer
from bulk_transcribe_worker.errors import RefusalCode, Refused
from bulk_transcribe_worker.service import Service
from bulk_transcribe_worker.upload import FORM_BYTES

MAX_BODY_BYTES = 1024 * 1024
TRANSCRIPTIONS = "/v1/audio/transcriptions"
"""The one path whose body is a whole recording."""
_OPENAI_PATHS = ("/v1/models", "/v1/audio/")
_OPEN_PATHS = ("/health",)
_STARTS = ("http.response.start", "websocket.http.response.start", "websocket.accept")


class Gate:
    """Refuses before a route is reached; authenticated calls keep the idle clock from running."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        instance = self._service.instance
        answer = _Answer(
            scope, receive, send, {"Worker-Boot-Id": instance.boot_id, "Worker-Instance-Id": instance.instance_id}
        )
        try:
            self._authenticate(scope)
            if scope["type"] == "http":
                receive = _limited(scope, receive, self._most_bytes(scope["path"]), answer)
        except Refused as error:
            await answer.refuse(error)
            return
        await self._app(scope, receive, answer.send)

    def _most_bytes(self, path: str) -> int:
        return self._service.config.max_file_bytes + FORM_BYTES if path == TRANSCRIPTIONS else MAX_BODY_BYTES

    def _authenticate(self, scope: Scope) -> None:
        path = scope["path"]
        if path in _OPEN_PATHS or (path == "/v1/ping" and self._service.config.ping_public):
            return
        header = dict(scope["headers"]).get(b"authorization")
        check_bearer(self._service.config.token, None if header is None else header.decode("latin-1"))
        self._service.idle.touch()


class _Answer:
    """The way back of one request."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str]) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._begun = False
        self.too_large: Refused | None = None

    async def send(self, message: Message) -> None:
        """Passes on what the application says, but for what it makes of a body that was too large."""
        if self.too_large is not None and not self._begun:
            await self.refuse(self.too_large)
        if self.too_large is None:
            await self._pass(message)

    async def refuse(self, error: Refused) -> None:
        """Says that, in place of anything else."""
        response = refusal(error, self._scope["path"])
        if self._scope["type"] == "http":
            await response(self._scope, self._receive, self._pass)
        else:
            await _deny_websocket(response, self._pass)

    async def _pass(self, message: Message) -> None:
        if message["type"] in _STARTS:
            self._begun = True
            message = {**message, "headers": [*message.get("headers", ()), *self._headers]}
        await self._send(message)


def refusal(error: Refused, path: str) -> JSONResponse:
    """The answer to a refused request, in the form of whose path it is."""
    if path.startswith(_OPENAI_PATHS):
        content, status = openai_answer.failure(error)
        return JSONResponse(content, status, error.headers)
    return JSONResponse({"error": error.message, "code": error.code.value}, error.status, error.headers)


def _limited(scope: Scope, receive: Receive, most: int, answer: _Answer) -> Receive:
    """A `receive` that ends a body of more than `most` bytes. Raises Refused where it announces more."""
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value[:18]) > most):
            raise _too_large(most)
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            # Whoever reads the body may make something else of an error.
            answer.too_large = _too_large(most)
            raise answer.too_large
        return message

    return limited


def _too_large(most: int) -> Refused:
    return Refused(RefusalCode.TOO_LARGE, f"A request body may have {most} bytes.")


async def _deny_websocket(response: Response, send: Send) -> None:
    """Answers the handshake with an HTTP status instead of the upgrade (ASGI `websocket.http.response`)."""
    await send(
        {
            "type": "websocket.http.response.start",
            "status": response.status_code,
            "headers": response.raw_headers,
        }
    )
    await send({"type": "websocket.http.response.body", "body": bytes(response.body), "more_body": False})
