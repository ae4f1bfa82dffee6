//! Which files an import reads, and the request bodies in them.
//!
//! In: files and folders. Out: bodies with their signal and encoding, one at a time, in the order of the names; what is no body is
//! told with its place. Compressed files are unpacked on the way: no file is ever whole in memory unless it is one body.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use pellucid_model::{Error, ErrorKind, Result};
use pellucid_otlp::{Encoding, Signal};

use super::documents::{Document, Documents};

/// A request body at most: what a server takes.
const MAX_BODY_BYTES: usize = 64 << 20;
/// Bytes read at once.
const BUFFER_BYTES: usize = 256 << 10;
/// Endings of compressed files, which say nothing of what is in them.
const PACKED: [&str; 4] = ["gz", "gzip", "zst", "zstd"];
/// Files that an import takes out of a folder, by their ending.
const ENDINGS: [(&str, Encoding); 6] = [
    ("json", Encoding::Json),
    ("jsonl", Encoding::Json),
    ("ndjson", Encoding::Json),
    ("pb", Encoding::Protobuf),
    ("binpb", Encoding::Protobuf),
    ("protobuf", Encoding::Protobuf),
];

/// A file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) path: PathBuf,
    /// Its size on disk.
    pub(super) bytes: u64,
}

/// A request body from a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The file, and the line where there are several in one.
    pub(super) place: String,
    pub(super) signal: Signal,
    pub(super) encoding: Encoding,
    pub(super) body: Bytes,
}

/// Something that is no body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unusable {
    pub(super) place: String,
    pub(super) what: String,
}

/// The files of these paths, sorted within each folder. A folder gives those whose endings are known.
pub(super) fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>> {
    let mut found = Vec::new();
    for path in paths {
        let told = |cause: io::Error| Error::new(ErrorKind::NotFound, format!("{}: {cause}", path.display()));
        if path.is_dir() {
            walk(path, &mut found).map_err(told)?;
        } else {
            let bytes = fs::metadata(path).map_err(told)?.len();
            found.push(Input { path: path.clone(), bytes });
        }
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<Input>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        // Links are not followed: a folder that holds itself would never end.
        let (kind, path) = (entry.file_type()?, entry.path());
        if kind.is_dir() {
            walk(&path, found)?;
        } else if kind.is_file() && encoding_of(&path).is_some() {
            found.push(Input { bytes: entry.metadata()?.len(), path });
        }
    }
    Ok(())
}

/// The file's name without what tells of its packing.
fn plain_name(path: &Path) -> PathBuf {
    let packed = path.extension().is_some_and(|ending| PACKED.iter().any(|packed| ending == *packed));
    if packed { path.with_extension("") } else { path.to_owned() }
}

fn encoding_of(path: &Path) -> Option<Encoding> {
    let name = plain_name(path);
    let ending = name.extension()?.to_str()?.to_ascii_lowercase();
    ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, encoding)| *encoding)
}

/// Hands over every body of a file; `each` says whether to go on.
pub(super) fn bodies(
    path: &Path,
    each: &mut dyn FnMut(std::result::Result<Found, Unusable>) -> bool,
) -> io::Result<()> {
    let mut source = open(path)?;
    let json = match encoding_of(path) {
        Some(encoding) => encoding == Encoding::Json,
        None => source.fill_buf()?.trim_ascii_start().starts_with(b"{"),
    };
    if json { json_bodies(path, source, each) } else { protobuf_body(path, source, each) }
}

fn protobuf_body(
    path: &Path,
    source: Box<dyn BufRead>,
    each: &mut dyn FnMut(std::result::Result<Found, Unusable>) -> bool,
) -> io::Result<()> {
    let (place, mut body) = (path.display().to_string(), Vec::new());
    source.take(MAX_BODY_BYTES as u64 + 1).read_to_end(&mut body)?;
    if body.len() > MAX_BODY_BYTES {
        each(Err(Unusable { place, what: "is larger than a request body may be".to_owned() }));
        return Ok(());
    }
    let signal = signal_of_name(&path.file_name().unwrap_or_default().to_string_lossy());
    each(Ok(Found { place, signal, encoding: Encoding::Protobuf, body: body.into() }));
    Ok(())
}

