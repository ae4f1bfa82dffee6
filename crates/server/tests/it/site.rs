//! The API and the UI as a browser sees them.

use serde_json::{Value as Json, json};

use crate::support::*;

const WINDOW: &str = "from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z";

async fn with_spans(count: u64) -> Site {
    let site = Site::start().await;
    let spans = (1..=count).map(|n| span(n, "chat gpt-4o")).collect();
    let body = prost::Message::encode_to_vec(&traces(spans));
    assert_eq!(site.post("/v1/traces", PROTOBUF, body).send().await.unwrap().status(), 200);
    site
}

async fn json_of(site: &Site, path: &str) -> Json {
    let response = site.get(path).await;
    let (status, body) = (response.status(), response.text().await.unwrap());
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn an_empty_server_says_so() {
    let site = Site::start().await;
    let status = json_of(&site, "/api/v1/status").await;
    assert_eq!(
        (&status["empty"], &status["auth"], &status["project"]),
        (&json!(true), &json!(false), &json!("default"))
    );
    let list = json_of(&site, "/api/v1/traces").await;
    assert_eq!(list["items"], json!([]));
    site.stop().await;
}

#[tokio::test]
async fn answers_agree_with_their_description() {
    let site = with_spans(3).await;
    let document = json_of(&site, "/api/v1/openapi.json").await;
    let (trace, span) = ids(2);
    let (trace, span) = (hex(&trace), hex(&span));
    let gets = [
        ("/api/v1/status".to_owned(), "/api/v1/status"),
        ("/api/v1/metrics".to_owned(), "/api/v1/metrics"),
        (format!("/api/v1/traces?view=calls&{WINDOW}"), "/api/v1/traces"),
        (format!("/api/v1/traces?view=traces&{WINDOW}"), "/api/v1/traces"),
        (format!("/api/v1/traces?view=spans&{WINDOW}&limit=2"), "/api/v1/traces"),
        (format!("/api/v1/traces/{trace}"), "/api/v1/traces/{trace_id}"),
        (format!("/api/v1/spans/{trace}/{span}"), "/api/v1/spans/{trace_id}/{span_id}"),
        (format!("/api/v1/spans/{trace}/{span}?explain=true"), "/api/v1/spans/{trace_id}/{span_id}"),
        (format!("/api/v1/facets?{WINDOW}"), "/api/v1/facets"),
        (format!("/api/v1/reports/unmapped?{WINDOW}"), "/api/v1/reports/unmapped"),
        (format!("/api/v1/histogram?{WINDOW}&buckets=10"), "/api/v1/histogram"),
    ];
    for (path, route) in gets {
        let answer = json_of(&site, &path).await;
        let schema = &document["paths"][route]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        fits(&document, schema, &answer, &path);
    }
    let question = json!({"metrics": ["requests", "cost"], "splits": ["model"], "from": "2026-01-01T00:00:00Z", "to": "2026-03-01T00:00:00Z"});
    for (route, question) in [("/api/v1/query", question), ("/api/v1/sql", json!({"query": "SELECT * FROM spans"}))] {
        let response = site.client.post(site.url(route)).json(&question).send().await.unwrap();
        assert_eq!(response.status(), 200, "{route}");
        let schema = &document["paths"][route]["post"]["responses"]["200"]["content"]["application/json"]["schema"];
        fits(&document, schema, &response.json().await.unwrap(), route);
    }
    site.stop().await;
}

/// Checks a value against a schema: required and unknown members, types, items.
fn fits(document: &Json, schema: &Json, value: &Json, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return fits(document, &document["components"]["schemas"][name], value, at);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let choice = choices.iter().find(|choice| (choice["type"] == "null") == value.is_null());
        return fits(document, choice.unwrap_or(&Json::Null), value, at);
    }
    let kind = match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(number) if number.is_f64() => "number",
        Json::Number(_) => "integer",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    };
    let allowed = match &schema["type"] {
        Json::String(one) => vec![one.as_str()],
        Json::Array(several) => several.iter().filter_map(Json::as_str).collect(),
        _ => return,
    };
    assert!(
        allowed.contains(&kind) || (kind == "integer" && allowed.contains(&"number")),
        "{at}: {kind} is none of {allowed:?}"
    );
    if let Some(items) = value.as_array() {
        items.iter().enumerate().for_each(|(n, item)| fits(document, &schema["items"], item, &format!("{at}[{n}]")));
    }
    let (Some(members), Some(known)) = (value.as_object(), schema["properties"].as_object()) else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str) {
        assert!(members.contains_key(name), "{at}: {name} is missing");
    }
    for (name, member) in members {
        match known.get(name) {
            Some(schema) => fits(document, schema, member, &format!("{at}.{name}")),
            None => assert!(schema["additionalProperties"] != json!(false), "{at}: {name} is not described"),
        }
    }
}

