//! The write-ahead log: a request's own bytes, synced to disk before anybody is told that they are safe.
//!
//! In: records with whatever the caller wants back once they are durable. Out: the same things in log order, each after
//! one group sync. A log is a row of numbered segments; a segment is dropped when a flush has made its rows durable in
//! data files. Promises: what was reported durable is replayed by [`replay`] in the same order after any crash; a
//! failed write leaves the log at its last good record; the queue is bounded in bytes.

mod commit;
#[cfg(test)]
mod damage;
mod header;
mod record;
mod replay;
mod segment;
#[cfg(test)]
mod tests;

pub(crate) use commit::{Event, Wal, WalConfig};
pub(crate) use record::encode;
pub(crate) use replay::{Replayed, replay, scan};
pub(crate) use segment::{drop_before, list};
