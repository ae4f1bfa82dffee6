//! Rebuilds the binary when the web UI was built anew. The folder is made if it is missing, since a path that does not
//! exist would count as changed for ever.

use std::fs;
use std::io;

const DIST: &str = "../../web/dist";

fn main() -> io::Result<()> {
    fs::create_dir_all(DIST)?;
    let mut out = io::stdout().lock();
    io::Write::write_all(&mut out, format!("cargo::rerun-if-changed={DIST}\n").as_bytes())
}
