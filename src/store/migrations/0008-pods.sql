-- Rented machines: each from the intent to its end, what it cost by day and batch, what the provider billed, and how fast its GPU was.
-- Money is in US dollars. No secret is here: tokens and keys lie with the SecretStore.

create table pods (
  id text primary key,
  -- Used once: how a pod is found again when the answer to its making was lost.
  name text not null unique,
  state text not null check (
    state in ('wanted', 'starting', 'ready', 'draining', 'stopping', 'stopped', 'exited', 'ending', 'ended', 'failed', 'found')
  ),
  -- The whole record (src/jobs/pod-record.ts).
  record text not null check (json_valid(record)),
  created_at integer not null,
  ended_at integer,
  revision integer not null check (revision >= 0)
) strict;

-- What may cost: small, however many there were.
create index pods_live on pods (created_at) where state not in ('ended', 'failed');
create index pods_over on pods (ended_at) where state in ('ended', 'failed');

-- By the app's own meter. The batch is '' where the time was nobody's.
create table pod_spend (
  pod_id text not null references pods (id),
  day text not null,
  batch_id text not null,
  usd real not null default 0 check (usd >= 0),
  audio_sec real not null default 0 check (audio_sec >= 0),
  primary key (pod_id, day, batch_id)
) strict, without rowid;

create index pod_spend_day on pod_spend (day);
create index pod_spend_batch on pod_spend (batch_id);

-- As the provider billed it; it stands in for the meter of that pod and day.
create table pod_bills (
  pod_id text not null references pods (id),
  day text not null,
  usd real not null check (usd >= 0),
  read_at integer not null,
  primary key (pod_id, day)
) strict, without rowid;

-- One row a delivered recording: how long the GPU took for it, beginning where it was free.
create table gpu_measurements (
  job_id text not null,
  attempt integer not null,
  gpu_id text not null,
  model text not null,
  audio_sec real not null check (audio_sec > 0),
  wall_sec real not null check (wall_sec > 0),
  at integer not null,
  primary key (job_id, attempt)
) strict, without rowid;

create index gpu_measurements_of on gpu_measurements (model, gpu_id, at);
