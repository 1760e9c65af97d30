from __future__ import annotations

from pathlib import Path

import pytest

from bulk_transcribe_worker.config import Config, ConfigError, Secret


def test_the_defaults_are_those_of_the_protocol() -> None:
    config = Config.from_environment({})
    assert (config.host, config.port, config.model) == ("0.0.0.0", 8477, "large-v3")
    assert (config.max_concurrent_jobs, config.prefetch_jobs, config.max_file_mb) == (1, 2, 2000)
    assert (config.device, config.compute_type, config.cpu_threads) == ("auto", None, 0)
    assert (config.idle_stop_seconds, config.controller_hosts, config.ping_public) == (0.0, (), False)


def test_values_are_read_and_empty_counts_as_unset(tmp_path: Path) -> None:
    config = Config.from_environment(
        {
            "WORKER_TMP_DIR": str(tmp_path),
            "WORKER_PORT": "0",
            "WORKER_MODEL": " ",
            "WORKER_PING_PUBLIC": "TRUE",
            "WORKER_CONTROLLER_HOSTS": " App.local, 10.0.0.0/8 ,",
            "BUILD_COMMIT": "abc",
        }
    )
    assert (config.work_dir, config.port, config.model, config.ping_public) == (tmp_path, 0, "large-v3", True)
    assert config.controller_hosts == ("app.local", "10.0.0.0/8")
    assert config.git_commit == "abc"


@pytest.mark.parametrize(
    ("name", "value"),
    [("WORKER_PORT", "http"), ("WORKER_PORT", "70000"), ("WORKER_DEVICE", "tpu"), ("WORKER_PING_PUBLIC", "maybe")],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} must"):
        Config.from_environment({name: value})


def test_secrets_print_as_stars() -> None:
    config = Config.from_environment({"WORKER_TOKEN": "tr0ub4dor", "HF_TOKEN": "hf_secret"})
    assert config.token.reveal() == "tr0ub4dor"
    assert "tr0ub4dor" not in repr(config)
    assert "hf_secret" not in repr(config)
    assert not Secret("")
