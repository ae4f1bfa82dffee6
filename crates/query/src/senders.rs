//! What each sender's newest rows carry: who sent them, in what dialects, with which attributes.
//!
//! In: an access and a window. Out: rows, one call each, of at most [`MAX_ROWS_A_SENDER`] a sender, the newest; and how
//! many there are in all. Attributes are most of what is stored, so reading all of them would read everything: the rows
//! to read are chosen by narrow columns first.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use pellucid_model::{Error, ErrorKind, Result, Timestamp};
use serde_json::Value as Json;

use crate::engine::{Access, Engine, Reading};
use crate::filter::{Where, Window, text_value, time};
use crate::frame::nanos;
use crate::session::Session;

/// Senders looked at, those with most rows first.
pub const MAX_SENDERS: usize = 100;
/// Rows read of one sender: what an instrumentation sends shows in far fewer.
pub const MAX_ROWS_A_SENDER: usize = 2_000;

/// A sender as the narrow columns tell it apart.
const IDENTITY: [&str; 3] = ["service_name", "scope_name", "scope_version"];

/// How much one sender sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderRows {
    /// `service_name`, `scope_name`, `scope_version`.
    pub identity: [Option<String>; 3],
    /// Rows in the window.
    pub rows: u64,
    /// Start of the earliest row that was read; of all rows if all were.
    pub since: Timestamp,
}

