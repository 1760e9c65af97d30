"""The worker of Bulk Transcribe: one process on a rented GPU or on the user's own computer."""

__version__ = "0.1.0"

PROTOCOL = 2
"""Version of docs/protocol.md that this worker speaks, part 1 included."""

FEATURES = ("tunnel", "events", "resume", "delivery")
"""What it announces in `/v1/ping`."""

SERVICE = "bulk-transcribe-worker"
USER_AGENT = f"{SERVICE}/{__version__}"
