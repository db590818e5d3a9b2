//! What ICU says of how a locale writes numbers and moments.

use std::{error::Error, fmt, ops::Range};

use fixed_decimal::Decimal;
use icu_calendar::{Date, Gregorian};
use icu_datetime::{
    FixedCalendarDateTimeFormatter,
    fieldsets::{
        self,
        enums::{
            CalendarPeriodFieldSet, CompositeDateTimeFieldSet as Fields, DateAndTimeFieldSet,
            DateFieldSet,
        },
    },
    options::{Length, TimePrecision},
    parts,
};
use icu_decimal::{DecimalFormatter, options::DecimalFormatterOptions};
use icu_locale_core::Locale;
use icu_time::{DateTime, Time};
use writeable::{Part, PartsWrite, Writeable};

use super::forms::{Form, Forms, Moment, Numbers};

/// All languages so far go by the Gregorian calendar.
type Formatter = FixedCalendarDateTimeFormatter<Gregorian, Fields>;
type Failure = Box<dyn Error>;

/// The forms of a BCP 47 tag, with months in short words or in full; an error if ICU's writing is none
/// that they can tell.
pub(crate) fn forms(tag: &str, length: Length) -> Result<Forms, Failure> {
    of_tag(tag, length).map_err(|error| format!("{tag}: {error}").into())
}

fn of_tag(tag: &str, length: Length) -> Result<Forms, Failure> {
    let locale: Locale = tag.parse()?;
    let numbers = numbers(&locale)?;
    let form = |fields: Fields| form(&Formatter::try_new((&locale).into(), fields)?, &numbers);
    let minutes = fieldsets::MDT::for_length(length).with_time_precision(TimePrecision::Minute);
    let (date, day, month, hour, moment) = (
        form(Fields::Date(DateFieldSet::YMD(fieldsets::YMD::for_length(length))))?,
        form(Fields::Date(DateFieldSet::MD(fieldsets::MD::for_length(length))))?,
        form(Fields::CalendarPeriod(CalendarPeriodFieldSet::YM(fieldsets::YM::long())))?,
        form(Fields::DateTime(DateAndTimeFieldSet::MDT(minutes)))?,
        form(Fields::DateTime(DateAndTimeFieldSet::YMDT(fieldsets::YMDT::for_length(length))))?,
    );
    Ok(Forms { numbers, date, day, month, hour, moment })
}

/// How numbers are written, learned from a few of them.
fn numbers(locale: &Locale) -> Result<Numbers, Failure> {
    let formatter = DecimalFormatter::try_new(locale.into(), DecimalFormatterOptions::default())?;
    let icu = |number: &str| -> Result<String, Failure> {
        Ok(formatter.format(&number.parse::<Decimal>()?).to_string())
    };
    let mut digits = ['0'; 10];
    for (digit, value) in digits.iter_mut().zip('0'..) {
        *digit = icu(&value.to_string())?.chars().next().ok_or("a digit is nothing")?;
    }
    let long = icu("1234567890123")?;
    let groups: Vec<&str> = long.split(|it: char| !digits.contains(&it)).collect();
    let sizes: Vec<usize> = groups.iter().rev().map(|group| group.chars().count()).collect();
    let last = if sizes.len() > 1 { sizes[0] } else { 0 };
    let between = |text: &str| text.chars().filter(|it| !digits.contains(it)).collect::<String>();
    let mut least_before = 1;
    while last > 0 && between(&icu(&"1".repeat(last + least_before))?).is_empty() {
        least_before += 1;
    }
    let numbers = Numbers {
        digits,
        minus: between(&icu("-1")?).leak(),
        decimal: between(&icu("0.5")?).leak(),
        group: long.chars().find(|it| !digits.contains(it)).map_or("", |it| it.to_string().leak()),
        group_sizes: [last, sizes.get(1).copied().unwrap_or(1)],
        least_before,
    };
    let samples = ["0", "7", "999", "1000", "9999", "10000", "123456", "22361870", "1234567890123"];
    let with_signs = ["-1", "-1234.5", "0.000041", "1234.000041", "-0.5", "100000.00"];
    for number in samples.into_iter().chain(with_signs) {
        same(&numbers.written(number), &icu(number)?)?;
    }
    Ok(numbers)
}

