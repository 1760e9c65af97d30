"""The worker of Bulk Transcribe: one process on a rented GPU or on the user's own computer."""

import os

# Recordings are confidential, and so is that there are any: onnxruntime (since 1.29) and the hub's library report
# home unless told before they are imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"

PROTOCOL = 2
"""Version of docs/protocol.md that this worker speaks, part 1 included."""

FEATURES = ("tunnel", "events", "resume", "delivery", "channels")
"""What it announces in `/v1/ping`."""

SERVICE = "bulk-transcribe-worker"
USER_AGENT = f"{SERVICE}/{__version__}"
