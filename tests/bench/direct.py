"""faster-whisper called directly, as its README does: prints the seconds that each command on stdin took.

`python direct.py MODEL THREADS`; each line of stdin is a JSON list of recordings.
"""

from __future__ import annotations

import json
import sys
import time

from faster_whisper import BatchedInferencePipeline, WhisperModel

model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=int(sys.argv[2]))
pipeline = BatchedInferencePipeline(model)
sys.stdout.write("ready\n")
sys.stdout.flush()
for line in sys.stdin:
    began = time.monotonic()
    for path in json.loads(line):
        segments, _ = pipeline.transcribe(path, word_timestamps=True, batch_size=8)
        list(segments)
    sys.stdout.write(json.dumps({"ms": 1000 * (time.monotonic() - began)}) + "\n")
    sys.stdout.flush()
