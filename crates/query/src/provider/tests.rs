//! Counts over files, masked rows and memory must be exact, and of one project.

use serde_json::{Value as Json, json};

use super::*;
use crate::testing::{NOON, Rows, S, access, ask, call, with};

#[test]
fn kept_rows_are_the_complement_of_the_deleted() {
    for (deleted, kept) in [(vec![], 3), (vec![0, 2], 1), (vec![1, 1, 9], 2), (vec![0, 1, 2], 0)] {
        let selection = kept_rows(&deleted, 3);
        assert_eq!(selection.row_count(), kept, "{deleted:?}");
        assert_eq!(selection.row_count() + selection.skipped_row_count(), 3, "{deleted:?}");
    }
}

/// Forty rows in two files of ten row groups with every third masked, and seven in memory; every fifth is another's.
fn mixed() -> (Rows, Vec<Json>) {
    let row = |n: u64| {
        let project = if n.is_multiple_of(5) { "b" } else { "a" };
        let start = NOON + n as i64 * S;
        with(call(project, n % 7 + 1, n + 1, n as i64), json!({"start_time": start, "input_tokens": n}))
    };
    let (mut rows, mut seen) = (Rows::default(), Vec::new());
    for file in 0..2_u64 {
        let all: Vec<Json> = (file * 20..file * 20 + 20).map(row).collect();
        let deleted: Vec<u32> = (0..20).filter(|n| n % 3 == 0).collect();
        seen.extend(all.iter().enumerate().filter(|(n, _)| n % 3 != 0).map(|(_, row)| row.clone()));
        rows = rows.file(Table::Spans, &all, &deleted);
    }
    let fresh: Vec<Json> = (40..47).map(row).collect();
    seen.extend(fresh.iter().cloned());
    (rows.memory(Table::Spans, &fresh), seen)
}

#[tokio::test]
async fn counts_over_files_deletes_and_memory_are_exact() {
    let (rows, seen) = mixed();
    let engine = rows.engine();
    for project in ["a", "b", "none"] {
        let mine: Vec<&Json> = seen.iter().filter(|row| row["project"] == project).collect();
        let counted = async |sql: &str| ask(&engine, project, sql).await[0][0].as_u64().unwrap_or_default();
        let tokens = |row: &&&Json| row["input_tokens"].as_u64().unwrap();
        assert_eq!(counted("SELECT count(*) FROM spans").await, mine.len() as u64, "{project}");
        assert_eq!(counted("SELECT count(*) FROM llm_calls").await, mine.len() as u64, "{project}");
        assert_eq!(counted("SELECT count(*) FROM (SELECT * FROM spans LIMIT 1000)").await, mine.len() as u64);
        assert_eq!(
            counted("SELECT sum(input_tokens) FROM spans").await,
            mine.iter().map(|row| tokens(&row)).sum::<u64>()
        );
        assert_eq!(
            counted("SELECT max(CAST(start_time AS BIGINT)) FROM spans").await,
            mine.iter().filter_map(|row| row["start_time"].as_u64()).max().unwrap_or_default()
        );
        for edge in 0..47 {
            let sql = format!("SELECT count(*) FROM spans WHERE input_tokens < {edge}");
            let want = mine.iter().filter(|row| tokens(row) < edge).count();
            assert_eq!(counted(&sql).await, want as u64, "{project} {sql}");
            let at = crate::frame::rfc3339(NOON + edge as i64 * S);
            let sql = format!("SELECT count(*) FROM spans WHERE start_time >= '{at}'");
            let want = mine.iter().filter(|row| tokens(row) >= edge).count();
            assert_eq!(counted(&sql).await, want as u64, "{project} {sql}");
            let sql = format!("SELECT count(*) FROM (SELECT * FROM spans WHERE input_tokens >= 3 LIMIT {edge})");
            let want = mine.iter().filter(|row| tokens(row) >= 3).count().min(edge as usize);
            assert_eq!(counted(&sql).await, want as u64, "{project} {sql}");
        }
    }
}

