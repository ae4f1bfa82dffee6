//! GenAI-looking attributes that nobody mapped, a sender at a time: what the tables do not know yet.
//!
//! In: stored rows, one by one, as far as they say who sent what. Out: for each sender the keys that look as if they told
//! of model calls and that no row of its dialects reads, with how often, a sample and when. Pure; bounded whatever comes.

mod claims;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use pellucid_model::Timestamp;

use self::claims::{ClaimBook, looks_genai};

/// Most senders of one report.
const MAX_SENDERS: usize = 100;
/// Most keys of one sender: more are a list in disguise, which the folding of numbers did not catch.
const MAX_KEYS: usize = 200;
/// Longer keys are cut.
const MAX_KEY_CHARS: usize = 200;
/// Longer samples are cut.
const MAX_SAMPLE_CHARS: usize = 200;

/// Who sent a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Sender {
    /// `service.name`.
    pub service: Option<String>,
    /// Instrumentation scope and its version.
    pub scope: Option<String>,
    /// Version of the scope.
    pub scope_version: Option<String>,
    /// Name, language and version of the SDK, as far as it told.
    pub sdk: Option<String>,
}

/// One row, as much of it as the report reads.
#[derive(Debug)]
pub struct SentRow<'a> {
    /// Who sent it.
    pub sender: Sender,
    /// The column `dialects`.
    pub dialects: Vec<String>,
    /// The column `flags`.
    pub flags: Vec<String>,
    /// The column `start_time`.
    pub time: Timestamp,
    /// The column `attributes`: keys and values as text.
    pub attributes: Vec<(&'a str, &'a str)>,
}

/// One key that nobody mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmappedKey {
    /// The key; a `*` stands for the number of an item.
    pub key: String,
    /// Rows that had it.
    pub count: u64,
    /// The value of the earliest row, its beginning.
    pub sample: String,
    /// When it was seen first among the rows read.
    pub first_seen: Timestamp,
    /// When it was seen last.
    pub last_seen: Timestamp,
}

/// What one sender sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SenderReport {
    /// Rows read.
    pub rows: u64,
    /// Rows of which no dialect was recognised though they carry such keys.
    pub unrecognised_rows: u64,
    /// Dialects recognised, each once.
    pub dialects: BTreeSet<String>,
    /// Oddities, with how many rows have them.
    pub flags: BTreeMap<String, u64>,
    /// What nobody mapped, the most frequent first.
    pub keys: Vec<UnmappedKey>,
    /// Whether keys beyond the limit were left out.
    pub keys_left_out: bool,
}

/// The report in the making.
#[derive(Debug, Default)]
pub struct Unmapped {
    senders: BTreeMap<Sender, Account>,
    senders_left_out: bool,
    claims: ClaimBook,
}

#[derive(Debug, Default)]
struct Account {
    report: SenderReport,
    keys: BTreeMap<String, UnmappedKey>,
}

impl Unmapped {
    /// Takes one row in. The order of rows makes no difference, as long as no limit is reached.
    pub fn add(&mut self, row: &SentRow<'_>) {
        if !self.senders.contains_key(&row.sender) {
            if self.senders.len() >= MAX_SENDERS {
                self.senders_left_out = true;
                return;
            }
            self.senders.insert(row.sender.clone(), Account::default());
        }
        let Some(account) = self.senders.get_mut(&row.sender) else { return };
        let claims = self.claims.of(&row.dialects);
        account.report.rows += 1;
        account.report.dialects.extend(row.dialects.iter().cloned());
        for flag in &row.flags {
            *account.report.flags.entry(flag.clone()).or_default() += 1;
        }
        let genai = || row.attributes.iter().filter(|(key, _)| looks_genai(key));
        if row.dialects.is_empty() && genai().next().is_some() {
            account.report.unrecognised_rows += 1;
        }
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for (key, value) in genai().filter(|(key, _)| !claims.hold(key)) {
            let folded = fold(key);
            // The items of a list are one key of one row.
            let again = !seen.insert(folded.clone());
            account.count(folded, value, row.time, again);
        }
    }

    /// The senders that sent something of note, and whether there were more than can be told.
    pub fn finish(self) -> (Vec<(Sender, SenderReport)>, bool) {
        let reports = self.senders.into_iter().map(|(sender, Account { mut report, keys })| {
            report.keys = keys.into_values().collect();
            report.keys.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.key.cmp(&other.key)));
            (sender, report)
        });
        (reports.collect(), self.senders_left_out)
    }
}

impl Account {
    fn count(&mut self, key: String, value: &str, time: Timestamp, again: bool) {
        if let Some(known) = self.keys.get_mut(&key) {
            known.count += u64::from(!again);
            if (time, cut(value, MAX_SAMPLE_CHARS)) < (known.first_seen, known.sample.clone()) {
                known.sample = cut(value, MAX_SAMPLE_CHARS);
            }
            known.first_seen = known.first_seen.min(time);
            known.last_seen = known.last_seen.max(time);
            return;
        }
        if self.keys.len() >= MAX_KEYS {
            self.report.keys_left_out = true;
            return;
        }
        let sample = cut(value, MAX_SAMPLE_CHARS);
        self.keys.insert(key.clone(), UnmappedKey { key, count: 1, sample, first_seen: time, last_seen: time });
    }
}

/// `gen_ai.prompt.3.role` → `gen_ai.prompt.*.role`.
fn fold(key: &str) -> String {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = key.split('.').map(|part| if is_number(part) { "*" } else { part }).collect();
    cut(&parts.join("."), MAX_KEY_CHARS)
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
