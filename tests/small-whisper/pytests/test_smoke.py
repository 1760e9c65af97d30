"""The one command, from nothing: espeak-ng speaks, a few steps are trained, faster-whisper loads what is exported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from faster_whisper import WhisperModel

from training.batch import Batch
from training.ct2_weights import load_ctranslate2
from training.model import SmallWhisper
from training.schedule import SMOKE
from training.trainer import Batches, Training, new_network

HERE = Path(__file__).parent.parent


def train(folder: Path, *options: str) -> str:
    command = [sys.executable, "-m", "training", "--smoke", "--threads", "1", "--out", str(folder), *options]
    return subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("smoke")
    assert "6/6" in train(folder)
    return folder


def test_the_model_loads_and_runs_in_faster_whisper(trained: Path) -> None:
    model = WhisperModel(str(trained / "model"), device="cpu", compute_type="int8", cpu_threads=1)
    noise = np.random.default_rng(0).standard_normal(32_000).astype(np.float32) * 0.1
    segments, _ = model.transcribe(noise, language="en", word_timestamps=True, temperature=0, max_new_tokens=8)
    assert all(segment.end <= 30 for segment in segments)


def test_a_finished_training_is_not_done_again(trained: Path) -> None:
    before = (trained / "model" / "model.bin").read_bytes()
    assert "going on at step 6 of 6" in train(trained)
    assert (trained / "model" / "model.bin").read_bytes() == before


def test_a_stopped_training_ends_as_if_it_had_not_stopped(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(1)

    def run(name: str) -> SmallWhisper:
        file = tmp_path / f"{name}.pt"
        training = Training(trained / "bank", file, SMOKE, seed=3, workers=0, save_every=1)
        return training.run(new_network(3), tell=lambda _: None)

    whole = run("whole")
    make = Batches.__getitem__

    def power_cut(batches: Batches, step: int) -> Batch:
        if step == 4:
            raise KeyboardInterrupt
        return make(batches, step)

    monkeypatch.setattr(Batches, "__getitem__", power_cut)
    with pytest.raises(KeyboardInterrupt):
        run("stopped")
    monkeypatch.undo()
    again = run("stopped")
    for name, value in whole.state_dict().items():
        assert torch.equal(value, again.state_dict()[name])


def test_another_seed_is_refused(trained: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        train(trained, "--seed", "2")
    assert "belongs to another plan or seed" in refusal.value.stderr


def test_a_continuation_begins_at_the_weights_it_is_given(trained: Path) -> None:
    network, checkpoint = new_network(9), torch.load(trained / "checkpoint.pt", weights_only=True)
    load_ctranslate2(network, trained / "model")
    for name, value in network.exported().items():
        assert torch.equal(value, checkpoint["mean"][name].half().float())
