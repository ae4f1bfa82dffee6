//! Numbers in few bits: Rice codes, where the usual size is known, Elias gamma, where it is not, and bytes of seven bits.
//!
//! Bits fill a byte from its lowest one on. Readers give nothing where the data ends or makes no sense.

/// Bits that are read at once, whatever the place in the first byte.
const WINDOW: u32 = 57;

/// Bits in the making.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    pending: u64,
    used: u32,
}

impl BitWriter {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() * 8 + self.used as usize
    }

    /// The lowest `count` (at most 32) bits of a number.
    pub(super) fn put(&mut self, value: u32, count: u32) {
        self.pending |= (u64::from(value) & ((1 << count) - 1)) << self.used;
        self.used += count;
        while self.used >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.used -= 8;
        }
    }

    fn unary(&mut self, mut value: u32) {
        while value >= 32 {
            self.put(u32::MAX, 32);
            value -= 32;
        }
        self.put((1 << value) - 1, value + 1);
    }

    /// A number that is seldom much larger than `1 << k`.
    pub(super) fn rice(&mut self, value: u32, k: u32) {
        self.unary(value >> k);
        self.put(value, k);
    }

    /// A number from 1 on, of which small ones are likely.
    pub(super) fn gamma(&mut self, value: u32) {
        let bits = value.max(1).ilog2();
        self.unary(bits);
        self.put(value, bits);
    }

    /// All of them, the last byte filled up.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.used > 0 {
            self.bytes.push(self.pending as u8);
        }
        self.bytes
    }
}

/// Bits being read.
#[derive(Debug, Clone)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Leaves bits out.
    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        self.at = self.at.checked_add(count).filter(|at| *at <= self.bytes.len() * 8)?;
        Some(())
    }

    /// The next bits; zeros behind the end.
    fn window(&self) -> u64 {
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        let word = match rest.first_chunk() {
            Some(word) => u64::from_le_bytes(*word),
            None => rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        word >> (self.at % 8)
    }

    /// The next `count` (at most 32) bits.
    pub(super) fn take(&mut self, count: u32) -> Option<u32> {
        let value = self.window() & ((1 << count) - 1);
        self.skip(count as usize)?;
        Some(value as u32)
    }

    fn unary(&mut self) -> Option<u32> {
        let mut value = 0_u32;
        loop {
            let ones = self.window().trailing_ones().min(WINDOW - 1);
            value = value.checked_add(ones)?;
            if ones < WINDOW - 1 {
                self.skip(ones as usize + 1)?;
                return Some(value);
            }
            self.skip(ones as usize)?;
        }
    }

    /// What [`BitWriter::rice`] wrote.
    pub(super) fn rice(&mut self, k: u32) -> Option<u32> {
        let high = self.unary()?;
        let low = self.take(k)?;
        high.checked_mul(1 << k)?.checked_add(low)
    }

    /// What [`BitWriter::gamma`] wrote.
    pub(super) fn gamma(&mut self) -> Option<u32> {
        let bits = self.unary().filter(|bits| *bits < 32)?;
        Some(1 << bits | self.take(bits)?)
    }
}

/// Appends a number in bytes of seven bits, lowest first.
pub(super) fn put_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Bytes being read from their beginning.
#[derive(Debug, Clone)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// What [`put_varint`] wrote.
    pub(super) fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// The same for a number of 32 bits.
    pub(super) fn number(&mut self) -> Option<u32> {
        self.varint()?.try_into().ok()
    }

    /// Four bytes, lowest first.
    pub(super) fn fixed(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(numbers in prop::collection::vec((0_u32..1 << 30, 0_u32..20), 0..60)) {
            let mut writer = BitWriter::default();
            let mut varints = Vec::new();
            for (value, k) in &numbers {
                // A unary part of some thousand bits is long enough.
                let value = value % (1000 << k);
                writer.rice(value, *k);
                writer.gamma(value + 1);
                writer.put(value, *k);
                put_varint(&mut varints, u64::from(value) << 20);
            }
            let length = writer.len();
            let bytes = writer.finish();
            let (mut reader, mut varints) = (BitReader::new(&bytes), Bytes(&varints));
            for (value, k) in &numbers {
                let value = value % (1000 << k);
                prop_assert_eq!(reader.rice(*k), Some(value));
                prop_assert_eq!(reader.gamma(), Some(value + 1));
                prop_assert_eq!(reader.take(*k), Some(value & ((1 << k) - 1)));
                prop_assert_eq!(varints.varint(), Some(u64::from(value) << 20));
            }
            prop_assert_eq!(reader.at, length);
            prop_assert!(varints.varint().is_none() && bytes.len() == length.div_ceil(8));
        }

        #[test]
        fn senseless_bits_end(bytes in prop::collection::vec(any::<u8>(), 0..40), k in 0_u32..32) {
            let mut reader = BitReader::new(&bytes);
            while reader.rice(k).is_some() {}
            let mut reader = BitReader::new(&bytes);
            while reader.gamma().is_some() {}
            let mut rest = Bytes(&bytes);
            while rest.varint().is_some() {}
        }
    }
}
