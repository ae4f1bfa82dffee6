//! The log under crashes, damage, failing disks and many writers.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};

use bytes::Bytes;
use pellucid_model::{ProjectId, Timestamp};

use super::*;
use crate::hook::{Hook, Step};
use crate::stages::WalRecord;

fn record(number: u32, size: usize) -> WalRecord {
    let mut body = number.to_le_bytes().to_vec();
    body.resize(size.max(4), b'x');
    WalRecord {
        project: ProjectId::new("demo"),
        signal: 1,
        encoding: 2,
        received_at: Timestamp::from_nanos(i64::from(number)),
        body: Bytes::from(body),
    }
}

fn number(record: &WalRecord) -> u32 {
    u32::from_le_bytes(record.body[..4].try_into().unwrap())
}

fn start(dir: &Path, first_segment: u64, hook: Hook) -> (Wal<u32>, Receiver<(u32, bool)>) {
    let (sender, told) = channel();
    let config = WalConfig { dir: dir.to_owned(), first_segment, old_bytes: 0, hook };
    let wal = Wal::start(config, move |event| match event {
        Event::Durable(tag) => sender.send((tag, true)).unwrap(),
        Event::Failed(tag, _) => sender.send((tag, false)).unwrap(),
        Event::Sealed(segment) => sender.send((segment.unwrap() as u32, true)).unwrap(),
    })
    .unwrap();
    (wal, told)
}

fn fill(dir: &Path, numbers: std::ops::Range<u32>) {
    let (wal, told) = start(dir, 1, Hook::default());
    for n in numbers {
        wal.append(encode(&record(n, 100)).unwrap(), n).unwrap();
        assert_eq!(told.recv().unwrap(), (n, true));
    }
}

fn read(dir: &Path, first: u64) -> (Vec<u32>, Replayed) {
    let mut numbers = Vec::new();
    let found = replay(dir, first, |_, record| {
        numbers.push(number(&record));
        Ok(())
    })
    .unwrap();
    (numbers, found)
}

#[test]
fn records_come_back_as_they_were_small_or_compressed() {
    for size in [4, 511, 512, 5_000, 300_000] {
        let given = record(7, size);
        let bytes = encode(&given).unwrap().parts().concat();
        assert_eq!(record::decode(&bytes, 0, record::Salt::default()), Some((given, bytes.len())), "{size} bytes");
    }
    assert!(encode(&record(7, 300_000)).unwrap().len() < 1_000, "repeating bytes are compressed");
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_and_the_rest_is_replayed() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 0..3);
    let file = dir.path().join(format!("{:020}.wal", 1));
    let whole = std::fs::read(&file).unwrap();
    let two = whole.len() - encode(&record(2, 100)).unwrap().len();
    for end in two..whole.len() {
        std::fs::write(&file, &whole[..end]).unwrap();
        let (numbers, found) = read(dir.path(), 1);
        assert_eq!(numbers, [0, 1], "cut at {end}");
        assert_eq!((found.torn_bytes, found.damaged_bytes), ((end - two) as u64, 0));
        assert_eq!(std::fs::metadata(&file).unwrap().len(), two as u64);
    }
}

#[test]
fn a_flipped_byte_in_the_middle_costs_one_record_and_is_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 0..3);
    let file = dir.path().join(format!("{:020}.wal", 1));
    let whole = std::fs::read(&file).unwrap();
    let size = encode(&record(1, 100)).unwrap().len();
    let start = header::BYTES + size;
    for at in start..start + size {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        std::fs::write(&file, &bytes).unwrap();
        let (numbers, found) = read(dir.path(), 1);
        assert_eq!(numbers, [0, 2], "flipped at {at}");
        assert_eq!(found.damaged_bytes, size as u64);
        let copy = file.with_extension("wal.damaged");
        assert_eq!(std::fs::read(&copy).unwrap(), bytes);
        std::fs::remove_file(copy).unwrap();
    }
}

#[test]
fn a_sealed_segment_can_go_and_the_next_one_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (wal, told) = start(dir.path(), 1, Hook::default());
    wal.append(encode(&record(1, 10)).unwrap(), 1).unwrap();
    wal.seal().unwrap();
    wal.append(encode(&record(2, 10)).unwrap(), 2).unwrap();
    drop(wal);
    assert_eq!(told.iter().collect::<Vec<_>>(), [(1, true), (2, true), (2, true)]);
    assert_eq!(read(dir.path(), 1).0, [1, 2]);
    assert!(drop_before(dir.path(), 2, &Hook::default()).unwrap() > 0);
    let (numbers, found) = read(dir.path(), 2);
    assert_eq!((numbers, found.next_segment), (vec![2], 3));
}

#[test]
fn many_writers_each_get_their_answer_and_order_is_the_log_s() {
    const WRITERS: u32 = 8;
    const EACH: u32 = 200;
    let dir = tempfile::tempdir().unwrap();
    let (wal, told) = start(dir.path(), 1, Hook::default());
    let wal = Arc::new(wal);
    let threads: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let wal = Arc::clone(&wal);
            std::thread::spawn(move || {
                for n in 0..EACH {
                    let n = writer * EACH + n;
                    wal.append(encode(&record(n, 64)).unwrap(), n).unwrap();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    drop(wal);
    let answered: Vec<u32> = told.iter().map(|(n, durable)| (durable, n).1).collect();
    assert_eq!(answered.len() as u32, WRITERS * EACH);
    assert_eq!(read(dir.path(), 1).0, answered);
}

#[test]
fn a_full_disk_refuses_leaves_no_trace_and_recovers() {
    for broken_step in [Step::WalWrite, Step::WalSync] {
        let dir = tempfile::tempdir().unwrap();
        let full = Arc::new(AtomicBool::new(false));
        let switch = Arc::clone(&full);
        let hook = Hook::new(move |step| match step == broken_step && switch.load(Ordering::SeqCst) {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => Ok(()),
        });
        let (wal, told) = start(dir.path(), 1, hook);
        let mut outcomes = Vec::new();
        for (n, broken) in [(1, false), (2, true), (3, true), (4, false)] {
            full.store(broken, Ordering::SeqCst);
            wal.append(encode(&record(n, 1000)).unwrap(), n).unwrap();
            outcomes.push(told.recv().unwrap());
        }
        assert_eq!(outcomes, [(1, true), (2, false), (3, false), (4, true)]);
        assert_eq!(read(dir.path(), 1), (vec![1, 4], Replayed { records: 2, ..read(dir.path(), 1).1 }));
        assert_eq!(read(dir.path(), 1).1.damaged_bytes, 0);
    }
}