fn json_bodies(
    path: &Path,
    source: Box<dyn BufRead>,
    each: &mut dyn FnMut(std::result::Result<Found, Unusable>) -> bool,
) -> io::Result<()> {
    let place = |line: u64| format!("{}:{line}", path.display());
    let mut documents = Documents::new(source, MAX_BODY_BYTES);
    while let Some(document) = documents.next()? {
        let go_on = match document {
            Ok(Document { line, signals, .. }) if signals.is_empty() => {
                each(Err(Unusable { place: place(line), what: "is no OTLP: it has no resource…".to_owned() }))
            }
            Ok(Document { line, signals, bytes }) => {
                let body = Bytes::from(bytes);
                let found = |signal| Found { place: place(line), signal, encoding: Encoding::Json, body: body.clone() };
                signals.into_iter().all(|signal| each(Ok(found(signal))))
            }
            Err(broken) => each(Err(Unusable { place: place(broken.line), what: broken.what.to_owned() })),
        };
        if !go_on {
            break;
        }
    }
    Ok(())
}

/// A protobuf body does not tell its signal: the name of its file does.
pub(in crate::cli) fn signal_of_name(name: &str) -> Signal {
    match ["logs", "metrics"].map(|word| name.contains(word)) {
        [true, _] => Signal::Logs,
        [_, true] => Signal::Metrics,
        _ => Signal::Traces,
    }
}

/// A file, unpacked if its first bytes say that it is packed.
fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut plain = BufReader::with_capacity(BUFFER_BYTES, File::open(path)?);
    let start = plain.fill_buf()?;
    let unpacked: Box<dyn Read> = if start.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::bufread::MultiGzDecoder::new(plain))
    } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Box::new(zstd::stream::read::Decoder::with_buffer(plain)?)
    } else {
        return Ok(Box::new(plain));
    };
    Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, unpacked)))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn folders_give_their_bodies_in_order_packed_or_not() {
        let dir = tempfile::tempdir().unwrap();
        let (spans, logs) = (&b"{\"resourceSpans\":[]}"[..], &b"{\"resourceLogs\":[]}"[..]);
        fs::create_dir(dir.path().join("b")).unwrap();
        for (name, bytes) in [
            ("a.jsonl.gz", gzip(&[spans, b"\n", logs, b"\n{"].concat())),
            ("b/x-logs.pb.zst", zstd::encode_all(&b"\x0a\x00"[..], 1).unwrap()),
            ("c.json", b"{\"other\": 1}".to_vec()),
            ("ignored.txt", spans.to_vec()),
        ] {
            fs::write(dir.path().join(name), bytes).unwrap();
        }
        let mut seen = Vec::new();
        for input in inputs(&[dir.path().to_owned()]).unwrap() {
            bodies(&input.path, &mut |one| {
                seen.push(match one {
                    Ok(found) => (found.place, format!("{:?} {:?}", found.signal, found.encoding)),
                    Err(unusable) => (unusable.place, unusable.what),
                });
                true
            })
            .unwrap();
        }
        let shown = |(place, what): (String, String)| {
            let name = Path::new(&place).strip_prefix(dir.path()).unwrap().display().to_string();
            format!("{name} {what}")
        };
        let want = [
            "a.jsonl.gz:1 Traces Json",
            "a.jsonl.gz:2 Logs Json",
            "a.jsonl.gz:3 breaks off",
            "b/x-logs.pb.zst Logs Protobuf",
            "c.json:1 is no OTLP: it has no resource…",
        ];
        assert_eq!(seen.into_iter().map(shown).collect::<Vec<_>>(), want);
        assert!(inputs(&[dir.path().join("none")]).is_err());
    }
}
