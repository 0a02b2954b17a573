-- One row per delivery, its attempts in it: what happens to a delivery touches one page of the table.
create table delivery (
  key        integer primary key,  -- milliseconds of its birth, and 15 bits of chance: made from the id, so that no index is
                                   -- needed to find it, and in the order in which they are listed
  id         blob not null,
  event_id   blob not null,
  hook_id    blob not null,
  hook_name  text not null,
  topic      text not null,
  event      text not null,
  at_ms      integer not null,
  state      integer not null,     -- 0 waiting, 1 sending, 2 delivered, 3 retrying, 4 given up, 5 skipped
  unusual    integer,              -- state, where it is 3 or more
  status     integer,
  attempts   integer not null,
  message    text not null,
  next_at_ms integer,
  answer     text,
  tried      text not null         -- JSON: the attempts
) strict;

create index delivery_hook on delivery (hook_id);
create index delivery_event on delivery (event);
-- Most deliveries arrive: these never touch it.
create index delivery_unusual on delivery (unusual) where unusual is not null;
