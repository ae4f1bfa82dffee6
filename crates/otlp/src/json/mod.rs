//! JSON bodies: transcoded into the protobuf wire format by a table, then read by the one decoder.
//!
//! So both encodings of a request cannot differ in meaning. The mapping is OTLP's (hex ids, integer enums) plus what
//! real clients send: snake_case keys, enum names, base64 or dashed ids, numbers as text, attributes as a plain object.
//! A field that cannot be read costs itself alone, and the sender is told.

mod schema;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use self::schema::{Field, Message, Type};
use crate::wire::{put_bytes, put_fixed64, put_varint_field};
use crate::{DecodeError, Decoded, MAX_DEPTH, Rejects, Signal, proto};

type Write = Result<(), DecodeError>;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Messages nest through the envelope (about 10) and then by twos through attribute values.
const MAX_MESSAGE_DEPTH: usize = 10 + 3 * MAX_DEPTH;

pub(crate) fn decode(signal: Signal, body: &[u8]) -> Result<Decoded, DecodeError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = String::from_utf8_lossy(body);
    let request: Value = serde_json::from_str(&text)
        .or_else(|first| mend_surrogates(&text).map_or(Err(first), |mended| serde_json::from_str(&mended)))
        .map_err(|error| DecodeError::Json(error.to_string()))?;
    let Value::Object(request) = request else {
        return Err(DecodeError::Json("the root is not one export request object".to_owned()));
    };
    let schema = match signal {
        Signal::Traces => &schema::TRACES,
        Signal::Metrics => &schema::METRICS,
        Signal::Logs => &schema::LOGS,
    };
    let mut wire = Vec::with_capacity(body.len());
    let mut told = Rejects::default();
    message(&mut wire, schema, &request, 0, &mut told)?;
    let mut decoded = proto::decode(signal, &wire)?;
    decoded.rejects.count += told.count;
    told.reasons.into_iter().for_each(|reason| decoded.rejects.warn(reason));
    Ok(decoded)
}

/// Levels of the envelope: what is no object there is no request at all. Below them stand the items.
const ENVELOPE_DEPTH: usize = 2;

/// Replaces escapes of lone surrogates, which JavaScript can send and JSON readers refuse, by the replacement
/// character. Nothing if there are none.
fn mend_surrogates(text: &str) -> Option<String> {
    let unit = |at: usize| -> Option<u16> {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let bytes = text.as_bytes();
    let (mut mended, mut copied, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                mended.push_str(text.get(copied..at)?);
                mended.push('\u{fffd}');
                at += 6;
                copied = at;
            }
            Some(_) => at += 6,
            None => at += 2,
        }
    }
    mended.push_str(text.get(copied..)?);
    (mended.len() != text.len()).then_some(mended)
}

fn message(
    out: &mut Vec<u8>,
    schema: &Message,
    object: &Map<String, Value>,
    depth: usize,
    told: &mut Rejects,
) -> Write {
    if depth > MAX_MESSAGE_DEPTH {
        return Err(DecodeError::Json("nested more than 100 deep".to_owned()));
    }
    for (key, value) in object {
        if let Some(field) = schema.field(key) {
            repeated(out, field, key, value, depth, told)?;
        }
    }
    Ok(())
}

/// A list stands for a repeated field; null for an absent one.
fn repeated(out: &mut Vec<u8>, field: &Field, key: &str, value: &Value, depth: usize, told: &mut Rejects) -> Write {
    match (value, &field.kind) {
        (Value::Null, _) => Ok(()),
        (Value::Array(items), _) => items.iter().try_for_each(|item| match item {
            Value::Null => Ok(()),
            item => tolerant(out, field, key, item, depth, told),
        }),
        // Hand-written clients send attributes as a plain object.
        (Value::Object(entries), Type::KeyValue) => entries.iter().try_for_each(|(name, value)| {
            nested(out, field.number, |entry| {
                put_bytes(entry, 1, name.as_bytes());
                nested(entry, 2, |wire| plain_value(wire, value, depth + 1))
            })
        }),
        _ => tolerant(out, field, key, value, depth, told),
    }
}

/// A field that cannot be read is left out and told; an item that is none is rejected.
fn tolerant(out: &mut Vec<u8>, field: &Field, key: &str, value: &Value, depth: usize, told: &mut Rejects) -> Write {
    let nested_object = match (&field.kind, value) {
        (Type::Message(schema), Value::Object(object)) => Some((schema(), object)),
        (Type::KeyValue, Value::Object(object)) => Some((&schema::KEY_VALUE, object)),
        _ => None,
    };
    if let Some((schema, object)) = nested_object {
        return nested(out, field.number, |inner| message(inner, schema, object, depth + 1, told));
    }
    match &field.kind {
        // Hand-written clients leave the wrapper of an attribute's value out.
        Type::Message(schema) if std::ptr::eq(schema(), &schema::ANY_VALUE) => {
            nested(out, field.number, |inner| plain_value(inner, value, depth + 1))
        }
        Type::Message(_) if depth < ENVELOPE_DEPTH && field.is_list() => Err(cannot_be(key, value)),
        Type::Message(_) if depth == ENVELOPE_DEPTH && field.is_list() => {
            told.add(|| cannot_be(key, value).to_string());
            Ok(())
        }
        _ => {
            if let Err(bad) = single(out, field, key, value) {
                told.warn(bad.to_string());
            }
            Ok(())
        }
    }
}

fn cannot_be(key: &str, value: &Value) -> DecodeError {
    DecodeError::Json(format!("field {key:?} cannot be {}", brief(value)))
}

