-- The text of all transcripts as it is with its edits, a row a segment, with a full-text index that triggers keep in step. Rows change in
-- the transaction of what changes the text: a delivery, an edit, the removal of a job.

-- Which transcripts are in the index; those from before this step are taken in at the next start.
create table searched (
  doc integer primary key autoincrement,
  job_id text not null unique references jobs (id) on delete cascade
) strict;

create table search_segments (
  -- Rises from the newest transcript to the oldest and within one from its first segment to its last: hits come in the order of the index.
  id integer primary key,
  job_id text not null references jobs (id) on delete cascade,
  key text not null,
  start real not null,
  -- Between letters of scripts without spaces stands U+200B, so that each is a word of the index.
  text text not null,
  unique (job_id, key)
) strict;

create virtual table search using fts5 (
  text,
  content = 'search_segments',
  content_rowid = 'id',
  tokenize = 'unicode61 remove_diacritics 2',
  prefix = '2 3'
);

create trigger search_segments_added after insert on search_segments begin
  insert into search (rowid, text) values (new.id, new.text);
end;

create trigger search_segments_removed after delete on search_segments begin
  insert into search (search, rowid, text) values ('delete', old.id, old.text);
end;

create trigger search_segments_changed after update on search_segments begin
  insert into search (search, rowid, text) values ('delete', old.id, old.text);
  insert into search (rowid, text) values (new.id, new.text);
end;
