//! OTLP/HTTP: what is taken, and what is said when it is not.

use serde_json::Value as Json;

use crate::support::*;

const PREFIXES: [&str; 5] = ["", "/otel", "/otlp", "/api/public/otel", "/api/v1/otel"];

#[tokio::test]
async fn every_prefix_encoding_and_compression_is_stored() {
    let site = Site::start().await;
    let mut n = 0;
    for prefix in PREFIXES {
        for base in [site.url(""), site.otlp_url("")] {
            for content_type in [PROTOBUF, JSON] {
                for encoding in ["", "identity", "gzip", "zstd", "deflate"] {
                    n += 1;
                    let body = if content_type == JSON { trace_json(n) } else { trace_protobuf(n) };
                    let slash = if n.is_multiple_of(3) { "/" } else { "" };
                    let request = site.client.post(format!("{base}{prefix}/v1/traces{slash}"));
                    let request = request.header("content-type", content_type).header("content-encoding", encoding);
                    let response = request.body(compress(encoding, &body)).send().await.unwrap();
                    let case = format!("{base}{prefix} {content_type} {encoding:?}");
                    assert_eq!(response.status(), 200, "{case}");
                    assert_eq!(response.headers()["content-type"], content_type, "{case}");
                    let expected: &[u8] = if content_type == JSON { b"{}" } else { b"" };
                    assert_eq!(response.bytes().await.unwrap(), expected, "{case}");
                }
            }
        }
    }
    assert_eq!(site.value("SELECT count(*) FROM spans").await, n);
    assert_eq!(site.value("SELECT count(DISTINCT name) FROM spans").await, 1);
    let accepted = site.metric("pellucid_otlp_items_accepted_total{signal=\"traces\",transport=\"http\"}").await;
    assert_eq!(accepted as u64, n);
    site.stop().await;
}

#[tokio::test]
async fn all_three_signals_land_in_their_tables() {
    let site = Site::start().await;
    for (path, body) in
        [("/v1/traces", trace_protobuf(1)), ("/v1/logs", log_protobuf(1)), ("/v1/metrics", metric_protobuf(1))]
    {
        // Sent twice: a copy changes nothing.
        for _ in 0..2 {
            let response = site.post(path, "application/x-protobuf; charset=utf-8", body.clone()).send().await.unwrap();
            assert_eq!(response.status(), 200, "{path}");
        }
    }
    for table in ["spans", "logs", "metrics"] {
        assert_eq!(site.value(&format!("SELECT count(*) FROM {table}")).await, 1, "{table}");
    }
    site.stop().await;
}

#[tokio::test]
async fn empty_requests_are_fine() {
    let site = Site::start().await;
    for signal in ["traces", "metrics", "logs"] {
        let path = format!("/v1/{signal}");
        let response = site.post(&path, PROTOBUF, "").send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.bytes().await.unwrap().len()), (200, 0));
        let response = site.post(&path, JSON, "{}").send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (200, "{}"));
        let response = site.post(&path, JSON, "").send().await.unwrap();
        assert_eq!(response.status(), 400, "no JSON is no request");
    }
    site.stop().await;
}

#[tokio::test]
async fn every_refusal_has_its_status_and_a_rpc_status_in_the_requests_encoding() {
    let site = Site::start().await;
    for content_type in [PROTOBUF, JSON] {
        let broken = site.post("/v1/traces", content_type, "\u{1}broken").send().await.unwrap();
        assert_eq!(status_of(broken, content_type).await.0, 400);

        let unknown = site.client.post(site.otlp_url("/v1/spans")).header("content-type", content_type);
        let (http, code, _) = status_of(unknown.send().await.unwrap(), content_type).await;
        assert_eq!((http, code), (404, 5));

        let packed = site.post("/v1/traces", content_type, "x").header("content-encoding", "br").send().await.unwrap();
        assert_eq!(packed.headers()["accept-encoding"], "gzip, zstd, deflate, identity");
        assert_eq!(status_of(packed, content_type).await.0, 415);

        let twice = site.post("/v1/traces", content_type, "x").header("content-encoding", "gzip, gzip").send().await;
        assert_eq!(status_of(twice.unwrap(), content_type).await.0, 415);

        let plain = site.post("/v1/traces", content_type, "x").header("content-encoding", "gzip").send().await;
        assert_eq!(status_of(plain.unwrap(), content_type).await.0, 400);

        let got = site.client.get(site.url("/otel/v1/logs")).header("content-type", content_type).send().await.unwrap();
        assert_eq!(got.headers()["allow"], "POST, OPTIONS");
        assert_eq!(status_of(got, content_type).await.0, 405);
    }
    let nameless = site.client.post(site.url("/v1/traces")).body("x").send().await.unwrap();
    assert_eq!(status_of(nameless, JSON).await.0, 415);
    let foreign = site.post("/v1/traces", "text/plain", "x").send().await.unwrap();
    assert_eq!(status_of(foreign, JSON).await.0, 415);
    site.stop().await;
}