fn single(out: &mut Vec<u8>, field: &Field, key: &str, value: &Value) -> Write {
    let bad = || cannot_be(key, value);
    let number = field.number;
    match &field.kind {
        Type::Message(_) | Type::KeyValue => return Err(bad()),
        Type::Text => match value {
            Value::String(text) => put_bytes(out, number, text.as_bytes()),
            Value::Number(_) | Value::Bool(_) => put_bytes(out, number, value.to_string().as_bytes()),
            _ => return Err(bad()),
        },
        Type::Id(length) => put_bytes(out, number, &value.as_str().map_or_else(Vec::new, |text| id(text, *length))),
        Type::Base64 => match value.as_str() {
            Some(text) => put_bytes(out, number, &unbase64(text).ok_or_else(bad)?),
            None => return Err(bad()),
        },
        Type::Bool => put_varint_field(out, number, u64::from(boolean(value).ok_or_else(bad)?)),
        Type::Int => put_varint_field(out, number, integer(value).ok_or_else(bad)? as u64),
        Type::Sint => {
            let value = integer(value).ok_or_else(bad)? as i32;
            put_varint_field(out, number, u64::from((value << 1 ^ value >> 31).cast_unsigned()));
        }
        Type::Enum(names) => {
            let named = |text: &str| names.iter().find(|(name, _)| *name == text).map(|(_, number)| *number);
            let value = integer(value).or_else(|| value.as_str().and_then(named).map(i128::from));
            put_varint_field(out, number, value.unwrap_or(0) as u64);
        }
        Type::Fixed64 => put_fixed64(out, number, integer(value).ok_or_else(bad)? as u64),
        Type::Double => put_fixed64(out, number, double(value).ok_or_else(bad)?.to_bits()),
    }
    Ok(())
}

/// A JSON value where OTLP wants an `AnyValue`.
fn plain_value(out: &mut Vec<u8>, value: &Value, depth: usize) -> Write {
    if depth > MAX_MESSAGE_DEPTH {
        return Err(DecodeError::Json("nested more than 100 deep".to_owned()));
    }
    match value {
        Value::Null => {}
        Value::Bool(truth) => put_varint_field(out, 2, u64::from(*truth)),
        Value::Number(number) => match number.as_i64() {
            Some(number) => put_varint_field(out, 3, number.cast_unsigned()),
            None => put_fixed64(out, 4, number.as_f64().unwrap_or(f64::NAN).to_bits()),
        },
        Value::String(text) => put_bytes(out, 1, text.as_bytes()),
        Value::Array(items) => nested(out, 5, |list| {
            items.iter().try_for_each(|item| nested(list, 1, |wire| plain_value(wire, item, depth + 1)))
        })?,
        Value::Object(entries) => nested(out, 6, |list| {
            entries.iter().try_for_each(|(key, value)| {
                nested(list, 1, |entry| {
                    put_bytes(entry, 1, key.as_bytes());
                    nested(entry, 2, |wire| plain_value(wire, value, depth + 1))
                })
            })
        })?,
    }
    Ok(())
}

/// Hex digits in either case, with dashes (UUID) or `0x`; else base64 of the right length; else bytes that the id check
/// will refuse, so that one bad id costs one item.
fn id(text: &str, length: usize) -> Vec<u8> {
    let digits: String = text.trim().trim_start_matches("0x").chars().filter(|digit| *digit != '-').collect();
    let is_hex = digits.chars().all(|digit| digit.is_ascii_hexdigit()) && digits.len().is_multiple_of(2);
    let hex = || -> Vec<u8> {
        let nibble = |digit: &u8| char::from(*digit).to_digit(16).unwrap_or(0) as u8;
        digits.as_bytes().chunks_exact(2).map(|pair| nibble(&pair[0]) << 4 | nibble(&pair[1])).collect()
    };
    if is_hex && (digits.len() == 2 * length || digits.len() == length) {
        return hex();
    }
    match unbase64(text) {
        Some(bytes) if bytes.len() == length => bytes,
        _ if is_hex => hex(),
        _ => vec![0xff],
    }
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

/// A whole number from a number or its text; `1e3` and `25.0` count, through decimal digits and not through a float
/// wherever the text is at hand.
fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => {
            number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)).or_else(|| {
                let number = number.as_f64()?;
                (number.abs() < 1.9e19).then_some(number as i128)
            })
        }
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| decimal(text))
        }
        _ => None,
    }
}

/// Digits, an optional fraction and an optional exponent, exactly; what is left behind the point is cut off.
fn decimal(text: &str) -> Option<i128> {
    /// Beyond this no 64-bit number fits, and a hostile exponent must not build a long string of zeros.
    const MAX_DIGITS: usize = 20;
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or((1, mantissa), |rest| (-1, rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    if all.is_empty() || !all.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let length = i64::try_from(whole.len()).ok()? + i64::from(exponent);
    let length = usize::try_from(length.max(0)).ok()?;
    let digits = all.trim_start_matches('0');
    let length = length.saturating_sub(all.len() - digits.len());
    if digits.is_empty() || length == 0 {
        return Some(0);
    }
    if length > MAX_DIGITS {
        return None;
    }
    let kept: String = digits.chars().chain(std::iter::repeat('0')).take(length).collect();
    kept.parse::<i128>().ok().map(|number| sign * number)
}

fn double(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.trim() {
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            text => text.parse().ok(),
        },
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        _ => None,
    }
}

fn brief(value: &Value) -> String {
    let text = value.to_string();
    text.get(..text.floor_char_boundary(40)).unwrap_or_default().to_owned()
}

fn nested(out: &mut Vec<u8>, number: u32, fill: impl FnOnce(&mut Vec<u8>) -> Write) -> Write {
    let mut inner = Vec::new();
    fill(&mut inner)?;
    put_bytes(out, number, &inner);
    Ok(())
}
