//! Group commit: one thread writes whatever waits, syncs once, and passes everything on in log order.
//!
//! While a sync runs, the next group gathers; nobody waits for company. The sink runs on the commit thread and must be
//! quick. A failed group is passed on as failed and is not in the log.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

use super::record::Encoded;
use super::segment::Segment;
use crate::error::{StoreError, StoreResult};
use crate::hook::{Hook, Step};

/// One group's bytes: bounds what one failed write can refuse.
const GROUP_MAX_BYTES: usize = 16 << 20;

/// Where and how the log is written.
pub(crate) struct WalConfig {
    /// Folder of the segments.
    pub(crate) dir: PathBuf,
    /// Number of the first new segment.
    pub(crate) first_segment: u64,
    /// Bytes of older segments still on disk.
    pub(crate) old_bytes: u64,
    /// Test hook.
    pub(crate) hook: Hook,
}

/// What the commit thread passes on, in log order.
pub(crate) enum Event<T> {
    /// On disk, in a segment below the one a later `Sealed` names.
    Durable(T),
    /// Not in the log.
    Failed(T, Arc<io::Error>),
    /// Everything passed on before lies in segments below this one; or the disk refused a new segment.
    Sealed(io::Result<u64>),
}

enum Entry<T> {
    Append(Encoded, T),
    Seal,
}

/// The writing end of the log.
#[derive(Debug)]
pub(crate) struct Wal<T> {
    queue: Option<Sender<Entry<T>>>,
    thread: Option<JoinHandle<()>>,
    bytes: Arc<AtomicU64>,
}

impl<T: Send + 'static> Wal<T> {
    /// Starts the commit thread with a new segment.
    pub(crate) fn start(config: WalConfig, sink: impl FnMut(Event<T>) + Send + 'static) -> StoreResult<Self> {
        let segment = Segment::create(&config.dir, config.first_segment, &config.hook)
            .map_err(StoreError::io("create a log segment in", &config.dir))?;
        let bytes = Arc::new(AtomicU64::new(config.old_bytes + segment.bytes()));
        let (queue, entries) = channel();
        let writer =
            Writer { number: config.first_segment, config, segment, sink, bytes: Arc::clone(&bytes), held: None };
        let thread = Builder::new()
            .name("wal-commit".to_owned())
            .spawn(move || writer.run(&entries))
            .map_err(|cause| StoreError::Internal(format!("cannot start the log thread: {cause}")))?;
        Ok(Self { queue: Some(queue), thread: Some(thread), bytes })
    }

    /// Queues an encoded record. The caller bounds the queue.
    pub(crate) fn append(&self, record: Encoded, tag: T) -> StoreResult<()> {
        self.send(Entry::Append(record, tag))
    }

    /// Asks for a new segment; `Sealed` follows.
    pub(crate) fn seal(&self) -> StoreResult<()> {
        self.send(Entry::Seal)
    }

    /// Bytes of all segments on disk.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Tells of segments removed.
    pub(crate) fn freed(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes.min(self.bytes()), Ordering::Relaxed);
    }

    fn send(&self, entry: Entry<T>) -> StoreResult<()> {
        self.queue.as_ref().ok_or(StoreError::Closed)?.send(entry).map_err(|_| StoreError::Closed)
    }
}

impl<T> Drop for Wal<T> {
    /// Writes what waits and ends the thread.
    fn drop(&mut self) {
        drop(self.queue.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("write-ahead log: the commit thread panicked");
        }
    }
}

struct Writer<T, S> {
    config: WalConfig,
    number: u64,
    segment: Segment,
    sink: S,
    bytes: Arc<AtomicU64>,
    /// An entry taken from the queue that belongs to the next group.
    held: Option<Entry<T>>,
}

impl<T, S: FnMut(Event<T>)> Writer<T, S> {
    fn run(mut self, entries: &Receiver<Entry<T>>) {
        while let Some(entry) = self.held.take().or_else(|| entries.recv().ok()) {
            match entry {
                Entry::Append(record, tag) => self.group(record, tag, entries),
                Entry::Seal => self.seal(),
            }
        }
    }

    fn group(&mut self, first: Encoded, tag: T, entries: &Receiver<Entry<T>>) {
        let mut bytes = first.len();
        let (mut records, mut tags) = (vec![first], vec![tag]);
        while bytes < GROUP_MAX_BYTES {
            match entries.try_recv() {
                Ok(Entry::Append(record, tag)) => {
                    bytes += record.len();
                    records.push(record);
                    tags.push(tag);
                }
                Ok(seal @ Entry::Seal) => {
                    self.held = Some(seal);
                    break;
                }
                Err(_) => break,
            }
        }
        records.iter_mut().for_each(|record| record.seal(self.segment.salt()));
        let written = self.segment.append(records.iter().flat_map(Encoded::parts), &self.config.hook);
        match written {
            Ok(()) => {
                self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
                // Only a test's crash listens here; the records are safe whatever it says.
                drop(self.config.hook.at(Step::WalSynced));
                tags.into_iter().for_each(|tag| (self.sink)(Event::Durable(tag)));
            }
            Err(cause) => {
                tracing::error!(error = %cause, records = tags.len(), "write-ahead log: write failed, senders must retry");
                let cause = Arc::new(cause);
                tags.into_iter().for_each(|tag| (self.sink)(Event::Failed(tag, Arc::clone(&cause))));
            }
        }
    }

    fn seal(&mut self) {
        let sealed = Segment::create(&self.config.dir, self.number + 1, &self.config.hook).map(|segment| {
            self.number += 1;
            self.bytes.fetch_add(segment.bytes(), Ordering::Relaxed);
            self.segment = segment;
            self.number
        });
        (self.sink)(Event::Sealed(sealed));
    }
}
