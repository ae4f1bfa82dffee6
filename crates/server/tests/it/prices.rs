//! Prices from the outside: set through the file, the API and the commands, and stored calls priced again by them.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use pellucid_server::{ApiKey, Right};
use prost::Message as _;
use serde_json::{Value as Json, json};

use crate::access::sha256;
use crate::commands::Process;
use crate::support::*;

const BINARY: &str = env!("CARGO_BIN_EXE_pellucid");
const NOON: &str = "2026-01-31T12:00:00Z";

/// A call of a model that no book knows: 10 tokens in, 5 out.
fn house(n: u64) -> Span {
    let mut call = span(n, "chat house-1");
    call.attributes[1] = text("gen_ai.provider.name", "self_hosted");
    call.attributes[2] = text("gen_ai.request.model", "house-1");
    call
}

async fn send(site: &Site, spans: Vec<Span>, secret: &str) {
    let request = site.post("/v1/traces", PROTOBUF, traces(spans).encode_to_vec()).bearer_auth(secret);
    assert_eq!(request.send().await.unwrap().status(), 200);
}

async fn put(site: &Site, path: &str, body: &Json, secret: &str) -> (u16, Json) {
    let answer = site.client.put(site.url(path)).json(body).bearer_auth(secret).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn post(site: &Site, path: &str, body: &Json) -> (u16, Json) {
    let answer = site.client.post(site.url(path)).json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn json_of(site: &Site, path: &str) -> Json {
    site.get(path).await.json().await.unwrap()
}

fn costs(answer: &Json) -> Vec<(Option<&str>, Option<&str>)> {
    let rows = answer["rows"].as_array().unwrap();
    rows.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect()
}

const COSTS: &str = "SELECT cost_usd, price_id FROM llm_calls ORDER BY start_time";

#[tokio::test(flavor = "multi_thread")]
async fn a_price_set_now_holds_from_now_on_and_reaches_back_when_asked() {
    let site = Site::start().await;
    send(&site, vec![house(1), span(2, "chat gpt-4o")], "").await;
    let unpriced = json_of(&site, "/api/v1/prices/unpriced").await;
    assert_eq!((unpriced["calls"].as_u64(), unpriced["items"].as_array().unwrap().len()), (Some(1), 1));
    let item = &unpriced["items"][0];
    assert_eq!(
        (&item["model"], &item["provider"], &item["reason"]),
        (&json!("house-1"), &json!("self_hosted"), &json!("no_price"))
    );
    assert_eq!((item["input_tokens"].as_i64(), item["output_tokens"].as_i64()), (Some(10), Some(5)));

    let price = json!({"model": "house-*", "input": "1", "output": 2});
    let (status, set) = put(&site, "/api/v1/prices/house", &price, "").await;
    assert_eq!((status, &set["revision"], &set["scope"]), (200, &json!(1), &json!("project")), "{set}");
    send(&site, vec![house(3)], "").await;
    let before = site.sql(COSTS).await;
    let of_house = Some("override:house.1/standard");
    assert_eq!(costs(&before)[0], (None, None), "a stored call keeps what it has");
    assert_eq!(costs(&before)[2], (Some("0.000020000000"), of_house));

    let dry = json!({"from": "2026-01-01", "dry_run": true, "wait": true});
    let (status, line) = post(&site, "/api/v1/prices/reprice", &dry).await;
    assert_eq!((status, &line["rewrite"]["calls_changed"]), (200, &json!(1)), "{line}");
    assert_eq!(costs(&site.sql(COSTS).await), costs(&before), "a dry run changes nothing");
    let (_, line) = post(&site, "/api/v1/prices/reprice", &json!({"from": "2026-01-01", "wait": true})).await;
    let walk = &line["rewrite"];
    assert_eq!((&walk["state"], &walk["matched"], &walk["changed"]), (&json!("done"), &json!(3), &json!(1)));
    assert_eq!((&walk["before"]["unpriced_calls"], &walk["after"]["unpriced_calls"]), (&json!(1), &json!(0)));
    assert_eq!(walk["difference_usd"], "0.000020000000");
    assert_eq!(costs(&site.sql(COSTS).await)[0], (Some("0.000020000000"), of_house));
    assert_eq!(json_of(&site, "/api/v1/prices/unpriced").await["calls"], 0);

    let (_, again) = post(&site, "/api/v1/prices/reprice", &json!({"from": "2026-01-01", "wait": true})).await;
    assert_eq!(again["rewrite"]["changed"], 0, "twice is once");
    let audit = json_of(&site, "/api/v1/audit?limit=2").await;
    let next = audit["next_cursor"].as_str().unwrap();
    let rest = json_of(&site, &format!("/api/v1/audit?limit=2&cursor={next}")).await;
    let what = |list: &Json| -> Vec<String> {
        list["items"].as_array().unwrap().iter().map(|line| line["what"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        (what(&audit), what(&rest)),
        (vec!["reprice".into(), "reprice".into()], vec!["reprice".into(), "price_set".into()])
    );
    assert_eq!(
        (&rest["items"][1]["who"], &rest["items"][1]["details"]["price"]["input"]),
        (&json!("local"), &json!("1"))
    );
    assert_eq!(json_of(&site, &format!("/api/v1/audit/{}", line["id"])).await["rewrite"], line["rewrite"]);
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reported_and_computed_stand_side_by_side_and_the_project_chooses() {
    let site = Site::start().await;
    let mut told = span(1, "chat gpt-4o");
    // As OpenLIT says it.
    told.attributes[1] = text("gen_ai.system", "openai");
    told.attributes.push(text("gen_ai.endpoint", "openai.chat.completions"));
    told.attributes.push(KeyValue {
        key: "gen_ai.usage.cost".into(),
        value: Some(AnyValue { value: Some(Value::DoubleValue(0.5)) }),
        ..KeyValue::default()
    });
    send(&site, vec![told], "").await;
    let both = "SELECT cost_usd, cost_source, reported_cost_usd, computed_cost_usd FROM llm_calls";
    let row = |cost, source| json!([cost, source, "0.500000000000", "0.000075000000"]);
    assert_eq!(site.sql(both).await["rows"][0], row("0.500000000000", "reported"));
    let (status, _) = put(&site, "/api/v1/prices/choice", &json!({"choice": "computed"}), "").await;
    assert_eq!(status, 200);
    assert_eq!(json_of(&site, "/api/v1/prices").await["choice"], "computed");
    post(&site, "/api/v1/prices/reprice", &json!({"from": NOON, "wait": true})).await;
    assert_eq!(site.sql(both).await["rows"][0], row("0.000075000000", "computed"));
    assert_eq!(put(&site, "/api/v1/prices/choice", &json!({"choice": "mine"}), "").await.0, 400);
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_belong_to_projects_and_only_administrators_set_them() {
    let key = |name: &str, project: &str, can: &[Right]| ApiKey {
        name: name.into(),
        sha256: sha256(name),
        project: project.into(),
        can: can.to_vec(),
    };
    let site = Site::with(|config| {
        config.auth.keys = vec![
            key("red", "red", &[Right::Ingest, Right::Read]),
            key("blue", "blue", &[Right::Ingest, Right::Read]),
            key("boss", "red", &[Right::Admin]),
        ];
    })
    .await;
    let price = |input: &str| json!({"model": "house-1", "input": input, "output": "0"});
    for secret in ["red", "blue"] {
        assert_eq!(put(&site, "/api/v1/prices/house", &price("1"), secret).await.0, 403, "{secret}");
    }
    assert_eq!(put(&site, "/api/v1/prices/all?scope=org", &price("7"), "boss").await.0, 200);
    assert_eq!(put(&site, "/api/v1/prices/house", &price("1"), "boss").await.0, 200);
    let foreign = json!({"model": "house-1", "input": "1", "project": "blue"});
    assert_eq!(put(&site, "/api/v1/prices/house", &foreign, "boss").await.0, 403);
    let cost = async |secret: &str| -> Json {
        send(&site, vec![house(1)], secret).await;
        let request = site.client.post(site.url("/api/v1/sql")).json(&json!({"query": COSTS})).bearer_auth(secret);
        request.send().await.unwrap().json::<Json>().await.unwrap()["rows"][0].clone()
    };
    assert_eq!(cost("red").await, json!(["0.000010000000", "override:house.1/standard"]));
    assert_eq!(cost("blue").await, json!(["0.000070000000", "override:all.1/standard"]));
    let list = async |secret: &str| -> Vec<String> {
        let request = site.client.get(site.url("/api/v1/prices")).bearer_auth(secret);
        let list: Json = request.send().await.unwrap().json().await.unwrap();
        list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((list("red").await, list("blue").await), (vec!["house".into(), "all".into()], vec!["all".to_owned()]));
    let delete = async |path: &str, secret: &str| {
        site.client.delete(site.url(path)).bearer_auth(secret).send().await.unwrap().status().as_u16()
    };
    assert_eq!(delete("/api/v1/prices/house", "red").await, 403);
    assert_eq!(delete("/api/v1/prices/house", "boss").await, 204);
    assert_eq!(delete("/api/v1/prices/house", "boss").await, 404);
    assert_eq!(list("red").await, ["all"]);
    site.stop().await;
}

fn run(args: &[&str]) -> Output {
    Command::new(BINARY).args(args).stdin(Stdio::null()).output().unwrap()
}

/// What a command that succeeds says.
fn said(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

async fn post_to(process: &Process, body: Vec<u8>) {
    let request = client().post(format!("http://{}/v1/traces", process.otlp_http)).header("content-type", PROTOBUF);
    assert_eq!(request.body(body).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_do_it_all_and_a_restart_remembers() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let process = Process::serve(&data, &[]);
    let url = format!("http://{}", process.http);
    post_to(&process, traces(vec![house(1), house(2)]).encode_to_vec()).await;
    let table = said(&["prices", "unpriced", "--url", &url]);
    assert!(table.contains("house-1") && table.contains("no_price"), "{table}");
    let set = said(&["prices", "set", "house-*", "--input", "1", "--output", "2", "--url", &url]);
    assert!(set.starts_with("set house-any, revision 1"), "{set}");
    assert!(said(&["prices", "list", "--url", &url]).contains("input 1, output 2"));

    let told = said(&["reprice", "--from", "2026-01-01", "--model", "house-1", "--url", &url]);
    assert!(told.contains("the cost of 2 calls changed"), "{told}");
    assert!(told.contains("difference  0.000040000000 USD"), "{told}");
    let sum = &["query", "--url", &url, "--format", "csv", "SELECT sum(cost_usd) AS usd FROM llm_calls"];
    assert_eq!(said(sum), "usd\n0.000040000000\n");
    let again = said(&["renormalize", "--from", "2026-01-01", "--url", &url]);
    assert!(again.starts_with("0 of 2 rows changed"), "{again}");
    drop(process);

    // Killed: the log has the order, the directory the price.
    let process = Process::serve(&data, &[]);
    let url = format!("http://{}", process.http);
    post_to(&process, traces(vec![house(3)]).encode_to_vec()).await;
    let sum = &["query", "--url", &url, "--format", "csv", "SELECT sum(cost_usd) AS usd FROM llm_calls"];
    assert_eq!(said(sum), "usd\n0.000060000000\n");
    said(&["prices", "choose", "computed", "--url", &url]);
    said(&["prices", "remove", "house-any", "--url", &url]);
    let gone = run(&["prices", "remove", "house-any", "--url", &url]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&gone.stderr).contains("no price"));
    let told = said(&["reprice", "--from", "2026-01-01", "--dry-run", "--url", &url]);
    assert!(told.contains("3 of 3 rows would change") && told.contains("3 unpriced"), "{told}");
    assert_eq!(said(sum), "usd\n0.000060000000\n");
    let audit = said(&["audit", "--url", &url]);
    for word in
        ["price_set", "house-any (project)", "done: 2 rows changed, 0.000040000000 USD", "done, dry run", "computed"]
    {
        assert!(audit.contains(word), "{word}: {audit}");
    }
    assert_eq!(process.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_has_prices_and_check_names_the_line() {
    let dir = tempfile::tempdir().unwrap();
    let name = |file: &str| dir.path().join(file).display().to_string();
    let check = |text: &str| {
        std::fs::write(name("p.toml"), text).unwrap();
        let output = run(&["check", &name("p.toml")]);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for (text, wanted) in [
        ("[[prices]]\nmodel = \"m\"\nimput = 1\n", "p.toml:3: unknown key prices.imput"),
        ("\n[[prices]]\nmodel = \"m\"\ninput = \"cheap\"\n", "p.toml:4: "),
        ("[[prices]]\nmodel = \"m\"\ninput = 1\nvalid_from = \"soon\"\n", "p.toml:4: "),
        ("[[prices]]\nmodel = \"a\"\ninput = 1\n\n[[prices]]\nmodel = \"m\"\n", "p.toml:5: "),
        ("[[prices]]\nmodel = \"m\"\ninput = 1\ncurrency = \"CNY\"\n", "p.toml:1: a price in CNY needs a rate"),
        ("[cost]\nchioce = \"computed\"\n", "p.toml:2: unknown key cost.chioce"),
    ] {
        let (code, told) = check(text);
        assert_eq!(code, Some(1), "{text}");
        assert!(told.contains(wanted), "{text}: {told}");
    }
    let good =
        "[cost]\ncny_usd = \"0.125\"\n[[prices]]\nmodel = \"house-*\"\ncurrency = \"CNY\"\ninput = 8\noutput = 0\n";
    assert_eq!(check(good).0, Some(0));
    let process = Process::serve(Path::new(&name("data")), &["--config", &name("p.toml")]);
    post_to(&process, traces(vec![house(1)]).encode_to_vec()).await;
    let url = format!("http://{}", process.http);
    let sql = "SELECT cost_usd, price_currency, price_rate_usd FROM llm_calls";
    let row = said(&["query", "--url", &url, "--format", "csv", sql]);
    assert_eq!(row.lines().nth(1), Some("0.000010000000,CNY,0.125000000000"));
    assert!(said(&["prices", "list", "--url", &url]).contains("file-"));
}
