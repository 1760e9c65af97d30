"""Nothing is reported home: what the libraries leave behind when they do is not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_VOICE_DETECTION = """
import bulk_transcribe_worker
import numpy as np
from faster_whisper.vad import get_vad_model
get_vad_model()(np.zeros(512 * 8, dtype=np.float32))
"""


def test_voice_detection_leaves_no_device_id_and_no_store_of_events(tmp_path: Path) -> None:
    # onnxruntime's telemetry keeps both under the user's cache; without the switch this very program makes them.
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_TELEMETRY")}
    environment = {name: value for name, value in kept.items() if name != "XDG_CACHE_HOME"}
    subprocess.run(
        [sys.executable, "-c", _VOICE_DETECTION],
        check=True,
        timeout=60,
        env={**environment, "HOME": str(tmp_path)},
        cwd=Path(__file__).parents[1],
    )
    assert [path.name for path in tmp_path.rglob("*") if "onnxruntime" in path.name.lower()] == []
