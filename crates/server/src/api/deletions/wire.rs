//! `/api/v1/deletions` on the wire.

use pellucid_store::{Deletion, DeletionState, SubjectKind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::show_time;

/// What to delete: one of the three ids.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeletionBody {
    /// One trace, by its 32 hexadecimal digits.
    #[serde(default)]
    pub(crate) trace_id: Option<String>,
    /// Every trace in which a span names this session.
    #[serde(default)]
    pub(crate) session_id: Option<String>,
    /// Every trace in which a span names this user.
    #[serde(default)]
    pub(crate) user_id: Option<String>,
    /// Why, for the record; it is kept.
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

/// Deletions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletionList {
    pub(crate) items: Vec<DeletionView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// How far a deletion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DeletionStep {
    /// Some of its rows may still be seen.
    Accepted,
    /// No query sees its rows; the disk may still hold their bytes.
    Hidden,
    /// The data directory no longer holds their bytes.
    Purged,
}

/// What a deletion is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DeletionKind {
    Trace,
    Session,
    User,
}

/// A deletion, as the record keeps it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletionView {
    pub(crate) id: i64,
    pub(crate) state: DeletionStep,
    pub(crate) kind: DeletionKind,
    /// The id of what is deleted. Once purged, of a session or a user only `blake3:` and the BLAKE3 hash of
    /// `<id of the deletion>:<id of the session or user>`.
    pub(crate) subject: String,
    /// The name of the key; `local` where none is asked for.
    pub(crate) who: String,
    pub(crate) reason: Option<String>,
    /// Spans deleted so far.
    pub(crate) spans: u64,
    /// Log records deleted so far.
    pub(crate) logs: u64,
    /// Chunks it is done in, as far as they are known; each is hidden at once.
    pub(crate) chunks: u64,
    pub(crate) chunks_done: u64,
    /// RFC 3339.
    pub(crate) ordered_at: String,
    /// When no query saw its rows any more.
    pub(crate) hidden_at: Option<String>,
    /// When the bytes were gone.
    pub(crate) purged_at: Option<String>,
    /// What went wrong at the last try; it is tried again.
    pub(crate) problem: Option<String>,
}

impl From<Deletion> for DeletionView {
    fn from(deletion: Deletion) -> Self {
        Self {
            id: deletion.id,
            state: match deletion.state {
                DeletionState::Accepted => DeletionStep::Accepted,
                DeletionState::Hidden => DeletionStep::Hidden,
                DeletionState::Purged => DeletionStep::Purged,
            },
            kind: match deletion.kind {
                SubjectKind::Trace => DeletionKind::Trace,
                SubjectKind::Session => DeletionKind::Session,
                SubjectKind::User => DeletionKind::User,
            },
            subject: deletion.subject,
            who: deletion.who,
            reason: deletion.reason,
            spans: deletion.spans,
            logs: deletion.logs,
            chunks: deletion.chunks,
            chunks_done: deletion.chunks_done,
            ordered_at: show_time(deletion.ordered_at),
            hidden_at: deletion.hidden_at.map(show_time),
            purged_at: deletion.purged_at.map(show_time),
            problem: deletion.problem,
        }
    }
}

/// Which part of the list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what api::request::Params reads")]
pub(crate) struct DeletionParams {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Deletions a page, 1 to 500. Default: 50.
    limit: Option<usize>,
}
