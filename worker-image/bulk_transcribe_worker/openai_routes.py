"""Owns the routes that clients of OpenAI's API know: `/v1/models` and `/v1/audio/transcriptions`, on the same engine.

A recording that comes this way takes a place of the worker's like any other, waits in the same line, and lives as long
as its request: who hangs up has canceled it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from bulk_transcribe_worker import openai_answer
from bulk_transcribe_worker.engine import SpeechOptions
from bulk_transcribe_worker.errors import JobErrorCode, JobFailed, RefusalCode, Refused
from bulk_transcribe_worker.events import HEARTBEAT_SECONDS
from bulk_transcribe_worker.gate import TRANSCRIPTIONS
from bulk_transcribe_worker.job import Job
from bulk_transcribe_worker.openai_answer import Transcribed
from bulk_transcribe_worker.openai_form import Asked, read_form
from bulk_transcribe_worker.service import Service
from bulk_transcribe_worker.transcript import seconds, segment_json
from bulk_transcribe_worker.upload import receive_form

_HANG_UP_SECONDS = 1.0
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "model"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "model": {"type": "string"},
                        "language": {"type": "string"},
                        "prompt": {"type": "string"},
                        "response_format": {
                            "type": "string",
                            "enum": ["json", "text", "srt", "vtt", "verbose_json", "diarized_json"],
                        },
                        "timestamp_granularities[]": {
                            "type": "array",
                            "items": {"type": "string", "enum": ["word", "segment"]},
                        },
                        "temperature": {"type": "number", "minimum": 0, "maximum": 1},
                        "stream": {"type": "boolean"},
                    },
                }
            }
        },
    }
}


def make_openai_routes(service: Service) -> APIRouter:
    """Both routes over one service."""
    router = APIRouter()

    def model_answer(name: str) -> dict[str, object]:
        return {"id": name, "object": "model", "created": 0, "owned_by": "bulk-transcribe"}

    @router.get("/v1/models")
    async def models() -> dict[str, object]:
        names = await asyncio.to_thread(service.engine.models)
        return {"object": "list", "data": [model_answer(name) for name in names]}

    @router.get("/v1/models/{name}")
    async def model(name: str) -> Response:
        try:
            await asyncio.to_thread(service.engine.check, SpeechOptions(name))
        except Refused as error:
            unknown = Refused(RefusalCode.NOT_FOUND, error.message)
            return JSONResponse(*openai_answer.failure(unknown))
        return JSONResponse(model_answer(name))

    @router.post(TRANSCRIPTIONS, openapi_extra=_FORM)
    async def transcriptions(request: Request) -> Response:
        try:
            return await _answer(service, request)
        except (Refused, JobFailed) as error:
            content, status = openai_answer.failure(error)
            return JSONResponse(content, status, error.headers if isinstance(error, Refused) else None)

    return router


async def _answer(service: Service, request: Request) -> Response:
    async with AsyncExitStack() as stack:
        job = await stack.enter_async_context(service.guest())
        try:
            form = await receive_form(
                request.stream(),
                request.headers.get("content-type", ""),
                service.workspace.recording(job.id, 0),
                service.config.max_file_bytes,
            )
        except ClientDisconnect:
            raise Refused(RefusalCode.BAD_REQUEST, "The body ends in the middle.") from None
        except OSError as error:
            raise JobFailed(JobErrorCode.WORKER_DISK_FULL, "The worker's disk is full.") from error
        asked = read_form(form, service.config.model)
        if asked.format == "diarized_json":
            reason = service.diarizer.reason()
            if reason is not None:
                raise Refused(RefusalCode.UNSUPPORTED_OPTION, f"diarized_json is not available: {reason}")
            options = job.request.options.model_copy(update={"diarization_enabled": True})
            job.request = job.request.model_copy(update={"options": options})
        await asyncio.to_thread(service.engine.check, asked.options)
        hearing = asyncio.ensure_future(_hear(service, job, asked))
        job.task = hearing  # type: ignore[assignment]
        if asked.stream:
            # From here on the stream ends what was begun.
            return _Stream(_events(job, hearing, asked), stack.pop_all())
        transcribed = await _unless_hung_up(request, hearing)
        text, media_type = openai_answer.body(transcribed, asked.format, asked.words)
        return Response(text, media_type=media_type)


async def _hear(service: Service, job: Job, asked: Asked) -> Transcribed:
    decoded, heard = await service.hear_guest(job, asked.options)
    segments = [segment_json(number, segment) for number, segment in enumerate(heard.segments)]
    return Transcribed(heard.language, seconds(decoded.audio.duration), segments)


async def _unless_hung_up(request: Request, hearing: asyncio.Future[Transcribed]) -> Transcribed:
    try:
        while not hearing.done():
            await asyncio.wait({hearing}, timeout=_HANG_UP_SECONDS)
            if not hearing.done() and await request.is_disconnected():
                raise Refused(RefusalCode.BAD_REQUEST, "The client hung up.")
        return hearing.result()
    except asyncio.CancelledError:
        if hearing.cancelled():
            raise Refused(RefusalCode.DRAINING, "This worker is about to stop.") from None
        raise
    finally:
        hearing.cancel()


class _Stream(StreamingResponse):
    """Events; lets go of what the request held however it ends, also where its client never read a byte."""

    def __init__(self, events: AsyncIterator[str], held: AsyncExitStack) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._held:
            await super().__call__(scope, receive, send)


async def _events(job: Job, hearing: asyncio.Future[Transcribed], asked: Asked) -> AsyncIterator[str]:
    """Segments as they are heard, then all of it."""
    told = 0
    try:
        while not hearing.done() or job.events.last_id > told:
            for one in job.events.after(told):
                told = one.id
                if one.name == "segment" and asked.format != "diarized_json":
                    yield openai_answer.event(openai_answer.delta(one.json()))
            if not await job.events.changed(HEARTBEAT_SECONDS, told, hearing):
                yield ": waiting\n\n"
        transcribed = hearing.result()
    except (Refused, JobFailed) as error:
        yield openai_answer.event(openai_answer.failure(error)[0])
        return
    if asked.format == "diarized_json":
        for segment in transcribed.segments:
            yield openai_answer.event(openai_answer.diarized(segment))
    yield openai_answer.event(openai_answer.done(transcribed))
