-- Whose a file is, is asked for every file before it is written.
create index outputs_path on outputs (path);