/// One row, as much of it as tells who sent what.
#[derive(Debug)]
pub struct SentAttributes<'a> {
    /// `service_name`, `scope_name`, `scope_version`.
    pub identity: [Option<&'a str>; 3],
    /// Name, language and version of the SDK, as far as the resource tells.
    pub sdk: Option<&'a str>,
    /// The column `dialects`.
    pub dialects: Vec<String>,
    /// The column `flags`.
    pub flags: Vec<String>,
    /// The column `start_time`.
    pub time: Timestamp,
    /// The column `attributes`.
    pub attributes: Vec<(&'a str, &'a str)>,
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Senders {
    /// The senders, those with most rows first.
    pub senders: Vec<SenderRows>,
    /// Whether there were more senders than are looked at.
    pub left_out: bool,
}

impl Engine {
    /// Gives the newest rows of each sender to `each`.
    pub async fn senders(
        &self,
        access: &Access,
        window: Window,
        mut each: impl FnMut(SentAttributes<'_>) + Send,
    ) -> Result<Senders> {
        let mut senders = newest(&self.session(access, Reading::Sums)?, window).await?;
        let left_out = senders.len() > MAX_SENDERS;
        senders.truncate(MAX_SENDERS);
        if senders.is_empty() {
            return Ok(Senders { senders, left_out });
        }
        let mut condition = Where::window(window)?;
        let wanted: Vec<String> = senders.iter().map(|sender| rows_of(&mut condition, sender)).collect();
        condition.and(format!("({})", wanted.join(" OR ")));
        let sql = format!(
            "SELECT {}, nullif(concat_ws(' ', resource_attributes['telemetry.sdk.name'], \
             resource_attributes['telemetry.sdk.language'], resource_attributes['telemetry.sdk.version']), '') AS sdk, \
             dialects, flags, CAST(start_time AS BIGINT) AS start_ns, map_keys(attributes) AS keys, \
             map_values(attributes) AS values FROM spans WHERE {} LIMIT {}",
            IDENTITY.join(", "),
            condition.sql(),
            MAX_SENDERS * MAX_ROWS_A_SENDER,
        );
        let session = self.session(access, Reading::Rows)?;
        session.each(&sql, condition.params(), |batch| hand_over(&batch, &mut each)).await?;
        Ok(Senders { senders, left_out })
    }
}

/// One sender more than are looked at, each with the start of its oldest row that is to be read.
async fn newest(session: &Session, window: Window) -> Result<Vec<SenderRows>> {
    let condition = Where::window(window)?;
    let identity = IDENTITY.join(", ");
    let sql = format!(
        "SELECT {identity}, count(*) AS n, min(CASE WHEN place <= {MAX_ROWS_A_SENDER} THEN start_time END) AS since FROM \
         (SELECT {identity}, start_time, row_number() OVER (PARTITION BY {identity} ORDER BY start_time DESC) AS place \
         FROM spans WHERE {}) GROUP BY {identity} ORDER BY n DESC, {identity} LIMIT {}",
        condition.sql(),
        MAX_SENDERS + 1,
    );
    let found = session.objects(&sql, condition.params()).await?;
    let text = |value: Option<&Json>| value.and_then(Json::as_str).map(str::to_owned);
    let sender = |row: &serde_json::Map<String, Json>| {
        Some(SenderRows {
            identity: IDENTITY.map(|name| text(row.get(name))),
            rows: row.get("n")?.as_u64()?,
            since: Timestamp::from_nanos(nanos(row.get("since")?.as_str()?)?),
        })
    };
    Ok(found.iter().filter_map(sender).collect())
}

/// "This row is of this sender, and new enough."
fn rows_of(condition: &mut Where, sender: &SenderRows) -> String {
    let mut terms: Vec<String> = IDENTITY
        .iter()
        .zip(&sender.identity)
        .map(|(column, value)| match value {
            Some(value) => format!("{column} = {}", condition.bind(text_value(value))),
            None => format!("{column} IS NULL"),
        })
        .collect();
    terms.push(format!("start_time >= {}", condition.bind(time(sender.since.as_nanos()))));
    format!("({})", terms.join(" AND "))
}

fn hand_over(batch: &RecordBatch, each: &mut impl FnMut(SentAttributes<'_>)) -> Result<()> {
    let columns =
        Columns::of(batch).ok_or_else(|| Error::new(ErrorKind::Internal, "the rows of a sender cannot be read"))?;
    for row in 0..batch.num_rows() {
        each(columns.row(row));
    }
    Ok(())
}

/// The columns of one batch in the types that they are read as.
struct Columns {
    texts: [StringArray; 4],
    lists: [ArrayRef; 4],
    times: ArrayRef,
}

impl Columns {
    fn of(batch: &RecordBatch) -> Option<Self> {
        let column = |name: &str| batch.column_by_name(name);
        let text = |name: &str| Some(cast(column(name)?, &DataType::Utf8).ok()?.as_string::<i32>().clone());
        let [service, scope, version] = IDENTITY.map(text);
        let list = |name: &str| cast(column(name)?, &DataType::new_list(DataType::Utf8, true)).ok();
        Some(Self {
            texts: [service?, scope?, version?, text("sdk")?],
            lists: [list("dialects")?, list("flags")?, list("keys")?, list("values")?],
            times: cast(column("start_ns")?, &DataType::Int64).ok()?,
        })
    }

    fn row(&self, row: usize) -> SentAttributes<'_> {
        let [service, scope, version, sdk] =
            self.texts.each_ref().map(|texts| texts.is_valid(row).then(|| texts.value(row)));
        let [dialects, flags, keys, values] = self.lists.each_ref().map(|lists| texts_at(lists, row));
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        SentAttributes {
            identity: [service, scope, version],
            sdk,
            dialects: owned(dialects),
            flags: owned(flags),
            time: Timestamp::from_nanos(self.times.as_primitive::<Int64Type>().value(row)),
            attributes: keys.into_iter().zip(values).collect(),
        }
    }
}

/// The texts of one row's list; a missing one reads as empty, so that keys and values stay beside each other.
fn texts_at(lists: &ArrayRef, row: usize) -> Vec<&str> {
    let lists = lists.as_list::<i32>();
    if lists.is_null(row) {
        return Vec::new();
    }
    let texts = lists.values().as_string::<i32>();
    let offsets = lists.value_offsets();
    let (Some(start), Some(end)) = (offsets.get(row), offsets.get(row + 1)) else { return Vec::new() };
    let places = usize::try_from(*start).unwrap_or(0)..usize::try_from(*end).unwrap_or(0);
    places.map(|at| if texts.is_valid(at) { texts.value(at) } else { "" }).collect()
}
