-- Options under a name, and folders that are watched. A watched folder remembers every file that it has seen, by content: what was taken
-- once is never taken again, under whatever name it comes back.

create table profiles (
  id text primary key,
  name text not null unique collate nocase,
  options text not null check (json_valid(options)),
  created_at integer not null
) strict;

create table watch_folders (
  id text primary key,
  path text not null unique,
  profile_id text references profiles (id),
  recursive integer not null check (recursive in (0, 1)),
  enabled integer not null check (enabled in (0, 1)),
  -- Recordings that were queued from it, and when the last one was.
  taken integer not null default 0,
  last_taken_at integer,
  created_at integer not null
) strict;

create table watch_seen (
  folder_id text not null references watch_folders (id) on delete cascade,
  path text not null,
  size_bytes integer not null,
  mtime_ms real not null,
  sha256 text not null,
  seen_at integer not null,
  -- 0: it was there when the watching began, or has the content of one that was taken. 2: it is just being queued.
  taken integer not null check (taken in (0, 1, 2)),
  primary key (folder_id, path)
) strict, without rowid;
create index watch_seen_content on watch_seen (folder_id, sha256);
