from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_transcribe_worker.events import EventLog, parse_last_event_id


@given(st.lists(st.text(max_size=40), max_size=60), st.integers(0, 80), st.integers(100, 4000))
def test_ids_rise_by_one_memory_is_bounded_and_a_resumed_reader_misses_nothing_kept(
    texts: list[str], after: int, max_bytes: int
) -> None:
    log = EventLog(max_bytes)
    for text in texts:
        log.write("log", {"message": text})
    kept = log.after(0)
    assert [event.id for event in kept] == list(range(len(texts) - len(kept) + 1, len(texts) + 1))
    assert len(kept) <= 1 or sum(len(event.data) + 64 for event in kept) <= max_bytes
    wanted = kept if after > len(texts) else [event for event in kept if event.id > after]
    assert log.after(after) == wanted


@given(st.one_of(st.none(), st.text(max_size=20)), st.one_of(st.none(), st.text(max_size=20)))
def test_any_resume_header_is_a_number(header: str | None, query: str | None) -> None:
    assert parse_last_event_id(header, query) >= 0


def test_the_header_wins_over_the_query() -> None:
    assert parse_last_event_id("7", "3") == 7
    assert parse_last_event_id(None, "3") == 3
    assert parse_last_event_id("nonsense", "3") == 3
    assert parse_last_event_id(None, None) == 0


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=50), max_size=3))
def test_data_never_breaks_the_framing(data: dict[str, str]) -> None:
    log = EventLog()
    log.write("log", data)
    (event,) = log.after(0)
    lines = event.encode().split("\n")
    assert lines[0] == "id: 1"
    assert lines[1] == "event: log"
    assert json.loads(lines[2].removeprefix("data: ")) == data
    assert lines[3:] == ["", ""]


@pytest.mark.anyio
async def test_a_stream_ends_after_done_and_beats_while_it_waits() -> None:
    log = EventLog()
    received: list[str] = []

    async def read() -> None:
        async for part in log.stream(0, heartbeat=0.01):
            received.append(part)

    reader = asyncio.ensure_future(read())
    while len(received) < 3:
        await asyncio.sleep(0.005)
    log.write("progress", {})
    log.write("done", {})
    log.write("late", {})
    await asyncio.wait_for(reader, 5)
    assert received[:3] == [": connected\n\n", ": waiting\n\n", ": waiting\n\n"]
    assert [part.split("\n")[1] for part in received if part.startswith("id:")] == ["event: progress", "event: done"]


@pytest.mark.anyio
async def test_a_reader_that_knows_a_later_id_than_there_is_gets_everything() -> None:
    log = EventLog()
    log.write("done", {"status": "complete"})
    parts = [part async for part in log.stream(99)]
    assert parts[1].startswith("id: 1\nevent: done")


def test_of_an_ended_job_the_end_is_kept() -> None:
    log = EventLog()
    for number in range(5):
        log.write("progress", {"n": number})
    log.write("done", {"status": "complete"})
    log.keep_the_last()
    assert [(event.id, event.name) for event in log.after(0)] == [(6, "done")]
    assert log.after(6) == []
