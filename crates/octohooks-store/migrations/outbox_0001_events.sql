-- One row per event while anything of it is undelivered. The body is in it, and rows are only ever added at the end: an
-- event costs one page.
create table outbox (
  id             integer primary key,  -- in the order of arrival, given out by the engine
  class          integer not null,     -- 0 progress, 1 lifecycle, 2 critical
  wall_ms        integer not null,     -- when it happened: wall clock,
  boot           integer not null,     --   which run of the machine,
  monotonic_ms   integer not null,     --   and the clock within it
  expires_ms     integer not null,     -- when the last of its deliveries stops to matter
  retry_at       integer,              -- the least moment that one of todo waits for; null when none waits
  todo           text not null,        -- JSON: the deliveries that have not come to an end
  form           integer not null,     -- how the body is written
  body           blob not null         -- the event
) strict;

-- Only rows that wait: fresh ones never touch it.
create index outbox_retry on outbox (retry_at) where retry_at is not null;

-- What was asked for after the event. Apart, because it is large, comes later, and goes first when space is short.
create table enrichment (
  id              integer primary key,  -- outbox.id
  metadata        text,
  picture_missing text,
  picture         blob
) strict;
