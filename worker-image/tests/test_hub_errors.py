"""The sentence for a model that cannot be fetched, from the library's real exceptions."""

from __future__ import annotations

import errno
import logging
from pathlib import Path

import pytest

from bulk_transcribe_worker.errors import JobErrorCode, JobFailed
from bulk_transcribe_worker.hub_errors import fetch_sentence
from bulk_transcribe_worker.models import ModelCatalogue
from bulk_transcribe_worker.whisper_engine import WhisperEngine


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except Exception as caught:
        return caught


def named(name: str, base: type[Exception] = Exception) -> Exception:
    error: Exception = type(name, (base,), {})("raw text of the library")
    return error


def test_each_cause_has_its_sentence() -> None:
    offline = fetch_sentence("large-v3", raised(named("LocalEntryNotFoundError"), named("ConnectError")))
    assert offline is not None and "cannot be reached" in offline and "'large-v3'" in offline
    unknown = fetch_sentence("large-v3", named("RepositoryNotFoundError"))
    assert unknown is not None and "has no model" in unknown
    gated = fetch_sentence("large-v3", named("GatedRepoError", type(named("RepositoryNotFoundError"))))
    assert gated is not None and "HF_TOKEN" in gated
    full = fetch_sentence("large-v3", raised(RuntimeError("chunk"), OSError(errno.ENOSPC, "No space left on device")))
    assert full is not None and "disk is full" in full
    for other in (RuntimeError("bad weights"), ValueError(), OSError(errno.EACCES, "denied")):
        assert fetch_sentence("large-v3", other) is None


def test_the_hubs_own_class_for_not_found_here_is_no_unknown_name() -> None:
    from huggingface_hub.errors import LocalEntryNotFoundError

    sentence = fetch_sentence("tiny", LocalEntryNotFoundError("Cannot find an appropriate cached snapshot folder"))
    assert sentence is not None and "cannot be reached" in sentence


def test_the_job_gets_the_sentence_and_the_log_the_raw_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from huggingface_hub.errors import LocalEntryNotFoundError

    def offline(*_: object, **__: object) -> None:
        raise LocalEntryNotFoundError("raw text of the library")

    monkeypatch.setattr("huggingface_hub.snapshot_download", offline)
    engine = WhisperEngine(ModelCatalogue(tmp_path), "cpu")
    with caplog.at_level(logging.WARNING), pytest.raises(JobFailed) as caught:
        engine.load("tiny")
    assert caught.value.code is JobErrorCode.MODEL_LOAD_FAILED
    assert "cannot be reached" in caught.value.message and "raw text" not in caught.value.message
    assert "raw text of the library" in caplog.text
