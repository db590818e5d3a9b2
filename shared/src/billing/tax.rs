//! Who sells, and which tax is on it: `infra/tax.toml`, which the operator edits. A document keeps both as they
//! were.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Exact;
use crate::{country::Country, money::Pico};

/// Why the table of taxes cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TaxError {
    /// It has not the right shape.
    #[error("infra/tax.toml does not parse")]
    Shape(#[from] serde_json::Error),
    /// It contradicts itself.
    #[error("infra/tax.toml: {0}")]
    Rule(String),
}

/// The rental company, as documents name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seller {
    /// Its name.
    pub name: String,
    /// Its address, line by line.
    pub address: Vec<String>,
    /// Its country, ISO 3166-1.
    #[schema(value_type = String, example = "AE")]
    pub country: Country,
    /// Its number with the tax office; empty if it has none.
    #[serde(default)]
    pub tax_id: String,
    /// Whom to ask.
    #[serde(default)]
    pub email: String,
}

/// What sales to a country are taxed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    country: Country,
    /// What the tax is called, by language.
    name: BTreeMap<String, String>,
    /// As a fraction: `0.15`.
    rate: Pico,
    /// Whether who has a tax id there pays the tax itself.
    #[serde(default)]
    reverse_charge: bool,
}

/// A tax as it is on a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    /// What it is called, by language.
    pub name: BTreeMap<String, String>,
    /// As a fraction; zero where the client pays it itself.
    pub rate: Pico,
    /// Whether the client pays it itself.
    pub reverse_charge: bool,
}

impl Tax {
    /// What it is called in a language.
    #[must_use]
    pub fn name_in(&self, language: &str) -> &str {
        let name = self.name.get(language).or_else(|| self.name.get("en"));
        name.map_or("", String::as_str)
    }

    /// The tax on a rounded amount, rounded; below zero on a credit.
    #[must_use]
    pub fn on(&self, base: Pico) -> Option<Pico> {
        const ONE: u128 = 1_000_000_000_000;
        Exact::share(base, self.rate.get().unsigned_abs(), ONE).rounded()
    }
}

/// The seller and its taxes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxTable {
    /// Who sells.
    pub seller: Seller,
    #[serde(default)]
    tax: Vec<Entry>,
}

impl TaxTable {
    /// The table that this build was made with.
    pub fn embedded() -> Result<Self, TaxError> {
        Self::parse(include_str!(concat!(env!("OUT_DIR"), "/tax.json")))
    }

    /// Reads and checks a table; the build has made JSON of it.
    pub fn parse(json: &str) -> Result<Self, TaxError> {
        const MOST: Pico = Pico::new(1_000_000_000_000);
        let table: Self = serde_json::from_str(json)?;
        let mut seen = std::collections::BTreeSet::new();
        for entry in &table.tax {
            let broken = |what: &str| Err(TaxError::Rule(format!("{}: {what}", entry.country)));
            if !seen.insert(entry.country) {
                return broken("it is there twice");
            }
            if !(Pico::ZERO..MOST).contains(&entry.rate) {
                return broken("a rate is a fraction from 0 to below 1");
            }
            if !entry.name.contains_key("en") {
                return broken("the tax has no English name");
            }
        }
        Ok(table)
    }

    /// The tax on what is sold to somebody in a country, with a tax id or without; none where the table has none.
    #[must_use]
    pub fn of(&self, country: Option<Country>, tax_id: &str) -> Option<Tax> {
        let entry = self.tax.iter().find(|it| Some(it.country) == country)?;
        let reverse_charge = entry.reverse_charge && !tax_id.is_empty();
        let rate = if reverse_charge { Pico::ZERO } else { entry.rate };
        Some(Tax { name: entry.name.clone(), rate, reverse_charge })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> TaxTable {
        TaxTable::parse(
            r#"{"seller": {"name": "Us", "address": ["Here"], "country": "AE"}, "tax": [
                {"country": "SA", "name": {"en": "VAT"}, "rate": "0.15"},
                {"country": "DE", "name": {"en": "VAT"}, "rate": "0.19", "reverse_charge": true}]}"#,
        )
        .unwrap()
    }

    fn rate(country: &str, tax_id: &str) -> Option<(String, bool)> {
        let country = country.parse().ok();
        table().of(country, tax_id).map(|tax| (tax.rate.to_string(), tax.reverse_charge))
    }

    #[test]
    fn the_shipped_table_is_sound() {
        assert!(!TaxTable::embedded().unwrap().seller.name.is_empty());
    }

    #[test]
    fn the_country_chooses_and_a_tax_id_counts_only_where_the_table_says_so() {
        assert_eq!(rate("SA", "300000000000003"), Some(("0.15".to_owned(), false)));
        assert_eq!(rate("DE", ""), Some(("0.19".to_owned(), false)));
        assert_eq!(rate("DE", "DE123"), Some(("0.00".to_owned(), true)));
        assert_eq!((rate("FR", "FR1"), rate("", "")), (None, None));
    }

    #[test]
    fn tax_is_rounded_half_a_cent_away_from_zero() {
        let tax = table().of("SA".parse().ok(), "").unwrap();
        let on = |text: &str| tax.on(text.parse().unwrap()).unwrap().to_string();
        // 0.10 × 0.15 = 0.015, and 0.03 × 0.15 = 0.0045.
        assert_eq!([on("0.10"), on("-0.10"), on("0.03")], ["0.02", "-0.02", "0.00"]);
    }

    #[test]
    fn a_rate_of_fifteen_is_refused() {
        let wrong = r#"{"seller": {"name": "Us", "address": [], "country": "AE"},
            "tax": [{"country": "SA", "name": {"en": "VAT"}, "rate": "15"}]}"#;
        assert!(matches!(TaxTable::parse(wrong), Err(TaxError::Rule(_))));
    }
}
