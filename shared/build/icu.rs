//! What ICU says of how a locale writes numbers and moments.

use std::{error::Error, fmt, ops::Range};

use fixed_decimal::Decimal;
use icu_calendar::{Date, Gregorian};
use icu_datetime::{
    FixedCalendarDateTimeFormatter,
    fieldsets::{
        self,
        enums::{
            CalendarPeriodFieldSet, CompositeDateTimeFieldSet, DateAndTimeFieldSet, DateFieldSet,
        },
    },
    options::{Length, TimePrecision},
    parts,
};
use icu_decimal::{DecimalFormatter, options::DecimalFormatterOptions};
use icu_locale_core::Locale;
use icu_time::{DateTime, Time};
use writeable::{Part, PartsWrite, Writeable};

use super::patterns::{Field, Moment, Numbers, Pattern, Patterns};

/// All languages so far go by the Gregorian calendar.
type Formatter = FixedCalendarDateTimeFormatter<Gregorian, CompositeDateTimeFieldSet>;
type Failure = Box<dyn Error>;

/// The patterns of a BCP 47 tag, with months in short words or in full; an error if ICU's writing is
/// none that they can tell.
pub(crate) fn patterns(tag: &str, length: Length) -> Result<Patterns, Failure> {
    of_locale(&tag.parse()?, length).map_err(|error| format!("{tag}: {error}").into())
}

fn of_locale(locale: &Locale, length: Length) -> Result<Patterns, Failure> {
    use CompositeDateTimeFieldSet as Fields;
    let numbers = learned_numbers(locale)?;
    let pattern = |fields| learned_pattern(&Formatter::try_new(locale.into(), fields)?, &numbers);
    let day = fieldsets::MD::for_length(length);
    let minute = fieldsets::MDT::for_length(length).with_time_precision(TimePrecision::Minute);
    let second = fieldsets::YMDT::for_length(length);
    Ok(Patterns {
        date: pattern(Fields::Date(DateFieldSet::YMD(fieldsets::YMD::for_length(length))))?,
        day: pattern(Fields::Date(DateFieldSet::MD(day)))?,
        month: pattern(Fields::CalendarPeriod(CalendarPeriodFieldSet::YM(fieldsets::YM::long())))?,
        hour: pattern(Fields::DateTime(DateAndTimeFieldSet::MDT(minute)))?,
        moment: pattern(Fields::DateTime(DateAndTimeFieldSet::YMDT(second)))?,
        numbers,
    })
}

/// How numbers are written, learned from a few of them and held to others.
fn learned_numbers(locale: &Locale) -> Result<Numbers, Failure> {
    let formatter = DecimalFormatter::try_new(locale.into(), DecimalFormatterOptions::default())?;
    let icu = |number: &str| -> Result<String, Failure> {
        Ok(formatter.format(&number.parse::<Decimal>()?).to_string())
    };
    let mut digits = ['0'; 10];
    for (digit, value) in digits.iter_mut().zip('0'..) {
        *digit = icu(&value.to_string())?.chars().next().ok_or("a digit is nothing")?;
    }
    let marks = |text: String| text.chars().filter(|it| !digits.contains(it)).collect::<String>();
    let long = icu("1234567890123")?;
    let groups = long.split(|it: char| !digits.contains(&it));
    let sizes: Vec<usize> = groups.map(|group| group.chars().count()).rev().collect();
    let [last, before] = if let [last, before, ..] = sizes[..] { [last, before] } else { [0, 1] };
    let mut least_before = 1;
    while last > 0 && marks(icu(&"1".repeat(last + least_before))?).is_empty() {
        least_before += 1;
    }
    let numbers = Numbers {
        digits,
        minus: marks(icu("-1")?).leak(),
        decimal: marks(icu("0.5")?).leak(),
        group: marks(long).chars().take(1).collect::<String>().leak(),
        group_sizes: [last, before],
        least_before,
    };
    let whole = ["0", "7", "999", "1000", "9999", "10000", "123456", "22361870", "1234567890123"];
    let others = ["-1", "-1234.5", "-0.5", "0.000041", "1234.000041", "100000.00"];
    for number in whole.into_iter().chain(others) {
        same(&numbers.written(number), &icu(number)?)?;
    }
    Ok(numbers)
}

/// A pattern, learned from a day of each month before noon and after it, and held to every hour of two
/// days of each month.
fn learned_pattern(formatter: &Formatter, numbers: &Numbers) -> Result<Pattern, Failure> {
    let clock = clock(formatter, numbers)?;
    let mut lines = Vec::new();
    for month in 1..=12 {
        for hour in [3, 15] {
            lines.push(Sample::of(formatter, month, hour)?.without_numbers(clock));
        }
    }
    let pattern = Pattern(lines.join("\n").leak());
    for month in 1..=12 {
        for hour in 0..24 {
            for (year, day, minute, second) in [(1999, 1, 0, 0), (2026, 28, 59, 7)] {
                let at = Moment { year, month, day, hour, minute, second };
                let theirs = formatter.format(&in_icu(at)?).to_string();
                same(&pattern.written(&at, numbers), &theirs)?;
            }
        }
    }
    Ok(pattern)
}

/// Three in the afternoon is three on a clock of twelve hours.
fn clock(formatter: &Formatter, numbers: &Numbers) -> Result<Field, Failure> {
    let afternoon = Sample::of(formatter, 1, 15)?;
    let hour = afternoon.parts.iter().find(|(_, part)| *part == parts::HOUR);
    let three = hour.is_some_and(|(at, _)| afternoon.text[at.clone()].ends_with(numbers.digits[3]));
    Ok(if three { Field::Hour12 } else { Field::Hour24 })
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

    /// A line of the pattern.
    fn without_numbers(&self, clock: Field) -> String {
        let mut line = self.text.clone();
        for (range, part) in self.parts.iter().rev() {
            let field = match *part {
                parts::YEAR => Field::Year,
                parts::DAY => Field::Day,
                parts::HOUR => clock,
                parts::MINUTE => Field::Minute,
                parts::SECOND => Field::Second,
                _ => continue,
            };
            // All years have four digits; all else in the sample has as many as it needs at least.
            let digits = self.text[range.clone()].chars().count();
            let letters = field.letter().to_string().repeat(digits);
            line.replace_range(range.clone(), &format!("{{{letters}}}"));
        }
        line
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
