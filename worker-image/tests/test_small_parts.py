"""The parts that need one or two tests each: token, log, idle clock, state file, catalogue, transcript, imports."""

from __future__ import annotations

import ast
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from bulk_transcribe_worker.auth import check_bearer
from bulk_transcribe_worker.config import Secret
from bulk_transcribe_worker.errors import STATUS_OF, RefusalCode, Refused
from bulk_transcribe_worker.gpu import Gpu, parse_gpu
from bulk_transcribe_worker.identity import Instance, open_instance
from bulk_transcribe_worker.idle import IdleClock
from bulk_transcribe_worker.logs import JsonLog, LogWriter
from bulk_transcribe_worker.models import HUB_MODELS, ModelCatalogue
from bulk_transcribe_worker.state_file import remove_state_file, write_state_file
from bulk_transcribe_worker.transcript import Remark, TranscriptParts, encode, seconds, transcript_json
from tests.process import MODELS

PACKAGE = Path(__file__).resolve().parents[1] / "bulk_transcribe_worker"


@pytest.mark.parametrize(
    ("token", "header", "status"),
    [
        ("", "Bearer x", 500), ("t", None, 401), ("t", " ", 401), ("t", "Bearer x", 403), ("t", "Basic t", 403),
        ("t", "Bearer", 403), ("t", "t", 403), ("t", "Bearer tt", 403), ("t", "Bearer \udcff", 403),
    ],
)  # fmt: skip
def test_a_wrong_token_has_its_status(token: str, header: str | None, status: int) -> None:
    with pytest.raises(Refused) as caught:
        check_bearer(Secret(token), header)
    assert caught.value.status == status


def test_the_right_token_passes() -> None:
    check_bearer(Secret("t"), "Bearer t")
    check_bearer(Secret("t"), "bearer  t ")


def test_every_refusal_has_a_status() -> None:
    assert set(STATUS_OF) == set(RefusalCode)


def test_a_log_line_is_one_json_object(tmp_path: Path) -> None:
    path = tmp_path / "log"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    writer = LogWriter(descriptor)
    JsonLog(writer).write("info", "download_started", "two\nlines", workerJobId="wk_1", filename=None, sizeMB=1.5)
    writer.close()
    os.close(descriptor)
    line = json.loads(path.read_text())
    assert list(line) == ["ts", "level", "event", "message", "workerJobId", "sizeMB"]
    assert line["message"] == "two\nlines"


def test_a_log_without_a_reader_harms_nobody() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    writer = LogWriter(writing)
    for _ in range(20_000):
        writer.write("x" * 100)
    writer.close()
    os.close(writing)


def test_the_idle_clock() -> None:
    now = 0.0
    clock = IdleClock(10, lambda: now)
    now = 9.0
    assert not clock.expired(busy=False)
    assert not clock.expired(busy=True)
    now = 18.0
    assert not clock.expired(busy=False)
    now = 19.0
    assert clock.expired(busy=False)
    assert not IdleClock(0, lambda: 1e9).expired(busy=False)


def test_the_state_file_is_the_owners_alone_and_removed_only_by_its_process(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "state.json"
    write_state_file(path, 1234, Instance("wb_1", "wi_1"))
    state = json.loads(path.read_text())
    assert set(state) == {"pid", "port", "bootId", "instanceId", "startedAt"}
    assert (state["pid"], state["port"]) == (os.getpid(), 1234)
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text(json.dumps({**state, "pid": 1}))
    remove_state_file(path)
    assert path.exists()
    write_state_file(path, 1234, Instance("wb_1", "wi_1"))
    remove_state_file(path)
    assert not path.exists()
    remove_state_file(path)


def test_an_instance_keeps_its_id_and_gets_a_new_boot_id(tmp_path: Path) -> None:
    first, second = open_instance(tmp_path), open_instance(tmp_path)
    assert first.instance_id == second.instance_id
    assert first.boot_id != second.boot_id


def test_the_catalogue_knows_exact_names_only() -> None:
    catalogue = ModelCatalogue(MODELS)
    found = catalogue.find("demo-en")
    assert found is not None
    assert found.english_only
    assert found.folder == MODELS / "demo-en"
    for name in ("demo", "DEMO-EN", "", ".", "..", "../models/demo-en", "cache", "large", "turbo", "a/b", "x" * 300):
        assert catalogue.find(name) is None
    assert ModelCatalogue(MODELS / "missing").names() == list(HUB_MODELS)


def test_the_hub_list_is_what_faster_whisper_knows() -> None:
    from faster_whisper import available_models

    assert set(HUB_MODELS) == set(available_models()) - {"large", "turbo"}


def test_nvidia_smi_is_read_and_nonsense_is_none() -> None:
    assert parse_gpu("NVIDIA H100, 570.86, 81559, 4\n") == Gpu("NVIDIA H100", "570.86", 81559, 4)
    assert parse_gpu("") is None
    assert parse_gpu("No devices were found") is None
    assert parse_gpu("a, b, [N/A], 4") is None


def test_the_transcript_is_valid_json_without_nan() -> None:
    parts = TranscriptParts("en", 1.23456, {}, {}, {}, "now", [Remark("X", "y", 0.12345, None)])
    transcript = json.loads(encode(transcript_json(parts, [])))
    assert transcript["duration"] == 1.235
    assert transcript["warnings"] == [{"code": "X", "message": "y", "start": 0.123}]
    with pytest.raises(ValueError, match="JSON"):
        encode({"x": float("nan")})
    assert str(seconds(-0.0001)) == "0.0"


ENGINE = ("clip_decoder.py", "model_shelf.py", "whisper_engine.py", "word_times.py")
SPEAKERS = ("pyannote_engine.py",)


def test_only_the_engines_processes_import_faster_whisper_and_torch() -> None:
    for path in PACKAGE.glob("*.py"):
        imported = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
        assert "torch" not in imported or path.name in SPEAKERS
        assert "faster_whisper" not in imported or path.name in ENGINE
