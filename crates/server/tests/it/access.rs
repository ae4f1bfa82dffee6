//! Keys and projects: who may do what, and that nobody sees another project through any route.

use pellucid_server::{ApiKey, Right};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::support::*;

pub(crate) fn sha256(secret: &str) -> String {
    hex(&Sha256::digest(secret))
}

fn key(name: &str, project: &str, can: &[Right]) -> ApiKey {
    ApiKey { name: name.into(), sha256: sha256(name), project: project.into(), can: can.to_vec() }
}

/// What only administrators may do.
const ADMIN_ROUTES: &[&str] = &[
    "/api/v1/prices/choice",
    "/api/v1/prices/1",
    "/api/v1/prices/reprice",
    "/api/v1/renormalize",
    "/api/v1/deletions",
    "/api/v1/deletions/1",
    "/api/v1/store/backup",
];

/// A session of the other project.
const SESSION: &str = "session-blue";

async fn two_projects() -> Site {
    Site::with(|config| {
        config.auth.keys = vec![
            key("red", "red", &[Right::Ingest, Right::Read]),
            key("blue", "blue", &[Right::Ingest, Right::Read]),
            key("writer", "red", &[Right::Ingest]),
            key("reader", "red", &[Right::Read]),
            key("boss", "red", &[Right::Admin]),
        ];
    })
    .await
}

#[tokio::test]
async fn rights_hold_on_every_route() {
    let site = two_projects().await;
    let ingest = async |secret: Option<&str>| {
        let request = site.post("/v1/traces", PROTOBUF, trace_protobuf(1));
        let request = match secret {
            Some(secret) => request.bearer_auth(secret),
            None => request,
        };
        request.send().await.unwrap()
    };
    for (secret, want) in
        [(None, 401), (Some("guess"), 401), (Some("reader"), 403), (Some("writer"), 200), (Some("boss"), 200)]
    {
        let response = ingest(secret).await;
        assert_eq!(response.status(), want, "{secret:?}");
        if want != 200 {
            status_of(response, PROTOBUF).await;
        }
    }
    let basic = site.post("/api/public/otel/v1/traces", PROTOBUF, trace_protobuf(1)).basic_auth("pk", Some("writer"));
    assert_eq!(basic.send().await.unwrap().status(), 200);
    let header = site.post("/v1/traces", PROTOBUF, trace_protobuf(1)).header("x-api-key", "writer");
    assert_eq!(header.send().await.unwrap().status(), 200);

    for path in routes(&site).await {
        for (secret, want) in [("", 401), ("guess", 401), ("writer", 403)] {
            let response = ask(&site, &path, secret).await;
            assert_eq!(response.status(), want, "{path} {secret}");
            let body: Json = response.json().await.unwrap();
            assert!(body["error"]["code"].is_string(), "{path}: {body}");
        }
    }
    for path in ["/healthz", "/readyz", "/", "/api/v1/openapi.json"] {
        assert_eq!(site.get(path).await.status(), 200, "{path} needs no key");
    }
    assert_eq!(site.get("/metrics").await.status(), 401);
    site.stop().await;
}

/// Every path of the API's own description, with ids of the other project filled in.
async fn routes(site: &Site) -> Vec<String> {
    let document: Json = site.get("/api/v1/openapi.json").await.json().await.unwrap();
    let (trace, span) = ids(2);
    let paths = document["paths"].as_object().unwrap().keys();
    let filled = |path: &String| {
        let path = path.replace("{trace_id}", &hex(&trace)).replace("{span_id}", &hex(&span));
        path.replace("{session_id}", SESSION).replace("{id}", "1")
    };
    paths.map(filled).collect()
}

