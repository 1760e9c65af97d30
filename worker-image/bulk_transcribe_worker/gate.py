"""Owns what every request passes first: the token, the size of its body, and one shape for all errors. Plain ASGI."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bulk_transcribe_worker.auth import check_bearer
from bulk_transcribe_worker.errors import RefusalCode, Refused
from bulk_transcribe_worker.service import Service
from bulk_transcribe_worker.upload import FORM_BYTES

MAX_BODY_BYTES = 1024 * 1024
TRANSCRIPTIONS = "/v1/audio/transcriptions"
"""The one path whose body is a whole recording."""
_OPEN_PATHS = ("/health",)


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
        try:
            self._authenticate(scope)
            if scope["type"] == "http":
                receive = await _limited(scope, receive, self._most_bytes(scope["path"]))
        except Refused as error:
            await _refuse(error, scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _most_bytes(self, path: str) -> int:
        return self._service.config.max_file_bytes + FORM_BYTES if path == TRANSCRIPTIONS else MAX_BODY_BYTES

    def _authenticate(self, scope: Scope) -> None:
        path = scope["path"]
        if path in _OPEN_PATHS or (path == "/v1/ping" and self._service.config.ping_public):
            return
        header = dict(scope["headers"]).get(b"authorization")
        check_bearer(self._service.config.token, None if header is None else header.decode("latin-1"))
        self._service.idle.touch()


def refusal(error: Refused) -> JSONResponse:
    """The answer to a refused request."""
    return JSONResponse({"error": error.message, "code": error.code.value}, error.status, error.headers)


async def _limited(scope: Scope, receive: Receive, most: int) -> Receive:
    """A `receive` that ends a body of more than `most` bytes."""
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value[:18]) > most):
            raise _too_large(most)
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise _too_large(most)
        return message

    return limited


def _too_large(most: int) -> Refused:
    return Refused(RefusalCode.TOO_LARGE, f"A request body may have {most} bytes.")


async def _refuse(error: Refused, scope: Scope, receive: Receive, send: Send) -> None:
    response = refusal(error)
    if scope["type"] == "http":
        await response(scope, receive, send)
        return
    await _deny_websocket(response, send)


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
