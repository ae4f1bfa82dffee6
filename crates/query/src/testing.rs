//! A store for tests: rows written as JSON, lying in memory and in real Parquet files.
//!
//! In: rows as JSON objects; what is not said is null, but for what every span has. Out: an [`Engine`] over them.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use arrow::json::ReaderBuilder;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use pellucid_model::{ProjectId, Timestamp};
use serde_json::{Map, Value as Json, json};

use crate::engine::{Access, Engine, Limits};
use crate::filter::Window;
use crate::list::{Listing, View};
use crate::source::Source;
use pellucid_store::{FileRef, KeyIndex, Projects, Table, TableSnapshot, WordIndex, set_apart};

/// Noon of some day, nanoseconds.
pub(crate) const NOON: i64 = 1_700_000_000_000_000_000 - 1_700_000_000_000_000_000 % 86_400_000_000_000;
/// A second.
pub(crate) const S: i64 = 1_000_000_000;

const TEXTS: &str = "project trace_id span_id parent_span_id source name span_kind status status_raw status_message \
    service_name service_version environment scope_name scope_version kind operation provider provider_raw \
    model_vendor request_model response_model response_id usage_source cost_source price_id system_instructions \
    input_messages output_messages tool_definitions input_value output_value session_id user_id app_name release \
    agent_id agent_name workflow_name tool_name tool_call_id tool_arguments tool_result db_system db_operation \
    db_collection db_query prompt_name prompt_version error_type error_message events links service_tier";
const WHOLE: &str = "duration_ns top_k max_tokens seed choice_count input_tokens output_tokens total_tokens \
    cache_read_tokens cache_write_tokens reasoning_tokens ttft_ns db_top_k db_returned embedding_dims http_status_code";
const FLOATS: &str = "temperature top_p frequency_penalty presence_penalty";
const TRUTHS: &str = "stream counts truncated redacted joined";
const LISTS: &str = "dialects stop_sequences finish_reasons tags usage_notes flags";
const MONEY: &str = "cost_usd input_cost_usd output_cost_usd reported_cost_usd";
const TIMES: &str = "start_time end_time received_at time";
const MAPS: &str = "attributes resource_attributes";

fn columns(names: &str, of: &DataType) -> Vec<Field> {
    names.split_whitespace().map(|name| Field::new(name, of.clone(), true)).collect()
}

fn map_type() -> DataType {
    let entry = Fields::from(vec![Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Utf8, true)]);
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entry), false)), false)
}

