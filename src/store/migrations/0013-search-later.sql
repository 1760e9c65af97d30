-- A transcript is taken into the search index after its delivery is acknowledged. Its row here is written with the delivery, so that what a crash
-- leaves out of the index is found at the next start without a look at every transcript.

-- The segments that are in already, of a transcript of which not all are; null: all of it can be found.
alter table searched add column taken integer check (taken >= 0);
create index searched_pending on searched (doc) where taken is not null;

insert into searched (job_id, taken)
select job_id, 0 from transcripts where job_id not in (select job_id from searched) order by stored_at;
