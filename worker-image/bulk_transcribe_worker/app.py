"""Owns the application: `create_app(config, engine)` joins the parts and reads no globals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from bulk_transcribe_worker import __version__
from bulk_transcribe_worker.backoff import Backoff
from bulk_transcribe_worker.config import Config
from bulk_transcribe_worker.engine import SpeechEngine
from bulk_transcribe_worker.errors import RefusalCode, Refused
from bulk_transcribe_worker.gate import Gate, refusal
from bulk_transcribe_worker.logs import JsonLog, LogWriter
from bulk_transcribe_worker.openai_routes import make_openai_routes
from bulk_transcribe_worker.pod_end import PATIENCE_SECONDS, end_pod
from bulk_transcribe_worker.routes import make_routes
from bulk_transcribe_worker.service import Service

_IDLE_CHECK_SECONDS = 1.0


def create_app(
    config: Config,
    engine: SpeechEngine,
    log: JsonLog | None = None,
    on_idle: Callable[[], None] = lambda: None,
) -> FastAPI:
    """The worker as an ASGI application. Raises JournalError and OSError where the work directory cannot be used.

    `on_idle` is called once, when WORKER_IDLE_STOP_SECONDS have passed with nothing to do. The service is at
    `app.state.service`.
    """
    service = Service(config, engine, log or JsonLog(LogWriter()))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await service.start()
        watch = asyncio.ensure_future(_watch_idle(service, on_idle))
        try:
            yield
        finally:
            watch.cancel()
            await service.close()

    app = FastAPI(title="Bulk Transcribe worker", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.service = service
    app.include_router(make_routes(service))
    app.include_router(make_openai_routes(service))
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unknown)
    app.add_middleware(Gate, service=service)
    return app


async def _watch_idle(service: Service, on_idle: Callable[[], None]) -> None:
    def idle() -> bool:
        return service.idle.expired(service.working or service.tunnel.connected)

    pod = service.config.pod
    while True:
        while not idle():
            await asyncio.sleep(_IDLE_CHECK_SECONDS)
        kept = service.waiting_outputs
        service.log.write(
            "info", "idle_stop", "No controller for WORKER_IDLE_STOP_SECONDS; ending.", undelivered=kept or None
        )
        if pod is not None:
            await end_pod(pod, idle, service.log, Backoff(PATIENCE_SECONDS, first=1.0, longest=60.0), asyncio.sleep)
        # A controller that came back in the meantime finds a worker that goes on.
        if idle():
            on_idle()
            return


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return refusal(error, request.url.path)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    places = [f"{'.'.join(str(part) for part in found['loc'])}: {found['msg']}" for found in error.errors()[:5]]
    hint = "" if _is_json(request) else " Its Content-Type must be application/json."
    message = f"The request is not valid: {'; '.join(places)}."[:1000] + hint
    return refusal(Refused(RefusalCode.BAD_REQUEST, message), request.url.path)


def _is_json(request: Request) -> bool:
    """Whether its body, if it has one, was read as JSON."""
    return request.method != "POST" or "json" in request.headers.get("content-type", "")


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = RefusalCode.NOT_FOUND if error.status_code == 404 else RefusalCode.BAD_REQUEST
    return JSONResponse({"error": str(error.detail), "code": code.value}, error.status_code, error.headers)


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    # Starlette raises it again for the log after this answer.
    return JSONResponse({"error": "The worker failed inside.", "code": RefusalCode.INTERNAL.value}, 500)
