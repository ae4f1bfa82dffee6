//! Takes compression off a body, with bounds on the result, on the ratio, and on shared memory.

use std::io::Read;

use bytes::Bytes;
use pellucid_model::{Error, ErrorKind, Result};

use super::budget::Reservation;

/// Read step, and so the most by which a bound can be overshot.
const CHUNK_BYTES: usize = 64 * 1024;
/// No telemetry compresses better than this; a bomb does (deflate's limit is 1032).
const MAX_RATIO: u64 = 400;
/// Below this size the ratio does not matter: short repetitive bodies compress very well.
const RATIO_FREE_BYTES: u64 = 8 * 1024 * 1024;
/// Largest zstd window (2²⁶ = 64 MiB): the decoder keeps that much, and no body may be larger anyway.
const ZSTD_WINDOW_LOG: u32 = 26;
/// What a body costs while it is worked on, in multiples of its size: itself, decoded, and as rows.
pub(crate) const WORKING_FACTOR: u64 = 3;

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    Identity,
    Gzip,
    /// HTTP's `deflate`, which is the zlib format.
    Deflate,
    Zstd,
}

/// What a refusal of an unknown compression recommends.
pub(crate) const ACCEPTED: &str = "gzip, zstd, deflate, identity";

impl Compression {
    /// From `Content-Encoding` or `grpc-encoding`; nothing for what is not spoken here, lists among them.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Self::Identity),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// The body as the client had it. Blocks; may take a while for large bodies.
pub(crate) fn inflate(compression: Compression, body: Bytes, max_bytes: u64, held: &mut Reservation) -> Result<Bytes> {
    let broken = |cause: std::io::Error| {
        Error::new(ErrorKind::Invalid, format!("the body is no valid {compression:?} stream").to_lowercase())
            .caused_by(cause)
    };
    match compression {
        Compression::Identity => {
            held.cover(size(&body).saturating_mul(WORKING_FACTOR))?;
            Ok(body)
        }
        Compression::Gzip => drain(flate2::read::MultiGzDecoder::new(&*body), size(&body), max_bytes, held, &broken),
        Compression::Deflate => drain(flate2::read::ZlibDecoder::new(&*body), size(&body), max_bytes, held, &broken),
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(&*body).map_err(broken)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(broken)?;
            if body.is_empty() {
                return Err(broken(std::io::ErrorKind::UnexpectedEof.into()));
            }
            drain(decoder, size(&body), max_bytes, held, &broken)
        }
    }
}

/// A body from a file, unpacked if its first bytes say that it is packed.
pub(crate) fn inflate_file(body: Vec<u8>) -> Result<Bytes> {
    const MAGIC: [(&[u8], Compression); 2] =
        [(&[0x1f, 0x8b], Compression::Gzip), (&[0x28, 0xb5, 0x2f, 0xfd], Compression::Zstd)];
    let packed = MAGIC.iter().find(|(magic, _)| body.starts_with(magic));
    let compression = packed.map_or(Compression::Identity, |(_, compression)| *compression);
    // One file at a time, on the user's own machine: no bound but the memory.
    inflate(compression, body.into(), u64::MAX, &mut super::Budget::new(u64::MAX).reserve())
}

fn size(body: &Bytes) -> u64 {
    u64::try_from(body.len()).unwrap_or(u64::MAX)
}

fn drain(
    mut decoder: impl Read,
    compressed: u64,
    max_bytes: u64,
    held: &mut Reservation,
    broken: &dyn Fn(std::io::Error) -> Error,
) -> Result<Bytes> {
    let mut whole = Vec::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = decoder.read(&mut chunk).map_err(broken)?;
        if read == 0 {
            return Ok(whole.into());
        }
        let length = u64::try_from(whole.len() + read).unwrap_or(u64::MAX);
        if length > max_bytes {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!("the body is larger than {max_bytes} bytes once decompressed"),
            ));
        }
        if length > RATIO_FREE_BYTES && length / compressed.max(1) > MAX_RATIO {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!("the body grows to more than {MAX_RATIO} times its size"),
            ));
        }
        held.cover(compressed.saturating_add(length.saturating_mul(WORKING_FACTOR)))?;
        whole.extend_from_slice(chunk.get(..read).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::super::budget::Budget;
    use super::*;

    const MAX: u64 = 64 * 1024 * 1024;

    fn run(compression: Compression, body: Vec<u8>) -> Result<Bytes> {
        inflate(compression, body.into(), MAX, &mut Budget::new(512 * 1024 * 1024).reserve())
    }

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_compression_gives_the_body_back() {
        let mut zlib = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        zlib.write_all(b"hello").unwrap();
        for (compression, body) in [
            (Compression::Identity, b"hello".to_vec()),
            (Compression::Gzip, gzip(b"hello")),
            (Compression::Gzip, [gzip(b"hel"), gzip(b"lo")].concat()),
            (Compression::Deflate, zlib.finish().unwrap()),
            (Compression::Zstd, zstd::encode_all(&b"hello"[..], 3).unwrap()),
            (
                Compression::Zstd,
                [zstd::encode_all(&b"hel"[..], 3).unwrap(), zstd::encode_all(&b"lo"[..], 3).unwrap()].concat(),
            ),
        ] {
            assert_eq!(run(compression, body).unwrap(), "hello", "{compression:?}");
        }
    }

    #[test]
    fn truncated_and_foreign_streams_are_invalid() {
        for compression in [Compression::Gzip, Compression::Deflate, Compression::Zstd] {
            for body in [vec![], b"plain".to_vec(), gzip(b"hello")[..12].to_vec()] {
                assert_eq!(run(compression, body).unwrap_err().kind, ErrorKind::Invalid, "{compression:?}");
            }
        }
        let whole = zstd::encode_all(&b"hello hello hello"[..], 3).unwrap();
        for length in 1..whole.len() {
            assert_eq!(
                run(Compression::Zstd, whole[..length].to_vec()).unwrap_err().kind,
                ErrorKind::Invalid,
                "{length}"
            );
        }
    }

    #[test]
    fn bombs_are_stopped_early() {
        let bomb = gzip(&vec![0; 65 * 1024 * 1024]);
        let error = run(Compression::Gzip, bomb).unwrap_err();
        assert_eq!((error.kind, error.message.contains("times")), (ErrorKind::TooLarge, true));
        let error =
            inflate(Compression::Gzip, gzip(&[7; 2048]).into(), 1024, &mut Budget::new(MAX).reserve()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::TooLarge);
    }

    #[test]
    fn lists_and_strangers_are_not_spoken() {
        assert_eq!(Compression::parse(" GZIP "), Some(Compression::Gzip));
        assert_eq!(Compression::parse("gzip, gzip"), None);
        assert_eq!(Compression::parse("br"), None);
    }
}
