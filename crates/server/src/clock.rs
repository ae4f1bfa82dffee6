//! The one place that reads the wall clock, so that everything else can be given its times.

use std::time::{SystemTime, UNIX_EPOCH};

use pellucid_model::Timestamp;

/// Now, as OTLP counts. A clock before 1970 counts as 1970, one after 2262 as 2262.
pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unsigned_nanos(u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX))
}
