-- What belongs to the install and not to a job: saved settings (one row a field, JSON), workers that a person added (their tokens
-- are kept elsewhere), and the name under which this install is known to workers.

create table settings (
  name text primary key,
  value text not null check (json_valid(value)),
  updated_at integer not null
) strict, without rowid;

create table saved_workers (
  id text primary key,
  name text not null,
  url text not null,
  created_at integer not null
) strict;

create table install (
  one integer primary key check (one = 1),
  id text not null,
  created_at integer not null
) strict;
