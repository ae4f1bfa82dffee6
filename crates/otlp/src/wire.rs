//! The protobuf wire format: bytes in, (field number, value) pairs out, borrowed from the input.
//!
//! Never allocates for a length it has not seen, never recurses without a bound.

/// Why bytes are no protobuf message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The message ends inside a field.
    #[error("cut short")]
    Truncated,
    /// A varint longer than ten bytes.
    #[error("number of more than 64 bits")]
    Overflow,
    /// Field number 0, or a wire type that does not exist.
    #[error("impossible field tag")]
    Tag,
    /// A group that does not end, or ends without having begun.
    #[error("unbalanced group")]
    Group,
    /// Deeper than [`crate::MAX_DEPTH`].
    #[error("nested more than 100 deep")]
    Depth,
    /// A field of a known number with a wire type it cannot have.
    #[error("field {0} has the wrong wire type")]
    WireType(u32),
}

/// The value of one field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32,
}

/// A field with its number, ready to be read as the type its schema prescribes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) number: u32,
    value: Value<'a>,
}

impl<'a> Field<'a> {
    fn wrong(&self) -> WireError {
        WireError::WireType(self.number)
    }

    pub(crate) fn bytes(&self) -> Result<&'a [u8], WireError> {
        match self.value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(self.wrong()),
        }
    }

    /// Text; proto3 demands UTF-8, Go and C++ producers still send other bytes: these become U+FFFD.
    pub(crate) fn string(&self) -> Result<String, WireError> {
        let bytes = self.bytes()?;
        Ok(match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => String::from_utf8_lossy(bytes).into_owned(),
        })
    }

    pub(crate) fn message(&self) -> Result<Reader<'a>, WireError> {
        self.bytes().map(Reader::new)
    }

    pub(crate) fn varint(&self) -> Result<u64, WireError> {
        match self.value {
            Value::Varint(number) => Ok(number),
            _ => Err(self.wrong()),
        }
    }

    pub(crate) fn signed(&self) -> Result<i64, WireError> {
        self.varint().map(u64::cast_signed)
    }

    pub(crate) fn zigzag32(&self) -> Result<i32, WireError> {
        let raw = self.varint()? as u32;
        Ok((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
    }

    pub(crate) fn boolean(&self) -> Result<bool, WireError> {
        self.varint().map(|number| number != 0)
    }

    pub(crate) fn fixed64(&self) -> Result<u64, WireError> {
        match self.value {
            Value::Fixed64(number) => Ok(number),
            _ => Err(self.wrong()),
        }
    }

    pub(crate) fn double(&self) -> Result<f64, WireError> {
        self.fixed64().map(f64::from_bits)
    }

    /// Appends a repeated `fixed64`/`double`, packed or not.
    pub(crate) fn extend_fixed64<T>(&self, into: &mut Vec<T>, convert: fn(u64) -> T) -> Result<(), WireError> {
        match self.value {
            Value::Fixed64(number) => into.push(convert(number)),
            Value::Bytes(packed) => {
                let (chunks, rest) = packed.as_chunks::<8>();
                if !rest.is_empty() {
                    return Err(WireError::Truncated);
                }
                into.extend(chunks.iter().map(|chunk| convert(u64::from_le_bytes(*chunk))));
            }
            _ => return Err(self.wrong()),
        }
        Ok(())
    }

    /// Appends a repeated `uint64`, packed or not.
    pub(crate) fn extend_varint(&self, into: &mut Vec<u64>) -> Result<(), WireError> {
        match self.value {
            Value::Varint(number) => into.push(number),
            Value::Bytes(packed) => {
                let mut reader = Reader::new(packed);
                while !reader.rest.is_empty() {
                    into.push(reader.read_varint()?);
                }
            }
            _ => return Err(self.wrong()),
        }
        Ok(())
    }
}

/// Walks the fields of one message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// The next field, or nothing at the end. Groups (abolished in proto3) are skipped whole.
    pub(crate) fn next(&mut self) -> Result<Option<Field<'a>>, WireError> {
        loop {
            if self.rest.is_empty() {
                return Ok(None);
            }
            let (number, wire_type) = self.read_tag()?;
            match wire_type {
                3 => self.skip_group(number)?,
                4 => return Err(WireError::Group),
                _ => return Ok(Some(Field { number, value: self.read_value(wire_type)? })),
            }
        }
    }

    fn read_tag(&mut self) -> Result<(u32, u8), WireError> {
        let tag = u32::try_from(self.read_varint()?).map_err(|_| WireError::Tag)?;
        match tag >> 3 {
            0 => Err(WireError::Tag),
            number => Ok((number, (tag & 7) as u8)),
        }
    }

    fn read_value(&mut self, wire_type: u8) -> Result<Value<'a>, WireError> {
        match wire_type {
            0 => self.read_varint().map(Value::Varint),
            1 => self.take_array().map(u64::from_le_bytes).map(Value::Fixed64),
            2 => {
                let length = usize::try_from(self.read_varint()?).map_err(|_| WireError::Truncated)?;
                let (value, rest) = self.rest.split_at_checked(length).ok_or(WireError::Truncated)?;
                self.rest = rest;
                Ok(Value::Bytes(value))
            }
            5 => self.take_array::<4>().map(|_| Value::Fixed32),
            _ => Err(WireError::Tag),
        }
    }

    fn skip_group(&mut self, number: u32) -> Result<(), WireError> {
        let mut open = vec![number];
        while let Some(innermost) = open.last().copied() {
            let (number, wire_type) = self.read_tag().map_err(|_| WireError::Group)?;
            match wire_type {
                3 if open.len() >= crate::MAX_DEPTH => return Err(WireError::Depth),
                3 => open.push(number),
                4 if number == innermost => {
                    open.pop();
                }
                4 => return Err(WireError::Group),
                _ => {
                    self.read_value(wire_type)?;
                }
            }
        }
        Ok(())
    }

    fn read_varint(&mut self) -> Result<u64, WireError> {
        let mut number = 0_u64;
        for index in 0..10 {
            let (&byte, rest) = self.rest.split_first().ok_or(WireError::Truncated)?;
            self.rest = rest;
            if index == 9 && byte > 1 {
                return Err(WireError::Overflow);
            }
            number |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(WireError::Overflow)
    }

    fn take_array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (value, rest) = self.rest.split_first_chunk().ok_or(WireError::Truncated)?;
        self.rest = rest;
        Ok(*value)
    }
}

fn put_varint(into: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        into.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

pub(crate) fn put_varint_field(into: &mut Vec<u8>, field: u32, number: u64) {
    put_varint(into, u64::from(field << 3));
    put_varint(into, number);
}

pub(crate) fn put_bytes(into: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    put_varint(into, u64::from(field << 3 | 2));
    put_varint(into, bytes.len() as u64);
    into.extend_from_slice(bytes);
}

pub(crate) fn put_fixed64(into: &mut Vec<u8>, field: u32, number: u64) {
    put_varint(into, u64::from(field << 3 | 1));
    into.extend_from_slice(&number.to_le_bytes());
}
