//! The log under damage of every kind: opening it never fails, loses nothing that stands before the damage in its segment, hands
//! out nothing that was not written, and says how much was set aside.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use pellucid_model::{ProjectId, Timestamp};
use proptest::prelude::*;

use super::record::{Encoded, Salt, encode};
use super::{Replayed, header, replay};
use crate::stages::WalRecord;

/// One way to damage a segment; places are parts of a million of its length.
#[derive(Debug, Clone)]
enum Damage {
    Flip { at: usize, bit: u8 },
    Cut { at: usize },
    Zero { at: usize, bytes: usize },
    Double { at: usize, bytes: usize },
    Swap { at: usize, bytes: usize },
}

const MILLION: usize = 1_000_000;

fn damage() -> impl Strategy<Value = Damage> {
    let at = || 0..MILLION;
    prop_oneof![
        (at(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip { at, bit }),
        at().prop_map(|at| Damage::Cut { at }),
        (at(), 1..600_usize).prop_map(|(at, bytes)| Damage::Zero { at, bytes }),
        (at(), 1..600_usize).prop_map(|(at, bytes)| Damage::Double { at, bytes }),
        (at(), 1..600_usize).prop_map(|(at, bytes)| Damage::Swap { at, bytes }),
    ]
}

impl Damage {
    /// Damages a segment; gives the first place that is not what it was.
    fn apply(&self, segment: &mut Vec<u8>) -> usize {
        let before = segment.clone();
        let place = |at: usize, bytes: usize| -> Range<usize> {
            let start = before.len() * at / MILLION;
            start..(start + bytes).min(before.len())
        };
        match *self {
            Self::Flip { at, bit } => segment[place(at, 1)].iter_mut().for_each(|byte| *byte ^= 1 << bit),
            Self::Cut { at } => segment.truncate(place(at, 0).start),
            Self::Zero { at, bytes } => segment[place(at, bytes)].fill(0),
            Self::Double { at, bytes } => {
                let range = place(at, bytes);
                segment.splice(range.start..range.start, before[range.clone()].iter().copied());
            }
            Self::Swap { at, bytes } => {
                let range = place(at, bytes * 2);
                let half = range.start + range.len() / 2;
                segment[range.clone()].rotate_left(half - range.start);
            }
        }
        let same = before.iter().zip(segment.iter()).take_while(|(old, new)| old == new).count();
        if same == before.len() && same == segment.len() { usize::MAX } else { same }
    }
}

/// A record that tells its number; bodies are of all sizes, packed and not, and some hold the bytes of a whole record.
fn record(number: u32) -> WalRecord {
    let mut body = number.to_le_bytes().to_vec();
    match number % 4 {
        0 => body.extend_from_slice(&forged(number)),
        1 => body.resize(40, b'x'),
        2 => body.resize(2_000, b'y'),
        _ => {}
    }
    WalRecord {
        project: ProjectId::new("demo"),
        signal: 1,
        encoding: 1,
        received_at: Timestamp::from_nanos(i64::from(number)),
        body: Bytes::from(body),
    }
}

const FORGED: u32 = 1 << 31;

/// What somebody who sends could put into a text: the bytes of a record as the code tells them, without the salt.
fn forged(number: u32) -> Vec<u8> {
    let body = Bytes::from((number | FORGED).to_le_bytes().to_vec());
    let record =
        WalRecord { project: ProjectId::new("other"), signal: 1, encoding: 1, received_at: Timestamp::ZERO, body };
    encode(&record).unwrap().parts().concat()
}

/// The bytes of a segment, and where each of its records ends.
fn segment(numbers: Range<u32>, salt: Salt) -> (Vec<u8>, Vec<usize>) {
    let mut bytes = header::write(salt);
    let ends = numbers.map(|number| {
        let mut encoded: Encoded = encode(&record(number)).unwrap();
        encoded.seal(salt);
        bytes.extend_from_slice(&encoded.parts().concat());
        bytes.len()
    });
    let ends = ends.collect();
    (bytes, ends)
}

/// The bytes of a segment, and the number of each of its records with where it ends.
type Written = (Vec<u8>, Vec<(u32, usize)>);

fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:020}.wal"))
}

fn read(dir: &Path) -> (Vec<WalRecord>, Replayed) {
    let mut records = Vec::new();
    let found = replay(dir, 1, |_, record| {
        records.push(record);
        Ok(())
    });
    (records, found.unwrap())
}

