//! Where secrets are known to stand: names of headers, members and parameters, and forms of keys. Tables.

/// Ends of names whose value is a secret, in lower case and without `-`, `_` and `.`: attributes, members of JSON, headers,
/// parameters. `OPENAI_API_KEY` and `x-api-key` end alike.
const SECRET_ENDS: &[&str] = &[
    "authorization",
    "apikey",
    "heliconeauth",
    "accesstoken",
    "refreshtoken",
    "authtoken",
    "bearertoken",
    "securitytoken",
    "sessiontoken",
    "clientsecret",
    "apisecret",
    "appsecret",
    "webhooksecret",
    "secretkey",
    "secretaccesskey",
    "privatekey",
    "subscriptionkey",
    "password",
    "passwd",
];

/// The same, but only for a whole name: as ends they are too common.
const SECRET_NAMES: &[&str] = &["cookie", "setcookie", "xauth", "secret", "credentials"];

/// Parameters of addresses that are secrets there and words elsewhere.
const SECRET_PARAMETERS: &[&str] = &["key", "token", "sig", "signature", "secret", "xamzsignature", "xgoogsignature"];

/// Parts of a header's name that make its value a secret.
const SECRET_HEADER_PARTS: &[&str] =
    &["authorization", "auth-", "-auth", "token", "secret", "key", "cookie", "passw", "signature", "credential"];

/// Headers that only sound like it.
const HARMLESS_HEADERS: &[&str] =
    &["idempotency-key", "sec-websocket-key", "keep-alive", "x-ratelimit-remaining-tokens"];

/// Attributes that hold headers: one with all of them, or one each below it. With where that is written down.
pub(super) const HEADER_GROUPS: &[(&str, &str)] = &[
    ("ai.request.headers", "https://ai-sdk.dev/docs/ai-sdk-core/telemetry"),
    ("gen_ai.headers", "PyPI opentelemetry-instrumentation-openai 0.55 (utils.py)"),
    ("llm.headers", "PyPI opentelemetry-instrumentation-openai 0.40 (utils.py)"),
    ("http.request.header", "https://opentelemetry.io/docs/specs/semconv/http/http-spans/"),
    ("http.response.header", "https://opentelemetry.io/docs/specs/semconv/http/http-spans/"),
    ("rpc.request.metadata", "https://opentelemetry.io/docs/specs/semconv/rpc/grpc/"),
    ("rpc.grpc.request.metadata", "https://opentelemetry.io/docs/specs/semconv/rpc/grpc/"),
];

/// Attributes that hold an address, or the end of one: parameters may stand there without a scheme before them.
pub(super) const ADDRESSES: &[&str] = &["url.query", "url.full", "http.target", "http.url", "url.path"];

/// Keys that are known by their form: how they begin, which is left standing since it tells whose key it was; how many
/// characters follow at least; where that is written down.
pub(super) const FORMS: &[(&str, usize, &str)] = &[
    ("sk-", 20, "https://platform.openai.com/docs/api-reference/authentication"),
    ("AIza", 35, "https://cloud.google.com/docs/authentication/api-keys"),
    ("gsk_", 40, "https://console.groq.com/docs/quickstart"),
    ("hf_", 30, "https://huggingface.co/docs/hub/security-tokens"),
    ("ghp_", 36, "https://docs.github.com/en/authentication"),
    ("github_pat_", 40, "https://docs.github.com/en/authentication"),
    ("xoxb-", 24, "https://api.slack.com/authentication/token-types"),
];

/// Words before the secret of an authorization.
pub(super) const SCHEMES: &[&str] = &["bearer", "basic", "token", "apikey"];

/// What the texts are searched for: a part of every name and form above, in the spellings that occur. Whatever surrounds
/// a hit is then looked at closely.
pub(super) const HINTS: &[&str] = &[
    "://",
    "uthorization",
    "UTHORIZATION",
    "_key",
    "-key",
    "Key",
    "_KEY",
    "-KEY",
    "pikey",
    "elicone-",
    "ELICONE-",
    "_token",
    "-token",
    "Token",
    "_TOKEN",
    "-TOKEN",
    "_secret",
    "-secret",
    "Secret",
    "_SECRET",
    "assw",
    "ASSW",
    "earer ",
    "EARER ",
];

/// Names in the spellings that occur; a test looks for each of them in a text.
#[cfg(test)]
pub(super) const SECRET_TEXT_NAMES: &[&str] = &[
    "Authorization",
    "AUTHORIZATION",
    "proxy-authorization",
    "api_key",
    "api-key",
    "apiKey",
    "apikey",
    "OPENAI_API_KEY",
    "x-api-key",
    "X-API-KEY",
    "Helicone-Auth",
    "helicone-auth",
    "access_token",
    "accessToken",
    "refresh-token",
    "sessionToken",
    "AUTH_TOKEN",
    "client_secret",
    "clientSecret",
    "webhook-secret",
    "AWS_SECRET_ACCESS_KEY",
    "secretAccessKey",
    "private_key",
    "subscription-key",
    "password",
    "DB_PASSWORD",
    "passwd",
];

/// Letters of a name from its end, without what spellings differ in.
fn letters_from_end(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().rev().filter(|byte| !matches!(byte, b'-' | b'_' | b'.')).map(|byte| byte.to_ascii_lowercase())
}

fn ends_like(name: &str, end: &str) -> bool {
    let mut letters = letters_from_end(name);
    end.bytes().rev().all(|letter| letters.next() == Some(letter))
}

fn is_like(name: &str, other: &str) -> bool {
    letters_from_end(name).eq(other.bytes().rev())
}

/// Whether what bears this name is a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    SECRET_ENDS.iter().any(|end| ends_like(name, end)) || SECRET_NAMES.iter().any(|secret| is_like(name, secret))
}

/// Whether the parameter of an address is a secret.
pub(super) fn is_secret_parameter(name: &str) -> bool {
    SECRET_PARAMETERS.iter().any(|secret| is_like(name, secret)) || is_secret_name(name)
}

/// Whether a header's value is a secret.
pub(super) fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let sounds = SECRET_HEADER_PARTS.iter().any(|part| name.contains(part));
    sounds && !HARMLESS_HEADERS.contains(&name.as_str()) && !name.starts_with("x-ratelimit-")
}
