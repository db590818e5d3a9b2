//! Numbers and dates, written as the reader's language and choice of digits write them.

use std::borrow::Borrow;

use jiff::{Timestamp, civil};

use super::{
    Digits, Preferences,
    patterns::{FIRST_YEAR, Moment, Pattern, Patterns},
};
use crate::money::Pico;

/// Writes numbers and dates for one reader.
pub struct Format<'a> {
    preferences: &'a Preferences,
}

impl<'a> Format<'a> {
    pub(super) fn new(preferences: &'a Preferences) -> Self {
        Self { preferences }
    }

    /// A number with its groups: `22,361,870`.
    #[must_use]
    pub fn number(&self, number: impl Borrow<u64>) -> String {
        self.decimal(&number.borrow().to_string())
    }

    /// A number that may be below zero: its sign stays before it, whatever the direction of the words.
    #[must_use]
    pub fn signed(&self, number: impl Borrow<i64>) -> String {
        let number = *number.borrow();
        let digits = self.number(number.unsigned_abs());
        if number < 0 { format!("\u{2066}−{digits}\u{2069}") } else { digits }
    }

    /// A number that names something, such as a ticket's: in the reader's digits, without groups.
    #[must_use]
    pub fn name(&self, number: u64) -> String {
        let numbers = &self.patterns().numbers;
        number.to_string().chars().map(|digit| numbers.written(&digit.to_string())).collect()
    }

    /// An amount with as many decimals as it has, two at least; the currency is a word around it.
    #[must_use]
    pub fn amount(&self, amount: impl Borrow<Pico>) -> String {
        self.decimal(&amount.borrow().to_string())
    }

    /// A number of tenths, with a decimal where there is one to show.
    #[must_use]
    pub fn tenths(&self, tenths: u64) -> String {
        match (tenths / 10, tenths % 10) {
            (whole, 0) => self.number(whole),
            (whole, tenth) => self.decimal(&format!("{whole}.{tenth}")),
        }
    }

    /// A day: `22 Nov 2026`.
    #[must_use]
    pub fn date(&self, date: &civil::Date) -> String {
        self.written(|it| &it.date, date.at(0, 0, 0, 0))
    }

    /// A day of a year that goes without saying: `22 Nov`.
    #[must_use]
    pub fn day(&self, date: &civil::Date) -> String {
        self.written(|it| &it.day, date.at(0, 0, 0, 0))
    }

    /// A month: `November 2026`.
    #[must_use]
    pub fn month(&self, date: &civil::Date) -> String {
        self.written(|it| &it.month, date.at(0, 0, 0, 0))
    }

    /// An hour in the account's time zone: `22 Nov, 14:00`.
    #[must_use]
    pub fn hour(&self, at: &Timestamp) -> String {
        self.written(|it| &it.hour, self.local(at))
    }

    /// A moment in the account's time zone, to the second.
    #[must_use]
    pub fn moment(&self, at: &Timestamp) -> String {
        self.written(|it| &it.moment, self.local(at))
    }

    fn local(&self, at: &Timestamp) -> civil::DateTime {
        self.preferences.zone.to_datetime(*at)
    }

    fn written(&self, pattern: fn(&Patterns) -> &Pattern, at: civil::DateTime) -> String {
        let year = u32::try_from(at.year()).unwrap_or(0);
        if year < FIRST_YEAR {
            return at.to_string();
        }
        let at = Moment {
            year,
            month: at.month().unsigned_abs(),
            day: at.day().unsigned_abs(),
            hour: at.hour().unsigned_abs(),
            minute: at.minute().unsigned_abs(),
            second: at.second().unsigned_abs(),
        };
        pattern(self.patterns()).written(&at, &self.patterns().numbers)
    }

    fn decimal(&self, latin: &str) -> String {
        self.patterns().numbers.written(latin)
    }

    fn patterns(&self) -> &'static Patterns {
        let [latin, own] = &self.preferences.language.0.patterns;
        if self.preferences.digits == Digits::Latin { latin } else { own }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Language;

    fn preferences(code: &str, digits: Digits) -> Preferences {
        let language = Language::from_code(code).unwrap();
        Preferences { language, digits, ..Preferences::default() }
    }

    #[test]
    fn numbers_follow_the_choice_of_digits() {
        let written =
            |language, digits| Format::new(&preferences(language, digits)).number(22_361_870);
        assert_eq!(written("en", Digits::Latin), "22,361,870");
        assert_eq!(written("ar", Digits::Latin), "22,361,870");
        assert_eq!(written("ar", Digits::Arabic), "٢٢٬٣٦١٬٨٧٠");
    }

    #[test]
    fn amounts_keep_their_last_decimal() {
        let english = preferences("en", Digits::Latin);
        let amount: Pico = "1234.000041".parse().unwrap();
        assert_eq!(Format::new(&english).amount(amount), "1,234.000041");
    }

    #[test]
    fn days_are_written_in_words() {
        let day = civil::date(2026, 11, 22);
        let english = preferences("en", Digits::Latin);
        let arabic = preferences("ar", Digits::Arabic);
        assert_eq!(Format::new(&english).date(&day), "22 Nov 2026");
        assert!(Format::new(&arabic).date(&day).contains("نوفمبر"));
        let hour = "2026-11-22T14:00:00Z".parse().unwrap();
        assert_eq!(Format::new(&english).hour(&hour), "22 Nov, 14:00");
        let ancient = civil::date(-44, 3, 15);
        assert_eq!(Format::new(&english).date(&ancient), "-000044-03-15T00:00:00");
    }
}
