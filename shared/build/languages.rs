//! The languages: every folder of the locales is one. Its `language.toml` says what it is called and
//! how it writes, its `.ftl` files hold its words.

use std::{error::Error, fmt::Write, fs, path::Path};

use icu_datetime::options::Length;
use serde::Deserialize;

use super::{icu, messages, patterns::Patterns};

/// The language of those who ask for none that is there; it comes first.
const DEFAULT: &str = "en";

/// One language, as its folder tells.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) code: String,
    pub(crate) about: About,
    /// The text of its `.ftl` files.
    pub(crate) messages: String,
}

/// A `language.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    /// What it calls itself.
    pub(crate) name: String,
    pub(crate) direction: Direction,
    /// The BCP 47 tag by which numbers and dates are written.
    pub(crate) formats: String,
    /// The same with the language's own digits, if it has such.
    pub(crate) formats_with_own_digits: Option<String>,
    pub(crate) dates: Dates,
}

/// Which way it is written.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    Ltr,
    Rtl,
}

/// How long its dates are.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Dates {
    Medium,
    /// For a language whose short dates have no words.
    Long,
}

impl From<Dates> for Length {
    fn from(dates: Dates) -> Self {
        match dates {
            Dates::Medium => Self::Medium,
            Dates::Long => Self::Long,
        }
    }
}

impl Direction {
    /// As HTML's `dir` wants it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}

/// The languages below a folder, the default first, the others by their codes.
pub(crate) fn found(folder: &Path) -> Result<Vec<Found>, Box<dyn Error>> {
    let mut languages = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let code = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let about = fs::read_to_string(path.join("language.toml"))
            .map_err(|error| format!("{code}/language.toml: {error}"))?;
        let about =
            toml::from_str(&about).map_err(|error| format!("{code}/language.toml: {error}"))?;
        let messages = messages::checked(joined(&path, "ftl")?)
            .map_err(|error| format!("the messages of {code}: {error}"))?;
        languages.push(Found { code, about, messages });
    }
    languages.sort_by_key(|it| (it.code != DEFAULT, it.code.clone()));
    Ok(languages)
}

impl About {
    /// How it writes numbers and dates, with Latin and with its own digits.
    pub(crate) fn patterns(&self) -> Result<[Patterns; 2], Box<dyn Error>> {
        let own = self.formats_with_own_digits.as_ref().unwrap_or(&self.formats);
        let length = self.dates.into();
        Ok([icu::patterns(&self.formats, length)?, icu::patterns(own, length)?])
    }
}

/// The table of languages as Rust writes it.
pub(crate) fn as_rust(languages: &[Found]) -> Result<String, Box<dyn Error>> {
    let mut all = String::new();
    for Found { code, about, messages } in languages {
        let (name, direction) = (&about.name, about.direction.as_str());
        let patterns = about.patterns()?;
        writeln!(
            all,
            "Locale::new({code:?}, {name:?}, {direction:?}, {patterns:?}, {messages:?}),"
        )?;
    }
    Ok(format!("static LOCALES: [Locale; {}] = [\n{all}];", languages.len()))
}

/// The files of an ending in a folder, one after the other by their names.
pub(crate) fn joined(folder: &Path, ending: &str) -> Result<String, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == ending) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files.iter().map(fs::read_to_string).collect::<Result<_, _>>()?)
}