#[tokio::test]
async fn a_span_tells_where_its_columns_come_from() {
    let site = with_spans(1).await;
    let (trace, span) = ids(1);
    let path = format!("/api/v1/spans/{}/{}", hex(&trace), hex(&span));
    assert_eq!(json_of(&site, &path).await.get("explain"), None);
    let told = json_of(&site, &format!("{path}?explain=true")).await;
    let columns = told["explain"]["columns"].as_array().unwrap();
    let input = columns.iter().find(|column| column["column"] == "input_tokens").unwrap();
    assert_eq!(input["value"], told["input_tokens"]);
    assert_eq!(input["origin"]["name"], "gen_ai.usage.input_tokens");
    assert!(columns.iter().all(|column| column["today"].is_null()), "{columns:?}");
    site.stop().await;
}

#[tokio::test]
async fn sql_comes_in_every_form() {
    let site = with_spans(2).await;
    let ask = async |query: &str, accept: &str| {
        let request =
            site.client.post(site.url("/api/v1/sql")).json(&json!({ "query": query })).header("accept", accept);
        request.send().await.unwrap()
    };
    let query = "SELECT span_id, start_time, input_tokens FROM spans ORDER BY start_time";
    let json: Json = ask(query, "application/json").await.json().await.unwrap();
    assert_eq!(json["rows"][0][1], "2026-01-31T12:00:00.000000001Z");
    assert_eq!(json["row_count"], 2);

    let csv = ask(query, "text/csv").await;
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(csv.text().await.unwrap().lines().next(), Some("span_id,start_time,input_tokens"));

    let arrow = ask(query, "application/vnd.apache.arrow.stream").await;
    assert_eq!(arrow.headers()["content-type"], "application/vnd.apache.arrow.stream");
    assert!(arrow.bytes().await.unwrap().starts_with(&[0xff; 4]));
    let parquet = ask(query, "application/vnd.apache.parquet").await;
    assert!(parquet.bytes().await.unwrap().starts_with(b"PAR1"));

    for (query, code) in
        [("SELECT nothing FROM spans", 400), ("DROP TABLE spans", 400), ("SELECT 1; SELECT 2", 400), ("SELEC 1", 400)]
    {
        let response = ask(query, "application/json").await;
        assert_eq!(response.status(), code, "{query}");
        let body: Json = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], "invalid", "{query}: {body}");
    }
    let wrong = site.post("/api/v1/sql", JSON, r#"{"queri": "SELECT 1"}"#).send().await.unwrap();
    assert_eq!(wrong.status(), 400);
    site.stop().await;
}

#[tokio::test]
async fn pages_and_cursors_reach_every_row_once() {
    let site = with_spans(7).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for _ in 0..9 {
        let page = json_of(&site, &format!("/api/v1/traces?view=spans&{WINDOW}&limit=3&cursor={cursor}")).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|row| row["span_id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    let mut distinct = seen.clone();
    distinct.dedup();
    assert_eq!((seen.len(), distinct.len()), (7, 7));
    site.stop().await;
}

#[tokio::test]
async fn wrong_questions_are_told_what_is_wrong() {
    let site = Site::start().await;
    for (path, want, word) in [
        ("/api/v1/traces?modle=x", 400, "modle"),
        ("/api/v1/traces?from=yesterday", 400, "from"),
        ("/api/v1/traces?view=calls&limit=0", 400, "limit"),
        ("/api/v1/traces?view=galaxies", 400, "galaxies"),
        ("/api/v1/traces/xyz", 400, "trace"),
        ("/api/v1/spans/0102030405060708090a0b0c0d0e0f10/0102030405060708?explain=maybe", 400, "explain"),
        ("/api/v1/traces/0102030405060708090a0b0c0d0e0f10", 404, "trace"),
        ("/api/v1/nothing", 404, "/api/v1/nothing"),
        ("/api", 404, "/api"),
    ] {
        let response = site.get(path).await;
        assert_eq!(response.status(), want, "{path}");
        let body: Json = response.json().await.unwrap();
        assert!(body["error"]["message"].as_str().unwrap().contains(word), "{path}: {body}");
    }
    let deleted = site.client.delete(site.url("/api/v1/status")).send().await.unwrap();
    assert_eq!(deleted.status(), 405);
    assert!(deleted.json::<Json>().await.unwrap()["error"]["message"].is_string());
    site.stop().await;
}

#[tokio::test]
async fn the_ui_is_served_with_its_guards() {
    let site = Site::start().await;
    for path in ["/", "/traces/abc", "/index.html"] {
        let page = site.get(path).await;
        assert_eq!(page.status(), 200, "{path}");
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8", "{path}");
        assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
        assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    }
    assert_eq!(site.get("/assets/no-such-file.js").await.status(), 404);
    let packed =
        site.client.get(site.url("/api/v1/openapi.json")).header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    site.stop().await;
}

#[tokio::test]
async fn machines_can_watch_it() {
    let site = with_spans(1).await;
    assert_eq!(site.get("/healthz").await.text().await.unwrap(), "alive\n");
    assert_eq!(site.get("/readyz").await.status(), 200);
    assert_eq!(
        site.metric("pellucid_otlp_requests_total{signal=\"traces\",transport=\"http\",outcome=\"accepted\"}").await,
        1.0
    );
    assert_eq!(site.metric("pellucid_store_rows{table=\"spans\"}").await, 1.0);
    site.stop().await;
}
