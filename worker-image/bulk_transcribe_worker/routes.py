"""Owns the routes of docs/protocol.md: each parses, asks the service, and shapes the answer."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from starlette.responses import StreamingResponse
from starlette.websockets import WebSocket

from bulk_transcribe_worker import FEATURES, PROTOCOL, SERVICE
from bulk_transcribe_worker.delivery import content_digest
from bulk_transcribe_worker.events import parse_last_event_id
from bulk_transcribe_worker.identity import build_identity
from bulk_transcribe_worker.service import Service
from bulk_transcribe_worker.wire import (
    Acknowledge,
    CancelAnswer,
    Health,
    JobAccepted,
    JobRequest,
    JobView,
    Ping,
    Preflight,
    Result,
)

_MAX_KEY = 400


def make_routes(service: Service) -> APIRouter:
    """All routes over one service."""
    router = APIRouter()
    config, engine = service.config, service.engine

    @router.get("/health")
    async def health() -> Health:
        return Health(service=SERVICE, model=config.model, max_file_mb=config.max_file_mb)

    @router.get("/v1/ping")
    async def ping() -> Ping:
        device = await asyncio.to_thread(engine.device)
        identity = build_identity(config)
        return Ping(
            version=identity.git_commit,
            identity=identity,
            gpu=device.gpu,
            gpu_name=device.device_name if device.gpu else None,
            cuda=device.cuda,
            models=await asyncio.to_thread(engine.models),
            diarization=service.diarizer.reason() is None,
            max_file_mb=config.max_file_mb,
            active_jobs=service.active_jobs,
            max_concurrent_jobs=config.max_concurrent_jobs,
            warnings=[*device.warnings, *await asyncio.to_thread(service.warnings)],
            protocol=PROTOCOL,
            features=list(FEATURES),
            prefetch_jobs=config.prefetch_jobs,
            boot_id=service.instance.boot_id,
            instance_id=service.instance.instance_id,
            device="cuda" if device.gpu else "cpu",
            compute_type=device.compute_type,
            device_name=device.device_name,
            driver=device.driver,
            vram_total_mb=device.vram_total_mb,
            vram_used_mb=device.vram_used_mb,
            loaded_models=engine.loaded_models(),
            engine_busy_share=engine.busy_share(),
            diarization_reason=service.diarizer.reason(),
            diarization_checking=service.diarizer.checking(),
            tunnel=service.tunnel.state(),
        )

    @router.get("/v1/preflight")
    async def preflight() -> Preflight:
        test = await service.self_test()
        return Preflight(
            status="ok" if all(test.checks.values()) else "failed",
            checks=test.checks,
            versions=test.versions,
            errors=test.errors,
        )

    @router.post("/v1/jobs")
    async def accept(
        request: JobRequest, idempotency_key: Annotated[str | None, Header(max_length=_MAX_KEY)] = None
    ) -> JobAccepted:
        job = await service.accept(request, idempotency_key)
        return JobAccepted(
            worker_job_id=job.id,
            status=job.status,
            boot_id=service.instance.boot_id,
            instance_id=service.instance.instance_id,
        )

    @router.get("/v1/jobs/{worker_job_id}")
    async def status(worker_job_id: str) -> JobView:
        return service.job(worker_job_id).view(service.instance)

    @router.post("/v1/jobs/{worker_job_id}/cancel")
    async def cancel(worker_job_id: str) -> CancelAnswer:
        service.cancel(service.job(worker_job_id))
        return CancelAnswer()

    @router.get("/v1/jobs/{worker_job_id}/events")
    async def events(
        worker_job_id: str,
        last_event_id: Annotated[str | None, Header()] = None,
        after: Annotated[str | None, Query()] = None,
    ) -> StreamingResponse:
        log = service.job(worker_job_id).events
        return StreamingResponse(
            log.stream(parse_last_event_id(last_event_id, after)),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    @router.get("/v1/jobs/{worker_job_id}/output")
    async def output(worker_job_id: str) -> Response:
        body, found = await service.output(service.job(worker_job_id))
        return Response(body, media_type="application/json", headers={"Content-Digest": content_digest(found.sha256)})

    @router.post("/v1/jobs/{worker_job_id}/acknowledge")
    async def acknowledge(worker_job_id: str, body: Acknowledge) -> Result:
        found = await service.acknowledge(service.job(worker_job_id), body.sha256)
        return Result(sha256=found.sha256, size_bytes=found.size_bytes, acknowledged=found.acknowledged)

    @router.websocket("/v1/tunnel")
    async def tunnel(socket: WebSocket) -> None:
        await service.tunnel.serve(socket)

    return router
