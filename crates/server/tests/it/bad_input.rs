//! Hostile bodies: a clear status, no panic, and the next good request works.

use crate::support::*;

/// Sends a body everywhere it could hurt and gives the statuses.
async fn send_both(site: &Site, body: &[u8]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for content_type in [PROTOBUF, JSON] {
        for signal in ["traces", "metrics", "logs"] {
            let request = site.post(&format!("/v1/{signal}"), content_type, body.to_vec());
            statuses.push(request.send().await.unwrap().status().as_u16());
        }
    }
    statuses
}

async fn still_works(site: &Site, n: u64) {
    let response = site.post("/v1/traces", PROTOBUF, trace_protobuf(n)).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let (trace, _) = ids(n);
    let found = site.value(&format!("SELECT count(*) FROM spans WHERE trace_id = '{}'", hex(&trace))).await;
    assert_eq!(found, 1);
}

#[tokio::test]
async fn random_bytes_are_refused_or_empty() {
    let site = Site::start().await;
    for seed in 0..60_u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let body: Vec<u8> = (0..seed * 7)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_le_bytes()[0]
            })
            .collect();
        for status in send_both(&site, &body).await {
            assert!(matches!(status, 200 | 400), "{status} for seed {seed}");
        }
    }
    still_works(&site, 1).await;
    site.stop().await;
}

#[tokio::test]
async fn bodies_cut_at_every_length_are_survived() {
    let site = Site::start().await;
    let (protobuf, json) = (trace_protobuf(7), trace_json(7));
    for (content_type, body) in [(PROTOBUF, &protobuf), (JSON, &json)] {
        for length in 0..body.len() {
            let response = site.post("/v1/traces", content_type, body[..length].to_vec()).send().await.unwrap();
            let status = response.status().as_u16();
            assert!(matches!(status, 200 | 400), "{status} at {length} of {content_type}");
            assert!(content_type == PROTOBUF || status == 400, "cut JSON was taken at {length}");
        }
    }
    let packed = compress("gzip", &protobuf);
    for length in 0..packed.len() - 1 {
        let request = site.post("/v1/traces", PROTOBUF, packed[..length].to_vec()).header("content-encoding", "gzip");
        assert_eq!(request.send().await.unwrap().status(), 400, "gzip cut at {length}");
    }
    still_works(&site, 8).await;
    site.stop().await;
}

#[tokio::test]
async fn deep_nesting_neither_overflows_nor_hangs() {
    let site = Site::start().await;
    for depth in [100, 10_000, 200_000] {
        let value = format!("{}{}{}", r#"{"arrayValue":{"values":["#.repeat(depth), "{}", "]}}".repeat(depth));
        let body = format!(
            r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"{}","spanId":"{}","attributes":[{{"key":"k","value":{value}}}]}}]}}]}}]}}"#,
            hex(&[1; 16]),
            hex(&[1; 8])
        );
        let status = site.post("/v1/traces", JSON, body).send().await.unwrap().status().as_u16();
        assert!(status == 400 || (status == 200 && depth == 100), "{status} at depth {depth}");
    }
    let brackets = "[".repeat(1_000_000);
    assert_eq!(site.post("/v1/traces", JSON, brackets).send().await.unwrap().status(), 400);

    // A protobuf kvlist around itself: field 6 of AnyValue, field 1 of KeyValueList, field 2 of KeyValue.
    let mut nested = vec![0x0a, 0x01, b'x'];
    for _ in 0..5_000 {
        for tag in [0x12, 0x0a, 0x32] {
            let mut outer = vec![tag];
            prost::encoding::encode_varint(nested.len() as u64, &mut outer);
            outer.append(&mut nested);
            nested = outer;
        }
    }
    for status in send_both(&site, &nested).await {
        assert!(matches!(status, 200 | 400), "{status}");
    }
    still_works(&site, 1).await;
    site.stop().await;
}

#[tokio::test]
async fn too_much_is_told_as_too_much() {
    let site = Site::start().await;
    let declared = site.post("/v1/traces", PROTOBUF, vec![0; 70 << 20]).send().await.unwrap();
    let (http, code, _) = status_of(declared, PROTOBUF).await;
    assert_eq!((http, code), (413, 8));

    let chunks = futures::stream::iter((0..70).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1 << 20])));
    let chunked = site.post("/v1/traces", JSON, reqwest::Body::wrap_stream(chunks)).send().await.unwrap();
    assert_eq!(status_of(chunked, JSON).await.0, 413);

    for encoding in ["gzip", "deflate", "zstd"] {
        let bomb = compress(encoding, &vec![0; 300 << 20]);
        let request = site.post("/v1/logs", PROTOBUF, bomb).header("content-encoding", encoding);
        assert_eq!(status_of(request.send().await.unwrap(), PROTOBUF).await.0, 413, "{encoding}");
    }
    still_works(&site, 1).await;
    assert_eq!(site.metric("pellucid_in_flight_bytes ").await, 0.0);
    site.stop().await;
}

#[tokio::test]
async fn broken_text_is_mended_not_refused() {
    let site = Site::start().await;
    let mut body = trace_protobuf(1);
    let at = body.windows(4).position(|window| window == b"chat").unwrap();
    body[at] = 0xff;
    assert_eq!(site.post("/v1/traces", PROTOBUF, body).send().await.unwrap().status(), 200);
    assert_eq!(site.value("SELECT count(*) FROM spans").await, 1);

    for body in [
        &br#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"\ud800"}]}]}]}"#[..],
        b"\xef\xbb\xbf{}",
        b"{\"a\":\xff}",
    ] {
        let status = site.post("/v1/traces", JSON, body).send().await.unwrap().status().as_u16();
        assert!(matches!(status, 200 | 400), "{status}");
    }
    still_works(&site, 2).await;
    site.stop().await;
}

#[tokio::test]
async fn one_signal_sent_as_another_harms_nothing() {
    let site = Site::start().await;
    for body in [trace_protobuf(1), log_protobuf(1), metric_protobuf(1), trace_json(1)] {
        for status in send_both(&site, &body).await {
            assert!(matches!(status, 200 | 400), "{status}");
        }
    }
    still_works(&site, 2).await;
    site.stop().await;
}

#[tokio::test]
async fn a_head_that_drips_is_cut_and_a_body_that_drips_too() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let site = Site::with(|config| {
        config.limits.header_seconds = 1;
        config.limits.body_seconds = 1;
    })
    .await;
    let mut answer = Vec::new();
    let mut socket = tokio::net::TcpStream::connect(site.ports.otlp_http).await.unwrap();
    socket.write_all(b"POST /v1/traces HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let cut = tokio::time::timeout(std::time::Duration::from_secs(5), socket.read_to_end(&mut answer)).await;
    assert!(cut.is_ok(), "a dripping head was not cut");

    let mut socket = tokio::net::TcpStream::connect(site.ports.otlp_http).await.unwrap();
    let head = "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    tokio::time::timeout(std::time::Duration::from_secs(15), socket.read_exact(&mut first)).await.unwrap().unwrap();
    assert_eq!(&first, b"HTTP/1.1 504");
    still_works(&site, 1).await;
    site.stop().await;
}
