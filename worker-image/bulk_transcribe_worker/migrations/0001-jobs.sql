CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    idempotency_key TEXT NOT NULL UNIQUE,
    controller_job_id TEXT NOT NULL,
    attempt INTEGER,
    -- The request as it was accepted, with the newest links (JSON).
    request TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'complete', 'failed', 'canceled')),
    error_code TEXT,
    error_message TEXT,
    -- Seconds by stage (JSON).
    timings TEXT NOT NULL DEFAULT '{}',
    total_sec REAL,
    created_at TEXT NOT NULL,
    finished_at TEXT
) STRICT;

-- A transcript that lies finished in the work directory. Its bytes never change once the row is there.
CREATE TABLE outputs (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job_id, position)
) STRICT;
