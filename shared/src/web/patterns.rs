//! How a locale writes numbers and moments. ICU is asked while the panel is built: the data of all
//! the world's locales would be a twentieth of every package. The build script uses this file as well:
//! it holds the patterns to ICU's own writing, and does not build a locale whose ways they cannot tell.

/// What a locale writes. `Debug` writes it as Rust: so it gets from the build into the program.
#[derive(Debug)]
pub(crate) struct Patterns {
    pub(crate) date: Pattern,
    pub(crate) day: Pattern,
    pub(crate) month: Pattern,
    pub(crate) hour: Pattern,
    pub(crate) moment: Pattern,
    pub(crate) numbers: Numbers,
}

/// What is written around a moment's numbers: a line for each month before noon and one after it. A
/// number stands in braces: the letter of its [`Field`] as often as it has digits at least.
#[derive(Debug)]
pub(crate) struct Pattern(pub(crate) &'static str);

/// How a locale writes numbers.
#[derive(Debug)]
pub(crate) struct Numbers {
    /// From zero to nine.
    pub(crate) digits: [char; 10],
    pub(crate) minus: &'static str,
    pub(crate) decimal: &'static str,
    pub(crate) group: &'static str,
    /// Digits of the last group (0 if there are none), and of those before it.
    pub(crate) group_sizes: [usize; 2],
    /// Digits that a number has at least before its last group.
    pub(crate) least_before: usize,
}

/// A moment on somebody's clock and calendar.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// From [`FIRST_YEAR`] on.
    pub(crate) year: u32,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
}

/// Years before it are written with their era, of which patterns know nothing.
pub(crate) const FIRST_YEAR: u32 = 1000;

/// A number of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Year,
    Day,
    Hour24,
    Hour12,
    Minute,
    Second,
}

impl Field {
    const ALL: [Self; 6] =
        [Self::Year, Self::Day, Self::Hour24, Self::Hour12, Self::Minute, Self::Second];

    pub(crate) fn letter(self) -> char {
        match self {
            Self::Year => 'y',
            Self::Day => 'd',
            Self::Hour24 => 'H',
            Self::Hour12 => 'h',
            Self::Minute => 'm',
            Self::Second => 's',
        }
    }

    fn of(self, at: &Moment) -> u32 {
        match self {
            Self::Year => at.year,
            Self::Day => at.day.into(),
            Self::Hour24 => at.hour.into(),
            Self::Hour12 => ((at.hour + 11) % 12 + 1).into(),
            Self::Minute => at.minute.into(),
            Self::Second => at.second.into(),
        }
    }
}

impl Pattern {
    /// The moment in this pattern.
    pub(crate) fn written(&self, at: &Moment, numbers: &Numbers) -> String {
        let line = usize::from(at.month.max(1) - 1) * 2 + usize::from(at.hour >= 12);
        let mut rest = self.0.lines().nth(line).unwrap_or_default();
        let mut written = String::new();
        while let Some((before, (letters, after))) =
            rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            written.push_str(before);
            if let Some(field) = Field::ALL.into_iter().find(|it| letters.starts_with(it.letter()))
            {
                let latin = format!("{:0width$}", field.of(at), width = letters.len());
                written.extend(latin.chars().map(|digit| numbers.digit(digit)));
            }
            rest = after;
        }
        written + rest
    }
}

impl Numbers {
    /// A number given in Latin digits, `-1234.5`.
    pub(crate) fn written(&self, number: &str) -> String {
        let (minus, number) =
            number.strip_prefix('-').map_or(("", number), |number| (self.minus, number));
        let (whole, fraction) =
            number.split_once('.').map_or((number, None), |(whole, rest)| (whole, Some(rest)));
        let mut written = minus.to_owned();
        for (place, digit) in whole.chars().enumerate() {
            if self.begins_a_group(place, whole.len()) {
                written.push_str(self.group);
            }
            written.push(self.digit(digit));
        }
        if let Some(fraction) = fraction {
            written.push_str(self.decimal);
            written.extend(fraction.chars().map(|digit| self.digit(digit)));
        }
        written
    }

    /// Whether the digit at a place of so many begins a group that is not the first.
    fn begins_a_group(&self, place: usize, of: usize) -> bool {
        let [last, before] = self.group_sizes;
        let left = of - place;
        let grouped = last > 0 && of >= last + self.least_before;
        grouped && place > 0 && left >= last && (left - last).is_multiple_of(before)
    }

    fn digit(&self, latin: char) -> char {
        let value = latin.to_digit(10).and_then(|digit| self.digits.get(digit as usize));
        value.copied().unwrap_or(latin)
    }
}
