-- What a person does with the queue: its order, what is paused, transcripts that were taken over; and sums that are kept with every change,
-- so that no list has to count its jobs.

-- Positions leave gaps from here on, so that a job goes between two others without a change of any other row.
update jobs set position = position * 1048576;

-- 1: put where it is by a person, so that its place is not traded for a better use of the workers.
alter table jobs add column moved integer not null default 0 check (moved in (0, 1));
alter table jobs add column copied_from text check (json_valid(copied_from));

alter table batches add column paused_since integer;
alter table batches add column options text check (json_valid(options));

create table queue (
  one integer primary key check (one = 1),
  paused_since integer
) strict;
insert into queue (one, paused_since) values (1, null);

alter table attempts add column worker_name text;
alter table attempts add column identity text check (json_valid(identity));

-- What is prepared next: it is read past what is held, so it holds the batch.
drop index jobs_queued;
create index jobs_in_line on jobs (position, batch) where state = 'queued' and source is null;
-- What the engine has in its hands: small, however many are in line.
create index jobs_in_hand on jobs (position)
where state not in ('complete', 'failed', 'canceled')
and not (state = 'queued' and source is null)
and not (state = 'waiting' and json_extract(waiting, '$.reason') = 'paused');
-- What was transcribed before, by content.
create index jobs_done_by_content on jobs (json_extract(source, '$.sha256')) where state = 'complete';

create table batch_sums (
  batch integer not null,
  state text not null,
  jobs integer not null,
  -- Jobs whose length is not known.
  unmeasured integer not null,
  -- Seconds of recordings.
  seconds real not null,
  primary key (batch, state)
) strict, without rowid;

insert into batch_sums (batch, state, jobs, unmeasured, seconds)
select batch, state, count(*), sum(json_extract(source, '$.durationSec') is null),
  coalesce(sum(json_extract(source, '$.durationSec')), 0.0)
from jobs group by batch, state;

create trigger jobs_summed_when_added after insert on jobs begin
  insert into batch_sums (batch, state, jobs, unmeasured, seconds) values (
    new.batch, new.state, 1, json_extract(new.source, '$.durationSec') is null,
    coalesce(json_extract(new.source, '$.durationSec'), 0.0)
  ) on conflict (batch, state) do update set
    jobs = jobs + 1, unmeasured = unmeasured + excluded.unmeasured, seconds = seconds + excluded.seconds;
end;

create trigger jobs_summed_when_changed after update of state, source on jobs
when old.state <> new.state or old.source is not new.source begin
  update batch_sums set
    jobs = jobs - 1,
    unmeasured = unmeasured - (json_extract(old.source, '$.durationSec') is null),
    seconds = max(0.0, seconds - coalesce(json_extract(old.source, '$.durationSec'), 0.0))
  where batch = old.batch and state = old.state;
  insert into batch_sums (batch, state, jobs, unmeasured, seconds) values (
    new.batch, new.state, 1, json_extract(new.source, '$.durationSec') is null,
    coalesce(json_extract(new.source, '$.durationSec'), 0.0)
  ) on conflict (batch, state) do update set
    jobs = jobs + 1, unmeasured = unmeasured + excluded.unmeasured, seconds = seconds + excluded.seconds;
end;

create trigger jobs_summed_when_removed after delete on jobs begin
  update batch_sums set
    jobs = jobs - 1,
    unmeasured = unmeasured - (json_extract(old.source, '$.durationSec') is null),
    seconds = max(0.0, seconds - coalesce(json_extract(old.source, '$.durationSec'), 0.0))
  where batch = old.batch and state = old.state;
end;

create trigger batches_summed_no_more after delete on batches begin
  delete from batch_sums where batch = old.seq;
end;
