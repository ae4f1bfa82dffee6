//! Reads a request body with a bound on size and time, and keeps account of its memory.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt;
use pellucid_model::{Error, ErrorKind, Result};

use super::budget::Reservation;

/// A body that is refused is still read up to here and thrown away: a client that is cut off while it sends sees a broken
/// connection instead of the status that tells it why.
const DRAIN_BYTES: usize = 128 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(10);
/// How much of a declared length is believed at once; the rest is allocated as it comes.
const FIRST_ALLOCATION_BYTES: usize = 1024 * 1024;

/// Bounds of one body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) bytes: u64,
    pub(crate) time: Duration,
}

/// The whole body, or why not. On an error the rest of the body is left unread.
pub(crate) async fn collect(body: &mut Body, bounds: Bounds, reservation: &mut Reservation) -> Result<Bytes> {
    let slow = |_| Error::new(ErrorKind::Timeout, format!("the body took longer than {} s", bounds.time.as_secs()));
    tokio::time::timeout(bounds.time, read(body, bounds.bytes, reservation)).await.map_err(slow)?
}

async fn read(body: &mut Body, max_bytes: u64, reservation: &mut Reservation) -> Result<Bytes> {
    let too_large = || Error::new(ErrorKind::TooLarge, format!("the body is larger than {max_bytes} bytes"));
    let declared = body.size_hint().lower();
    if declared > max_bytes {
        return Err(too_large());
    }
    reservation.cover(declared)?;
    let mut whole =
        BytesMut::with_capacity(usize::try_from(declared).unwrap_or(usize::MAX).min(FIRST_ALLOCATION_BYTES));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|cause| Error::new(ErrorKind::Invalid, "the body broke off").caused_by(cause))?;
        let Ok(data) = frame.into_data() else { continue };
        let length = u64::try_from(whole.len().saturating_add(data.len())).unwrap_or(u64::MAX);
        if length > max_bytes {
            return Err(too_large());
        }
        reservation.cover(length)?;
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// Reads and forgets what is left, within bounds.
pub(crate) async fn drain(mut body: Body) {
    let discard = async {
        let mut left = DRAIN_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(length) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    if tokio::time::timeout(DRAIN_TIME, discard).await.is_err() {
        tracing::debug!("gave up on draining a refused body");
    }
}
