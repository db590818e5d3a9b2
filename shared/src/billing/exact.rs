//! Fractions of money: what a share of something costs is exact until it is rounded, once, on a line.

use std::ops::{Add, AddAssign, Neg, Sub};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use crate::money::Pico;

/// A cent, in 10^-12 of the currency's unit.
const CENT: i128 = 10_000_000_000;

/// An amount that may be any fraction of 10^-12 of the currency's unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(BigRational);

impl From<Pico> for Exact {
    fn from(amount: Pico) -> Self {
        Self(BigRational::from(BigInt::from(amount.get())))
    }
}

impl Exact {
    /// Nothing.
    #[must_use]
    pub fn zero() -> Self {
        Self(BigRational::zero())
    }

    /// So many parts of an amount that is the whole; all of it where the whole is nothing.
    #[must_use]
    pub fn share(amount: Pico, part: u128, whole: u128) -> Self {
        let Self(all) = Self::from(amount);
        if whole == 0 {
            return Self(all);
        }
        Self(all * BigRational::new(part.into(), whole.into()))
    }

    /// The amount with two decimals, half a cent rounded away from zero. `None` past what an amount holds.
    #[must_use]
    pub fn rounded(&self) -> Option<Pico> {
        let cents = (&self.0 / BigInt::from(CENT)).round().to_integer();
        cents.to_i128()?.checked_mul(CENT).map(Pico::new)
    }
}

impl Add for Exact {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Exact {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Exact {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Exact {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pico(text: &str) -> Pico {
        text.parse().unwrap()
    }

    #[test]
    fn half_a_cent_goes_away_from_zero_and_a_hair_below_it_does_not() {
        let half = Exact::share(pico("0.01"), 1, 2);
        assert_eq!(half.rounded(), Some(pico("0.01")));
        assert_eq!((-half.clone()).rounded(), Some(pico("-0.01")));
        let hair = Exact::share(pico("0.000000000001"), 1, 1_000_000);
        assert_eq!((half - hair).rounded(), Some(Pico::ZERO));
    }

    #[test]
    fn thirds_add_up_to_the_whole() {
        let third = || Exact::share(pico("29.00"), 1, 3);
        assert_eq!((third() + third() + third()).rounded(), Some(pico("29.00")));
        assert_eq!(third().rounded(), Some(pico("9.67")));
        assert_eq!(Exact::share(pico("5.00"), 0, 0).rounded(), Some(pico("5.00")));
    }
}