fn number(record: &WalRecord) -> u32 {
    u32::from_le_bytes(record.body[..4].try_into().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_damage_stops_an_open_or_costs_what_stands_before_it(
        counts in prop::collection::vec(0..6_u32, 1..4),
        damages in prop::collection::vec((0..4_usize, damage()), 0..4),
        swapped in any::<bool>(),
        salt in 1..u32::MAX / 2,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut next = 0;
        let mut segments: Vec<Written> = Vec::new();
        for count in counts {
            let (bytes, ends) = segment(next..next + count, Salt(salt.wrapping_add(next)));
            segments.push((bytes, (next..).zip(ends).collect()));
            next += count;
        }
        let mut hurt = vec![usize::MAX; segments.len()];
        for (which, damage) in &damages {
            let which = which % segments.len();
            hurt[which] = hurt[which].min(damage.apply(&mut segments[which].0));
        }
        if swapped {
            // Two segments in each other's place: every record is still one, in whatever order.
            let last = segments.len() - 1;
            segments.swap(0, last);
            hurt.swap(0, last);
        }
        let mut before: Vec<u32> = Vec::new();
        for (index, ((bytes, records), hurt)) in segments.iter().zip(&hurt).enumerate() {
            fs::write(path(dir.path(), index as u64 + 1), bytes).unwrap();
            before.extend(records.iter().filter(|(_, end)| end <= hurt).map(|(number, _)| *number));
        }

        let (found, told) = read(dir.path());
        let numbers: Vec<u32> = found.iter().map(number).collect();
        for number in &before {
            prop_assert!(numbers.contains(number), "{number} stands before the damage and is gone: {numbers:?}");
        }
        for one in &found {
            prop_assert_eq!(one, &record(number(one)), "nobody wrote this");
        }
        let all: u32 = segments.iter().map(|(_, records)| records.len() as u32).sum();
        let lost = (0..all).any(|number| !numbers.contains(&number));
        // A segment cut between two records, or within its header, does not tell that there was more.
        let cut = damages.iter().any(|(_, damage)| matches!(damage, Damage::Cut { .. }));
        prop_assert!(!lost || cut || told.torn_bytes + told.damaged_bytes > 0, "something is gone and nothing is said");
        prop_assert_eq!(told.records, numbers.len() as u64);
        let aside = (1..=segments.len() as u64).any(|number| path(dir.path(), number).with_extension("wal.damaged").exists());
        prop_assert_eq!(aside, told.damaged_bytes > 0);

        // What was cut is cut; the same is read again.
        let (again, once_more) = read(dir.path());
        prop_assert_eq!(again, found);
        prop_assert_eq!(once_more.torn_bytes, 0);
    }
}

#[test]
fn a_record_inside_a_body_is_never_taken_for_one() {
    let dir = tempfile::tempdir().unwrap();
    let salt = Salt(7);
    // Number 4 holds the bytes of a record. Its own checksum is broken, so the reader looks for the next marker: inside it.
    let (mut bytes, ends) = segment(4..6, salt);
    bytes[header::BYTES + 9] ^= 1;
    fs::write(path(dir.path(), 1), &bytes).unwrap();
    let (found, told) = read(dir.path());
    assert_eq!(found.iter().map(number).collect::<Vec<_>>(), [5]);
    assert_eq!(told.damaged_bytes, (ends[0] - header::BYTES) as u64);
    // Without a salt, as version 1 had none, it would be.
    let mut old = b"PELLWAL1".to_vec();
    old.extend_from_slice(&encode(&record(4)).unwrap().parts().concat());
    old[8 + 9] ^= 1;
    fs::write(path(dir.path(), 1), &old).unwrap();
    fs::remove_file(path(dir.path(), 1).with_extension("wal.damaged")).unwrap();
    assert_eq!(read(dir.path()).0.iter().map(number).collect::<Vec<_>>(), [4 | FORGED]);
}

#[test]
fn a_segment_of_version_1_is_read_and_a_damaged_header_costs_no_record() {
    let dir = tempfile::tempdir().unwrap();
    let old: Vec<u8> = (0..3).flat_map(|number| encode(&record(number)).unwrap().parts().concat()).collect();
    let numbers = |bytes: &[u8]| {
        fs::write(path(dir.path(), 1), bytes).unwrap();
        let (found, told) = read(dir.path());
        fs::remove_file(path(dir.path(), 1).with_extension("wal.damaged")).unwrap_or_default();
        (found.iter().map(number).collect::<Vec<_>>(), told.damaged_bytes)
    };
    let (new, _) = segment(0..3, Salt(0x0102_0304));
    for (magic, records) in [(&b"PELLWAL1"[..], &old[..]), (&new[..header::BYTES], &new[header::BYTES..])] {
        assert_eq!(numbers(&[magic, records].concat()), (vec![0, 1, 2], 0));
        for at in 0..magic.len() {
            let mut magic = magic.to_vec();
            magic[at] ^= 0x10;
            assert_eq!(numbers(&[&magic, records].concat()), (vec![0, 1, 2], magic.len() as u64), "byte {at}");
        }
        let zeros = vec![0; magic.len()];
        assert_eq!(numbers(&[&zeros, records].concat()), (vec![0, 1, 2], magic.len() as u64), "all of it is gone");
    }
    for bytes in 0..header::BYTES {
        assert_eq!(numbers(&new[..bytes]), (vec![], 0), "a segment that was never finished");
    }
}
