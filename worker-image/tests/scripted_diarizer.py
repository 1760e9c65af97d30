"""Plays the process of diarize_child.py by a script: `python -m tests.scripted_diarizer FILE`.

Each start takes the first line of FILE that is left: {"unable": reason}, {"exit": code}, or {"answers": […]} with, for
each recording, "found", "memory", "broke", "die" or "hang".
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from bulk_transcribe_worker.diarization import (
    Advanced,
    Broke,
    Diarization,
    Diarize,
    Found,
    Prepared,
    StopDiarizing,
    Unable,
)
from bulk_transcribe_worker.pipe import to_parent
from bulk_transcribe_worker.speaker_turns import Turn

TURNS = (Turn(0.0, 2.5, "SPEAKER_00"), Turn(2.5, 6.0, "SPEAKER_01"))


def main() -> None:
    script = Path(sys.argv[1])
    first, *rest = script.read_text().splitlines()
    script.write_text("\n".join(rest))
    act = json.loads(first)
    pipe = to_parent()
    pipe.receive()
    if "exit" in act:
        os._exit(act["exit"])
    if "unable" in act:
        pipe.send(Unable(act["unable"]))
        os._exit(1)
    pipe.send(Prepared(act.get("device", "cuda"), {"pyannote.audio": "4.0.7"}))
    answers = list(act["answers"])
    while (message := pipe.receive()) is not None:
        if not isinstance(message, Diarize):
            continue
        answer = answers.pop(0)
        pipe.send(Advanced(message.id, 0.5))
        if answer == "die":
            os._exit(3)
        if answer == "memory":
            pipe.send(Broke(message.id, "No memory.", out_of_memory=True))
        elif answer == "broke":
            pipe.send(Broke(message.id, "ValueError: so"))
        elif answer == "hang":
            while not isinstance(told := pipe.receive(), StopDiarizing):
                if told is None:
                    # The worker was killed: nobody will ever stop this one.
                    return
            (script.parent / "stopped").touch()
        else:
            device = {"ranOn": message.device} if message.device else {}
            pipe.send(Found(message.id, Diarization(TURNS, TURNS, {"SPEAKER_00": (0.5, 1.0)}, device)))


if __name__ == "__main__":
    main()