/// Asks a route in the way it wants to be asked, for all of time.
async fn ask(site: &Site, path: &str, secret: &str) -> reqwest::Response {
    let request = match path {
        "/api/v1/sql" => site.client.post(site.url(path)).json(&json!({"query": "SELECT * FROM spans"})),
        "/api/v1/query" => {
            let body =
                json!({"metrics": ["requests"], "splits": ["app", "model"], "from": 0, "to": 4_000_000_000_000_i64});
            site.client.post(site.url(path)).json(&body)
        }
        "/api/v1/facets" | "/api/v1/traces" | "/api/v1/histogram" | "/api/v1/sessions" | "/api/v1/users" => {
            site.client.get(site.url(&format!("{path}?view=spans&from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z")))
        }
        "/api/v1/prices/choice" => site.client.put(site.url(path)).json(&json!({"choice": "computed"})),
        "/api/v1/prices/1" => site.client.put(site.url(path)).json(&json!({"model": "m", "input": "1"})),
        "/api/v1/prices/reprice" | "/api/v1/renormalize" => {
            site.client.post(site.url(path)).json(&json!({"from": "2026-01-01", "wait": true}))
        }
        "/api/v1/export" => site.client.post(site.url(path)).json(&json!({})),
        "/api/v1/store/backup" => site.client.post(site.url(path)).json(&json!({})),
        _ => site.client.get(site.url(path)),
    };
    request.bearer_auth(secret).send().await.unwrap()
}

#[tokio::test]
async fn no_route_shows_another_project() {
    let site = two_projects().await;
    for (n, secret) in [(1, "red"), (2, "blue")] {
        let mut request = traces(vec![span(n, &format!("name-of-{secret}"))]);
        let resource = request.resource_spans[0].resource.as_mut().unwrap();
        resource.attributes[0] = text("service.name", &format!("app-of-{secret}"));
        let model = &mut request.resource_spans[0].scope_spans[0].spans[0].attributes[2];
        *model = text("gen_ai.request.model", &format!("model-of-{secret}"));
        let who = [text("session.id", &SESSION.replace("blue", secret)), text("user.id", &format!("user-of-{secret}"))];
        request.resource_spans[0].scope_spans[0].spans[0].attributes.extend(who);
        let body = prost::Message::encode_to_vec(&request);
        assert_eq!(site.post("/v1/traces", PROTOBUF, body).bearer_auth(secret).send().await.unwrap().status(), 200);
    }
    let mut seen = 0;
    for path in routes(&site).await {
        for (secret, other) in [("red", "blue"), ("blue", "red")] {
            let response = ask(&site, &path, secret).await;
            let status = response.status().as_u16();
            let body = response.text().await.unwrap();
            let own_id = secret == "blue" || !(path.contains(&hex(&ids(2).0)) || path.contains(SESSION));
            let wanted = match path.as_str() {
                path if ADMIN_ROUTES.contains(&path) => 403,
                // Nothing was changed by hand yet.
                "/api/v1/audit/1" => 404,
                _ if own_id => 200,
                _ => 404,
            };
            assert_eq!(status, wanted, "{path} as {secret}: {body}");
            assert!(!body.contains(&format!("-of-{other}")), "{path} shows {other} to {secret}: {body}");
            seen += usize::from(body.contains(&format!("-of-{secret}")));
        }
    }
    assert!(seen >= 8, "the routes show nothing at all ({seen})");
    for query in [
        "SELECT name FROM spans WHERE project = 'blue'",
        "SELECT name FROM llm_calls WHERE project <> 'red' OR true",
        "WITH s AS (SELECT * FROM spans) SELECT name FROM s UNION ALL SELECT name FROM spans",
    ] {
        let request = site.client.post(site.url("/api/v1/sql")).json(&json!({ "query": query })).bearer_auth("red");
        assert!(!request.send().await.unwrap().text().await.unwrap().contains("-of-blue"), "{query}");
    }
    site.stop().await;
}

#[tokio::test]
async fn an_open_server_is_kept_from_other_origins() {
    let site = Site::start().await;
    let rebound = site.client.get(site.url("/api/v1/status")).header("host", "evil.example:9529").send().await.unwrap();
    assert_eq!(rebound.status(), 403);
    let simple = site.post("/api/v1/sql", "text/plain", r#"{"query":"SELECT 1"}"#).send().await.unwrap();
    assert_eq!(simple.status(), 415);
    let answer =
        site.client.get(site.url("/api/v1/status")).header("origin", "http://localhost:1").send().await.unwrap();
    assert!(!answer.headers().contains_key("access-control-allow-origin"), "the API is for its own pages only");
    site.stop().await;
}
