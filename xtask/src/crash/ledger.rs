//! The ledger: which calls were sent in which version, and which of them the server acknowledged. A call's tokens follow
//! from its number and its version, so a row tells which version it is, and its cost can be foretold to the last digit.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use pellucid_testkit::Server;
use serde_json::Value as Json;

/// Rows asked for at once: fewer than an answer has at the most, else its end would be taken for the end of all.
const PAGE: usize = 5_000;
/// So many lost calls are named.
const NAMED: usize = 20;
/// What a version adds to the output: more than any call's own.
const VERSION_TOKENS: i64 = 1000;
/// The price of the model of all calls, in 10⁻¹² dollars a token.
pub(super) const MODEL: &str = "gpt-4o-mini-2024-07-18";
const INPUT_PICOS: i128 = 150_000;
const OUTPUT_PICOS: i128 = 600_000;

/// One call in one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) number: u64,
    pub(super) version: u32,
}

impl Call {
    pub(super) fn input_tokens(self) -> i64 {
        1 + i64::try_from(self.number % 997).unwrap_or_default()
    }

    pub(super) fn output_tokens(self) -> i64 {
        1 + i64::try_from(self.number % 97).unwrap_or_default() + VERSION_TOKENS * i64::from(self.version)
    }

    fn cost_picos(self) -> i128 {
        i128::from(self.input_tokens()) * INPUT_PICOS + i128::from(self.output_tokens()) * OUTPUT_PICOS
    }

    pub(super) fn span_id(self) -> [u8; 8] {
        (self.number + 1).to_be_bytes()
    }
}

/// What became of a call.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// The highest version that was sent.
    sent: u32,
    /// The highest version that was acknowledged.
    acknowledged: Option<u32>,
}

/// What was sent and what was acknowledged, by the number of the call.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Vec<Entry>>);

