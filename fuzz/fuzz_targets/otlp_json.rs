//! Arbitrary bytes as an OTLP json body of every signal: an answer or an error, never a panic or runaway memory.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pellucid_otlp::{Encoding, Signal, decode};

fuzz_target!(|body: &[u8]| {
    for signal in Signal::ALL {
        drop(decode(signal, Encoding::Json, body));
    }
});
