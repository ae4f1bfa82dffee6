//! Sessions and users over rows in files and in memory.

use pellucid_store::Table;
use serde_json::json;

use super::*;
use crate::testing::{Rows, access, call, listing, with};

fn rows() -> Vec<Json> {
    let of = |session: &str, user: &str, row| with(row, json!({ "session_id": session, "user_id": user }));
    vec![
        of("s-1", "ann", call("p", 1, 1, 0)),
        of("s-1", "ann", with(call("p", 2, 2, 50), json!({ "cost_usd": "0.50", "status": "error" }))),
        of("s-2", "bob", with(call("p", 3, 3, 20), json!({ "cost_usd": "9.00" }))),
        of("s-3", "ann", with(call("p", 4, 4, 10), json!({ "response_model": "k2" }))),
        // Of the trace of a session, though it names none itself.
        with(call("p", 1, 5, 1), json!({ "kind": "tool", "counts": false, "cost_usd": null })),
        of("s-1", "eve", call("other", 9, 9, 5)),
    ]
}

fn engine() -> Engine {
    let rows = rows();
    Rows::default().file(Table::Spans, &rows[..3], &[]).memory(Table::Spans, &rows[3..]).engine()
}

fn ids(page: &Json, name: &str) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn sessions_come_in_every_order_and_sum_up() {
    let engine = engine();
    for (order, want) in [
        (Order::Time, ["s-1", "s-2", "s-3"]),
        (Order::Cost, ["s-2", "s-1", "s-3"]),
        (Order::Calls, ["s-1", "s-3", "s-2"]),
        (Order::Errors, ["s-1", "s-3", "s-2"]),
    ] {
        let page = engine.groups(&access("p"), Group::Sessions, order, &listing(View::Spans)).await.unwrap();
        assert_eq!(ids(&page, "session_id"), want, "{order:?}");
    }
    let page = engine.groups(&access("p"), Group::Sessions, Order::Time, &listing(View::Spans)).await.unwrap();
    let first = &page["items"][0];
    assert_eq!(first["cost_usd"], "0.750000000000");
    assert_eq!(
        (&first["trace_count"], &first["error_count"], &first["user_id"]),
        (&json!(2), &json!(1), &json!("ann"))
    );
    assert_eq!(first["first_input_preview"], "我要退款 100%");
    assert_eq!(page["items"][2]["models"], json!(["k2"]));
    assert!(page.get("next_cursor").is_none());
}

#[tokio::test]
async fn pages_join_without_gap_or_repeat() {
    let engine = engine();
    for (group, name) in [(Group::Sessions, "session_id"), (Group::Users, "user_id")] {
        for (order, ..) in Order::ALL {
            let whole = engine.groups(&access("p"), group, order, &listing(View::Spans)).await.unwrap();
            let (mut cursor, mut all) = (None, Vec::new());
            loop {
                let asked = Listing { cursor, limit: 1, ..listing(View::Spans) };
                let page = engine.groups(&access("p"), group, order, &asked).await.unwrap();
                all.extend(ids(&page, name));
                cursor = page.get("next_cursor").map(|next| next.as_str().unwrap().to_owned());
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(all, ids(&whole, name), "{group:?} {order:?}");
        }
    }
}

#[tokio::test]
async fn users_are_summed_inside_the_filters() {
    let engine = engine();
    let page = engine.groups(&access("p"), Group::Users, Order::Cost, &listing(View::Spans)).await.unwrap();
    assert_eq!(ids(&page, "user_id"), ["bob", "ann"]);
    let ann = &page["items"][1];
    assert_eq!((&ann["session_count"], &ann["call_count"]), (&json!(2), &json!(3)));
    assert_eq!(ann["models"], json!(["k2", "kimi"]));
    let filter = crate::filter::Filter { field: "model".into(), op: crate::filter::Op::Eq, value: json!("k2") };
    let asked = Listing { filters: vec![filter], ..listing(View::Spans) };
    let page = engine.groups(&access("p"), Group::Users, Order::Cost, &asked).await.unwrap();
    assert_eq!((ids(&page, "user_id"), &page["items"][0]["call_count"]), (vec!["ann".to_owned()], &json!(1)));
}

#[tokio::test]
async fn a_session_is_read_turn_by_turn() {
    let engine = engine();
    let page = engine.session_turns(&access("p"), "s-1", None, 1).await.unwrap();
    assert_eq!(page["session"]["trace_count"], 2);
    let first = &page["items"][0];
    assert_eq!((&first["input_text"], &first["output_text"]), (&json!("我要退款 100%"), &json!("好的")));
    assert_eq!((&first["span_count"], &first["tool_count"]), (&json!(2), &json!(1)));
    let next = page["next_cursor"].as_str().unwrap();
    let page = engine.session_turns(&access("p"), "s-1", Some(next), 1).await.unwrap();
    assert_eq!((&page["items"][0]["status"], page.get("next_cursor")), (&json!("error"), None));
    assert_eq!(engine.session_turns(&access("p"), "s-9", None, 1).await.unwrap_err().kind, ErrorKind::NotFound);
    let other = engine.session_turns(&access("other"), "s-1", None, 9).await.unwrap();
    assert_eq!(other["items"].as_array().unwrap().len(), 1, "a session of another project is another session");
}

#[test]
fn cursors_hold_any_id_and_strange_ones_are_refused() {
    assert_eq!(parts_of("12-a-b").unwrap(), (12, "a-b"));
    assert_eq!(parts_of("-12-").unwrap(), (-12, ""));
    for strange in ["", "x", "12", "-", "é-1", "1 OR 2-x"] {
        assert!(parts_of(strange).is_err(), "{strange}");
    }
    assert_eq!(
        Order::parse("price").unwrap_err().hint.as_deref(),
        Some("orders are time, cost, tokens, calls, errors")
    );
}
