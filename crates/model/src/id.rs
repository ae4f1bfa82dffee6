//! Identities: trace, span and project ids. A wrong length or an all-zero id cannot be built.

use std::fmt;
use std::sync::Arc;

/// Why an id was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The id has another number of bytes than OpenTelemetry prescribes.
    #[error("id has {got} bytes, expected {want}")]
    Length {
        /// Bytes found.
        got: usize,
        /// Bytes prescribed.
        want: usize,
    },
    /// All bytes are zero: the OTLP specification calls such an id invalid.
    #[error("id is all zeros")]
    Zero,
    /// Not hexadecimal digits.
    #[error("id is not hexadecimal")]
    NotHex,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Bytes in this id.
            pub const LEN: usize = $len;

            /// Takes exactly [`Self::LEN`] bytes that are not all zero.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdError> {
                let raw: [u8; $len] =
                    bytes.try_into().map_err(|_| IdError::Length { got: bytes.len(), want: $len })?;
                if raw == [0; $len] { Err(IdError::Zero) } else { Ok(Self(raw)) }
            }

            /// Reads hexadecimal digits in either case.
            pub fn from_hex(text: &str) -> Result<Self, IdError> {
                Self::from_bytes(&unhex(text.as_bytes())?)
            }

            /// The bytes as on the wire.
            pub fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            /// Lower-case hexadecimal, the form of every column and URL.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Every row shows its ids many times: one write, not one a byte.
                let mut text = [0; 2 * $len];
                for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(self.0) {
                    *pair = [byte >> 4, byte & 0xf].map(|nibble| nibble + if nibble < 10 { b'0' } else { b'a' - 10 });
                }
                f.write_str(std::str::from_utf8(&text).unwrap_or_default())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id! {
    /// Sixteen bytes that name a trace.
    TraceId, 16
}
id! {
    /// Eight bytes that name a span inside its trace.
    SpanId, 8
}

fn unhex(digits: &[u8]) -> Result<Vec<u8>, IdError> {
    let nibble = |b: u8| char::from(b).to_digit(16).map(|d| d as u8).ok_or(IdError::NotHex);
    if digits.len() % 2 == 1 {
        return Err(IdError::NotHex);
    }
    digits.chunks_exact(2).map(|pair| Ok(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

/// The tenant that owns a row. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProjectId(Arc<str>);

impl ProjectId {
    /// The project of a server on which none was configured.
    pub const DEFAULT: &'static str = "default";

    /// Any non-empty name.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name as stored in the column `project`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ProjectId {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trips_and_folds_case() {
        let id = TraceId::from_hex("5B8EFFF798038103D269B633813FC60C").map(|id| id.to_string());
        assert_eq!(id, Ok("5b8efff798038103d269b633813fc60c".to_owned()));
    }

    #[test]
    fn wrong_ids_are_refused_with_the_reason() {
        assert_eq!(SpanId::from_bytes(&[1; 7]), Err(IdError::Length { got: 7, want: 8 }));
        assert_eq!(SpanId::from_bytes(&[0; 8]), Err(IdError::Zero));
        assert_eq!(SpanId::from_hex("eee19b7ec3c1b17"), Err(IdError::NotHex));
        assert_eq!(SpanId::from_hex("+ee19b7ec3c1b174"), Err(IdError::NotHex));
    }
}
