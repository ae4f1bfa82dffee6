//! What commands print: results to stdout, complaints to stderr.

use std::error::Error as _;
use std::io::{self, Write};

use pellucid_model::{Error, ErrorKind, Result};

/// Writes bytes to stdout. A reader that went away, as `head` does, is no failure.
pub(super) fn print(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new(ErrorKind::Internal, format!("cannot write the output: {cause}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line to stdout.
pub(super) fn print_line(line: &str) -> Result<()> {
    print(format!("{line}\n").as_bytes())
}

/// Says something on stderr that does not change the result.
pub(super) fn note(text: &str) {
    // There is nowhere left to complain about a closed stderr.
    writeln!(io::stderr(), "pellucid: {text}").unwrap_or_default();
}

/// Says on stderr what failed and what to do.
pub(super) fn complain(error: &Error) {
    let mut text = format!("pellucid: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        let shown = inner.to_string();
        if !text.contains(&shown) {
            text.push_str(": ");
            text.push_str(&shown);
        }
        cause = inner.source();
    }
    if let Some((line, column)) = error.position {
        text.push_str(&format!(" (line {line}, column {column})"));
    }
    if let Some(hint) = &error.hint {
        text.push_str(&format!("\nhint: {hint}"));
    }
    // There is nowhere left to complain about a closed stderr.
    writeln!(io::stderr(), "{text}").unwrap_or_default();
}
