//! Lists, facets, histograms, metrics, traces and spans against one small store.

use pellucid_model::{ErrorKind, Result};
use pellucid_store::Table;
use serde_json::{Map, Value as Json, json};

use crate::engine::Engine;
use crate::filter::{FIELDS, Filter, Op};
use crate::frame::rfc3339;
use crate::list::{Listing, View};
use crate::metrics::{METRICS, MetricQuery};
use crate::testing::{NOON, Rows, S, access, ask, call, listing, window, with};

fn id(span: u64) -> String {
    format!("{span:016x}")
}

fn trace(trace: u64) -> String {
    format!("{trace:032x}")
}

/// Two traces of project a, one of project b: an agent with two calls and a tool; a failed call; a stranger's call.
fn shop() -> Engine {
    let agent = json!({"kind": "agent", "counts": false, "cost_usd": null, "name": "run", "agent_name": "helper",
        "duration_ns": 9 * S, "end_time": NOON + 9 * S, "input_messages": null, "output_messages": null,
        "input_value": "do it", "output_value": "done", "total_tokens": null, "input_tokens": null, "output_tokens": null});
    let tool = json!({"kind": "tool", "counts": false, "cost_usd": null, "tool_name": "search", "status": "error",
        "input_messages": null, "output_messages": null, "parent_span_id": id(1), "cost_usd": null});
    let old = [
        with(call("a", 1, 1, 0), agent),
        with(call("a", 1, 2, 1), json!({"parent_span_id": id(1), "duration_ns": 2 * S, "user_id": "u1"})),
        with(call("a", 1, 3, 2), tool),
    ];
    let failed = json!({"status": "error", "error_type": "RateLimit", "request_model": "gpt", "cost_usd": null,
        "service_name": "bot", "user_id": "u2", "input_messages":
        "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"say \\\"hi\\\"\\nnow\"}]}]"});
    let fresh = [
        with(call("a", 1, 4, 3), json!({"parent_span_id": id(1), "duration_ns": 4 * S})),
        with(call("a", 2, 5, 70), failed),
        with(call("b", 3, 6, 71), json!({"user_id": "stranger", "service_name": "secret"})),
    ];
    let log = |project: &str, span: u64| {
        json!({"project": project, "time": NOON, "event_name": "e", "severity": "info",
        "body": "text", "trace_id": trace(1), "span_id": id(span), "attributes": {"k": "v"}})
    };
    Rows::default()
        .file(Table::Spans, &old, &[])
        .memory(Table::Spans, &fresh)
        .memory(Table::Logs, &[log("a", 2), log("b", 2), log("a", 3)])
        .engine()
}

fn column(page: &Json, name: &str) -> Vec<Json> {
    page["items"].as_array().unwrap().iter().map(|row| row[name].clone()).collect()
}

fn is(field: &str, value: Json) -> Filter {
    let op = if value.is_array() { Op::In } else { Op::Eq };
    Filter { field: field.to_owned(), op, value }
}

async fn spans_of(engine: &Engine, listing: &Listing) -> Vec<Json> {
    column(&engine.list(&access("a"), listing).await.unwrap(), "span_id")
}

#[tokio::test]
async fn lists_show_newest_first_with_previews() {
    let engine = shop();
    let page = engine.list(&access("a"), &listing(View::Calls)).await.unwrap();
    assert_eq!(column(&page, "span_id"), [id(5), id(4), id(2)]);
    assert_eq!(page.get("next_cursor"), None);
    let row = &page["items"][2];
    assert_eq!(row["input_preview"], "我要退款 100%");
    assert_eq!(row["output_preview"], "好的");
    assert_eq!((&row["time"], &row["cost_usd"]), (&json!(rfc3339(NOON + S)), &json!("0.250000000000")));
    assert_eq!((&row["app"], &row["model"], &row["ttft_ns"]), (&json!("shop"), &json!("kimi"), &Json::Null));
    assert_eq!(spans_of(&engine, &listing(View::Spans)).await, [id(5), id(4), id(3), id(2), id(1)]);
}

#[tokio::test]
async fn a_list_of_traces_sums_whole_traces() {
    let engine = shop();
    let page = engine.list(&access("a"), &listing(View::Traces)).await.unwrap();
    assert_eq!(column(&page, "trace_id"), [trace(2), trace(1)]);
    let row = &page["items"][1];
    assert_eq!((&row["span_count"], &row["call_count"], &row["error_count"]), (&json!(4), &json!(2), &json!(1)));
    assert_eq!((&row["total_tokens"], &row["cost_usd"]), (&json!(30), &json!("0.500000000000")));
    assert_eq!((&row["name"], &row["input_preview"], &row["span_id"]), (&json!("run"), &json!("do it"), &json!(id(1))));
    let tools = Listing { filters: vec![is("tool_name", json!("search"))], ..listing(View::Traces) };
    let page = engine.list(&access("a"), &tools).await.unwrap();
    assert_eq!((column(&page, "trace_id"), column(&page, "span_count")), (vec![json!(trace(1))], vec![json!(4)]));
}

