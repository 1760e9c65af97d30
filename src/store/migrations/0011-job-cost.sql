-- What rented machines have cost for each recording, in US dollars by the app's own meter: time in which a pod worked, in equal parts of what
-- it worked at. Starts and idle time are nobody's recording; they are in pod_spend.

create table job_spend (
  job_id text primary key references jobs (id) on delete cascade,
  usd real not null check (usd >= 0)
) strict, without rowid;
