from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bulk_transcribe_worker.journal import Journal, JournalError, OutputRow
from bulk_transcribe_worker.wire import JobRequest, Timings

REQUEST = JobRequest.model_validate(
    {
        "controllerJobId": "job",
        "attempt": 1,
        "inputs": [{"inputId": "in", "downloadUrl": "http://controller.tunnel/a"}],
        "outputsUploadUrl": "http://controller.tunnel/b",
    }
)
OUTPUT = OutputRow(0, "a" * 64, 10, False)


Open = Callable[[], Journal]


@pytest.fixture
def journal_at(tmp_path: Path) -> Iterator[Open]:
    """Opens the journal of the test's folder, and closes all at the end."""
    opened: list[Journal] = []

    def open_journal() -> Journal:
        opened.append(Journal(tmp_path / "journal.sqlite"))
        return opened[-1]

    yield open_journal
    for journal in opened:
        journal.close()


def test_what_was_written_is_there_after_opening_again(tmp_path: Path, journal_at: Open) -> None:
    journal = journal_at()
    journal.add("wk_1", "job:1", REQUEST)
    journal.start("wk_1")
    journal.add_output("wk_1", OUTPUT, 1.5, Timings(queued_sec=0.25))
    journal.close()

    (row,) = journal_at().jobs()
    assert (row.id, row.idempotency_key, row.status, row.total_sec) == ("wk_1", "job:1", "running", 1.5)
    assert row.request == REQUEST
    assert row.outputs == (OUTPUT,)
    assert row.timings == Timings(queued_sec=0.25)


def test_the_first_outcome_stands(tmp_path: Path, journal_at: Open) -> None:
    journal = journal_at()
    journal.add("wk_1", "job:1", REQUEST)
    assert journal.finish("wk_1", "complete", None, Timings()) == ("complete", None)
    assert journal.finish("wk_1", "failed", ("X", "y"), Timings()) == ("complete", None)
    assert journal.jobs()[0].error is None


def test_a_key_is_never_given_twice(tmp_path: Path, journal_at: Open) -> None:
    journal = journal_at()
    journal.add("wk_1", "job:1", REQUEST)
    with pytest.raises(sqlite3.IntegrityError):
        journal.add("wk_2", "job:1", REQUEST)
    journal.add("wk_3", "job:2", REQUEST)
    assert [row.id for row in journal.jobs()] == ["wk_1", "wk_3"]


def test_old_jobs_are_forgotten_with_their_outputs(tmp_path: Path, journal_at: Open) -> None:
    journal = journal_at()
    journal.add("wk_1", "job:1", REQUEST)
    journal.add("wk_2", "job:2", REQUEST)
    journal.add_output("wk_1", OUTPUT, 1.5, Timings())
    journal.acknowledge("wk_1", 0)
    journal.finish("wk_1", "complete", None, Timings())
    assert journal.forget_before("2000-01-01T00:00:00.000Z") == []
    assert journal.forget_before("2999-01-01T00:00:00.000Z") == ["wk_1"]
    assert [row.id for row in journal.jobs()] == ["wk_2"]


def test_a_database_from_the_future_is_refused(tmp_path: Path, journal_at: Open) -> None:
    path = tmp_path / "journal.sqlite"
    journal_at().close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(JournalError, match="newer worker"):
        journal_at()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, journal_at: Open) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"not a database, but something of value" * 100)
    with pytest.raises(JournalError):
        journal_at()
    assert path.read_bytes().startswith(b"not a database")


def test_a_row_that_cannot_be_read_is_left_out(tmp_path: Path, journal_at: Open) -> None:
    path = tmp_path / "journal.sqlite"
    journal = journal_at()
    journal.add("wk_1", "job:1", REQUEST)
    journal.add("wk_2", "job:2", REQUEST)
    journal.close()
    database = sqlite3.connect(path)
    database.execute("UPDATE jobs SET request = '{}' WHERE id = 'wk_1'")
    database.commit()
    database.close()
    assert [row.id for row in journal_at().jobs()] == ["wk_2"]
