//! SQL from outside against a small store.

use serde_json::{Map, json};

use super::*;
use crate::engine::Limits;
use crate::testing::{NOON, Rows, S, access, ask, call, with};
use pellucid_store::Table;

fn small() -> Engine {
    let rows: Vec<Json> = (0..20).map(|n| call("a", 1, n + 1, n as i64)).collect();
    Rows::default().memory(Table::Spans, &rows).engine()
}

async fn fails(engine: &Engine, sql: &str) -> Error {
    engine.sql(&access("a"), sql, &Map::new(), 10).await.expect_err(sql)
}

#[tokio::test]
async fn what_only_reads_may_run_and_nothing_else() {
    let engine = small();
    let reads = [
        "SELECT 1",
        "WITH x AS (SELECT * FROM spans) SELECT count(*) FROM x",
        "EXPLAIN SELECT * FROM spans",
        "EXPLAIN ANALYZE SELECT * FROM llm_calls",
        "VALUES (1), (2)",
        "SELECT 1 UNION ALL SELECT 2",
        "DESCRIBE spans",
        "SHOW TABLES",
        "SHOW COLUMNS FROM spans",
        "SELECT 1;",
        "SELECT table_name FROM information_schema.tables",
    ];
    for sql in reads {
        let answer = engine.sql(&access("a"), sql, &Map::new(), 100).await;
        assert!(answer.is_ok_and(|answer| answer.row_count() > 0), "{sql}");
    }
    let writes = [
        "",
        "SELECT 1; SELECT 2",
        "INSERT INTO spans SELECT * FROM spans",
        "DELETE FROM spans",
        "UPDATE spans SET name = 'x'",
        "DROP TABLE spans",
        "CREATE TABLE x AS SELECT 1",
        "CREATE VIEW x AS SELECT 1",
        "CREATE EXTERNAL TABLE x STORED AS PARQUET LOCATION '/tmp'",
        "COPY (SELECT 1) TO '/tmp/x.parquet'",
        "COPY spans TO '/tmp/x.csv'",
        "SET datafusion.execution.batch_size = 1",
        "RESET datafusion.execution.batch_size",
        "EXPLAIN COPY (SELECT 1) TO '/tmp/x.parquet'",
        "EXPLAIN ANALYZE INSERT INTO spans SELECT * FROM spans",
        "EXPLAIN INSERT INTO spans SELECT * FROM spans",
        "WITH x AS (INSERT INTO spans SELECT * FROM spans) SELECT * FROM x",
        "SELECT * INTO x FROM spans",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "TRUNCATE TABLE spans",
        "BEGIN",
        "SHOW datafusion.execution.batch_size",
    ];
    for sql in writes {
        assert_eq!(fails(&engine, sql).await.kind, ErrorKind::Invalid, "{sql}");
    }
    assert!(fails(&engine, "SELECT * FROM '/etc/passwd'").await.message.contains("not found"));
}

#[tokio::test]
async fn errors_say_where_and_what() {
    let engine = small();
    let error = fails(&engine, "SELECT 1\nFROM spans WHERE (").await;
    assert_eq!(error.position.map(|(line, _)| line), Some(2), "{error:?}");
    let error = fails(&engine, "SELECT name,\n  request_modle FROM spans").await;
    assert_eq!((error.kind, error.position), (ErrorKind::Invalid, Some((2, 3))), "{error:?}");
    assert_eq!(error.message, "no column named request_modle");
    assert_eq!(error.hint.as_deref(), Some("did you mean request_model?"));
    let error = fails(&engine, "SELECT * FROM llm_call").await;
    assert_eq!((error.kind, error.position), (ErrorKind::Invalid, Some((1, 15))), "{error:?}");
    assert!(error.hint.as_deref().is_some_and(|hint| hint.starts_with("did you mean llm_calls?")), "{error:?}");
    for sql in [
        "SELECT nosuch(name) FROM spans",
        "SELECT sum(name) FROM spans",
        "SELECT CAST(name AS BIGINT) FROM spans",
        "SELECT name, count(*) FROM spans",
        "SELECT $missing",
        "SELECT 1 / 0",
    ] {
        let error = fails(&engine, sql).await;
        assert_eq!(error.kind, ErrorKind::Invalid, "{sql}: {error:?}");
        assert!(!error.message.is_empty() && !error.message.contains("DataFusion"), "{sql}: {error:?}");
    }
}

