-- What happened, so that it can be sent again. One row per event, found by its id, which begins with its time: rows are only
-- ever added at the end, and go with the oldest deliveries.
create table event (
  id   blob primary key,
  form integer not null,  -- how the body is written, as in the outbox
  body blob not null      -- deflated
) strict, without rowid;

-- The latest request as it was sent, secrets covered: JSON, deflated.
alter table delivery add column request blob;