#[tokio::test]
async fn no_query_reaches_another_project() {
    let engine = mixed().0.engine();
    for sql in [
        "SELECT count(*) FROM spans WHERE project = 'b'",
        "SELECT count(*) FROM spans WHERE project = 'b' OR true AND project <> 'a'",
        "SELECT count(*) FROM spans x WHERE EXISTS (SELECT 1 FROM spans y WHERE y.project = 'b')",
        "SELECT count(*) FROM pellucid.public.spans WHERE project <> 'a'",
        "WITH project AS (SELECT 'b' AS project) SELECT count(*) FROM spans JOIN project USING (project)",
        "SELECT count(*) FROM traces WHERE project = 'b'",
        "SELECT count(*) FROM sessions WHERE project = 'b'",
        "SELECT count(*) FROM llm_calls WHERE project = 'b'",
    ] {
        assert_eq!(ask(&engine, "a", sql).await, [[json!(0)]], "{sql}");
    }
}

#[tokio::test]
async fn files_outside_the_time_are_not_opened() {
    let (mut rows, seen) = mixed();
    rows.lose_file(Table::Spans, 0);
    let engine = rows.engine();
    let at = crate::frame::rfc3339(NOON + 20 * S);
    let want = seen.iter().filter(|row| row["project"] == "a" && row["input_tokens"].as_u64() >= Some(20)).count();
    let sql = format!("SELECT count(*) FROM spans WHERE start_time >= '{at}'");
    assert_eq!(ask(&engine, "a", &sql).await, [[json!(want)]]);
}

#[tokio::test]
async fn filters_reach_the_files() {
    let engine = mixed().0.engine();
    let plan = ask(&engine, "a", "EXPLAIN SELECT name FROM spans WHERE status = 'error' AND input_tokens > 3").await;
    let plan = plan.iter().flatten().filter_map(Json::as_str).collect::<String>();
    let scan = plan.lines().find(|line| line.contains("predicate=")).unwrap_or_default();
    for part in ["project", "status", "input_tokens"] {
        assert!(scan.contains(part), "{part} is missing in {plan}");
    }
}

/// An expression that fails on another project's value would tell that value in its error.
#[tokio::test]
async fn no_error_tells_of_another_project() {
    let mine = |n: u64| with(call("a", 1, n, 0), json!({"user_id": "7"}));
    let theirs = |n: u64| with(call("b", 2, n, 0), json!({"user_id": "secret"}));
    let mixed = [mine(1), theirs(2), mine(3), theirs(4), mine(5), theirs(6)];
    let engine = Rows::default().file(Table::Spans, &mixed, &[]).memory(Table::Spans, &mixed).engine();
    for table in ["spans", "llm_calls"] {
        for sql in [
            "SELECT count(*) FROM t WHERE CAST(user_id AS BIGINT) > 0",
            "SELECT count(*) FROM t WHERE name = 'chat' AND CAST(user_id AS BIGINT) > 0",
            "SELECT count(*) FROM t WHERE 7 / CASE WHEN user_id = 'secret' THEN 0 ELSE 7 END = 1",
            "SELECT CAST(user_id AS BIGINT) FROM t",
            "SELECT span_id FROM t ORDER BY CAST(user_id AS BIGINT) LIMIT 2",
            "SELECT count(*) FROM t JOIN (VALUES (7)) v(n) ON CAST(user_id AS BIGINT) = n",
            "SELECT CAST(user_id AS BIGINT) AS n, count(*) FROM t GROUP BY n HAVING n > 0",
        ] {
            let sql = sql.replace("FROM t", &format!("FROM {table}"));
            let answer = engine.sql(&access("a"), &sql, &serde_json::Map::new(), 100).await;
            assert!(answer.is_ok(), "{sql}: {:?}", answer.err().map(|error| error.message));
        }
    }
    // The same where the files apply conditions row by row.
    let session = engine.session(&access("a"), crate::engine::Reading::Rows).unwrap();
    let sql = "SELECT count(*) AS n FROM spans WHERE CAST(user_id AS BIGINT) > 0 AND name = 'chat'";
    assert_eq!(session.rows(sql, Vec::new()).await.unwrap().rows, [[json!(6)]]);
}

