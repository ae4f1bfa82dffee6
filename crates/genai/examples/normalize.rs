//! What `pellucid normalize FILE…` does, without the server: canonical spans of OTLP bodies, one a line as JSON.
//!
//! All files of one call are one set. For trying dialects; not part of the product.

#[path = "../tests/golden/set.rs"]
mod set;

use std::io::Write as _;

use anyhow::Context as _;
use pellucid_genai::to_json;
use pellucid_otlp::{Encoding, Signal, decode};

fn main() -> anyhow::Result<()> {
    let mut set = set::Set::default();
    for file in std::env::args().skip(1).filter(|argument| argument != "normalize") {
        let body = std::fs::read(&file).with_context(|| file.clone())?;
        let encoding = if file.ends_with(".json") { Encoding::Json } else { Encoding::Protobuf };
        let signal = if file.contains("-logs.") { Signal::Logs } else { Signal::Traces };
        set.add(decode(signal, encoding, &body).map_err(|error| anyhow::anyhow!("{file}: {error}"))?);
    }
    let mut out = std::io::stdout().lock();
    for row in set.rows() {
        writeln!(out, "{}", to_json(&row))?;
    }
    Ok(())
}
