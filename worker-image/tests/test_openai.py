"""OpenAI's transcription API on a real worker: with their own client, and with raw bodies that are wrong."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import anyio
import httpcore
import openai
import pytest

from bulk_transcribe_worker import openai_answer
from bulk_transcribe_worker.errors import Refused
from bulk_transcribe_worker.openai_answer import Transcribed
from bulk_transcribe_worker.openai_form import read_form
from bulk_transcribe_worker.upload import Form
from tests.process import TOKEN, WorkerProcess

pytestmark = pytest.mark.anyio

BOUNDARY = "b0undary"


def client(worker: WorkerProcess, token: str = TOKEN) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(api_key=token, base_url=f"http://127.0.0.1:{worker.port}/v1", max_retries=0, timeout=60)


def form(*parts: tuple[str, bytes], end: bool = True) -> bytes:
    body = b""
    for name, value in parts:
        filename = b'; filename="../../evil.wav"' if name == "file" else b""
        body += b'--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n' % (
            BOUNDARY.encode(),
            name.encode(),
            filename,
        )
        body += value + b"\r\n"
    return body + (f"--{BOUNDARY}--\r\n".encode() if end else b"")


async def post(worker: WorkerProcess, body: bytes, **headers: str) -> tuple[int, Any]:
    told = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **headers}
    status, answer, _ = await worker.call("POST", "/v1/audio/transcriptions", headers=told, raw=body)
    return status, answer


async def test_their_client_gets_every_format(worker: WorkerProcess, short: bytes) -> None:
    file = ("short.wav", short)
    async with client(worker) as api:
        create = api.audio.transcriptions.create
        plain = await create(file=file, model="whisper-1")
        assert "anna" in plain.text.lower()
        assert await create(file=file, model="demo-en", response_format="text") == plain.text + "\n"
        srt = await create(file=file, model="demo-en", response_format="srt")
        assert re.match(r"1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\n\S", srt)
        vtt = await create(file=file, model="demo-en", response_format="vtt", language="en")
        assert re.match(r"WEBVTT\n\n00:00:0\d\.\d{3} --> ", vtt)
        verbose = await create(
            file=file, model="demo-en", response_format="verbose_json", timestamp_granularities=["word", "segment"]
        )
        assert verbose.segments and verbose.words
        assert (verbose.text, verbose.language) == (plain.text, "en")
        assert verbose.duration == pytest.approx(5.5, abs=0.01)
        assert " ".join(word.word for word in verbose.words) == plain.text
        assert all(segment.end > segment.start for segment in verbose.segments)


async def test_their_client_streams(worker: WorkerProcess, demo: bytes) -> None:
    async with client(worker) as api:
        stream = await api.audio.transcriptions.create(file=("demo.wav", demo), model="demo-en", stream=True)
        events = [event async for event in stream]
        deltas = [event.delta for event in events if event.type == "transcript.text.delta"]
        assert len(deltas) > 2
        last = events[-1]
        assert last.type == "transcript.text.done"
        assert "".join(deltas) == last.text


async def test_their_client_lists_models(worker: WorkerProcess) -> None:
    async with client(worker) as api:
        names = [model.id async for model in api.models.list()]
        assert "demo-en" in names and "large-v3" in names
        assert (await api.models.retrieve("demo-en")).id == "demo-en"
        with pytest.raises(openai.NotFoundError):
            await api.models.retrieve("nothing")
    async with client(worker, "wrong") as api:
        with pytest.raises(openai.PermissionDeniedError):
            await api.models.list()


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"model": "large-v9"}, 400, "UNSUPPORTED_MODEL"),
        ({"model": "demo-en", "language": "de"}, 400, "UNSUPPORTED_LANGUAGE"),
        ({"model": "demo-en", "response_format": "xml"}, 400, "UNSUPPORTED_OPTION"),
        ({"model": "demo-en", "response_format": "diarized_json"}, 400, "UNSUPPORTED_OPTION"),
        ({"model": "demo-en", "include[]": "logprobs"}, 400, "UNSUPPORTED_OPTION"),
        ({"model": "demo-en", "temperature": "warm"}, 400, "BAD_REQUEST"),
        ({"model": "demo-en", "temperature": "nan"}, 400, "BAD_REQUEST"),
        ({"model": "demo-en", "stream": "maybe"}, 400, "BAD_REQUEST"),
        ({"model": "demo-en", "stream": "true", "response_format": "srt"}, 400, "BAD_REQUEST"),
        ({"model": "demo-en", "timestamp_granularities[]": "word"}, 400, "BAD_REQUEST"),
        ({"model": "demo-en", "prompt": "x" * 5000}, 400, "BAD_REQUEST"),
        ({"model": "demo-en", "prompt": "x" * 50_000}, 400, "BAD_REQUEST"),
    ],
)
async def test_what_cannot_be_done_is_refused_in_their_form(
    worker: WorkerProcess, short: bytes, fields: dict[str, str], status: int, code: str
) -> None:
    got, answer = await post(worker, form(("file", short), *((k, v.encode()) for k, v in fields.items())))
    assert (got, answer["error"]["code"]) == (status, code)
    assert answer["error"]["type"] == "invalid_request_error" and answer["error"]["message"]


def folders(worker: WorkerProcess) -> set[str]:
    # The worker is shared: it keeps what another test's controller never acknowledged.
    return {folder.name for folder in (worker.work_dir / "jobs").iterdir()}


async def test_bodies_that_are_no_form_leave_nothing_behind(worker: WorkerProcess, short: bytes) -> None:
    before = folders(worker)
    good = form(("file", short), ("model", b"demo-en"))
    wrong: list[tuple[bytes, dict[str, str]]] = [
        (b"", {}),
        (b"no form at all", {}),
        (form(("model", b"demo-en")), {}),
        (form(("file", short), ("file", short)), {}),
        (form(("file", short), end=False), {}),
        (form(*[(f"f{n}", b"x") for n in range(200)]), {}),
        (good, {"Content-Type": "multipart/form-data"}),
        (good, {"Content-Type": "application/json"}),
        (good, {"Content-Type": "multipart/form-data; boundary=" + "x" * 200}),
        (form(("file", b"")), {}),
        (form(("file", b"this is no recording")), {}),
    ]
    for body, headers in wrong:
        status, answer = await post(worker, body, **headers)
        assert status == 400, (body[:80], answer)
        assert answer["error"]["message"]
    assert folders(worker) <= before
    assert (await worker.call("GET", "/v1/ping"))[1]["activeJobs"] == 0


async def test_a_recording_that_is_too_large_is_refused_before_and_while_it_comes(start_worker: Any) -> None:
    worker = start_worker(WORKER_MAX_FILE_MB="1")
    status, _ = await post(worker, form(("file", bytes(3 * 1024 * 1024)), ("model", b"demo-en")))
    assert status == 413

    async def chunks() -> Any:
        yield form(("file", b""), end=False)[:-2]
        for _ in range(40):
            yield bytes(100_000)

    async with httpcore.AsyncConnectionPool() as pool:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        reply = await pool.request(
            "POST",
            f"http://127.0.0.1:{worker.port}/v1/audio/transcriptions",
            headers=[*headers.items(), ("Transfer-Encoding", "chunked")],
            content=chunks(),
        )
    assert reply.status == 413
    assert list((worker.work_dir / "jobs").iterdir()) == []


async def test_who_hangs_up_frees_the_place(worker: WorkerProcess, demo: bytes) -> None:
    before = folders(worker)
    for stream in (b"false", b"true"):
        _, writer = await asyncio.open_connection("127.0.0.1", worker.port)
        body = form(("file", demo), ("model", b"demo-en"), ("stream", stream))
        writer.write(
            (
                f"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
                f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode()
            + body
        )
        await writer.drain()
        await _until(worker, 1)
        writer.close()
        await _until(worker, 0)
    assert folders(worker) <= before


async def _until(worker: WorkerProcess, active: int) -> None:
    with anyio.fail_after(30):
        while (await worker.call("GET", "/v1/ping"))[1]["activeJobs"] != active:
            await asyncio.sleep(0.05)


def test_cues_hold_no_line_that_would_end_them() -> None:
    segment = {"id": 0, "start": 3599.9996, "end": 3601.5, "text": " a\n\n1 --> <b>&  ", "words": []}
    transcribed = Transcribed("en", 3602.1, [segment])
    srt, _ = openai_answer.body(transcribed, "srt", False)
    assert srt == "1\n01:00:00,000 --> 01:00:01,500\na 1 → <b>&\n"
    vtt, _ = openai_answer.body(transcribed, "vtt", False)
    assert vtt == "WEBVTT\n\n01:00:00.000 --> 01:00:01.500\na 1 → &lt;b&gt;&amp;\n"
    diarized, _ = openai_answer.body(Transcribed("en", 2.5, [{**segment, "speaker": "S1"}]), "diarized_json", False)
    assert json.loads(diarized)["segments"][0]["speaker"] == "S1"
    assert json.loads(diarized)["usage"] == {"type": "duration", "seconds": 3}


def test_options_are_read_from_a_form() -> None:
    asked = read_form(Form([("model", "whisper-1"), ("keywords[]", "Anna"), ("keywords[]", "Ben")]), "mine")
    assert (asked.options.model, asked.options.hotwords, asked.format, asked.stream) == (
        "mine",
        "Anna, Ben",
        "json",
        False,
    )
    assert read_form(Form([("model", "large-v3"), ("languages[]", "de")]), "mine").options.language == "de"
    with pytest.raises(Refused, match="numbered"):
        read_form(Form([("known_speaker_names[]", "Anna")]), "mine")


async def test_what_the_gate_refuses_is_in_their_form_too(worker: WorkerProcess, start_worker: Any) -> None:
    async with client(worker, "wrong") as api:
        with pytest.raises(openai.PermissionDeniedError) as refused:
            await api.models.list()
    assert refused.value.code == "FORBIDDEN" and refused.value.type == "invalid_request_error"
    small = start_worker(WORKER_MAX_FILE_MB="1")
    too_much = form(("model", b"demo-en"), ("file", b"x" * 4_000_000))
    status, answer = await post(small, too_much)
    assert status == 413 and answer["error"]["code"] == "TOO_LARGE" and answer["error"]["message"]
