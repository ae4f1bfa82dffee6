//! Attribute values: OTLP's `AnyValue` without the wire.

use std::borrow::Cow;

use serde_json::Value as Json;

/// One OTLP `AnyValue`. Anything may stand in an attribute since OTLP 1.8: bytes, mixed arrays, nested maps, nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// An empty `AnyValue`.
    #[default]
    Null,
    /// `bool_value`.
    Bool(bool),
    /// `int_value`.
    Int(i64),
    /// `double_value`, possibly not finite.
    Double(f64),
    /// `string_value`; broken UTF-8 was replaced by U+FFFD.
    Str(String),
    /// `bytes_value`.
    Bytes(Vec<u8>),
    /// `array_value`.
    Array(Vec<Value>),
    /// `kvlist_value`, in the order sent.
    Map(Attributes),
}

impl Value {
    /// The text of a string value; nothing for other kinds.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Whole number from an int, an integral double, or their text. SDKs send `25`, `25.0` and `"25"` for one thing.
    pub fn to_i64(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Double(number) => integral(*number),
            Self::Str(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| integral(text.parse().ok()?))
            }
            _ => None,
        }
    }

    /// Finite number from an int, a double, or their text.
    pub fn to_f64(&self) -> Option<f64> {
        let number = match self {
            Self::Int(number) => *number as f64,
            Self::Double(number) => *number,
            Self::Str(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// Truth from a bool, or from the texts `true`/`false` in any case.
    pub fn to_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            Self::Str(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
            Self::Str(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The value as one column text: strings as they are, everything else as JSON. Bytes become base64-free hex text.
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Str(text) => Cow::Borrowed(text),
            other => Cow::Owned(other.to_json().to_string()),
        }
    }

    /// The value as JSON. Non-finite doubles become their names, bytes lower-case hexadecimal.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(truth) => Json::Bool(*truth),
            Self::Int(number) => Json::from(*number),
            Self::Double(number) => {
                serde_json::Number::from_f64(*number).map_or_else(|| Json::from(number.to_string()), Json::Number)
            }
            Self::Str(text) => Json::from(text.as_str()),
            Self::Bytes(bytes) => Json::from(bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()),
            Self::Array(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Map(map) => Json::Object(map.iter().map(|(key, value)| (key.to_owned(), value.to_json())).collect()),
        }
    }
}

fn integral(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9.0e15).then_some(number as i64)
}

/// Attributes in the order sent. A key that comes twice keeps its last value, as OTLP's consumers agree.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attributes(Vec<(String, Value)>);

impl Attributes {
    /// The last value under `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Appends; call [`Attributes::get`] to read, which prefers the last.
    pub fn push(&mut self, key: impl Into<String>, value: Value) {
        self.0.push((key.into(), value));
    }

    /// Number of entries, doubles included.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without entries.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Entries in the order sent, to change the values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.0.iter_mut().map(|(key, value)| (key.as_str(), value))
    }

    /// Entries in the order sent.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }
}

impl FromIterator<(String, Value)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_in_every_clothing() {
        for value in [Value::Int(25), Value::Double(25.0), Value::Str("25".into()), Value::Str(" 25.0 ".into())] {
            assert_eq!(value.to_i64(), Some(25), "{value:?}");
        }
        assert_eq!(Value::Double(25.5).to_i64(), None);
        assert_eq!(Value::Str("NaN".into()).to_f64(), None);
    }

    #[test]
    fn the_last_of_equal_keys_wins() {
        let attributes: Attributes =
            [("a".to_owned(), Value::Int(1)), ("a".to_owned(), Value::Int(2))].into_iter().collect();
        assert_eq!(attributes.get("a"), Some(&Value::Int(2)));
    }
}