#[tokio::test]
async fn filters_and_text_find_what_they_name() {
    let engine = shop();
    let filtered = |filter: Filter| Listing { filters: vec![filter], ..listing(View::Spans) };
    let found = |filter: Filter| {
        let (engine, listing) = (&engine, filtered(filter));
        async move { spans_of(engine, &listing).await }
    };
    assert_eq!(found(is("app", json!(["bot"]))).await, [id(5)]);
    assert_eq!(found(is("status", json!("error"))).await, [id(5), id(3)]);
    assert_eq!(found(is("user_id", json!(["u1", "u2"]))).await, [id(5), id(2)]);
    assert_eq!(found(Filter { op: Op::Ne, ..is("kind", json!("llm")) }).await, [id(3), id(1)]);
    assert_eq!(found(Filter { op: Op::Contains, ..is("model", json!("GP")) }).await, [id(5)]);
    let q = |text: &str| Listing { q: Some(text.to_owned()), ..listing(View::Spans) };
    for (text, want) in
        [("退款", vec![id(4), id(2)]), ("100%", vec![id(4), id(2)]), ("0_%", vec![]), ("DO IT", vec![id(1)])]
    {
        assert_eq!(spans_of(&engine, &q(text)).await, want, "{text}");
    }
    assert_eq!(spans_of(&engine, &q("say \"hi\" now")).await, [id(5)]);
}

