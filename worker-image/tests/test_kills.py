"""One `kill -9` at each stage; `python -m tests.kills` does it a hundred times."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kills import POINTS, kill

pytestmark = pytest.mark.anyio


@pytest.mark.timeout(180)
async def test_a_kill_at_each_stage_loses_nothing_and_delivers_nothing_in_two_versions(tmp_path: Path) -> None:
    ends = await kill(len(POINTS), 1, tmp_path)
    assert sum(ends.values()) == len(POINTS)
    assert ends["complete"] >= 2 and ends["failed"] >= 3