fn schema(table: Table) -> SchemaRef {
    let time = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
    let list = DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)));
    let all = [
        columns(TEXTS, &DataType::Utf8),
        columns(WHOLE, &DataType::Int64),
        columns(FLOATS, &DataType::Float64),
        columns(TRUTHS, &DataType::Boolean),
        columns(LISTS, &list),
        columns(MONEY, &DataType::Decimal128(24, 12)),
        columns(TIMES, &time),
        columns(MAPS, &map_type()),
        columns("event_name severity body metric_name", &DataType::Utf8),
    ];
    let names: Option<&[&str]> = match table {
        Table::Spans => None,
        Table::Logs => {
            Some(&["project", "time", "event_name", "severity", "body", "trace_id", "span_id", "attributes"])
        }
        Table::Metrics => Some(&["project", "time", "metric_name"]),
    };
    let not_spans = ["time", "event_name", "severity", "body", "metric_name"];
    let fields = all.into_iter().flatten().filter(|field| match names {
        Some(names) => names.contains(&field.name().as_str()),
        None => !not_spans.contains(&field.name().as_str()),
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// A model call: complete it with [`with`].
pub(crate) fn call(project: &str, trace: u64, span: u64, at_s: i64) -> Json {
    json!({
        "project": project, "trace_id": format!("{trace:032x}"), "span_id": format!("{span:016x}"),
        "start_time": NOON + at_s * S, "end_time": NOON + at_s * S + S, "duration_ns": S, "received_at": NOON,
        "name": "chat", "status": "ok", "kind": "llm", "operation": "chat", "counts": true, "source": "span",
        "service_name": "shop", "provider": "moonshot_ai", "request_model": "kimi", "input_tokens": 10,
        "output_tokens": 5, "total_tokens": 15, "usage_source": "reported", "cost_usd": "0.25",
        "finish_reasons": ["stop"], "attributes": {"a.b": "c"},
        "resource_attributes": {"telemetry.sdk.name": "openlit"},
        "input_messages": r#"[{"role":"user","parts":[{"type":"text","content":"我要退款 100%"}]}]"#,
        "output_messages": r#"[{"role":"assistant","parts":[{"type":"text","content":"好的"}]}]"#,
    })
}

/// The row with other values.
pub(crate) fn with(row: Json, change: Json) -> Json {
    let (Json::Object(mut row), Json::Object(change)) = (row, change) else { panic!("rows are objects") };
    row.extend(change);
    Json::Object(row)
}

/// Whose rows these are.
fn projects(rows: &[Json]) -> Option<Projects> {
    let names = || rows.iter().filter_map(|row| row["project"].as_str());
    Some(Projects { first: names().min()?.into(), last: names().max()?.into() })
}

/// Rows in memory and in files.
#[derive(Default)]
pub(crate) struct Rows {
    tables: HashMap<&'static str, (Vec<FileRef>, Vec<RecordBatch>)>,
    dir: Option<tempfile::TempDir>,
}

fn name(table: Table) -> &'static str {
    match table {
        Table::Spans => "spans",
        Table::Logs => "logs",
        Table::Metrics => "metrics",
    }
}

fn batch(table: Table, rows: &[Json]) -> RecordBatch {
    let mut decoder = ReaderBuilder::new(schema(table)).with_batch_size(rows.len().max(1)).build_decoder().unwrap();
    decoder.serialize(rows).unwrap();
    decoder.flush().unwrap().unwrap()
}

impl Rows {
    /// Adds rows to memory.
    pub(crate) fn memory(mut self, table: Table, rows: &[Json]) -> Self {
        self.tables.entry(name(table)).or_default().1.push(batch(table, rows));
        self
    }

    /// Adds a file of small row groups in which the rows at `deleted` are masked.
    pub(crate) fn file(self, table: Table, rows: &[Json], deleted: &[u32]) -> Self {
        self.add_file(table, rows, deleted, false)
    }

    /// The same with its long texts in the file beside, and a word index.
    pub(crate) fn file_and_texts(self, table: Table, rows: &[Json], deleted: &[u32]) -> Self {
        self.add_file(table, rows, deleted, true)
    }

    fn add_file(mut self, table: Table, rows: &[Json], deleted: &[u32], apart: bool) -> Self {
        let dir = self.dir.get_or_insert_with(|| tempfile::Builder::new().prefix("pelu cid 数 #%").tempdir().unwrap());
        let files = &mut self.tables.entry(name(table)).or_default().0;
        let path: PathBuf = dir.path().join(format!("{}-{}.parquet", name(table), files.len()));
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(4)).build();
        let texts = apart.then(|| path.with_file_name(format!("{}-{}-texts.parquet", name(table), files.len())));
        let batch = batch(table, rows);
        let batch = texts.as_ref().map_or(batch.clone(), |path| set_apart(table, &batch, path).unwrap());
        let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let times = rows.iter().map(|row| row["start_time"].as_i64().or(row["time"].as_i64()).unwrap());
        files.push(FileRef {
            bytes: std::fs::metadata(&path).unwrap().len(),
            texts,
            words: apart.then(|| Arc::new(WordIndex::make(table, &path, true, rows.len() as u64).unwrap())),
            rows: rows.len() as u64,
            min_time: times.clone().min().unwrap(),
            max_time: times.max().unwrap(),
            deleted: Arc::new(deleted.to_vec()),
            keys: Some(Arc::new(KeyIndex::open(table, &path).unwrap())),
            projects: projects(rows),
            path: path.into(),
        });
        self
    }

    /// The same rows in files of which nothing is known.
    pub(crate) fn without_keys(mut self) -> Self {
        let files = self.tables.values_mut().flat_map(|(files, _)| files);
        files.for_each(|file| (file.keys, file.projects, file.words) = (None, None, None));
        self
    }

    /// Removes a file behind the snapshot's back: whoever opens it fails.
    pub(crate) fn lose_file(&mut self, table: Table, place: usize) {
        std::fs::remove_file(&self.tables[name(table)].0[place].path).unwrap();
    }

    /// An engine over the rows.
    pub(crate) fn engine(self) -> Engine {
        self.engine_with(Limits::default())
    }

    /// An engine with these limits.
    pub(crate) fn engine_with(self, limits: Limits) -> Engine {
        Engine::new(Arc::new(self), limits).unwrap()
    }
}

impl Source for Rows {
    fn snapshot(&self, table: Table) -> pellucid_model::Result<TableSnapshot> {
        let (files, memory) = self.tables.get(name(table)).cloned().unwrap_or_default();
        Ok(TableSnapshot { schema: schema(table), files, memory })
    }
}

/// Access to a project.
pub(crate) fn access(project: &str) -> Access {
    Access { project: ProjectId::new(project) }
}

/// Seconds after noon.
pub(crate) fn window(from_s: i64, to_s: i64) -> Window {
    Window { from: Timestamp::from_nanos(NOON + from_s * S), to: Timestamp::from_nanos(NOON + to_s * S) }
}

/// A list of everything in a long window.
pub(crate) fn listing(view: View) -> Listing {
    Listing { view, window: window(-10_000, 100_000), filters: Vec::new(), q: None, cursor: None, limit: 50 }
}

/// Rows of a query as JSON; panics with the error.
pub(crate) async fn ask(engine: &Engine, project: &str, sql: &str) -> Vec<Vec<Json>> {
    let answer = engine.sql(&access(project), sql, &Map::new(), 10_000).await.unwrap();
    answer.to_frame().unwrap().rows
}