/// Calls with long texts: the same rows in memory alone and in files with their texts beside them, some masked; some
/// rows more in the memory of both, if wanted.
fn long_texts(fresh: u64) -> (Rows, Rows) {
    let said = |n: u64| format!("{} {n} {}", n % 7, "something long to say ".repeat(20));
    let row = |n: u64| {
        let parts = json!([{"type": "text", "content": said(n % 5)}]);
        let messages = json!([{"role": "user", "parts": parts}, {"role": "user", "parts": [{"n": n}]}]).to_string();
        let attributes = json!({"short": "s", "long": said(n), "n": n.to_string()});
        let project = if n.is_multiple_of(2) { "a" } else { "b" };
        let row = with(call(project, n % 7, n, n as i64), json!({"input_messages": messages, "input_tokens": n}));
        with(row, json!({"attributes": attributes, "output_value": n.is_multiple_of(3).then(|| said(n))}))
    };
    let (mut inline, mut apart) = (Rows::default(), Rows::default());
    for file in 0..3_u64 {
        let all: Vec<Json> = (file * 40..file * 40 + 40).map(row).collect();
        let deleted: Vec<u32> = (0..40).filter(|n| n % 5 == 3).collect();
        let kept = all.iter().enumerate().filter(|(n, _)| n % 5 != 3).map(|(_, row)| row.clone());
        inline = inline.memory(Table::Spans, &kept.collect::<Vec<_>>());
        apart = match file {
            // A file of before texts lay apart.
            1 => apart.file(Table::Spans, &all, &deleted),
            _ => apart.file_and_texts(Table::Spans, &all, &deleted),
        };
    }
    match (120..120 + fresh).map(row).collect::<Vec<_>>().as_slice() {
        [] => (inline, apart),
        fresh => (inline.memory(Table::Spans, fresh), apart.memory(Table::Spans, fresh)),
    }
}

#[tokio::test]
async fn texts_that_lie_apart_read_as_if_they_did_not() {
    for fresh in [0, 10] {
        let (inline, apart) = long_texts(fresh);
        let (inline, apart) = (inline.engine(), apart.engine());
        for sql in [
            "SELECT * FROM spans ORDER BY span_id",
            "SELECT span_id, input_messages FROM spans ORDER BY trace_id, span_id",
            "SELECT span_id, output_value FROM spans ORDER BY output_value, span_id",
            "SELECT span_id FROM spans ORDER BY output_value DESC NULLS LAST, span_id LIMIT 5",
            "SELECT output_value, count(*) FROM spans GROUP BY output_value ORDER BY output_value",
            "SELECT attributes['long'] AS x, attributes['n'] AS n FROM spans ORDER BY span_id",
            "SELECT span_id FROM spans WHERE input_messages LIKE '%\"n\":4%' ORDER BY span_id",
            "SELECT span_id, output_value FROM spans WHERE input_tokens > 30 AND output_value IS NOT NULL ORDER BY span_id",
            "SELECT count(*), sum(length(input_messages)), count(output_value) FROM spans",
            "SELECT output_value FROM llm_calls WHERE input_tokens IN (0, 42, 121) ORDER BY span_id",
            "SELECT span_id, input_messages FROM spans ORDER BY start_time DESC LIMIT 7",
            "SELECT trace_id, first_input, last_output FROM traces ORDER BY trace_id",
            "SELECT a.span_id, a.output_value FROM spans a JOIN spans b ON a.output_value = b.output_value ORDER BY a.span_id",
            "SELECT count(*) FROM spans",
        ] {
            for project in ["a", "b"] {
                assert_eq!(ask(&apart, project, sql).await, ask(&inline, project, sql).await, "{project}: {sql}");
            }
        }
        let limited = ask(&apart, "a", "SELECT input_messages FROM spans LIMIT 3").await;
        assert_eq!(limited.len(), 3);
    }
}

#[tokio::test]
async fn texts_are_read_only_if_they_are_asked_for_and_late() {
    let engine = long_texts(10).1.engine();
    let plan = async |sql: &str| {
        let lines = ask(&engine, "a", &format!("EXPLAIN {sql}")).await;
        lines.iter().flatten().filter_map(Json::as_str).collect::<String>()
    };
    let sums = plan("SELECT kind, count(*), sum(input_tokens) FROM spans GROUP BY kind").await;
    assert!(!sums.contains("WithTexts"), "{sums}");
    let texts = plan("SELECT output_value FROM spans WHERE input_tokens = 3 AND output_value <> ''").await;
    let scan = texts.lines().find(|line| line.contains("predicate=")).unwrap_or_default();
    assert!(texts.contains("WithTexts") && scan.contains("input_tokens"), "{texts}");
    assert!(!scan.contains("predicate=output_value") && !scan.contains("AND output_value"), "{texts}");
}

