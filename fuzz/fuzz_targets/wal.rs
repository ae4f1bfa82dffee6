//! Arbitrary bytes as a segment of the write-ahead log: records or none, never a panic or runaway memory.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pellucid_store::records_in;

fuzz_target!(|segment: &[u8]| {
    // As they are, and behind a whole header, so that the mutations reach the records.
    drop(records_in(segment));
    let salted = [&b"PELLWAL2\0\0\0\x01\0\0\0\x01\0\0\0\x01"[..], segment].concat();
    drop(records_in(&salted));
});
