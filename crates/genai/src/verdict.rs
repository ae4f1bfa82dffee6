//! Did it fail, and how: the columns `status`, `error_type`, `error_message` and `http_status_code`.

use pellucid_model::{RawStatus, Span, Status};

use crate::field::{Facts, Field};
use crate::trail::Recorder;

const EXCEPTION_EVENT: &str = "exception";
const STACK: &str = "exception.stacktrace";

/// Places of instrumentations: an exception that was raised in one of them is theirs.
const INSTRUMENTATIONS: &[&str] =
    &["/openlit/instrumentation/", "/opentelemetry/instrumentation/", "/openinference/instrumentation/"];

/// Levels of a failure, in lower case.
const BAD_LEVELS: &[&str] = &["error", "critical", "fatal"];

/// Words before an HTTP status in the errors of providers' clients.
const STATUS_WORDS: &[&str] = &["error code: ", "status code: ", "status code ", "status_code=", "status: ", "http "];

/// Fills the verdict. What the sender calls fine is fine, and what it calls a failure is one unless only the
/// instrumentation failed; an exception, an error type, a finish reason or a level is a
/// failure where it said nothing, or where its word means nothing.
pub(crate) fn fill<R: Recorder>(span: &mut Span, facts: &mut Facts, ok_is_no_verdict: bool, recorder: &mut R) {
    let told_type = facts.text(Field::ErrorType);
    let told_message = facts.text(Field::ErrorMessage);
    let raised = span.events.iter().any(|event| event.name == EXCEPTION_EVENT);
    let ended_badly = span.content.finish_reasons.iter().any(|reason| reason == "error");
    let bad = |level: &str| BAD_LEVELS.contains(&level.to_ascii_lowercase().as_str());
    let (status, rule) = match span.status_raw {
        RawStatus::Error if instrumentation_failed(span) => (Status::Unset, "instrumentation_failed"),
        RawStatus::Error => (Status::Error, "sent"),
        RawStatus::Ok if !ok_is_no_verdict => (Status::Ok, "sent"),
        _ if raised => (Status::Error, "exception_event"),
        _ if told_type.is_some() => (Status::Error, "error_type"),
        _ if ended_badly => (Status::Error, "finish_reason"),
        _ if facts.peek_text(Field::Level).is_some_and(bad) => (Status::Error, "level"),
        RawStatus::Ok => (Status::Ok, "sent"),
        RawStatus::Unset => (Status::Unset, "nothing_tells"),
    };
    recorder.concluded("status", rule);
    span.status = status;
    if span.status == Status::Error {
        span.error_type = told_type.map(class_name);
        span.error_message = told_message;
    }
    span.http_status_code = facts.int(Field::HttpStatus).filter(|code| is_status(*code)).or_else(|| {
        if !span.kind.is_model_call() {
            return None;
        }
        // Google's clients call the status the error's type.
        let by_type = span.error_type.as_deref().filter(|told| told.len() == 3).and_then(code_at);
        let rule = if by_type.is_some() { "error_type" } else { "error_message" };
        let code = by_type.or_else(|| status_in(span.error_message.as_deref()?))?;
        recorder.concluded("http_status_code", rule);
        Some(code)
    });
}

/// True if the model answered and then the code that was to describe the answer failed. OpenLIT marks the call for it.
fn instrumentation_failed(span: &Span) -> bool {
    let answered = span.response_id.is_some() && !span.content.finish_reasons.is_empty();
    let stacks = || span.events.iter().filter_map(|event| event.attributes.get(STACK)?.as_str());
    answered && stacks().next().is_some() && stacks().all(raised_there)
}

/// The innermost frame of a Python stack is the last.
fn raised_there(stack: &str) -> bool {
    let frame = stack.rsplit("File \"").next().and_then(|frame| frame.split('"').next()).unwrap_or_default();
    stack.contains("File \"") && INSTRUMENTATIONS.iter().any(|place| frame.contains(place))
}

/// Python's `<class 'openai.RateLimitError'>` is the class of that name.
fn class_name(told: String) -> String {
    let inner = told.strip_prefix("<class '").and_then(|rest| rest.strip_suffix("'>"));
    inner.map_or(told.clone(), str::to_owned)
}

fn is_status(code: i64) -> bool {
    (100..600).contains(&code)
}

/// `Error code: 429 - {…}` → 429.
pub(crate) fn status_in(message: &str) -> Option<i64> {
    let lower = message.to_ascii_lowercase();
    STATUS_WORDS.iter().find_map(|word| code_at(lower.split_once(word)?.1)).or_else(|| {
        // JavaScript's clients begin with it, Google's a line of it: `429 {"type":…}`, `429 RESOURCE_EXHAUSTED. {…}`.
        let by_line = message.lines().filter(|line| line.get(3..).is_some_and(names_status));
        by_line.filter_map(code_at).next()
    })
}

/// Behind a status: an object, or the status in capitals.
fn names_status(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix(' ') else { return false };
    let word = rest.split(['.', ' ', ':']).next().unwrap_or_default();
    rest.starts_with('{') || (word.contains('_') && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
}

fn code_at(text: &str) -> Option<i64> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|code| digits.len() == 3 && is_status(*code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fault_of_the_instrumentation_is_not_the_calls() {
        let ours = "Traceback\n  File \"/a/openai/x.py\", line 1\n  File \"/v/openlit/instrumentation/groq/utils.py\", line 9\nAttributeError";
        let theirs = "Traceback\n  File \"/v/openlit/instrumentation/groq/groq.py\", line 9\n  File \"/a/openai/x.py\", line 1\nE";
        assert_eq!([ours, theirs, "", "no stack"].map(raised_there), [true, false, false, false]);
    }

    #[test]
    fn clients_write_the_status_into_the_message() {
        assert_eq!(status_in("Error code: 429 - {'error': {}}"), Some(429));
        assert_eq!(status_in("ApiError: status_code=503, body"), Some(503));
        assert_eq!(status_in("429 {\"type\":\"error\"}"), Some(429));
        assert_eq!(status_in("see the documentation\n\n429 RESOURCE_EXHAUSTED. {'error': {}}"), Some(429));
        assert_eq!(status_in("429 bottles"), None);

        assert_eq!(status_in("Error code: 42"), None);
        assert_eq!(status_in("nothing"), None);
    }
}
