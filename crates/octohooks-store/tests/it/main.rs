//! The crate from outside: both stores by one suite, the outbox on disks that fail, lose power, and are killed, the journal.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod conformance;
mod disk;
mod faults;
mod journal;
mod kill;
mod migrations;
mod outbox;
mod power;
mod support;
mod thrift;
