-- The queue: batches, their jobs, each job's attempts and events, the transcripts and the files that were written.
-- Times are milliseconds since 1970, UTC. JSON columns hold shapes of src/contract and src/jobs; they are parsed on the way out.

create table batches (
  seq integer primary key autoincrement,
  id text not null unique,
  name text not null,
  created_at integer not null
) strict;

create table jobs (
  id text primary key,
  batch integer not null references batches (seq),
  position integer not null,
  name text not null,
  source_path text not null,
  options text not null check (json_valid(options)),
  state text not null check (
    state in ('queued', 'preparing', 'dispatching', 'running', 'receiving', 'waiting', 'complete', 'failed', 'canceled')
  ),
  stage text,
  waiting text check (json_valid(waiting)),
  error text check (json_valid(error)),
  attempt integer not null check (attempt >= 0),
  retries integer not null check (retries >= 0),
  worker_deaths integer not null check (worker_deaths >= 0),
  source text check (json_valid(source)),
  open text check (json_valid(open)),
  transcript_sha256 text,
  last_worker_id text,
  created_at integer not null,
  started_at integer,
  finished_at integer,
  updated_at integer not null,
  revision integer not null check (revision >= 0)
) strict;

create index jobs_listed on jobs (batch desc, position);
create index jobs_listed_by_state on jobs (state, batch desc, position);
create index jobs_position on jobs (position);
-- What the engine takes up at its start: small, however long the history grows.
create index jobs_unfinished on jobs (position) where state not in ('complete', 'failed', 'canceled');
-- What is claimed next.
create index jobs_queued on jobs (position) where state = 'queued';

create table attempts (
  job_id text not null references jobs (id) on delete cascade,
  attempt integer not null check (attempt > 0),
  worker_id text not null,
  worker_job_id text,
  boot_id text,
  started_at integer not null,
  ended_at integer,
  -- The type of the event that ended it.
  ended_by text,
  error text check (json_valid(error)),
  primary key (job_id, attempt),
  check ((ended_at is null) = (ended_by is null))
) strict, without rowid;

create table events (
  job_id text not null references jobs (id) on delete cascade,
  -- The job's revision that the event made.
  seq integer not null,
  at integer not null,
  type text not null,
  event text not null check (json_valid(event)),
  primary key (job_id, seq)
) strict, without rowid;

create trigger events_are_never_changed before update on events begin
  select raise(abort, 'events are append-only');
end;

-- They go with their job and not before.
create trigger events_are_never_removed before delete on events
when exists (select 1 from jobs where id = old.job_id) begin
  select raise(abort, 'events are append-only');
end;

create table transcripts (
  job_id text primary key references jobs (id) on delete cascade,
  attempt integer not null,
  -- Of the JSON text as it was acknowledged, UTF-8, before deflating.
  sha256 text not null,
  size_bytes integer not null,
  stored_at integer not null,
  deflated blob not null
) strict;

create table outputs (
  job_id text not null references jobs (id) on delete cascade,
  ordinal integer not null,
  format text not null,
  path text not null,
  primary key (job_id, ordinal)
) strict, without rowid;