#[tokio::test]
async fn pages_join_without_gap_or_repeat() {
    let rows: Vec<Json> = (0..23).map(|n| call("a", n % 3 + 1, n + 1, 99_999 - n as i64 / 4 * 9_000)).collect();
    let engine = Rows::default().file(Table::Spans, &rows[..9], &[]).memory(Table::Spans, &rows[9..]).engine();
    for (view, key, total) in
        [(View::Calls, "span_id", 23), (View::Spans, "span_id", 23), (View::Traces, "trace_id", 3)]
    {
        for limit in [1, 2, 5, 23] {
            let (mut seen, mut cursor) = (Vec::new(), None);
            loop {
                let page = Listing { limit, cursor, ..listing(view) };
                let page = engine.list(&access("a"), &page).await.unwrap();
                seen.extend(column(&page, key).into_iter().map(|id| id.to_string()));
                cursor = page["next_cursor"].as_str().map(str::to_owned);
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(seen.len(), total, "{view:?} by {limit}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), total, "{view:?} by {limit}");
        }
    }
    let bad = Listing { cursor: Some("nonsense".into()), ..listing(View::Calls) };
    assert_eq!(engine.list(&access("a"), &bad).await.unwrap_err().kind, ErrorKind::Invalid);
}

#[tokio::test]
async fn facets_count_and_leave_their_own_filter_out() {
    let engine = shop();
    let asked = Listing { filters: vec![is("app", json!("bot"))], ..listing(View::Calls) };
    let facets = engine.facets(&access("a"), &asked).await.unwrap();
    assert_eq!(
        facets["items"][0],
        json!({"field": "app", "values": [{"value": "shop", "count": 2}, {"value": "bot", "count": 1}]})
    );
    assert_eq!(facets["items"][1], json!({"field": "model", "values": [{"value": "gpt", "count": 1}]}));
    let traces = engine.facets(&access("a"), &listing(View::Traces)).await.unwrap();
    assert_eq!(traces["items"][0]["values"][0], json!({"value": "bot", "count": 1}));
    assert_eq!(traces["items"][0]["values"][1], json!({"value": "shop", "count": 1}));
}

#[tokio::test]
async fn the_histogram_has_every_bar() {
    let engine = shop();
    let asked = Listing { window: window(0, 120), ..listing(View::Spans) };
    let bars = engine.histogram(&access("a"), &asked, 2).await.unwrap();
    let want = json!({"step_s": 60, "buckets": [{"time": rfc3339(NOON), "count": 4, "errors": 1},
        {"time": rfc3339(NOON + 60 * S), "count": 1, "errors": 1}]});
    assert_eq!(bars, want);
}

fn question(metrics: &[&str], splits: &[&str]) -> MetricQuery {
    MetricQuery {
        metrics: metrics.iter().map(|id| (*id).to_owned()).collect(),
        splits: splits.iter().map(|id| (*id).to_owned()).collect(),
        filters: Vec::new(),
        window: window(0, 120),
        step_s: None,
        limit: 10,
        order_by: None,
    }
}

async fn rows(engine: &Engine, query: &MetricQuery) -> Result<Json> {
    Ok(json!(engine.metrics(&access("a"), query).await?.frame.rows))
}

#[tokio::test]
async fn every_metric_answers_with_and_without_rows() {
    let engine = shop();
    for metric in METRICS {
        let one = question(&[metric.id], &[]);
        let value = rows(&engine, &one).await.unwrap_or_else(|error| panic!("{}: {error:?}", metric.id));
        assert_eq!(value.as_array().map(Vec::len), Some(1), "{}", metric.id);
        let empty = MetricQuery { window: window(1_000, 1_060), step_s: Some(60), ..one };
        let value = rows(&engine, &empty).await.unwrap();
        assert!(!value.as_array().unwrap().is_empty(), "{}", metric.id);
        assert_eq!(value[0][1].is_null(), !metric.zero_fill, "{}", metric.id);
    }
    for field in FIELDS {
        let ids: Vec<&str> =
            METRICS.iter().filter(|metric| metric.splits.contains(&field.name)).map(|metric| metric.id).collect();
        assert!(!ids.is_empty(), "no metric is split by {}", field.name);
        rows(&engine, &question(&ids, &[field.name])).await.unwrap_or_else(|error| panic!("{}: {error:?}", field.name));
    }
    let known = |split: &&str| FIELDS.iter().any(|field| field.name == *split);
    assert!(METRICS.iter().flat_map(|metric| metric.splits).all(known));
}

#[tokio::test]
async fn metrics_equal_sql_over_the_calls() {
    let engine = shop();
    let all = [
        "requests",
        "errors",
        "error_rate",
        "total_tokens",
        "cost",
        "unpriced_calls",
        "latency_avg",
        "latency_p50",
        "distinct_users",
        "tokens_per_second",
        "tool_calls",
        "tool_errors",
        "agent_runs",
        "db_requests",
    ];
    let values = json!([[3, 1, 1.0 / 3.0, 45, "0.500000000000", 1, 7.0e9 / 3.0, 2.0e9, 2, 15.0 / 7.0, 1, 1, 1, 0]]);
    assert_eq!(rows(&engine, &question(&all, &[])).await.unwrap(), values);
    let sql = "SELECT count(*), sum(total_tokens), sum(cost_usd), avg(duration_ns), percentile_cont(duration_ns, 0.5), \
        count(DISTINCT user_id) FROM llm_calls";
    assert_eq!(json!(ask(&engine, "a", sql).await), json!([[3, 45, "0.500000000000", 7.0e9 / 3.0, 2.0e9, 2]]));
}

#[tokio::test]
async fn splits_rank_and_time_fills() {
    let engine = shop();
    let by_app = question(&["requests", "cost"], &["app"]);
    let want = json!([["shop", 2, "0.500000000000"], ["bot", 1, "0.000000000000"]]);
    assert_eq!(rows(&engine, &by_app).await.unwrap(), want);
    let top = MetricQuery { limit: 1, order_by: Some("errors".into()), ..by_app.clone() };
    let answer = engine.metrics(&access("a"), &top).await.unwrap();
    assert_eq!((json!(answer.frame.rows), answer.frame.truncated), (json!([["bot", 1, "0.000000000000"]]), true));
    let (noon, later) = (rfc3339(NOON), rfc3339(NOON + 60 * S));
    let timed = MetricQuery { step_s: Some(60), window: window(0, 180), ..question(&["requests", "latency_p95"], &[]) };
    let last = rfc3339(NOON + 120 * S);
    assert_eq!(rows(&engine, &timed).await.unwrap(), json!([[noon, 2, 3.9e9], [later, 1, 1.0e9], [last, 0, null]]));
    let timed = MetricQuery { step_s: Some(60), limit: 1, ..question(&["requests"], &["user_id"]) };
    let answer = engine.metrics(&access("a"), &timed).await.unwrap().frame;
    let names: Vec<&str> = answer.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!((names, answer.truncated), (vec!["time", "user_id", "requests"], true));
    assert_eq!(json!(answer.rows), json!([[noon, "u1", 1]]));
}

#[tokio::test]
async fn wrong_questions_are_told() {
    let engine = shop();
    let wrong = [
        (question(&["request"], &[]), Some("did you mean requests?")),
        (question(&["requests"], &["modle"]), Some("did you mean model?")),
        (question(&["db_requests"], &["model"]), None),
        (question(&[], &[]), None),
        (MetricQuery { step_s: Some(0), ..question(&["requests"], &[]) }, None),
        (MetricQuery { window: window(5, 5), ..question(&["requests"], &[]) }, None),
        (MetricQuery { step_s: Some(1), window: window(0, 1_000_000), ..question(&["requests"], &[]) }, None),
    ];
    for (query, hint) in wrong {
        let error = rows(&engine, &query).await.expect_err(&format!("{query:?}"));
        assert_eq!(error.kind, ErrorKind::Invalid);
        assert!(hint.is_none_or(|hint| error.hint.as_deref() == Some(hint)), "{error:?}");
    }
}

#[tokio::test]
async fn a_trace_is_a_tree_with_sums() {
    let engine = shop();
    let tree = engine.trace(&access("a"), &trace(1), 100, None).await.unwrap();
    let spans = tree["spans"].as_array().unwrap();
    let order: Vec<(&str, u64)> =
        spans.iter().map(|span| (span["span_id"].as_str().unwrap(), span["depth"].as_u64().unwrap())).collect();
    let ids: Vec<String> = (1..5).map(id).collect();
    assert_eq!(order, [(ids[0].as_str(), 0), (&ids[1], 1), (&ids[2], 1), (&ids[3], 1)]);
    assert_eq!(
        (&tree["call_count"], &tree["cost_usd"], &tree["models"]),
        (&json!(2), &json!("0.500000000000"), &json!(["kimi"]))
    );
    assert_eq!((&tree["complete"], &spans[1]["input_preview"]), (&json!(true), &json!("我要退款 100%")));
    assert_eq!(spans[0]["running"], json!(false));
    let first = engine.trace(&access("a"), &trace(1).to_uppercase(), 3, None).await.unwrap();
    assert_eq!((first["spans"].as_array().unwrap().len(), &first["next"]), (3, &json!(id(3))));
    let rest = engine.trace(&access("a"), &trace(1), 3, Some(&id(3))).await.unwrap();
    assert_eq!((rest["spans"][0]["span_id"].clone(), rest.get("next")), (json!(id(4)), None));
    assert_eq!(engine.trace(&access("a"), &trace(9), 3, None).await.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(engine.trace(&access("a"), "xyz", 3, None).await.unwrap_err().kind, ErrorKind::Invalid);
}

#[tokio::test]
async fn a_span_has_every_column_and_its_logs() {
    let engine = shop();
    let span = engine.span(&access("a"), &trace(1), &id(2)).await.unwrap();
    assert_eq!(span["input_messages"][0]["parts"][0]["content"], "我要退款 100%");
    assert_eq!((&span["attributes"], &span["events"]), (&json!({"a.b": "c"}), &Json::Null));
    let log =
        json!({"time": rfc3339(NOON), "event_name": "e", "severity": "info", "body": "text", "attributes": {"k": "v"}});
    assert_eq!(span["logs"], json!([log]));
}

#[tokio::test]
async fn the_status_counts_and_names_senders() {
    let status = shop().status(&access("a")).await.unwrap();
    assert_eq!(status["rows"], json!({"spans": 5, "logs": 2, "metrics": 0}));
    let shop = json!({"service_name": "shop", "sdk": "openlit", "last_seen": rfc3339(NOON), "spans": 4});
    assert!(status["senders"].as_array().unwrap().contains(&shop), "{status}");
}

/// Whatever is asked, nothing of project b is in the answer for a, and strangers see nothing at all.
#[tokio::test]
async fn no_question_shows_another_projects_rows() {
    let engine = shop();
    for (project, mine) in [("a", true), ("nobody", false)] {
        let access = access(project);
        let mut answers = Vec::new();
        for view in [View::Calls, View::Traces, View::Spans] {
            answers.push(engine.list(&access, &listing(view)).await.unwrap());
            answers.push(engine.facets(&access, &listing(view)).await.unwrap());
            let short = Listing { window: window(0, 120), ..listing(view) };
            answers.push(engine.histogram(&access, &short, 2).await.unwrap());
        }
        let by_user = question(&["requests"], &["user_id"]);
        answers.push(json!(engine.metrics(&access, &by_user).await.unwrap().frame.rows));
        answers.push(engine.status(&access).await.unwrap());
        for sql in ["SELECT * FROM spans", "SELECT * FROM llm_calls", "SELECT * FROM traces", "SELECT * FROM sessions"]
        {
            let answer = engine.sql(&access, sql, &Map::new(), 100).await.unwrap();
            assert!(mine || answer.row_count() == 0, "{sql}");
            answers.push(json!(answer.to_frame().unwrap().rows));
        }
        for answer in answers {
            let text = answer.to_string();
            assert!(!text.contains("stranger") && !text.contains("secret"), "{text}");
            assert!(mine || !text.contains("shop"), "{text}");
        }
        assert_eq!(engine.trace(&access, &trace(3), 10, None).await.unwrap_err().kind, ErrorKind::NotFound);
        assert_eq!(engine.span(&access, &trace(3), &id(6)).await.unwrap_err().kind, ErrorKind::NotFound);
    }
}
