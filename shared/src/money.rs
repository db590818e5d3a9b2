//! Money as integers. A price or a cost counts 10^-12 of the currency's unit (`Pico`), so that a
//! price of a millionth of a cent a token is exact and sums never round; an amount that is
//! charged is rounded once, on the invoice line.

use std::{fmt, ops::AddAssign, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const PER_UNIT: i128 = 1_000_000_000_000;
const DECIMALS: usize = 12;

/// An amount in 10^-12 of the currency's unit. Arithmetic is checked or cannot overflow: the
/// largest product of a `u64` count and a price of a million units a piece fits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pico(i128);

/// The text is not a decimal number with at most twelve decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal amount")]
pub struct InvalidAmount;

impl Pico {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From a count of 10^-12 units.
    #[must_use]
    pub const fn new(pico: i128) -> Self {
        Self(pico)
    }

    /// The count of 10^-12 units.
    #[must_use]
    pub const fn get(self) -> i128 {
        self.0
    }

    /// This price for `count` pieces; `None` past what 128 bits hold.
    #[must_use]
    pub fn times(self, count: u64) -> Option<Self> {
        self.0.checked_mul(i128::from(count)).map(Self)
    }

    /// The sum; `None` past what 128 bits hold.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// A millionth of this price; `None` when it would not be exact.
    #[must_use]
    pub fn millionth(self) -> Option<Self> {
        (self.0 % 1_000_000 == 0).then_some(Self(self.0 / 1_000_000))
    }

    /// The amount with two decimals, half a cent rounded away from zero: for a page where the exact one would be noise.
    #[must_use]
    pub fn rounded(self) -> Self {
        const CENT: i128 = PER_UNIT / 100;
        let half = if self.0 < 0 { -CENT / 2 } else { CENT / 2 };
        Self((self.0 + half) / CENT * CENT)
    }
}

impl AddAssign for Pico {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }
}

impl fmt::Display for Pico {
    /// Two decimals at least, more only where they say something: `12.50`, `0.000041`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (units, rest) = (
            self.0.unsigned_abs() / PER_UNIT.unsigned_abs(),
            self.0.unsigned_abs() % PER_UNIT.unsigned_abs(),
        );
        let decimals = format!("{rest:0DECIMALS$}");
        let decimals = decimals.trim_end_matches('0');
        write!(f, "{sign}{units}.{decimals:0<2}")
    }
}

impl FromStr for Pico {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (units, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
        let numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !numeric(units) || !numeric(decimals) || decimals.len() > DECIMALS {
            return Err(InvalidAmount);
        }
        let units: i128 = units.parse().map_err(|_| InvalidAmount)?;
        let decimals: i128 =
            format!("{decimals:0<DECIMALS$}").parse().map_err(|_| InvalidAmount)?;
        units
            .checked_mul(PER_UNIT)
            .and_then(|units| units.checked_add(decimals))
            .map(|pico| Self(sign * pico))
            .ok_or(InvalidAmount)
    }
}

impl Serialize for Pico {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pico {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Money {
    /// There is one currency: an amount of another is none of ours.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Stored {
            amount: Pico,
            currency: String,
        }
        let Stored { amount, currency } = Stored::deserialize(deserializer)?;
        let money = Self::from(amount);
        let ours = money.currency == currency;
        ours.then_some(money).ok_or_else(|| de::Error::custom("an amount of another currency"))
    }
}

/// An amount with its currency, as the API speaks of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Money {
    /// A decimal string, exact: `"12.50"`.
    #[schema(value_type = String, example = "12.50", pattern = r"^-?\d+\.\d{2,12}$")]
    pub amount: Pico,
    /// ISO 4217.
    #[schema(value_type = String, example = "USD")]
    pub currency: &'static str,
}

/// The one currency of the catalogue.
pub const CURRENCY: &str = "USD";

/// Nobody limits more than this, and every sum with it can be stored.
const MOST: Pico = Pico(1_000_000_000 * PER_UNIT);

/// An amount, as a client writes it.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmountInput {
    /// A decimal string, up to a thousand million.
    #[schema(example = "50.00")]
    pub amount: String,
    /// `USD`.
    #[schema(example = "USD")]
    pub currency: String,
}

impl AmountInput {
    /// The amount, if it is one and not below zero.
    #[must_use]
    pub fn parse(&self) -> Option<Pico> {
        let amount = self.amount.trim().parse::<Pico>().ok();
        amount.filter(|it| (Pico::ZERO..=MOST).contains(it) && self.currency == CURRENCY)
    }
}

impl From<Pico> for Money {
    fn from(amount: Pico) -> Self {
        Self { amount, currency: CURRENCY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_survive_the_round_trip_through_text() {
        for text in ["0.00", "12.50", "-0.01", "0.000000000001", "9223372036854775807.99"] {
            assert_eq!(text.parse::<Pico>().unwrap().to_string(), text);
        }
        assert_eq!("3".parse::<Pico>().unwrap().to_string(), "3.00");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for bad in ["", ".", "1.", ".5", "1e3", "+1", "0.0000000000001", "1,0", "- 1"] {
            assert_eq!(bad.parse::<Pico>(), Err(InvalidAmount), "{bad}");
        }
    }

    #[test]
    fn a_page_rounds_half_a_cent_away_from_zero() {
        let rounded = |text: &str| text.parse::<Pico>().unwrap().rounded().to_string();
        assert_eq!(rounded("0.005"), "0.01");
        assert_eq!(rounded("0.004999999999"), "0.00");
        assert_eq!(rounded("-0.005"), "-0.01");
    }
}
