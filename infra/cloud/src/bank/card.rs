//! The cards of the provider's documentation, and what each does.

use serde::{Deserialize, Serialize};

/// A card that somebody typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Typed {
    pub(crate) brand: String,
    pub(crate) last4: String,
    pub(crate) month: i8,
    pub(crate) year: i16,
    pub(crate) does: Does,
}

/// What happens when a card is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Does {
    Pays,
    /// It is declined, with the codes of the API.
    Declines(Why),
    /// Its bank asks its owner each time.
    Asks,
    /// It pays, and what is given back is on its way for a while.
    PaysBackLate,
    /// It pays, and nothing can be given back to it.
    PaysNothingBack,
}

/// Why a card is declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Why {
    Generic,
    NoFunds,
    Stolen,
    Lost,
    Expired,
    Processing,
}

impl Why {
    /// `code` and `decline_code`.
    pub(crate) fn codes(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Generic => ("card_declined", Some("generic_decline")),
            Self::NoFunds => ("card_declined", Some("insufficient_funds")),
            Self::Stolen => ("card_declined", Some("stolen_card")),
            Self::Lost => ("card_declined", Some("lost_card")),
            Self::Expired => ("expired_card", None),
            Self::Processing => ("processing_error", None),
        }
    }
}

/// What a person's typing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done: the way back.
    Done(String),
    /// The card's own bank wants to ask its owner.
    Asked,
    /// Declined, or the owner said no: the page stays open.
    Declined(&'static str),
    /// The bank knows no such card.
    Unknown,
}

/// The known cards: number, brand, what they do.
pub(crate) const KNOWN: [(&str, &str, Does); 13] = [
    ("4242424242424242", "visa", Does::Pays),
    ("5555555555554444", "mastercard", Does::Pays),
    ("378282246310005", "amex", Does::Pays),
    ("4000000000000002", "visa", Does::Declines(Why::Generic)),
    ("4000000000009995", "visa", Does::Declines(Why::NoFunds)),
    ("4000000000009979", "visa", Does::Declines(Why::Stolen)),
    ("4000000000009987", "visa", Does::Declines(Why::Lost)),
    ("4000000000000069", "visa", Does::Declines(Why::Expired)),
    ("4000000000000119", "visa", Does::Declines(Why::Processing)),
    ("4000000000000341", "visa", Does::Declines(Why::Generic)),
    ("4000002500003155", "visa", Does::Asks),
    ("4000000000007726", "visa", Does::PaysBackLate),
    ("4000000000005126", "visa", Does::PaysNothingBack),
];

/// A card's month and year that are far enough away from a moment.
fn later(now: i64) -> (i8, i16) {
    const YEAR: i64 = 31_556_952;
    (12, i16::try_from(1970 + now / YEAR + 4).unwrap_or(i16::MAX))
}

impl Typed {
    /// The card of a number, with or without spaces, that expires as is said, or in some years.
    pub(crate) fn read(number: &str, expires: Option<(i8, i16)>, now: i64) -> Option<Self> {
        let digits: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let (number, brand, does) = KNOWN.iter().find(|(known, ..)| *known == digits)?;
        let (month, year) = expires.unwrap_or_else(|| later(now));
        let last4 = number[number.len() - 4..].to_owned();
        Some(Self { brand: (*brand).to_owned(), last4, month, year, does: *does })
    }
}

/// `12/27`, `12 / 2027`.
pub(crate) fn expiry(text: &str) -> Option<(i8, i16)> {
    let (month, year) = text.split_once('/')?;
    let month = month.trim().parse().ok().filter(|month| (1..=12).contains(month))?;
    let year: i16 = year.trim().parse().ok()?;
    Some((month, if year < 100 { 2000 + year } else { year }))
}
