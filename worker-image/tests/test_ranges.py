from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_transcribe_worker.ranges import (
    ContentRange,
    parse_content_range,
    parse_length,
    resume_headers,
    strong_etag,
)


@given(st.integers(0, 10**15), st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_sound_range_is_read_back(first: int, extra: int, after: int) -> None:
    last = first + extra
    assert parse_content_range(f"bytes {first}-{last}/{last + after}") == ContentRange(first, last, last + after)
    assert parse_content_range(f"bytes {first}-{last}/*") == ContentRange(first, last, None)


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_range_that_ends_before_it_starts_or_past_the_end_is_none(first: int, total: int) -> None:
    assert parse_content_range(f"bytes {first}-{first - 1}/{first + total}") is None
    assert parse_content_range(f"bytes 0-{total}/{total}") is None


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    found = parse_content_range(text)
    assert found is None or found.first <= found.last
    length = parse_length(text)
    assert length is None or length >= 0
    tag = strong_etag(text)
    assert tag is None or tag == text


@pytest.mark.parametrize("text", ['W/"a"', "abc", '"', '""', '"a"b"', None])
def test_weak_and_broken_validators_are_none(text: str | None) -> None:
    assert strong_etag(text) is None


def test_resuming_needs_bytes_and_a_validator() -> None:
    assert resume_headers(0, '"x"') == {}
    assert resume_headers(5, None) == {}
    assert resume_headers(5, '"x"') == {"Range": "bytes=5-", "If-Range": '"x"'}
