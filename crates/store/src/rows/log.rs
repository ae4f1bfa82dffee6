//! A row of table `logs`.

use std::sync::Arc;

use pellucid_model::{Attributes, ProjectId, RawLog, Resource, Scope, Timestamp, Value};

use super::identity::log_row_id;
use crate::stages::LogRow;

/// What a log record is known by: the column `row_id` of its project.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LogKey {
    pub(crate) project: ProjectId,
    pub(crate) row_id: Arc<str>,
}

/// A log record as it stands in the table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredLog {
    /// Who owns it.
    pub(crate) project: ProjectId,
    /// When it was first taken.
    pub(crate) received_at: Timestamp,
    /// Whether it carries content or facts of a span.
    pub(crate) content: bool,
    /// Its identity inside the project.
    pub(crate) row_id: Arc<str>,
    /// By which a content record without a span id finds its span.
    pub(crate) response_id: Option<Arc<str>>,
    /// The record.
    pub(crate) log: Arc<RawLog>,
}

impl StoredLog {
    /// A record with its identity. `response_id` is what the stages say of it.
    pub(crate) fn new(mut row: LogRow, response_id: Option<String>) -> Self {
        let row_id = log_row_id(&row.log).into();
        let times = [row.log.time, row.log.observed_time, row.received_at];
        row.log.time = times.into_iter().find(|time| *time != Timestamp::ZERO).unwrap_or_default();
        Self {
            row_id,
            project: row.project,
            received_at: row.received_at,
            content: row.content,
            response_id: response_id.map(Into::into),
            log: Arc::new(row.log),
        }
    }

    /// A row to be filled column by column.
    pub(crate) fn blank() -> Self {
        let log = RawLog {
            resource: Arc::new(Resource::default()),
            scope: Arc::new(Scope::default()),
            time: Timestamp::ZERO,
            observed_time: Timestamp::ZERO,
            severity_number: 0,
            severity_text: String::new(),
            event_name: String::new(),
            body: Value::Null,
            attributes: Attributes::default(),
            trace_id: None,
            span_id: None,
        };
        Self {
            project: ProjectId::default(),
            received_at: Timestamp::ZERO,
            content: false,
            row_id: "".into(),
            response_id: None,
            log: Arc::new(log),
        }
    }

    /// What it is known by.
    pub(crate) fn key(&self) -> LogKey {
        LogKey { project: self.project.clone(), row_id: Arc::clone(&self.row_id) }
    }

    /// When it happened, else was seen, else was received.
    pub(crate) fn time(&self) -> Timestamp {
        self.log.time
    }

    /// One record of two that say the same: the one that was taken first.
    pub(crate) fn merge(&self, other: &Self) -> Self {
        if other.received_at < self.received_at { other.clone() } else { self.clone() }
    }

    /// The record to change; others that hold it keep the old one.
    pub(crate) fn edit(&mut self) -> &mut RawLog {
        Arc::make_mut(&mut self.log)
    }

    /// The record's resource to change.
    pub(crate) fn edit_resource(&mut self) -> &mut Resource {
        Arc::make_mut(&mut self.edit().resource)
    }

    /// The record's scope to change.
    pub(crate) fn edit_scope(&mut self) -> &mut Scope {
        Arc::make_mut(&mut self.edit().scope)
    }
}
