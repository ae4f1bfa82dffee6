//! Translates DataKit's `opentelemetry.conf` into our settings, and says of every other key what became of it.

use pellucid_model::{Error, ErrorKind, Result};
use toml::{Table, Value};

/// What DataKit's settings mean here. A row: key, and what the reader must know; everything not listed is unknown.
const NOTES: &[(&str, &str)] = &[
    (
        "http",
        "its paths are /otel/v1/traces, /otel/v1/metrics and /otel/v1/logs on 127.0.0.1:9529; all three work here unchanged",
    ),
    ("customer_tags_all", "not needed: every attribute is stored and can be asked for"),
    ("costomer_tags_all", "not needed: every attribute is stored and can be asked for"),
    (
        "expected_headers",
        "not taken over: DataKit lets requests pass on them or on the content type; use [auth] keys to tell who may send",
    ),
    ("sampler", "not taken over: everything is stored; sample in the SDK if you must"),
    ("keep_rare_resource", "not needed without a sampler"),
    ("omit_err_status", "not taken over: DataKit does not apply it either"),
    ("compatible_ddtrace", "not taken over: ids stay hexadecimal"),
    ("compatible_zhaoshang", "not taken over: ids stay hexadecimal"),
    ("split_service_name", "not taken over: service_name is as sent, the system of a database stands in db_system"),
    ("spilt_service_name", "not taken over: service_name is as sent, the system of a database stands in db_system"),
    ("del_message", "not taken over: there is no copy of the span to drop"),
    ("clean_message", "not taken over: there is no copy of the span to clean"),
    ("log_max", "not taken over: log bodies are never cut into pieces"),
    ("jmarshaler", "not taken over: it only chose DataKit's JSON library"),
    ("tracing_metric_enable", "not needed: the same numbers come from a query"),
    ("tracing_metric_tag_blacklist", "not needed: the same numbers come from a query"),
    ("tracing_metric_tag_whitelist", "not needed: the same numbers come from a query"),
    ("close_resource", "not taken over: nothing is dropped by name"),
    ("tags", "not taken over: set OTEL_RESOURCE_ATTRIBUTES at the sender"),
    ("threads", "not needed: work in flight is bounded by [limits] in_flight_bytes"),
    ("storage", "not needed: every accepted request is on disk before it is answered"),
];

/// The text of our configuration file for DataKit's `text`; notes are comments in it.
pub(crate) fn translate(file: &str, text: &str) -> Result<String> {
    let table: Table = text.parse().map_err(|cause: toml::de::Error| {
        let offset = cause.span().map_or(0, |span| span.start);
        let line = 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
        Error::new(ErrorKind::Invalid, format!("{file}:{line}: {}", cause.message()))
    })?;
    let input = input_of(&table).ok_or_else(|| {
        Error::new(ErrorKind::Invalid, format!("{file}: no [[inputs.opentelemetry]] in it"))
            .with_hint("give DataKit's conf.d/opentelemetry/opentelemetry.conf")
    })?;
    let mut head = vec![format!("# translated from {file}")];
    let mut otlp = Vec::new();
    for (key, value) in input {
        match key.as_str() {
            "customer_tags" => otlp.push(format!("customer_tags = {value}")),
            "grpc" => head.extend(grpc(value)),
            _ => head.push(format!("# {key}: {}", note(key))),
        }
    }
    if !input.contains_key("grpc") {
        head.push("# no [grpc] in it: OTLP/gRPC listens on the default address".to_owned());
    }
    if !otlp.is_empty() {
        otlp.insert(0, "\n[otlp]".to_owned());
    }
    let ours = head.into_iter().chain(otlp).collect::<Vec<_>>().join("\n") + "\n";
    super::check_text(file, &ours)?;
    Ok(ours)
}

fn input_of(table: &Table) -> Option<&Table> {
    match table.get("inputs")?.get("opentelemetry")? {
        Value::Array(items) => items.first()?.as_table(),
        Value::Table(input) => Some(input),
        _ => None,
    }
}

fn note(key: &str) -> &'static str {
    NOTES.iter().find(|(name, _)| *name == key).map_or("unknown to DataKit's documentation, left out", |(_, note)| note)
}

fn grpc(value: &Value) -> Vec<String> {
    let address = value.get("addr").or_else(|| value.get("address")).and_then(Value::as_str);
    let mut lines: Vec<String> = address.map(|address| format!("otlp_grpc = {:?}", address)).into_iter().collect();
    if value.get("max_payload").is_some() {
        lines.push("# grpc.max_payload: not taken over, [limits] body_bytes bounds both transports".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONF: &str = r#"
[[inputs.opentelemetry]]
  customer_tags = ["gen_ai.application_name", "gen_ai.request.model", "reg:^x_"]
  clean_message = true
  [inputs.opentelemetry.http]
    http_status_ok = 200
    trace_api = "/otel/v1/traces"
  [inputs.opentelemetry.grpc]
    addr = "127.0.0.1:4317"
  [inputs.opentelemetry.expected_headers]
    ex_version = "1.2.3"
"#;

    #[test]
    fn the_articles_file_becomes_ours() {
        let ours = translate("opentelemetry.conf", CONF).unwrap();
        let config: super::super::Config = toml::from_str(&ours).unwrap();
        assert_eq!(config.otlp.customer_tags, ["gen_ai.application_name", "gen_ai.request.model", "reg:^x_"]);
        assert_eq!(config.otlp_grpc, "127.0.0.1:4317");
        assert!(ours.contains("# expected_headers: not taken over"), "{ours}");
        assert!(ours.contains("# http: "), "{ours}");
    }

    #[test]
    fn another_file_is_refused() {
        assert!(translate("x", "listen = \"a\"").unwrap_err().message.contains("inputs.opentelemetry"));
    }
}
