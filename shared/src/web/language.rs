//! Languages and what else a reader chooses about how pages look.

use std::{
    borrow::Cow,
    fmt,
    hash::{Hash, Hasher},
    sync::OnceLock,
};

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::{RefOr, Schema, schema::ObjectBuilder};

use super::{
    patterns::{Numbers, Pattern, Patterns},
    text::Bundle,
};

/// What a folder of the locales says of its language.
pub(super) struct Locale {
    code: &'static str,
    own_name: &'static str,
    direction: &'static str,
    /// How numbers and dates are written, with Latin and with its own digits.
    pub(super) patterns: [Patterns; 2],
    /// The text of its `.ftl` files.
    pub(super) messages: &'static str,
    /// The same, parsed when a page first says something.
    pub(super) bundle: OnceLock<Bundle>,
}

impl Locale {
    const fn new(
        code: &'static str,
        own_name: &'static str,
        direction: &'static str,
        patterns: [Patterns; 2],
        messages: &'static str,
    ) -> Self {
        let bundle = OnceLock::new();
        Self { code, own_name, direction, patterns, messages, bundle }
    }
}

// `LOCALES`: every folder of the locales with its patterns, the default language first.
include!(concat!(env!("OUT_DIR"), "/languages.in"));

/// A language the panel speaks: one of the folders in `shared/src/web/locales`.
#[derive(Clone, Copy)]
pub struct Language(pub(super) &'static Locale);

impl Language {
    /// All of them, the default one first.
    pub fn all() -> impl Iterator<Item = Self> {
        LOCALES.iter().map(Self)
    }

    /// Its BCP 47 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// What it calls itself.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        self.0.own_name
    }

    /// The direction it is written in, as HTML's `dir` wants it.
    #[must_use]
    pub fn direction(self) -> &'static str {
        self.0.direction
    }

    /// The language of a code, whatever region follows it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_']).next().unwrap_or(code).trim();
        Self::all().find(|language| language.code().eq_ignore_ascii_case(primary))
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

impl Default for Language {
    fn default() -> Self {
        Self(&LOCALES[0])
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.code() == other.code()
    }
}

impl Eq for Language {}

impl Hash for Language {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.code().hash(state);
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// What was stored may name a language that is spoken no more: its readers get the default one.
impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = Cow::<str>::deserialize(deserializer)?;
        Ok(Self::from_code(&code).unwrap_or_default())
    }
}

impl utoipa::PartialSchema for Language {
    fn schema() -> RefOr<Schema> {
        let codes = Self::all().map(Self::code);
        ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("A language the panel speaks."))
            .enum_values(Some(codes))
            .build()
            .into()
    }
}

impl utoipa::ToSchema for Language {
    fn name() -> Cow<'static, str> {
        "Language".into()
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
    /// All of them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

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
    /// How many notifications were not read, if it is known.
    pub unread: Option<u64>,
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
            unread: None,
        }
    }
}