#[tokio::test]
async fn bad_items_cost_only_themselves() {
    let site = Site::start().await;
    let mut spans = vec![span(1, "good"), span(2, "short id"), span(3, "no id")];
    spans[1].span_id.truncate(3);
    spans[2].trace_id.clear();
    let body = prost::Message::encode_to_vec(&traces(spans));
    let response = site.post("/v1/traces", PROTOBUF, body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let answer = response.bytes().await.unwrap();
    let answer: opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse =
        prost::Message::decode(answer).unwrap();
    let partial = answer.partial_success.unwrap();
    assert_eq!(partial.rejected_spans, 2);
    assert!(!partial.error_message.is_empty());

    let body = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"12","spanId":"zz","name":"x"}]}]}]}"#;
    let answer: Json = site.post("/v1/traces", JSON, body).send().await.unwrap().json().await.unwrap();
    assert_eq!(
        answer["partialSuccess"]["rejectedSpans"]
            .as_str()
            .map_or(answer["partialSuccess"]["rejectedSpans"].as_i64(), |text| text.parse().ok()),
        Some(1)
    );
    assert_eq!(site.value("SELECT count(*) FROM spans").await, 1);
    site.stop().await;
}

#[tokio::test]
async fn pages_of_this_machine_may_send_and_others_may_not() {
    let site = Site::start().await;
    let preflight = |origin: &'static str| {
        let url = site.url("/v1/traces");
        let request = site.client.request(reqwest::Method::OPTIONS, url).header("origin", origin);
        request
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type,x-mine")
    };
    let allowed = preflight("http://localhost:5173").send().await.unwrap();
    assert_eq!(allowed.status(), 204);
    assert_eq!(allowed.headers()["access-control-allow-origin"], "http://localhost:5173");
    assert_eq!(allowed.headers()["access-control-allow-headers"], "content-type,x-mine");
    let refused = preflight("https://evil.example").send().await.unwrap();
    assert!(!refused.headers().contains_key("access-control-allow-origin"));

    let error = site.post("/v1/traces", "text/plain", "x").header("origin", "http://localhost:1").send().await.unwrap();
    assert_eq!((error.status().as_u16(), error.headers().contains_key("access-control-allow-origin")), (415, true));
    site.stop().await;
}

#[tokio::test]
async fn a_full_server_says_come_back_and_recovers() {
    let site = Site::with(|config| config.limits.in_flight_bytes = 64 * 1024).await;
    let (sender, stream) = tokio::sync::mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
    sender.send(Ok(vec![b' '; 60 * 1024])).await.unwrap();
    let body = reqwest::Body::wrap_stream(tokio_stream::wrappers::ReceiverStream::new(stream));
    let slow = tokio::spawn(site.post("/v1/traces", JSON, body).send());
    while site.metric("pellucid_in_flight_bytes ").await < 60_000.0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let refused = site.post("/v1/traces", PROTOBUF, vec![0; 30 * 1024]).send().await.unwrap();
    assert_eq!(refused.headers()["retry-after"], "1");
    let (http, code, _) = status_of(refused, PROTOBUF).await;
    assert_eq!((http, code), (503, 14));

    sender.send(Ok(b"{}".to_vec())).await.unwrap();
    drop(sender);
    assert_eq!(slow.await.unwrap().unwrap().status(), 200);
    let again = site.post("/v1/traces", PROTOBUF, trace_protobuf(1)).send().await.unwrap();
    assert_eq!(again.status(), 200);
    assert_eq!(site.metric("pellucid_in_flight_bytes ").await, 0.0);
    site.stop().await;
}
