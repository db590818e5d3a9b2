//! Languages and what else a reader chooses about how pages look.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A language the panel speaks.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Arabic.
    Ar,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Ar];

    /// Its BCP 47 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ar => "ar",
        }
    }

    /// What it calls itself.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ar => "العربية",
        }
    }

    /// The direction it is written in, as HTML's `dir` wants it.
    #[must_use]
    pub fn direction(self) -> &'static str {
        match self {
            Self::En => "ltr",
            Self::Ar => "rtl",
        }
    }

    /// The language of a code, whatever region follows it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_']).next().unwrap_or(code).trim();
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The best of an `Accept-Language` header: the highest quality, the first among equals.
    #[must_use]
    pub fn negotiate(header: &str) -> Option<Self> {
        let mut best = None;
        for part in header.split(',').take(20) {
            let (range, quality) = part.split_once(";q=").unwrap_or((part, "1"));
            let Some(language) = Self::from_code(range) else { continue };
            let quality = thousandths(quality.trim());
            if quality > best.map_or(0, |(_, before)| before) {
                best = Some((language, quality));
            }
        }
        best.map(|(language, _)| language)
    }
}

/// `0.85` as 850; what is no quality counts as 0.
fn thousandths(quality: &str) -> u32 {
    let (whole, rest) = quality.split_once('.').unwrap_or((quality, ""));
    let rest = rest.get(..3).unwrap_or(rest);
    let whole: u32 = whole.parse().unwrap_or(0);
    let rest: u32 = format!("{rest:0<3}").parse().unwrap_or(0);
    whole.saturating_mul(1000).saturating_add(rest).min(1000)
}

/// Which digits numbers are written with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Digits {
    /// 0123456789
    #[default]
    Latin,
    /// ٠١٢٣٤٥٦٧٨٩
    Arabic,
}

impl Digits {
    /// Its name in forms and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Latin => "latin",
            Self::Arabic => "arabic",
        }
    }
}

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// Its name in forms and in `data-theme`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// How a reader wants pages.
#[derive(Debug, Clone)]
pub struct Preferences {
    /// The language.
    pub language: Language,
    /// The digits.
    pub digits: Digits,
    /// Light or dark.
    pub theme: Theme,
    /// The account's time zone, in which days begin.
    pub zone: TimeZone,
    /// The user's name, if signed in.
    pub name: Option<String>,
    /// Whether the user is one of the company's own.
    pub staff: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            language: Language::default(),
            digits: Digits::default(),
            theme: Theme::default(),
            zone: TimeZone::UTC,
            name: None,
            staff: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_best_language_wins() {
        assert_eq!(Language::negotiate("ar-EG,ar;q=0.9,en;q=0.8"), Some(Language::Ar));
        assert_eq!(Language::negotiate("fr, en;q=0.5, ar;q=0.7"), Some(Language::Ar));
        assert_eq!(Language::negotiate("de, *;q=0.1"), None);
        assert_eq!(Language::negotiate("ar;q=0, en;q=0.001"), Some(Language::En));
        assert_eq!(Language::negotiate("ar;q=4294967295.9"), Some(Language::Ar));
    }
}
