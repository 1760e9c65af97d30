"""The small pyannote pipeline and the packages that it needs, for tests that tell speakers apart for real."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.process import ROOT

PACKAGES = Path(sys.prefix) / "diarization"
SMALL_PYANNOTE = ROOT / "tests" / "small-pyannote"


def environment() -> dict[str, str]:
    """Ours, with pyannote and torch in reach. They are in no test's own process."""
    assert (PACKAGES / "pyannote").is_dir(), "What tells speakers apart is not installed: npm test -- --only speakers"
    return {**os.environ, "PYTHONPATH": str(PACKAGES), "PYTHONWARNINGS": "ignore", "OMP_WAIT_POLICY": "passive"}


def build_pipeline(folder: Path) -> Path:
    """Makes the pipeline's folder from the committed weights, in about a second."""
    subprocess.run([sys.executable, str(SMALL_PYANNOTE / "build.py"), str(folder)], env=environment(), check=True)
    return folder
