//! Countries by their codes of ISO 3166-1, with their names in each language.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::web::Language;

/// Code, English name and Arabic name, as Unicode's CLDR has them.
const NAMES: &str = include_str!("names.tsv");

/// A country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// The text is no country's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the code of a country")]
pub struct UnknownCountry;

impl Country {
    /// All of them, in the order of their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        rows().filter_map(|[code, ..]| code.as_bytes().try_into().ok().map(Self))
    }

    /// Its code: two capital letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Its name in a language.
    #[must_use]
    pub fn name(&self, language: Language) -> &'static str {
        let row = rows().find(|[code, ..]| *code == self.code());
        row.map_or("", |[_, english, arabic]| match language.code() {
            "ar" => arabic,
            _ => english,
        })
    }
}

fn rows() -> impl Iterator<Item = [&'static str; 3]> {
    NAMES.lines().filter_map(|line| {
        let mut columns = line.split('\t');
        Some([columns.next()?, columns.next()?, columns.next()?])
    })
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(text: &str) -> Result<Self, UnknownCountry> {
        Self::all().find(|it| it.code() == text).ok_or(UnknownCountry)
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_a_code_of_its_own_and_a_name_in_each_language() {
        let all: Vec<_> = Country::all().collect();
        assert_eq!(all.len(), 249);
        assert!(all.is_sorted_by(|one, next| one < next));
        for country in all {
            assert!(Language::all().all(|language| !country.name(language).is_empty()));
            assert_eq!(country.code().parse(), Ok(country));
        }
    }

    #[test]
    fn what_is_no_code_is_no_country() {
        for bad in ["", "sa", "SAU", "ZZ", "S\t", "XK"] {
            assert_eq!(bad.parse::<Country>(), Err(UnknownCountry), "{bad}");
        }
    }
}
