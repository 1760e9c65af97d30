"""Owns the check of the bearer token, in constant time."""

from __future__ import annotations

import hashlib
import hmac

from bulk_transcribe_worker.config import Secret
from bulk_transcribe_worker.errors import RefusalCode, Refused


def check_bearer(token: Secret, header: str | None) -> None:
    """Raises Refused: 500 where the worker has no token, 401 without a header, 403 for a wrong one."""
    if not token:
        raise Refused(RefusalCode.NOT_CONFIGURED, "The worker was started without WORKER_TOKEN.")
    if header is None or not header.strip():
        raise Refused(
            RefusalCode.UNAUTHORIZED,
            "The Authorization header is missing.",
            {"WWW-Authenticate": "Bearer"},
        )
    scheme, _, given = header.strip().partition(" ")
    # Digests have one length, so the comparison tells nothing about the token's.
    same = hmac.compare_digest(_digest(given.strip()), _digest(token.reveal()))
    if scheme.lower() != "bearer" or not same:
        raise Refused(RefusalCode.FORBIDDEN, "The token is wrong.")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
