//! Money as a decimal: US dollars with twelve digits behind the point, the contract's `decimal(24,12)`.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::str::FromStr;

/// An exact amount of US dollars, counted in 10⁻¹² dollars. Sums never lose a cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Usd(i128);

/// Why a text is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an amount of money: {0:?}")]
pub struct UsdError(pub String);

impl Usd {
    /// Digits behind the point.
    pub const SCALE: u32 = 12;
    /// All digits, as the column type has them.
    pub const PRECISION: u32 = 24;
    /// Nothing at all, which is not the same as unknown.
    pub const ZERO: Self = Self(0);

    const ONE: i128 = 10_i128.pow(Self::SCALE);
    const MAX: i128 = 10_i128.pow(Self::PRECISION) - 1;

    /// From 10⁻¹² dollars. `None` if it does not fit the column.
    pub fn from_picos(picos: i128) -> Option<Self> {
        (picos.abs() <= Self::MAX).then_some(Self(picos))
    }

    /// The amount in 10⁻¹² dollars.
    pub const fn as_picos(self) -> i128 {
        self.0
    }

    /// Through the shortest decimal text of a float, so that `0.1` means a tenth. `None` for NaN, infinities and amounts
    /// that do not fit; digits behind the twelfth are rounded half up.
    pub fn from_f64(dollars: f64) -> Option<Self> {
        dollars.is_finite().then(|| format!("{dollars:.18}"))?.parse().ok()
    }
}

impl FromStr for Usd {
    type Err = UsdError;

    /// Reads `-12.34`, `1e-6` or `.5`.
    fn from_str(text: &str) -> Result<Self, UsdError> {
        parse(text.trim()).and_then(Self::from_picos).ok_or_else(|| UsdError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<i128> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // Every digit has a power of ten; what lies behind the twelfth place only decides the rounding.
    let mut total: i128 = 0;
    let mut round_up = false;
    for (index, digit) in whole.chars().chain(fraction.chars()).enumerate() {
        let value = i128::from(digit.to_digit(10)?);
        let power = whole.len() as i32 - 1 - index as i32 + exponent + Usd::SCALE as i32;
        match power {
            0.. => total = total.checked_add(value.checked_mul(10_i128.checked_pow(power as u32)?)?)?,
            -1 => round_up = value >= 5,
            _ => {}
        }
    }
    let total = total + i128::from(round_up);
    Some(if negative { -total } else { total })
}

impl fmt::Display for Usd {
    /// All twelve digits: the form of the JSON API and of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let picos = self.0.unsigned_abs();
        let one = Self::ONE.unsigned_abs();
        write!(f, "{sign}{}.{:012}", picos / one, picos % one)
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_providers_write() {
        for (text, shown) in [
            ("0.000012", "0.000012000000"),
            ("1e-6", "0.000001000000"),
            ("-3", "-3.000000000000"),
            (".5", "0.500000000000"),
            ("0.0000000000005", "0.000000000001"),
        ] {
            assert_eq!(text.parse::<Usd>().map(|usd| usd.to_string()), Ok(shown.to_owned()), "{text}");
        }
        for text in ["", ".", "abc", "1e40", "NaN", "1,5"] {
            assert!(text.parse::<Usd>().is_err(), "{text}");
        }
    }

    #[test]
    fn floats_mean_what_they_show() {
        assert_eq!(Usd::from_f64(0.1).map(Usd::as_picos), Some(100_000_000_000));
        assert_eq!(Usd::from_f64(f64::NAN), None);
    }

    proptest::proptest! {
        #[test]
        fn display_round_trips(picos in -10_i128.pow(23)..10_i128.pow(23)) {
            let usd = Usd::from_picos(picos);
            proptest::prop_assert_eq!(usd.and_then(|usd| usd.to_string().parse().ok()), usd);
        }
    }
}
