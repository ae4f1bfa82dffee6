//! Every place a secret is known to stand in, what must stay, and that masking twice is masking once.

use std::sync::Arc;

use pellucid_model::{Flags, Value};
use proptest::prelude::*;

use super::*;
use crate::testing::{log, raw, texts};

const KEY: &str = "sk-proj-4f3c2b1a9d8e7f6a5b4c3d2e";

fn scrubbed(attributes: &[(&str, &str)]) -> (RawSpan, Vec<String>) {
    let mut span = raw(1, None, &texts(attributes));
    let mut scrubber = Scrubber::default();
    scrubber.span(&mut span);
    (span, scrubber.secrets().into_iter().collect())
}

fn of(key: &str, value: &str) -> String {
    let (span, _) = scrubbed(&[(key, value)]);
    span.attributes.get(key).map(|value| value.to_text().into_owned()).unwrap_or_default()
}

#[test]
fn no_secret_survives_in_any_known_place() {
    for (key, value) in [
        ("ai.request.headers.authorization", "Bearer T0psecret-value"),
        ("ai.request.headers.x-api-key", "T0psecret"),
        ("ai.request.headers.Helicone-Auth", "Bearer T0psecret"),
        ("ai.request.headers.cookie", "sid=T0psecret"),
        ("gen_ai.headers", "{'Authorization': 'Bearer T0psecret', 'User-Agent': 'x'}"),
        ("gen_ai.headers", r#"{"api-key": "T0psecret", "User-Agent": "x"}"#),
        ("gen_ai.headers", "no map at all T0psecret"),
        ("llm.headers", r#"{"x-goog-api-key": "T0psecret"}"#),
        ("http.request.header.authorization", "T0psecret"),
        ("http.response.header.set-cookie", "id=T0psecret; Path=/"),
        ("Helicone-Auth", "Bearer T0psecret"),
        ("app.custom.api_key", "T0psecret"),
        ("OPENAI_API_KEY", "T0psecret"),
        ("db.password", "T0psecret"),
        ("url.full", "https://host/v1/models?key=T0psecret&alt=sse"),
        ("url.query", "alt=sse&api_key=T0psecret"),
        ("http.target", "/v1/models?access_token=T0psecret"),
        ("any", "see https://user:T0psecret@host/path and go on"),
        ("any", "GET https://blob/x?sv=1&sig=T0psecret%2Babc done"),
        ("llm.invocation_parameters", r#"{"model":"x","extra_headers":{"Authorization":"Bearer T0psecret"}}"#),
        ("metadata", r#"{"api_key": "T0psecret", "temperature": 1}"#),
        ("metadata", r#"{\"apiKey\": \"T0psecret\"}"#),
        ("config", "{'client_secret': 'T0psecret'}"),
        ("process.command_line", "run --api-key T0psecret1234567890 --port 1"),
        ("exception.message", "401: header Authorization: Bearer T0psecret refused"),
        ("env", "ANTHROPIC_API_KEY=T0psecret1234567890"),
        ("any", "curl -H 'Authorization: Basic T0psecretZm9v' x"),
        ("any", "token Bearer T0psecret1234567890 end"),
    ] {
        let now = of(key, value);
        assert!(!now.contains("T0psecret"), "{key}: {now}");
        assert_eq!(now.len(), value.len(), "{key}: {now}");
    }
    let form = of("gen_ai.prompt", &format!("my key is {KEY}, keep it"));
    assert!(form.starts_with("my key is sk-****") && form.ends_with("*, keep it"), "{form}");
}

#[test]
fn what_is_no_secret_stays() {
    for (key, value) in [
        ("ai.request.headers.user-agent", "ai-sdk/5.0 key"),
        ("ai.request.headers.x-tenant", "acme"),
        ("gen_ai.headers", "{'User-Agent': 'Agents/Python 0.24.0', 'anthropic-version': '2023-06-01'}"),
        ("http.request.header.idempotency-key", "0123456789abcdef"),
        ("auth_type", "use-gemini-api-key"),
        ("metadata.user_api_key_alias", "team-a"),
        ("metadata.user_api_key_hash", "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b"),
        ("gen_ai.usage.input_tokens", "12"),
        ("gen_ai.input.messages", r#"[{"role":"user","content":"my password is too short, what is a token?"}]"#),
        ("gen_ai.input.messages", r#"[{"content":"Authorization: Bearer {token}"}]"#),
        ("gen_ai.prompt", "password: correct horse battery staple"),
        ("gen_ai.prompt", "api_key = os.environ['KEY']"),
        ("gen_ai.prompt", "max_tokens=100, key=value; a task-based disk-image of risk-averse sk-flow0"),
        ("gen_ai.prompt", "https://example.org/a?page=12345678&keyword=kimi"),
        ("gen_ai.prompt", "密码：一二三四五六七八九十"),
        ("url.query", "page=12345678"),
        ("session.id", "sess-0123456789abcdef0123456789"),
    ] {
        let (span, secrets) = scrubbed(&[(key, value)]);
        assert_eq!(span.attributes.get(key), Some(&Value::Str(value.to_owned())), "{key}");
        assert_eq!((secrets.len(), span.flags), (0, Flags::default()), "{key}");
    }
}

#[test]
fn every_part_of_a_record_is_searched() {
    let secret = "Bearer T0psecret1234567890";
    let resource = Arc::new(Resource { attributes: texts(&[("authorization", secret)]) });
    let event = pellucid_model::RawEvent { attributes: texts(&[("authorization", secret)]), ..Default::default() };
    let mut spans: Vec<RawSpan> = (1..=2)
        .map(|id| RawSpan {
            resource: Arc::clone(&resource),
            name: format!("GET https://h/?key={KEY}"),
            status_message: format!("Authorization: {secret}"),
            events: vec![event.clone()],
            ..raw(id, None, &Attributes::default())
        })
        .collect();
    let mut record = log("x", texts(&[("authorization", secret)]));
    record.body =
        Value::Map([("headers".to_owned(), Value::Map(texts(&[("authorization", secret)])))].into_iter().collect());
    let mut scrubber = Scrubber::default();
    spans.iter_mut().for_each(|span| scrubber.span(span));
    scrubber.log(&mut record);
    let secrets = scrubber.secrets();
    for span in &spans {
        assert!(!format!("{span:?}").contains("T0psecret") && !format!("{span:?}").contains(KEY));
        assert!(span.flags.contains(Flag::SecretsMasked));
    }
    assert!(Arc::ptr_eq(&spans[0].resource, &spans[1].resource), "what was shared is shared");
    assert!(!format!("{record:?}").contains("T0psecret"));
    assert!(secrets.contains(secret), "{secrets:?}");
}

#[test]
fn a_row_without_secrets_keeps_what_it_shares() {
    let resource = Arc::new(Resource { attributes: texts(&[("service.name", "shop")]) });
    let mut span = RawSpan { resource: Arc::clone(&resource), ..raw(1, None, &texts(&[("a", "b")])) };
    Scrubber::default().span(&mut span);
    assert!(Arc::ptr_eq(&resource, &span.resource));
}

#[test]
fn every_name_is_found_in_texts_in_every_spelling() {
    for end in places::SECRET_TEXT_NAMES {
        let json = format!(r#"{{"{end}": "T0psecret"}}"#);
        assert_eq!(secrets_in(&json).len(), 1, "{json}");
    }
}

proptest! {
    #[test]
    fn masking_twice_is_masking_once(words in proptest::collection::vec(
        prop_oneof![
            Just("Authorization: Bearer ".to_owned()),
            Just("\"api_key\": \"".to_owned()),
            Just("https://u:p@h/?key=".to_owned()),
            Just("sk-".to_owned()),
            Just("\"".to_owned()),
            "[a-zA-Z0-9*_ -]{0,24}",
            ".{0,6}",
        ], 0..8),
        key in prop_oneof![Just("gen_ai.headers"), Just("url.query"), Just("x"), Just("authorization")]) {
        let text = words.concat();
        let mut once = raw(1, None, &texts(&[(key, &text)]));
        Scrubber::default().span(&mut once);
        let mut twice = once.clone();
        let mut scrubber = Scrubber::default();
        scrubber.span(&mut twice);
        prop_assert_eq!(&once, &twice);
        prop_assert!(scrubber.secrets().is_empty());
    }

    #[test]
    fn any_text_is_survived(text in ".{0,200}") {
        for range in secrets_in(&text) {
            prop_assert!(text.get(range).is_some());
        }
    }
}