/// Three files of two projects; a trace in each, and one in all.
fn looked_up() -> Rows {
    let row = |file: u64, n: u64| {
        let trace = if n.is_multiple_of(4) { 99 } else { file };
        let project = if n.is_multiple_of(5) { "b" } else { "a" };
        let row = call(project, trace, file * 100 + n, (file * 100 + n) as i64);
        with(
            row,
            json!({"session_id": format!("s{}", n % 3), "response_id": format!("r{file}-{n}"), "input_tokens": n}),
        )
    };
    (1..=3).fold(Rows::default(), |rows, file| {
        let all: Vec<Json> = (0..40).map(|n| row(file, n)).collect();
        rows.file_and_texts(Table::Spans, &all, &[4, 7])
    })
}

#[tokio::test]
async fn a_look_up_gives_what_reading_everything_gives() {
    let (engine, blind) = (looked_up().engine(), looked_up().without_keys().engine());
    let trace = |n: u64| format!("{n:032x}");
    for condition in [
        format!("trace_id = '{}'", trace(2)),
        format!("trace_id = '{}' AND input_tokens > 7", trace(99)),
        format!("trace_id IN ('{}', '{}', '{}')", trace(1), trace(99), trace(7)),
        format!("trace_id IN ('{}', '{}', 'c', 'd', 'e', 'f')", trace(1), trace(3)),
        format!("trace_id = '{}' OR session_id = 's1'", trace(1)),
        format!("trace_id <> '{}'", trace(99)),
        format!("NOT (trace_id = '{}')", trace(99)),
        "trace_id = 'nowhere'".to_owned(),
        "session_id = 's1'".to_owned(),
        "session_id = 's1' AND response_id = 'r2-4'".to_owned(),
        "response_id = 'r2-4'".to_owned(),
        "response_id IN ('r2-5', 'r2-6', 'r2-7', 'r1-8')".to_owned(),
        format!(
            "start_time BETWEEN '{}' AND '{}'",
            crate::frame::rfc3339(NOON + 110 * S),
            crate::frame::rfc3339(NOON + 205 * S)
        ),
    ] {
        for table in ["spans", "llm_calls"] {
            for project in ["a", "b"] {
                let sql = format!("SELECT span_id, input_messages FROM {table} WHERE {condition} ORDER BY span_id");
                assert_eq!(ask(&engine, project, &sql).await, ask(&blind, project, &sql).await, "{project}: {sql}");
                let sql = format!("SELECT count(*), sum(input_tokens) FROM {table} WHERE {condition}");
                assert_eq!(ask(&engine, project, &sql).await, ask(&blind, project, &sql).await, "{project}: {sql}");
            }
        }
        let sql = format!("SELECT trace_id, span_count FROM traces WHERE {condition} ORDER BY trace_id");
        if condition.starts_with("trace_id") && !condition.contains("OR") && !condition.contains("tokens") {
            assert_eq!(ask(&engine, "a", &sql).await, ask(&blind, "a", &sql).await, "{sql}");
        }
    }
}

#[tokio::test]
async fn a_file_without_the_key_is_not_opened() {
    let mut rows = looked_up();
    rows.lose_file(Table::Spans, 0);
    rows.lose_file(Table::Spans, 2);
    let engine = rows.engine();
    let there = format!("{:032x}", 2);
    for (sql, want) in [
        (format!("SELECT count(*) FROM spans WHERE trace_id = '{there}'"), 23),
        ("SELECT count(*) FROM spans WHERE response_id = 'r2-6'".to_owned(), 1),
        (format!("SELECT span_count FROM traces WHERE trace_id = '{there}'"), 23),
    ] {
        assert_eq!(ask(&engine, "a", &sql).await, [[json!(want)]], "{sql}");
    }
}