#[tokio::test]
async fn parameters_are_named_and_typed() {
    let engine = small();
    let params = json!({"name": "chat", "at_least": 3, "spans": ["0000000000000005", "0000000000000006"], "no": null,
        "from": crate::frame::rfc3339(NOON + 4 * S), "cost": 0.2});
    let Json::Object(params) = params else { panic!("an object") };
    let run = async |sql: &str| {
        engine.sql(&access("a"), sql, &params, 10).await.and_then(|answer| answer.to_frame()).unwrap().rows
    };
    let sql = "SELECT count(*) FROM spans WHERE name = $name AND input_tokens >= $at_least AND start_time >= $from \
        AND cost_usd > $cost AND array_has($spans, span_id) AND ($no IS NULL)";
    assert_eq!(run(sql).await, [[json!(2)]]);
    let object = json!({"x": {"y": 1}});
    let Json::Object(object) = object else { panic!("an object") };
    let error = engine.sql(&access("a"), "SELECT $x", &object, 1).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
}

#[tokio::test]
async fn the_row_bound_cuts_and_says_so() {
    let engine = small();
    for (limit, rows, cut) in [(5, 5, true), (19, 19, true), (20, 20, false), (0, 0, true)] {
        let answer = engine.sql(&access("a"), "SELECT * FROM spans", &Map::new(), limit).await.unwrap();
        assert_eq!((answer.row_count(), answer.truncated), (rows, cut), "{limit}");
    }
}

#[tokio::test]
async fn a_long_query_is_stopped() {
    let limits = Limits { timeout: std::time::Duration::from_millis(50), ..Limits::default() };
    let engine = Rows::default().engine_with(limits);
    let sql =
        "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b WHERE a.value % 7 = b.value";
    assert_eq!(fails(&engine, sql).await.kind, ErrorKind::Timeout);
}

#[tokio::test]
async fn a_hungry_query_is_stopped() {
    let limits = Limits { memory_bytes: 1 << 20, spill_bytes: 1 << 20, ..Limits::default() };
    let engine = Rows::default().engine_with(limits);
    let error = fails(&engine, "SELECT array_agg(value) FROM generate_series(1, 5000000)").await;
    assert_eq!(error.kind, ErrorKind::Exhausted, "{error:?}");
}

#[tokio::test]
async fn nested_columns_are_reached_and_shown() {
    let engine = small();
    let sql = "SELECT attributes['a.b'], attributes, finish_reasons, start_time, cost_usd, input_tokens, temperature, \
        attributes['none'] FROM spans WHERE attributes['a.b'] = 'c' ORDER BY start_time LIMIT 1";
    let start = crate::frame::rfc3339(NOON);
    let row = [json!("c"), json!({"a.b": "c"}), json!(["stop"]), json!(start), json!("0.250000000000"), json!(10)];
    assert_eq!(ask(&engine, "a", sql).await, [[row.as_slice(), &[Json::Null, Json::Null]].concat()]);
}

#[tokio::test]
async fn arrow_and_csv_carry_the_same_rows() {
    let engine = small();
    let sql = "SELECT span_id, start_time, finish_reasons, NULL AS nothing FROM spans ORDER BY span_id LIMIT 2";
    let answer = engine.sql(&access("a"), sql, &Map::new(), 10).await.unwrap();
    let start = crate::frame::rfc3339(NOON);
    let csv = String::from_utf8(answer.to_csv().unwrap()).unwrap();
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("span_id,start_time,finish_reasons,nothing"));
    assert_eq!(lines.next(), Some(format!("0000000000000001,{start},\"[\"\"stop\"\"]\",").as_str()));
    let bytes = answer.to_arrow_stream().unwrap();
    let reader = arrow::ipc::reader::StreamReader::try_new(bytes.as_slice(), None).unwrap();
    assert_eq!(reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 2);
    let empty = engine.sql(&access("a"), "SELECT name FROM spans WHERE false", &Map::new(), 10).await.unwrap();
    assert_eq!(empty.to_csv().unwrap(), b"name\n");
}

