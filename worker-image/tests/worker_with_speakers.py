"""The real worker with speakers that are told apart by a script: `python -m tests.worker_with_speakers`.

SPEAKERS_SCRIPT names the file that tests.scripted_diarizer goes by; `settings` makes one, and what else is needed.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path

from bulk_transcribe_worker import service
from bulk_transcribe_worker.__main__ import main
from bulk_transcribe_worker.diarizer import Diarizer

MODULE = "tests.worker_with_speakers"


def settings(folder: Path, *answers: str) -> dict[str, str]:
    """What such a worker is started with. `answers`: for recordings, from each start on."""
    (folder / "packages" / "pyannote" / "audio").mkdir(parents=True, exist_ok=True)
    (folder / "pipeline").mkdir(parents=True, exist_ok=True)
    (folder / "pipeline" / "config.yaml").touch()
    line = json.dumps({"device": "cpu", "answers": answers})
    (folder / "script").write_text(f"{line}\n" * 10)
    return {
        "DIARIZATION_PACKAGES": str(folder / "packages"),
        "DIARIZATION_MODEL": str(folder / "pipeline"),
        "SPEAKERS_SCRIPT": str(folder / "script"),
    }


if __name__ == "__main__":
    command = (sys.executable, "-m", "tests.scripted_diarizer", os.environ["SPEAKERS_SCRIPT"])
    setattr(service, "Diarizer", partial(Diarizer, command=command))  # noqa: B010 - a name that it imported
    main()
