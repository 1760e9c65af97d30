-- What a person changed in transcripts: a log that only grows. Undoing and redoing are rows of their own, so that nothing is lost by
-- either and every row is a new revision. The transcripts themselves are never changed.

create table edits (
  job_id text not null references jobs (id) on delete cascade,
  -- From 1 without gaps: the revision that the row made.
  seq integer not null check (seq > 0),
  kind text not null check (kind in ('edit', 'undo', 'redo')),
  operations text check (json_valid(operations)),
  at integer not null,
  primary key (job_id, seq),
  check ((kind = 'edit') = (operations is not null))
) strict, without rowid;

create trigger edits_are_never_changed before update on edits begin
  select raise(abort, 'edits are append-only');
end;

-- They go with their job and not before.
create trigger edits_are_never_removed before delete on edits
when exists (select 1 from jobs where id = old.job_id) begin
  select raise(abort, 'edits are append-only');
end;
