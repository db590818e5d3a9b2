//! How a locale writes numbers and moments. ICU is asked while the panel is built, for the data of
//! all the world's locales was a twentieth of every package. The build script uses this file as well:
//! it holds the forms to ICU's own writing, and does not build a locale whose ways they cannot tell.

/// What a locale writes. `Debug` writes it as Rust: so it gets from the build into the program.
#[derive(Debug)]
pub(crate) struct Forms {
    pub(crate) numbers: Numbers,
    pub(crate) date: Form,
    pub(crate) day: Form,
    pub(crate) month: Form,
    pub(crate) hour: Form,
    pub(crate) moment: Form,
}

/// What is written around the numbers: a line for each month before noon and one after it. A number
/// stands in braces: its letter (see [`Moment::number`]) as often as it has digits at least.
#[derive(Debug)]
pub(crate) struct Form(pub(crate) &'static str);

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
    pub(crate) year: u32,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
}

impl Moment {
    /// The number that a letter stands for.
    fn number(&self, letter: char) -> u32 {
        match letter {
            'y' => self.year,
            'd' => self.day.into(),
            'h' => self.hour.into(),
            // On a clock of twelve hours.
            'k' => ((self.hour + 11) % 12 + 1).into(),
            'm' => self.minute.into(),
            _ => self.second.into(),
        }
    }

    /// What is written in this form.
    pub(crate) fn written(&self, form: &Form, numbers: &Numbers) -> String {
        let line = usize::from(self.month.max(1) - 1) * 2 + usize::from(self.hour >= 12);
        let mut rest = form.0.lines().nth(line).unwrap_or_default();
        let mut written = String::new();
        while let Some((before, (field, after))) =
            rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
        {
            let number = self.number(field.chars().next().unwrap_or_default());
            let digits = format!("{number:0width$}", width = field.len());
            written.push_str(before);
            written.extend(digits.chars().map(|digit| numbers.digit(digit)));
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
