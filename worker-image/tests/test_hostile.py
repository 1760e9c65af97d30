"""Bodies that nobody means well: a 4xx with a code, nothing outside the work directory, the worker still serving."""

from __future__ import annotations

import copy
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.process import TOKEN, WorkerProcess
from tests.standin import Controller

BODIES = 1000

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=60)
    | st.sampled_from(["../../../../tmp/evil", "/etc/passwd", "a\u0000b", "\ud800", "x" * 10_000, -1, 2**63, 10**400]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=12,
)


def good() -> dict[str, Any]:
    return Controller(0, TOKEN).request("hostile-body", b"x" * 100, initialPrompt="Anna", hotwords="Ben")


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a body that something else could stand in."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    kind = draw(st.sampled_from(["bytes", "json", "field", "field", "field", "cut", "flipped"]))
    if kind == "bytes":
        return draw(st.binary(max_size=200))
    if kind == "json":
        return _dump(draw(json_values))
    body = copy.deepcopy(good())
    if kind == "field":
        path = draw(st.sampled_from([path for path in places(body) if path]))
        target: Any = body
        for key in path[:-1]:
            target = target[key]
        if draw(st.booleans()) and isinstance(target, dict):
            del target[path[-1]]
        else:
            target[path[-1]] = draw(json_values)
        return _dump(body)
    text = bytearray(_dump(body))
    if kind == "cut":
        return bytes(text[: draw(st.integers(0, len(text)))])
    for _ in range(draw(st.integers(1, 5))):
        text[draw(st.integers(0, len(text) - 1))] = draw(st.integers(0, 255))
    return bytes(text)


def _dump(value: object) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


class Sender:
    """One connection that stays open, so that a thousand bodies take seconds."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def close(self) -> None:
        self._connection.close()

    def post(self, path: str, body: bytes, **headers: str) -> tuple[int, Any]:
        told = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", **headers}
        self._connection.request("POST", path, body, told)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())


def tree(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*") if "journal.sqlite" not in path.name}


@pytest.mark.timeout(180)
def test_a_thousand_malformed_bodies(start_worker: Any, tmp_path: Path) -> None:
    worker: WorkerProcess = start_worker()
    sender = Sender(worker.port)
    before, around = tree(tmp_path), set(os.listdir("/tmp"))
    seen: dict[int, int] = {}

    @settings(
        max_examples=BODIES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(body=bodies(), key=st.sampled_from(["", "a", "../../x", "k" * 400, "k" * 401]))
    def send(body: bytes, key: str) -> None:
        status, answer = sender.post("/v1/jobs", body, **({"Idempotency-Key": key} if key else {}))
        seen[status] = seen.get(status, 0) + 1
        if status == 200:
            # What was damaged is not looked at, or is as good as before; the job is ended again.
            sender.post(f"/v1/jobs/{answer['workerJobId']}/cancel", b"")
            return
        assert status in (400, 413, 429), (status, answer, body)
        assert answer["code"] and answer["error"]

    try:
        send()
        assert sender.post("/v1/jobs", b"{}")[0] == 400
    finally:
        sender.close()
    assert sum(seen.values()) >= BODIES * 0.9 and seen[400] > BODIES / 2, seen
    assert {path for path in tree(tmp_path) - before if "/jobs/wk_" not in path} == set()
    assert {name for name in set(os.listdir("/tmp")) - around if "evil" in name} == set()


@pytest.mark.timeout(240)
def test_nothing_that_the_openapi_allows_is_a_500(start_worker: Any, tmp_path: Path) -> None:
    """schemathesis, for a short while; `SCHEMATHESIS_EXAMPLES=200` looks longer."""
    worker: WorkerProcess = start_worker()
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"http://127.0.0.1:{worker.port}/openapi.json",
            *("--header", f"Authorization: Bearer {TOKEN}"),
            *("--checks", "not_a_server_error"),
            *("--max-examples", os.environ.get("SCHEMATHESIS_EXAMPLES", "3")),
            *("--phases", "examples,coverage,fuzzing"),
            *("--exclude-path", "/v1/preflight"),
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=230,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert worker.process is not None and worker.process.poll() is None
    errors = [line for line in worker.log_events() if line["level"] == "error" and line["event"] != "job_failed"]
    assert errors == []
