//! `GET /api/v1/reports/unmapped` on the wire.

use std::collections::HashMap;

use pellucid_genai::{SenderReport, UnmappedKey};
use pellucid_query::{MAX_ROWS_A_SENDER, Senders};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::request::show_time;
use crate::api::wire::Window;

/// Attributes that look as if they told of model calls and that nobody mapped, a sender at a time.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnmappedReport {
    /// The senders, those with most rows first.
    pub(crate) items: Vec<SenderKeys>,
    /// Whether there were more senders than are looked at.
    pub(crate) senders_left_out: bool,
    /// Of each sender at most this many rows are read, the newest.
    pub(crate) rows_a_sender: u64,
    pub(crate) window: Window,
}

/// What one sender sent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SenderKeys {
    pub(crate) service_name: Option<String>,
    /// The instrumentation that made the spans.
    pub(crate) scope_name: Option<String>,
    pub(crate) scope_version: Option<String>,
    /// Name, language and version of the SDK, as far as it told.
    pub(crate) sdk: Option<String>,
    /// Spans of this service and scope in the window.
    pub(crate) rows: u64,
    /// Those that were read for this report.
    pub(crate) rows_read: u64,
    /// Of these, rows of which no dialect was recognised though they carry such attributes.
    pub(crate) unrecognised_rows: u64,
    /// Dialects recognised.
    pub(crate) dialects: Vec<String>,
    /// What was odd about the rows that were read.
    pub(crate) flags: Vec<FlagCount>,
    /// What nobody mapped, the most frequent first.
    pub(crate) keys: Vec<UnmappedAttribute>,
    /// Whether there were more keys than are told.
    pub(crate) keys_left_out: bool,
}

/// An oddity: see the column `flags`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlagCount {
    pub(crate) flag: String,
    pub(crate) count: u64,
}

/// An attribute that nobody mapped.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnmappedAttribute {
    /// The key; a `*` stands for the number of an item.
    pub(crate) key: String,
    /// Rows that had it, among those read.
    pub(crate) count: u64,
    /// A value, at most 200 characters of it; secrets are masked when spans arrive.
    pub(crate) sample: String,
    /// RFC 3339.
    pub(crate) first_seen: String,
    /// RFC 3339.
    pub(crate) last_seen: String,
}

type Identity = [Option<String>; 3];

impl UnmappedReport {
    pub(crate) fn new(
        senders: &Senders,
        reports: Vec<(pellucid_genai::Sender, SenderReport)>,
        cut: bool,
        window: Window,
    ) -> Self {
        let totals: HashMap<&Identity, u64> = senders.senders.iter().map(|one| (&one.identity, one.rows)).collect();
        let item = |(sender, report): (pellucid_genai::Sender, SenderReport)| {
            let identity = [sender.service, sender.scope, sender.scope_version];
            let rows = totals.get(&identity).copied().unwrap_or(report.rows);
            let [service_name, scope_name, scope_version] = identity;
            SenderKeys {
                service_name,
                scope_name,
                scope_version,
                sdk: sender.sdk,
                rows,
                rows_read: report.rows,
                unrecognised_rows: report.unrecognised_rows,
                dialects: report.dialects.into_iter().collect(),
                flags: report.flags.into_iter().map(|(flag, count)| FlagCount { flag, count }).collect(),
                keys: report.keys.into_iter().map(UnmappedAttribute::from).collect(),
                keys_left_out: report.keys_left_out,
            }
        };
        let mut items: Vec<SenderKeys> = reports.into_iter().map(item).collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.rows));
        let senders_left_out = senders.left_out || cut;
        Self { items, senders_left_out, rows_a_sender: MAX_ROWS_A_SENDER as u64, window }
    }
}

impl From<UnmappedKey> for UnmappedAttribute {
    fn from(told: UnmappedKey) -> Self {
        Self {
            key: told.key,
            count: told.count,
            sample: told.sample,
            first_seen: show_time(told.first_seen),
            last_seen: show_time(told.last_seen),
        }
    }
}
