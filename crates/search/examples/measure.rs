//! How large an index is and how fast it is made: `cat FILE… | cargo run --example measure`.
//!
//! Texts are cut at lines into documents of half a kilobyte or more; documents that repeat are left out, as the store does.

use std::collections::HashSet;
use std::error::Error;
use std::io::{Read as _, Write as _};
use std::time::Instant;

use pellucid_search::{Builder, Query, Words};

/// About the size of a message.
const DOCUMENT_BYTES: usize = 512;

fn main() -> Result<(), Box<dyn Error>> {
    let mut documents = Vec::new();
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    let mut document = String::new();
    for line in String::from_utf8_lossy(&bytes).split_inclusive('\n') {
        document.push_str(line);
        if document.len() >= DOCUMENT_BYTES {
            documents.push(std::mem::take(&mut document));
        }
    }
    documents.push(document);
    let mut seen = HashSet::new();
    documents.retain(|document| seen.insert(document.clone()));
    let started = Instant::now();
    let mut builder = Builder::new(Vec::new(), b"measure", documents.len() as u32)?;
    for (document, row) in documents.iter().zip(0..) {
        builder.text(document);
        builder.place(&[row])?;
    }
    let (index, sizes) = builder.finish()?;
    let took = started.elapsed();
    let mut out = std::io::stdout();
    let megabytes = sizes.text_bytes as f64 / 1e6;
    writeln!(out, "{megabytes:.2} MB in {} documents", sizes.documents)?;
    writeln!(out, "index: {:.1} % of it", sizes.bytes as f64 * 100.0 / sizes.text_bytes as f64)?;
    writeln!(out, "made at {:.1} MB/s", megabytes / took.as_secs_f64())?;
    let words = Words::open(index, b"measure")?;
    for question in ["the", "refund policy", "退款", "的", "wor*"] {
        let query = Query::parse(question)?;
        let started = Instant::now();
        let candidates = words.candidates(&query)?;
        let asked = started.elapsed();
        let (matcher, started) = (query.matcher(), Instant::now());
        let found = documents.iter().filter(|document| matcher.matches(&[document])).count();
        let scan = megabytes / started.elapsed().as_secs_f64();
        writeln!(
            out,
            "{question}: {} candidates in {asked:?}; {found} answer, read at {scan:.0} MB/s",
            candidates.len()
        )?;
    }
    Ok(())
}