#[tokio::test]
async fn a_file_of_one_project_is_read_without_asking_whose_each_row_is() {
    let of = |project: &str, from: u64| (from..from + 10).map(|n| call(project, n, n, n as i64)).collect::<Vec<_>>();
    let mut rows = Rows::default().file(Table::Spans, &of("a", 0), &[]).file(Table::Spans, &of("b", 20), &[]);
    rows.lose_file(Table::Spans, 1);
    let engine = rows.engine();
    assert_eq!(ask(&engine, "a", "SELECT count(DISTINCT span_id) FROM spans").await, [[json!(10)]]);
    let plan = ask(&engine, "a", "EXPLAIN SELECT count(*) FROM spans").await;
    let plan = plan.iter().flatten().filter_map(Json::as_str).collect::<String>();
    assert!(plan.contains("PlaceholderRowExec"), "the catalogue knows the count: {plan}");
    assert_eq!(ask(&engine, "a", "SELECT count(*) FROM spans").await, [[json!(10)]]);
    assert_eq!(ask(&engine, "a", "SELECT count(*) FROM spans WHERE input_tokens = 10").await, [[json!(10)]]);
    assert_eq!(ask(&engine, "c", "SELECT count(*) FROM spans").await, [[json!(0)]]);
}

/// Conversations in two files with word indexes, in one without, and in memory.
fn conversations() -> Rows {
    const SAID: &[&str] =
        &["我要退款流程", "refund of a test", "nothing to say", "退款 test", "/v1/chat fails", "refunds"];
    let row = |n: u64| {
        let said = format!("{} {}", SAID[n as usize % SAID.len()], "and much more of it ".repeat(n as usize % 3 * 9));
        let messages = json!([{"role": "user", "parts": [{"type": "text", "content": said}]}]).to_string();
        let project = if n.is_multiple_of(7) { "b" } else { "a" };
        with(call(project, n % 9, n, n as i64), json!({"input_messages": messages, "output_messages": null}))
    };
    let some = |from: u64| (from..from + 30).map(row).collect::<Vec<_>>();
    let rows = Rows::default().file_and_texts(Table::Spans, &some(0), &[1, 6]).file(Table::Spans, &some(30), &[2]);
    rows.file_and_texts(Table::Spans, &some(60), &[]).memory(Table::Spans, &some(90))
}

#[tokio::test]
async fn questions_for_words_are_answered_alike_with_and_without_an_index() {
    let (engine, blind) = (conversations().engine(), conversations().without_keys().engine());
    for question in [
        "退款",
        "退款 -test",
        "refund",
        "refun*",
        "\"of a test\"",
        "(退款 OR refund) test",
        "/v1/chat",
        "-退款",
        "gone",
    ] {
        for condition in
            ["true", "start_time >= '2023-11-14T12:00:40Z'", "trace_id = '00000000000000000000000000000003'"]
        {
            for form in ["matches($q)", "matches(input_messages, $q)", "matches(name, input_messages, $q)"] {
                let form = form.replace("$q", &format!("'{question}'"));
                let sql = format!("SELECT span_id FROM spans WHERE {form} AND {condition} ORDER BY span_id");
                for project in ["a", "b"] {
                    let found = ask(&engine, project, &sql).await;
                    assert_eq!(found, ask(&blind, project, &sql).await, "{project}: {sql}");
                    let some = condition == "true" && project == "a" && question != "gone";
                    assert!(!some || !found.is_empty(), "{sql}");
                }
            }
        }
    }
    let both = "SELECT count(*) FROM llm_calls WHERE matches('退款') AND matches(input_messages, 'test')";
    assert_eq!(ask(&engine, "a", both).await, ask(&blind, "a", both).await);
}

#[tokio::test]
async fn a_file_without_the_words_is_not_opened() {
    let of = |said: &str| (0..40).map(|n| with(call("a", n, n, 0), json!({"name": said}))).collect::<Vec<_>>();
    let rows = Rows::default().file_and_texts(Table::Spans, &of("apples"), &[]);
    let mut rows = rows.file_and_texts(Table::Spans, &of("pears"), &[]);
    rows.lose_file(Table::Spans, 1);
    let engine = rows.engine();
    assert_eq!(ask(&engine, "a", "SELECT count(*) FROM spans WHERE matches('apples')").await, [[json!(40)]]);
}

#[tokio::test]
async fn a_question_that_is_not_understood_is_refused() {
    let engine = conversations().engine();
    for sql in [
        "SELECT 1 FROM spans WHERE matches('a (')",
        "SELECT matches(name) FROM spans",
        "SELECT matches(name, 3) FROM spans",
    ] {
        let answer = engine.sql(&access("a"), sql, &serde_json::Map::new(), 100).await;
        assert_eq!(answer.unwrap_err().kind, pellucid_model::ErrorKind::Invalid, "{sql}");
    }
}
