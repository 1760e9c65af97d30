"""The wire's models against the fixtures that TypeScript reads too, and against anything at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bulk_transcribe_worker.wire import Health, JobAccepted, JobRequest, JobView, Ping, utc_now
from tests.process import ROOT

FIXTURES = ROOT / "src" / "contract" / "fixtures"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


def test_the_request_of_the_fixture_is_read_whole() -> None:
    given_ = fixture("job-request.json")
    request = JobRequest.model_validate(given_)
    assert request.attempt == given_["attempt"]
    assert request.inputs[0].sha256 == given_["inputs"][0]["sha256"]
    assert request.options.hotwords == given_["options"]["hotwords"]
    again = JobRequest.model_validate(json.loads(request.model_dump_json(by_alias=True)))
    assert again == request


@pytest.mark.parametrize(
    ("name", "model"), [("health.json", Health), ("ping.part2.json", Ping), ("job-accepted.json", JobAccepted)]
)
def test_our_answers_have_exactly_the_keys_of_the_fixtures(name: str, model: type[Any]) -> None:
    given_ = fixture(name)
    keys = {field.serialization_alias for field in model.model_fields.values()}
    assert keys == set(given_)


@pytest.mark.parametrize("name", ["running", "complete", "failed"])
def test_the_status_of_the_fixtures_is_ours(name: str) -> None:
    given_ = fixture("job-status.json")[name]
    ours = json.loads(JobView.model_validate(given_).model_dump_json(by_alias=True))
    assert ours == given_


def test_an_unknown_key_is_tolerated() -> None:
    given_ = fixture("job-request.json")
    given_["fromTheFuture"] = {"x": 1}
    given_["inputs"][0]["colour"] = "blue"
    assert JobRequest.model_validate(given_) == JobRequest.model_validate(fixture("job-request.json"))


@pytest.mark.parametrize(
    "change",
    [
        {"controllerJobId": None}, {"controllerJobId": ""}, {"controllerJobId": 7}, {"attempt": 0}, {"attempt": "1"},
        {"attempt": True}, {"inputs": []}, {"inputs": "x"}, {"inputs": [{}]}, {"options": []},
        {"outputsUploadUrl": None}, {"options": {"diarizationEnabled": "yes"}}, {"options": {"noSpeechThreshold": 2}},
        {"inputs": [{"inputId": "a", "downloadUrl": "http://x", "sizeBytes": -1}]},
        {"inputs": [{"inputId": "a", "downloadUrl": "http://x", "sizeBytes": 1.5}]},
        {"inputs": [{"inputId": "a", "downloadUrl": "http://x", "sha256": "zz"}]},
    ],
)  # fmt: skip
def test_a_wrong_type_is_refused_not_converted(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        JobRequest.model_validate({**fixture("job-request.json"), **change})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = ["controllerJobId", "inputs", "options", "attempt", "outputsUploadUrl", "callbackUrl"]


@given(st.dictionaries(st.sampled_from(names), json_values))
def test_any_body_is_a_request_or_a_validation_error(body: dict[str, object]) -> None:
    try:
        JobRequest.model_validate({**fixture("job-request.json"), **body})
    except ValidationError:
        return


def test_times_are_utc_with_milliseconds() -> None:
    assert utc_now()[-5:-1].startswith(".")
    assert utc_now().endswith("Z")
    assert len(utc_now()) == len("2026-11-23T15:29:58.120Z")


def test_the_fixtures_are_there() -> None:
    assert Path(FIXTURES / "README.md").exists()
