-- What is the app's own at the path of an output, so that what a person made of the file since is never replaced unasked: the SHA-256 of what was
-- written and, from before it is replaced until the row is written anew, of what takes its place; a kill leaves either. Null: an older version wrote it.
alter table outputs add column digests text check (json_valid(digests));
