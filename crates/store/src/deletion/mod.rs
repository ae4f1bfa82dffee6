//! Stored rows deleted for good: whose, how far it is, and what came of it.
//!
//! A deletion is accepted (a line in the catalogue's file), hidden (chunk by chunk through the log, each applied like a
//! batch: no query sees the rows from then on, a replay deletes them again in its place) and purged (every file that
//! held a version of them is written anew, the log's segments and the catalogue's free pages have gone). It is of whole
//! traces: the one named, or all in which a span names the session or the user.

mod chunk;

use std::ops::AddAssign;

use pellucid_model::{ProjectId, Timestamp, TraceId};

pub(crate) use self::chunk::{DeletionChunk, Doomed};

/// What a deletion is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// One trace.
    Trace(TraceId),
    /// Every trace with a span of this session.
    Session(String),
    /// Every trace with a span of this user.
    User(String),
}

/// Kinds of [`Subject`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// A trace.
    Trace,
    /// A session.
    Session,
    /// A user.
    User,
}

/// What is to be deleted, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionOrder {
    /// Whose rows.
    pub project: ProjectId,
    /// Which.
    pub subject: Subject,
    /// Who ordered it.
    pub who: String,
    /// Why, in their words.
    pub reason: Option<String>,
    /// When.
    pub ordered_at: Timestamp,
}

/// How far a deletion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeletionState {
    /// Some of its rows may still be seen.
    Accepted,
    /// No query sees its rows; the disk may still hold their bytes.
    Hidden,
    /// The directory no longer holds their bytes.
    Purged,
}

/// A deletion as the directory remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// Its number.
    pub id: i64,
    /// Whose rows.
    pub project: String,
    /// What kind of thing it is of.
    pub kind: SubjectKind,
    /// The id of that thing; once purged, of a session or a user only the hash that [`subject_hash`] gives.
    pub subject: String,
    /// Who ordered it.
    pub who: String,
    /// Why.
    pub reason: Option<String>,
    /// How far it is.
    pub state: DeletionState,
    /// Spans deleted so far.
    pub spans: u64,
    /// Log records deleted so far.
    pub logs: u64,
    /// Chunks it is done in, as far as they are known: more may come until it is hidden.
    pub chunks: u64,
    /// Those that are done.
    pub chunks_done: u64,
    /// When it was ordered.
    pub ordered_at: Timestamp,
    /// When the last row was hidden.
    pub hidden_at: Option<Timestamp>,
    /// When the last byte was gone.
    pub purged_at: Option<Timestamp>,
    /// What went wrong at the last try; it is tried again.
    pub problem: Option<String>,
}

/// Rows deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Deleted {
    pub(crate) spans: u64,
    pub(crate) logs: u64,
}

impl AddAssign for Deleted {
    fn add_assign(&mut self, other: Self) {
        self.spans += other.spans;
        self.logs += other.logs;
    }
}

/// Kinds and states as the directory names them.
const KINDS: [(SubjectKind, &str); 3] =
    [(SubjectKind::Trace, "trace"), (SubjectKind::Session, "session"), (SubjectKind::User, "user")];
const STATES: [(DeletionState, &str); 3] =
    [(DeletionState::Accepted, "accepted"), (DeletionState::Hidden, "hidden"), (DeletionState::Purged, "purged")];

impl SubjectKind {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        word(&KINDS, self)
    }

    /// The kind of a word.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        KINDS.iter().find(|(_, word)| *word == text).map(|(kind, _)| *kind)
    }
}

impl DeletionState {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        word(&STATES, self)
    }

    /// The state of a word.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        STATES.iter().find(|(_, word)| *word == text).map(|(state, _)| *state)
    }
}

fn word<T: PartialEq>(table: &[(T, &'static str)], of: T) -> &'static str {
    table.iter().find(|(known, _)| *known == of).map_or("", |(_, word)| word)
}

impl Subject {
    /// Its kind.
    pub fn kind(&self) -> SubjectKind {
        match self {
            Self::Trace(_) => SubjectKind::Trace,
            Self::Session(_) => SubjectKind::Session,
            Self::User(_) => SubjectKind::User,
        }
    }

    /// Its id.
    pub fn id(&self) -> String {
        match self {
            Self::Trace(id) => id.to_string(),
            Self::Session(id) | Self::User(id) => id.clone(),
        }
    }

    /// The subject of a kind and an id, unless it is no id of that kind.
    pub fn new(kind: SubjectKind, id: &str) -> Option<Self> {
        match kind {
            SubjectKind::Trace => TraceId::from_hex(id).ok().map(Self::Trace),
            SubjectKind::Session => Some(Self::Session(id.to_owned())),
            SubjectKind::User => Some(Self::User(id.to_owned())),
        }
    }
}

/// What is kept of the id of a session or a user: who has the id can tell that it was deleted, nobody can read it.
/// The deletion's number goes into it, so that two deletions of one user do not look alike.
pub fn subject_hash(deletion: i64, subject: &str) -> String {
    format!("blake3:{}", blake3::hash(format!("{deletion}:{subject}").as_bytes()).to_hex())
}

impl Deletion {
    /// A deletion that was just ordered.
    pub(crate) fn new(id: i64, order: &DeletionOrder) -> Self {
        Self {
            id,
            project: order.project.as_str().to_owned(),
            kind: order.subject.kind(),
            subject: order.subject.id(),
            who: order.who.clone(),
            reason: order.reason.clone(),
            state: DeletionState::Accepted,
            spans: 0,
            logs: 0,
            chunks: 0,
            chunks_done: 0,
            ordered_at: order.ordered_at,
            hidden_at: None,
            purged_at: None,
            problem: None,
        }
    }

    /// Nothing of it is left: neither the rows nor, of people, the id.
    pub(crate) fn purged(mut self, at: Timestamp) -> Self {
        if self.kind != SubjectKind::Trace {
            self.subject = subject_hash(self.id, &self.subject);
        }
        Self { state: DeletionState::Purged, purged_at: Some(at), problem: None, ..self }
    }
}
