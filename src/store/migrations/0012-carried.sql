-- What became of the corrections of an earlier transcript of the same recording: those that are in force here lie in edits as the first row of the
-- log; those that have no place in the new text are kept in what is left, and shown.

create table carried (
  job_id text primary key references jobs (id) on delete cascade,
  from_job_id text not null,
  from_name text not null,
  from_finished_at integer not null,
  placed integer not null check (placed >= 0),
  not_placed text not null check (json_valid(not_placed))
) strict, without rowid;
