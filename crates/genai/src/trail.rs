//! Where facts come from: what [`lift`](crate::lift::lift) and those behind it tell while they work.
//!
//! A [`Recorder`] is told of every place that is read. `()` does not listen: with it the code is what it would be without
//! any recorder. [`Trail`] writes everything down, and the places behind the first are read for it too, so that it knows
//! what contradicts.

use pellucid_model::{Cost, RawLog, Span};
use serde_json::Value as Json;

use crate::dialects::Source;
use crate::field::{Fact, Field};
use crate::json::columns;

/// Told of what is read and concluded.
pub(crate) trait Recorder {
    /// Whether places behind the one that gave a fact are read as well.
    const LISTENS: bool;
    /// A place held something.
    fn saw(&mut self, _sight: impl FnOnce() -> Option<Sight>) {}
    /// What was taken for a field counts for nothing after all: a filler.
    fn took_back(&mut self, _field: Field) {}
    /// A whole body that was taken for `body` told a field.
    fn unpacked(&mut self, _body: Field, _field: Field, _fact: &Fact) {}
    /// A column that is no copy of a place follows by this rule.
    fn concluded(&mut self, _column: &'static str, _rule: &'static str) {}
    /// What is seen from now on stands in these records; gives the number to close them with.
    fn opened(&mut self, _logs: &[&RawLog]) -> usize {
        0
    }
    /// The records of this number made one row of another.
    fn added(&mut self, _number: usize, _before: &Span, _after: &Span) {}
}

impl Recorder for () {
    const LISTENS: bool = false;
}

/// What was found in a place.
#[derive(Debug, Clone)]
pub(crate) struct Sight {
    pub(crate) field: Field,
    pub(crate) source: Source,
    /// Whose row asked for it, and where its meaning is written down.
    pub(crate) dialect: &'static str,
    pub(crate) spec: &'static str,
    /// As sent, whole.
    pub(crate) sent: String,
    pub(crate) fact: Option<Fact>,
    pub(crate) outcome: Outcome,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is the fact.
    Taken,
    /// A better place had the fact already.
    Behind,
    /// It is what the SDK writes where nobody said anything.
    Filler,
    /// It was masked by the sender.
    Masked,
    /// It is not of the shape that belongs there.
    Unreadable,
    /// It is a number that cannot be.
    Impossible,
}

/// What one reading of attributes told.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) sights: Vec<Sight>,
    pub(crate) rules: Vec<(&'static str, &'static str)>,
}

impl Reading {
    /// What was taken for a field.
    pub(crate) fn taken(&self, field: Field) -> Option<&Sight> {
        self.sights.iter().find(|sight| sight.field == field && sight.outcome == Outcome::Taken)
    }

    /// By which rule a column was concluded.
    pub(crate) fn rule(&self, column: &str) -> Option<&'static str> {
        self.rules.iter().find(|(name, _)| *name == column).map(|(_, rule)| *rule)
    }
}

/// Records that told of the row, and the columns they filled.
#[derive(Debug)]
pub(crate) struct FromLogs {
    /// Their event names, each once.
    pub(crate) events: Vec<String>,
    pub(crate) reading: Reading,
    pub(crate) filled: Vec<String>,
    /// Whether they were about this row at all.
    pub(crate) joined: bool,
}

/// Everything that was told.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    /// Of the row itself.
    pub(crate) own: Reading,
    /// Of its records, in the order they were added.
    pub(crate) logs: Vec<FromLogs>,
}

impl Trail {
    fn reading(&mut self) -> &mut Reading {
        match self.logs.last_mut() {
            Some(open) => &mut open.reading,
            None => &mut self.own,
        }
    }
}

impl Recorder for Trail {
    const LISTENS: bool = true;

    fn saw(&mut self, sight: impl FnOnce() -> Option<Sight>) {
        let Some(sight) = sight() else { return };
        let reading = self.reading();
        let again = |known: &Sight| known.field == sight.field && known.source == sight.source;
        if !reading.sights.iter().any(again) {
            reading.sights.push(sight);
        }
    }

    fn took_back(&mut self, field: Field) {
        for sight in self.reading().sights.iter_mut().filter(|sight| sight.field == field) {
            sight.outcome = Outcome::Filler;
        }
    }

    fn unpacked(&mut self, body: Field, field: Field, fact: &Fact) {
        let Some(whole) = self.reading().taken(body).cloned() else { return };
        let sent = match fact {
            Fact::Text(text) => text.clone(),
            Fact::Int(number) => number.to_string(),
            Fact::Number(number) => number.to_string(),
            _ => whole.sent.clone(),
        };
        self.reading().sights.push(Sight { field, sent, fact: Some(fact.clone()), ..whole });
    }

    fn concluded(&mut self, column: &'static str, rule: &'static str) {
        self.reading().rules.push((column, rule));
    }

    fn opened(&mut self, logs: &[&RawLog]) -> usize {
        let mut events: Vec<String> = logs.iter().map(|log| log.event_name.clone()).collect();
        events.dedup();
        self.logs.push(FromLogs { events, reading: Reading::default(), filled: Vec::new(), joined: false });
        self.logs.len() - 1
    }

    fn added(&mut self, number: usize, before: &Span, after: &Span) {
        let [before, after] = [before, after].map(|span| columns(span, &Cost::default()));
        let changed = after.into_iter().filter(|(name, value)| before.get(name) != Some(value));
        if let Some(records) = self.logs.get_mut(number) {
            records.filled = changed.filter(|(_, value)| *value != Json::Null).map(|(name, _)| name).collect();
            records.joined = true;
        }
    }
}
