"""Owns the process: binding the port, uvicorn, signals (drain first, at once on the second), the state file."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Generator

import uvicorn
from starlette.types import ASGIApp

from bulk_transcribe_worker.app import create_app
from bulk_transcribe_worker.bounded_http import BoundedHttp
from bulk_transcribe_worker.config import Config
from bulk_transcribe_worker.engine import SpeechEngine
from bulk_transcribe_worker.logs import JsonLog
from bulk_transcribe_worker.service import Service
from bulk_transcribe_worker.state_file import remove_state_file, write_state_file
from bulk_transcribe_worker.stream_protocol import StreamProtocol

WEBSOCKET_BYTES = 4 * 1024 * 1024
PING_SECONDS = 20.0


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR would share the port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def web_settings(app: ASGIApp) -> uvicorn.Config:
    """How an application is served, with the tunnel's WebSockets."""
    return uvicorn.Config(
        app,
        http=BoundedHttp,
        ws=StreamProtocol,
        ws_max_size=WEBSOCKET_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
        lifespan="on",
    )


def serve(config: Config, engine: SpeechEngine, log: JsonLog) -> None:
    """Runs the worker until it is told to stop. Raises OSError and JournalError before it serves."""
    stop = threading.Event()
    loop_of: list[asyncio.AbstractEventLoop] = []
    server_of: list[_Server] = []

    def request_stop() -> None:
        """Callable from a signal handler, from any thread, and more than once."""
        if server_of and loop_of:
            loop_of[0].call_soon_threadsafe(server_of[0].stop)
        stop.set()

    app = create_app(config, engine, log, on_idle=request_stop)
    service: Service = app.state.service
    listener = bind(config.host, config.port)
    settings = web_settings(app)
    server = _Server(settings, service, log)
    server_of.append(server)

    async def main() -> None:
        loop_of.append(asyncio.get_running_loop())
        for number in _stop_signals():
            signal.signal(number, lambda *_: request_stop())
        if stop.is_set():
            return
        await server.serve(sockets=[listener])

    try:
        asyncio.run(main())
    finally:
        listener.close()
        if config.state_file is not None:
            remove_state_file(config.state_file)


class _Server(uvicorn.Server):
    """uvicorn that drains before it closes connections, because deliveries go through them."""

    def __init__(self, settings: uvicorn.Config, service: Service, log: JsonLog) -> None:
        super().__init__(settings)
        self._service = service
        self._log = log
        self._drain: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """The signals are handled by `serve`."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tells where the worker listens, once it does."""
        await super().startup(sockets)
        config, port = self._service.config, (sockets or [])[0].getsockname()[1]
        if config.state_file is not None:
            write_state_file(config.state_file, port, self._service.instance)
        self._log.write("info", "worker_started", f"Listening on {config.host}:{port}.", port=port)

    def stop(self) -> None:
        """First call: drain, then end. Second call: end at once."""
        if self._drain is None:
            self._drain = asyncio.ensure_future(self._drain_and_exit())
        else:
            self.should_exit = True

    async def _drain_and_exit(self) -> None:
        await self._service.drain(self._service.config.drain_seconds)
        self.should_exit = True


def _stop_signals() -> list[signal.Signals]:
    names = ("SIGTERM", "SIGINT", "SIGBREAK")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]
