-- The waveform of a recording, drawn once by a page and kept: one unsigned byte for each 1/per_second seconds.

create table peaks (
  job_id text primary key references jobs (id) on delete cascade,
  -- Of the recording that it was drawn of: another one in its place has another waveform.
  sha256 text not null,
  per_second real not null check (per_second > 0),
  data blob not null
) strict;