impl Ledger {
    fn with<T>(&self, f: impl FnOnce(&mut Vec<Entry>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// New calls, to be sent.
    pub(super) fn more(&self, count: usize) -> Vec<Call> {
        self.with(|entries| {
            let first = entries.len();
            entries.resize(first + count, Entry::default());
            (first..first + count).map(|at| Call { number: at as u64, version: 0 }).collect()
        })
    }

    /// Calls that were sent before, to be sent again: as they were, or in a version that ended later.
    pub(super) fn again(&self, places: &[u64], newer: bool) -> Vec<Call> {
        self.with(|entries| {
            let known = entries.len() as u64;
            let call = |place: &u64| {
                let number = place.checked_rem(known)?;
                let entry = entries.get_mut(usize::try_from(number).ok()?)?;
                entry.sent += u32::from(newer);
                Some(Call { number, version: entry.sent })
            };
            places.iter().filter_map(call).collect()
        })
    }

    /// The server said that these are stored.
    pub(super) fn acknowledge(&self, calls: &[Call]) {
        self.with(|entries| {
            for call in calls {
                let entry = usize::try_from(call.number).ok().and_then(|at| entries.get_mut(at));
                entry.into_iter().for_each(|entry| entry.acknowledged = entry.acknowledged.max(Some(call.version)));
            }
        });
    }

    /// One line on what it holds.
    pub(super) fn summary(&self) -> String {
        self.with(|entries| {
            let acknowledged = entries.iter().filter(|entry| entry.acknowledged.is_some()).count();
            let newer = entries.iter().filter(|entry| entry.acknowledged > Some(0)).count();
            format!("{} calls sent, {acknowledged} acknowledged, {newer} of them in a newer version", entries.len())
        })
    }

    /// Compares with what is stored: every acknowledged call once, nothing unknown, every number right.
    pub(super) async fn check(&self, server: &Server) -> Result<()> {
        let rows = stored(server).await?;
        let entries = self.with(|entries| entries.clone());
        let (mut input, mut output, mut cost) = (0_i128, 0_i128, 0_i128);
        for (number, row) in &rows {
            let place = usize::try_from(*number).ok().and_then(|at| entries.get(at));
            let entry = place.with_context(|| format!("call {number} is stored and was never sent"))?;
            let version = u32::try_from(row.output / VERSION_TOKENS).context("no version")?;
            let call = Call { number: *number, version };
            ensure!(version <= entry.sent, "call {number} is stored in version {version}, which was never sent");
            ensure!(Some(version) >= entry.acknowledged, "call {number}: version {:?} is lost", entry.acknowledged);
            ensure!(
                (row.input, row.output, row.cost) == (call.input_tokens(), call.output_tokens(), call.cost_picos()),
                "call {number}: {row:?}"
            );
            (input, output, cost) = (input + i128::from(row.input), output + i128::from(row.output), cost + row.cost);
        }
        let lost = entries.iter().zip(0_u64..).filter(|(entry, _)| entry.acknowledged.is_some());
        let lost: Vec<u64> = lost.map(|(_, number)| number).filter(|number| !rows.contains_key(number)).collect();
        ensure!(
            lost.is_empty(),
            "{} acknowledged calls are lost, such as {:?}",
            lost.len(),
            &lost[..lost.len().min(NAMED)]
        );
        let sums = server
            .sql(
                "SELECT count(*), sum(input_tokens), sum(output_tokens), CAST(sum(cost_usd) AS VARCHAR) FROM llm_calls",
            )
            .await?;
        let told = sums.rows().first().context("no sums")?;
        let told = (told[0].as_u64(), told[1].as_i64(), told[2].as_i64(), told[3].as_str().and_then(picos));
        let own = (Some(rows.len() as u64), i64::try_from(input).ok(), i64::try_from(output).ok(), Some(cost));
        ensure!(rows.is_empty() || told == own, "sums are {told:?}, their rows say {own:?}");
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
struct Stored {
    input: i64,
    output: i64,
    cost: i128,
}

/// Every stored call by its number; a call that is there twice is an error.
async fn stored(server: &Server) -> Result<HashMap<u64, Stored>> {
    let mut found = HashMap::new();
    let mut last = String::new();
    loop {
        let rows = server
            .sql(&format!(
                "SELECT span_id, input_tokens, output_tokens, CAST(cost_usd AS VARCHAR) FROM spans \
                 WHERE span_id >= '{last}' ORDER BY span_id LIMIT {PAGE}"
            ))
            .await?;
        let rows = rows.rows();
        let full = rows.len() == PAGE;
        // The last one of a page is the first of the next, so that a call twice is seen across pages as well.
        let keep = if full { PAGE - 1 } else { rows.len() };
        for row in &rows[..keep] {
            let (number, stored) = row_of(row).with_context(|| format!("no call: {row:?}"))?;
            ensure!(found.insert(number, stored).is_none(), "call {number} is stored twice");
        }
        match rows.last().and_then(|row| row[0].as_str()) {
            Some(id) if full => last = id.to_owned(),
            _ => return Ok(found),
        }
    }
}

fn row_of(row: &[Json]) -> Option<(u64, Stored)> {
    let number = u64::from_str_radix(row.first()?.as_str()?, 16).ok()?.checked_sub(1)?;
    let stored =
        Stored { input: row.get(1)?.as_i64()?, output: row.get(2)?.as_i64()?, cost: picos(row.get(3)?.as_str()?)? };
    Some((number, stored))
}

/// `0.000123450000` as 10⁻¹² dollars.
fn picos(text: &str) -> Option<i128> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<12}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_exactly() {
        assert_eq!(picos("0.000123450000"), Some(123_450_000));
        assert_eq!(picos("2.5"), Some(2_500_000_000_000));
        assert_eq!(picos("3"), Some(3_000_000_000_000));
    }

    #[test]
    fn a_call_sent_again_keeps_its_number() {
        let ledger = Ledger::default();
        assert!(ledger.again(&[7], true).is_empty());
        ledger.more(3);
        let newer = ledger.again(&[4], true);
        assert_eq!(newer, [Call { number: 1, version: 1 }]);
        ledger.acknowledge(&newer);
        assert_eq!(ledger.again(&[1], false), newer);
        assert!(ledger.summary().starts_with("3 calls sent, 1 acknowledged, 1 of them"));
    }
}
