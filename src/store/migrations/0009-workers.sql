-- What is remembered of workers: what a person decided about each (of whatever kind it is), how it was, and who it said that it is.

create table worker_choices (
  worker_id text primary key,
  drained_since integer,
  -- What is expected of this one alone: both null is "nothing", no row is "what is expected of all".
  expects integer not null default 0 check (expects in (0, 1)),
  expected_commit text,
  expected_digest text
) strict;

-- One row for each change of state; the oldest go when there are many.
create table worker_health (
  id integer primary key,
  worker_id text not null,
  at integer not null,
  health text not null,
  error text check (json_valid(error)),
  -- Mean of the answers in that time, milliseconds.
  latency_ms real
) strict;
create index worker_health_of on worker_health (worker_id, id);

create table worker_identities (
  id integer primary key,
  worker_id text not null,
  at integer not null,
  identity text not null check (json_valid(identity))
) strict;
create index worker_identities_of on worker_identities (worker_id, id);