#[tokio::test]
async fn the_views_agree_with_the_spans() {
    let rows = [
        with(
            call("a", 1, 1, 0),
            json!({"kind": "agent", "counts": false, "cost_usd": null, "name": "run",
            "status": "error", "duration_ns": 9 * S, "end_time": NOON + 9 * S, "session_id": "s"}),
        ),
        with(call("a", 1, 2, 1), json!({"parent_span_id": format!("{:016x}", 1)})),
        with(
            call("a", 1, 3, 2),
            json!({"parent_span_id": format!("{:016x}", 1), "cost_usd": null,
            "request_model": "b", "session_id": "s", "user_id": "u"}),
        ),
    ];
    let engine = Rows::default().memory(Table::Spans, &rows).engine();
    assert_eq!(ask(&engine, "a", "SELECT count(*), sum(cost_usd) FROM llm_calls").await[0][0], 2);
    let sql = "SELECT name, status, duration_ns, span_count, call_count, error_count, total_tokens, cost_usd, \
        unpriced_calls, models, session_id, user_id, complete FROM traces";
    let trace = json!(["run", "error", 9 * S, 3, 2, 1, 30, "0.250000000000", 1, ["b", "kimi"], "s", "u", true]);
    assert_eq!(json!(ask(&engine, "a", sql).await), json!([trace]));
    let sql = "SELECT session_id, trace_count, span_count, call_count, cost_usd FROM sessions";
    assert_eq!(json!(ask(&engine, "a", sql).await), json!([["s", 1, 2, 1, null]]));
}

#[tokio::test]
async fn calls_borrow_from_the_spans_around_them() {
    let silent = json!({"parent_span_id": format!("{:016x}", 2), "input_messages": null, "user_id": null});
    let outer = json!({"counts": false, "session_id": "s", "user_id": "outer"});
    let middle = json!({"counts": false, "user_id": "middle", "parent_span_id": format!("{:016x}", 1)});
    let agent = json!({"kind": "agent", "counts": false, "user_id": "agent"});
    let rows = [
        with(call("a", 1, 1, 0), outer),
        with(call("a", 1, 2, 0), middle),
        with(call("a", 1, 3, 0), silent.clone()),
        with(call("a", 2, 2, 0), agent),
        with(call("a", 2, 3, 0), silent.clone()),
        with(call("b", 3, 2, 0), json!({"counts": false, "user_id": "stranger"})),
        with(call("a", 3, 3, 0), silent),
    ];
    let engine = Rows::default().file(Table::Spans, &rows[..4], &[]).memory(Table::Spans, &rows[4..]).engine();
    let sql = "SELECT trace_id, user_id, session_id, input_messages IS NOT NULL FROM llm_calls ORDER BY trace_id";
    let borrowed = json!([
        [format!("{:032x}", 1), "middle", "s", true],
        [format!("{:032x}", 2), null, null, false],
        [format!("{:032x}", 3), null, null, false]
    ]);
    assert_eq!(json!(ask(&engine, "a", sql).await), borrowed);
    let noon = crate::frame::rfc3339(NOON);
    let sql = format!(
        "SELECT count(*) FROM llm_calls WHERE user_id = 'middle' AND start_time >= '{noon}' \
        AND start_time < '2100-01-01' AND kind = 'llm' AND trace_id IS NOT NULL"
    );
    assert_eq!(json!(ask(&engine, "a", &sql).await), json!([[1]]));
    assert_eq!(json!(ask(&engine, "a", "SELECT count(*), count(user_id) FROM llm_calls").await), json!([[3, 1]]));
    assert_eq!(
        json!(ask(&engine, "a", "SELECT user_id FROM spans WHERE span_id = '0000000000000003' LIMIT 1").await),
        json!([[null]])
    );
}