/// A form, learned from a day of each month, before noon and after it, and held to a hundred others.
fn form(formatter: &Formatter, numbers: &Numbers) -> Result<Form, Failure> {
    let mut lines = Vec::new();
    let hour_letter = hour_letter(formatter, numbers)?;
    for month in 1..=12 {
        for hour in [3, 15] {
            lines.push(Sample::of(formatter, month, hour)?.as_form(hour_letter));
        }
    }
    let form = Form(lines.join("\n").leak());
    for month in 1..=12 {
        for hour in 0..24 {
            for (year, day, minute, second) in [(1999, 1, 0, 0), (2026, 28, 59, 7)] {
                let at = Moment { year, month, day, hour, minute, second };
                let theirs = formatter.format(&in_icu(at)?).to_string();
                same(&at.written(&form, numbers), &theirs)?;
            }
        }
    }
    Ok(form)
}

/// Three in the afternoon is three on a clock of twelve hours.
fn hour_letter(formatter: &Formatter, numbers: &Numbers) -> Result<char, Failure> {
    let afternoon = Sample::of(formatter, 1, 15)?;
    let hour = afternoon.parts.iter().find(|(_, part)| *part == parts::HOUR);
    let twelve =
        hour.is_some_and(|(at, _)| afternoon.text[at.clone()].ends_with(numbers.digits[3]));
    Ok(if twelve { 'k' } else { 'h' })
}

fn in_icu(at: Moment) -> Result<DateTime<Gregorian>, Failure> {
    let date = Date::try_new_gregorian(at.year.try_into()?, at.month, at.day)?;
    Ok(DateTime { date, time: Time::try_new(at.hour, at.minute, at.second, 0)? })
}

fn same(ours: &str, theirs: &str) -> Result<(), Failure> {
    if ours == theirs { Ok(()) } else { Err(format!("ICU writes {theirs:?}, not {ours:?}").into()) }
}

/// What ICU wrote, and which parts of it say what.
#[derive(Default)]
struct Sample {
    text: String,
    parts: Vec<(Range<usize>, Part)>,
}

impl Sample {
    fn of(formatter: &Formatter, month: u8, hour: u8) -> Result<Self, Failure> {
        let at = Moment { year: 2026, month, day: 4, hour, minute: 5, second: 6 };
        let mut sample = Self::default();
        formatter.format(&in_icu(at)?).write_to_parts(&mut sample)?;
        Ok(sample)
    }

    /// The text with its numbers taken out.
    fn as_form(&self, hour_letter: char) -> String {
        let mut form = self.text.clone();
        for (range, part) in self.parts.iter().rev() {
            let letter = match *part {
                parts::YEAR => 'y',
                parts::DAY => 'd',
                parts::HOUR => hour_letter,
                parts::MINUTE => 'm',
                parts::SECOND => 's',
                _ => continue,
            };
            let digits = self.text[range.clone()].chars().count();
            let field = letter.to_string().repeat(if letter == 'y' { 1 } else { digits });
            form.replace_range(range.clone(), &format!("{{{field}}}"));
        }
        form
    }
}

impl fmt::Write for Sample {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text);
        Ok(())
    }
}

impl PartsWrite for Sample {
    type SubPartsWrite = Self;

    fn with_part(
        &mut self,
        part: Part,
        mut f: impl FnMut(&mut Self) -> fmt::Result,
    ) -> fmt::Result {
        let from = self.text.len();
        f(self)?;
        self.parts.push((from..self.text.len(), part));
        Ok(())
    }
}
