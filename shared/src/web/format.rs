//! Numbers and dates, written as the reader's language and choice of digits write them.

use std::borrow::Borrow;

use fixed_decimal::Decimal;
use icu_calendar::Gregorian;
use icu_datetime::{
    FixedCalendarDateTimeFormatter, fieldsets,
    options::{Length, TimePrecision},
};
use icu_decimal::{DecimalFormatter, options::DecimalFormatterOptions};
use icu_locale_core::Locale;
use jiff::{Timestamp, civil};
use jiff_icu::ConvertFrom as _;

use super::{Digits, Preferences};
use crate::money::Pico;

type IcuDate = icu_calendar::Date<icu_calendar::Iso>;
type IcuDateTime = icu_time::DateTime<icu_calendar::Iso>;
/// All languages so far go by the Gregorian calendar; a formatter of any calendar would put the names of
/// all others into the package.
type Formatter<F> = FixedCalendarDateTimeFormatter<Gregorian, F>;

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
        let formatter =
            Formatter::try_new(self.locale().into(), fieldsets::YMD::for_length(self.length()));
        formatter.map_or_else(
            |_| date.to_string(),
            |formatter| formatter.format(&gregorian(*date)).to_string(),
        )
    }

    /// A day of a year that goes without saying: `22 Nov`.
    #[must_use]
    pub fn day(&self, date: &civil::Date) -> String {
        let formatter =
            Formatter::try_new(self.locale().into(), fieldsets::MD::for_length(self.length()));
        formatter.map_or_else(
            |_| date.to_string(),
            |formatter| formatter.format(&gregorian(*date)).to_string(),
        )
    }

    /// A month: `November 2026`.
    #[must_use]
    pub fn month(&self, date: &civil::Date) -> String {
        let formatter = Formatter::try_new(self.locale().into(), fieldsets::YM::long());
        formatter.map_or_else(
            |_| date.to_string(),
            |formatter| formatter.format(&gregorian(*date)).to_string(),
        )
    }

    /// An hour in the account's time zone: `22 Nov, 14:00`.
    #[must_use]
    pub fn hour(&self, at: &Timestamp) -> String {
        let local = at.to_zoned(self.preferences.zone.clone()).datetime();
        let fields =
            fieldsets::MDT::for_length(self.length()).with_time_precision(TimePrecision::Minute);
        Formatter::try_new(self.locale().into(), fields).map_or_else(
            |_| local.to_string(),
            |formatter| formatter.format(&moment(local)).to_string(),
        )
    }

    /// A moment in the account's time zone, to the second.
    #[must_use]
    pub fn moment(&self, at: &Timestamp) -> String {
        let local = at.to_zoned(self.preferences.zone.clone()).datetime();
        let formatter =
            Formatter::try_new(self.locale().into(), fieldsets::YMDT::for_length(self.length()));
        formatter.map_or_else(
            |_| local.to_string(),
            |formatter| formatter.format(&moment(local)).to_string(),
        )
    }

    fn length(&self) -> Length {
        if self.preferences.language.0.long_dates { Length::Long } else { Length::Medium }
    }

    fn decimal(&self, text: &str) -> String {
        let formatter =
            DecimalFormatter::try_new(self.locale().into(), DecimalFormatterOptions::default());
        match (formatter, text.parse::<Decimal>()) {
            (Ok(formatter), Ok(decimal)) => formatter.format(&decimal).to_string(),
            _ => text.to_owned(),
        }
    }

    fn locale(&self) -> Locale {
        let [latin, own] = self.preferences.language.0.formats;
        let tag = if self.preferences.digits == Digits::Latin { latin } else { own };
        // A tag that is none fails the test of all languages.
        tag.parse().unwrap_or(Locale::UNKNOWN)
    }
}

fn moment(local: civil::DateTime) -> icu_time::DateTime<Gregorian> {
    let IcuDateTime { date, time } = IcuDateTime::convert_from(local);
    icu_time::DateTime { date: date.to_calendar(Gregorian), time }
}

fn gregorian(date: civil::Date) -> icu_calendar::Date<Gregorian> {
    IcuDate::convert_from(date).to_calendar(Gregorian)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Language;

    #[test]
    fn every_language_names_locales_that_there_are() {
        for language in Language::all() {
            for tag in language.0.formats {
                assert!(tag.parse::<Locale>().is_ok(), "{tag}");
            }
        }
    }

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
    }
}