// What the build finds languages with.
#[cfg(test)]
use super::patterns;
#[cfg(test)]
#[path = "../../build/languages.rs"]
mod found;
#[cfg(test)]
#[path = "../../build/icu.rs"]
mod icu;
#[cfg(test)]
#[path = "../../build/messages.rs"]
mod messages;

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use askama::Template as _;
    use icu_datetime::options::Length;
    use jiff::civil::date;

    use super::*;
    use crate::{
        error::Code,
        web::{ErrorPage, Layout, Text},
    };

    #[test]
    fn the_browsers_best_language_wins() {
        let code = |header| Language::negotiate(header).map(Language::code);
        assert_eq!(code("ar-EG,ar;q=0.9,en;q=0.8"), Some("ar"));
        assert_eq!(code("fr, en;q=0.5, ar;q=0.7"), Some("ar"));
        assert_eq!(code("de, *;q=0.1"), None);
        assert_eq!(code("ar;q=0, en;q=0.001"), Some("en"));
        assert_eq!(code("ar;q=4294967295.9"), Some("ar"));
    }

    #[test]
    fn a_new_folder_is_a_new_language() {
        let scratch = std::env::temp_dir().join(format!("locales-{}", std::process::id()));
        let _none_there = fs::remove_dir_all(&scratch);
        let ours = Path::new("src/web/locales");
        for (code, from) in [("en", "en"), ("ar", "ar"), ("he", "en")] {
            fs::create_dir_all(scratch.join(code)).unwrap();
            for file in fs::read_dir(ours.join(from)).unwrap() {
                let file = file.unwrap();
                fs::copy(file.path(), scratch.join(code).join(file.file_name())).unwrap();
            }
        }
        let about = "name = \"עברית\"\ndirection = \"rtl\"\nformats = \"he\"\ndates = \"long\"";
        fs::write(scratch.join("he/language.toml"), about).unwrap();
        let words = fs::read_to_string(ours.join("en/common.ftl")).unwrap();
        let words = words.replace("Skip to content", "דילוג לתוכן");
        fs::write(scratch.join("he/common.ftl"), words).unwrap();

        let found = found::found(&scratch).unwrap();
        fs::remove_dir_all(&scratch).unwrap();
        let codes: Vec<_> = found.iter().map(|it| it.code.as_str()).collect();
        assert_eq!(codes, ["en", "ar", "he"]);
        assert!(found::as_rust(&found).unwrap().contains("Locale::new(\"he\", \"עברית\", \"rtl\""));

        let page = error_page_in(found.into_iter().last().unwrap());
        assert!(page.contains("lang=\"he\" dir=\"rtl\""), "{page}");
        assert!(page.contains("דילוג לתוכן") && page.contains(">English<"), "{page}");
        assert!(page.contains("Not found"), "its other words are still to be written");
    }

    #[test]
    fn patterns_tell_what_the_worlds_locales_write_or_are_not_built() {
        // Groups of two, a first group only from five digits on, an apostrophe, a clock of twelve.
        for tag in ["en-IN", "es-ES", "de-CH", "en-US", "fa", "fr", "he"] {
            icu::patterns(tag, Length::Long).unwrap();
        }
        // Its afternoon begins with zero o'clock, which no pattern tells.
        let untold = icu::patterns("ja-u-hc-h11", Length::Medium);
        let refused = untold.err().unwrap().to_string();
        assert!(refused.contains("ja-u-hc-h11: ICU writes"), "{refused}");
    }

    #[test]
    fn what_a_page_could_not_say_of_a_message_is_not_built() {
        let refused =
            |text: &str| messages::checked(text.to_owned()).err().map(|it| it.to_string());
        assert!(
            refused("b = { $n ->\n    [one] 1\n   *[other] { a } { -c }\n}\na = A\n-c = C\n")
                .is_none()
        );
        for (text, why) in [
            ("a = { b }\n", "b is referred to and not there"),
            ("a = { -b }\nb = B\n", "-b is referred to and not there"),
            ("a = { $n ->\n    [one] { b }\n   *[other] 2\n}\n", "b is referred to"),
            ("a =\n    .title = B\n", "a says nothing"),
            ("a = A\na = B\n", "a is there twice"),
            ("a = {\n", "Expected"),
        ] {
            let refused = refused(text).expect(text);
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }

    /// A page in a language as the build would have it.
    fn error_page_in(found: found::Found) -> String {
        let leak = |text: String| &*text.leak();
        let about = found.about;
        let patterns = about.patterns().unwrap();
        let locale = Locale::new(
            leak(found.code),
            leak(about.name),
            about.direction.as_str(),
            patterns,
            leak(found.messages),
        );
        let language = Language(Box::leak(Box::new(locale)));
        let preferences = Preferences { language, ..Preferences::default() };
        assert!(Text::new(preferences.clone()).format().date(&date(2026, 11, 22)).contains("2026"));
        let layout = Layout {
            text: Text::new(preferences.clone()),
            preferences,
            place: "/".to_owned(),
            nav: None,
            switches: true,
        };
        ErrorPage::within(layout, Code::NotFound, "id".to_owned()).render().unwrap()
    }

    #[test]
    fn a_language_that_is_spoken_no_more_is_the_default_one() {
        assert_eq!(serde_json::from_str::<Language>("\"tlh\"").unwrap(), Language::default());
        assert_eq!(Language::default().code(), "en");
    }
}
