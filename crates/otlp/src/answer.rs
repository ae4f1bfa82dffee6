//! Response bodies: `Export…ServiceResponse` and `google.rpc.Status`, in the encoding of the request.
//!
//! OTLP demands an empty message on full success (some SDKs log a present but empty `partial_success` as a warning),
//! and a `Status` body on every 4xx and 5xx.

use serde_json::{Map, Value, json};

use crate::wire::{put_bytes, put_varint_field};
use crate::{Encoding, Rejects, Signal};

/// OTLP recommends 4 MiB for whole responses; a message of this length says all that people read.
const MAX_MESSAGE_BYTES: usize = 4 << 10;

/// The body of a 200: empty (protobuf) or `{}` (JSON) unless something was rejected.
pub fn success_body(signal: Signal, encoding: Encoding, rejects: &Rejects) -> Vec<u8> {
    let message = shorten(rejects.message());
    let rejected = i64::try_from(rejects.count).unwrap_or(i64::MAX);
    match encoding {
        _ if rejects.count == 0 && message.is_empty() => match encoding {
            Encoding::Protobuf => Vec::new(),
            Encoding::Json => b"{}".to_vec(),
        },
        Encoding::Protobuf => {
            let mut partial = Vec::new();
            put_varint_field(&mut partial, 1, rejected.cast_unsigned());
            put_bytes(&mut partial, 2, message.as_bytes());
            let mut body = Vec::new();
            put_bytes(&mut body, 1, &partial);
            body
        }
        Encoding::Json => {
            let key = match signal {
                Signal::Traces => "rejectedSpans",
                Signal::Metrics => "rejectedDataPoints",
                Signal::Logs => "rejectedLogRecords",
            };
            let mut partial = Map::new();
            partial.insert(key.to_owned(), Value::from(rejected.to_string()));
            partial.insert("errorMessage".to_owned(), Value::from(message));
            json!({ "partialSuccess": partial }).to_string().into_bytes()
        }
    }
}

/// A `google.rpc.Status`; `retry_after_s` adds a `RetryInfo` detail, without which gRPC clients must not retry
/// `RESOURCE_EXHAUSTED`.
pub fn status_body(encoding: Encoding, grpc_code: i32, message: &str, retry_after_s: Option<u32>) -> Vec<u8> {
    const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";
    let message = shorten(message.to_owned());
    match encoding {
        Encoding::Protobuf => {
            let mut body = Vec::new();
            put_varint_field(&mut body, 1, i64::from(grpc_code).cast_unsigned());
            put_bytes(&mut body, 2, message.as_bytes());
            if let Some(seconds) = retry_after_s {
                let (mut duration, mut info, mut any) = (Vec::new(), Vec::new(), Vec::new());
                put_varint_field(&mut duration, 1, u64::from(seconds));
                put_bytes(&mut info, 1, &duration);
                put_bytes(&mut any, 1, RETRY_INFO.as_bytes());
                put_bytes(&mut any, 2, &info);
                put_bytes(&mut body, 3, &any);
            }
            body
        }
        Encoding::Json => {
            let mut body = json!({ "code": grpc_code, "message": message });
            if let Some(seconds) = retry_after_s {
                body["details"] = json!([{ "@type": RETRY_INFO, "retryDelay": format!("{seconds}s") }]);
            }
            body.to_string().into_bytes()
        }
    }
}

fn shorten(mut message: String) -> String {
    message.truncate(message.floor_char_boundary(MAX_MESSAGE_BYTES));
    message
}
