"""Owns the header arithmetic of a resumed download (RFC 9110): pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")


@dataclass(frozen=True)
class ContentRange:
    """Bytes `first` to `last`, both included, of `total` (None = not said)."""

    first: int
    last: int
    total: int | None


def parse_content_range(text: str | None) -> ContentRange | None:
    """Reads `Content-Range`; None for anything that is not a sound byte range."""
    match = _CONTENT_RANGE.fullmatch(text or "")
    if match is None:
        return None
    first, last = int(match[1]), int(match[2])
    total = None if match[3] == "*" else int(match[3])
    if last < first or (total is not None and last >= total):
        return None
    return ContentRange(first, last, total)


def parse_length(text: str | None) -> int | None:
    """Reads `Content-Length`; None where it is missing or no number."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 18:
        return None
    return int(text)


def strong_etag(text: str | None) -> str | None:
    """A validator that `If-Range` may carry, or None: weak ones promise nothing about bytes."""
    if text is None or len(text) < 3 or not text.startswith('"') or not text.endswith('"'):
        return None
    return text if '"' not in text[1:-1] else None


def resume_headers(offset: int, etag: str | None) -> dict[str, str]:
    """What to ask for when `offset` bytes are already here and hashed. Without a validator there is no resuming."""
    if offset == 0 or etag is None:
        return {}
    return {"Range": f"bytes={offset}-", "If-Range": etag}
