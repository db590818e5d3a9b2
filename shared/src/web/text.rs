//! Words: Fluent messages by id, one folder of files a language. Code names messages, never
//! sentences.

use std::borrow::Borrow;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use fluent_syntax::{ast::Entry, parser};

use super::{Format, Language, Preferences};
use crate::{money::Pico, text::turns_direction};

pub(super) type Bundle = FluentBundle<FluentResource>;

/// The messages of a language. The build has checked that they parse and that none is there twice.
fn bundle(language: Language) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![language.code().parse().unwrap_or_default()]);
    // Marks around each argument would end up in copied text and in JSON; what a user wrote is
    // isolated where it is shown, by `<bdi>` or by [`Text::isolate`].
    bundle.set_use_isolating(false);
    let source = language.0.messages.to_owned();
    let resource = FluentResource::try_new(source).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

/// The ids of all messages in a language, for the check that no language lacks one.
pub fn message_ids(language: Language) -> impl Iterator<Item = &'static str> {
    let resource = parser::parse_runtime(language.0.messages);
    let resource = resource.unwrap_or_else(|(resource, _)| resource);
    resource.body.into_iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message.id.name),
        _ => None,
    })
}

/// Words in one reader's language.
#[derive(Clone)]
pub struct Text {
    preferences: Preferences,
}

impl Text {
    /// Words for a reader.
    #[must_use]
    pub fn new(preferences: Preferences) -> Self {
        Self { preferences }
    }

    /// The language.
    #[must_use]
    pub fn language(&self) -> Language {
        self.preferences.language
    }

    /// Numbers and dates for the same reader.
    #[must_use]
    pub fn format(&self) -> Format<'_> {
        Format::new(&self.preferences)
    }

    /// A message without arguments.
    #[must_use]
    pub fn get(&self, id: &str) -> String {
        self.message(id, None)
    }

    /// A message with one argument.
    #[must_use]
    pub fn with(&self, id: &str, name: &str, value: impl AsRef<str>) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set(name, value.as_ref());
        self.message(id, Some(&arguments))
    }

    /// A message with two arguments.
    #[must_use]
    pub fn with2(&self, id: &str, first: (&str, &str), second: (&str, &str)) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set(first.0, first.1);
        arguments.set(second.0, second.1);
        self.message(id, Some(&arguments))
    }

    /// A message with three arguments.
    #[must_use]
    pub fn with3(
        &self,
        id: &str,
        first: (&str, &str),
        second: (&str, &str),
        third: (&str, &str),
    ) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in [first, second, third] {
            arguments.set(name, value);
        }
        self.message(id, Some(&arguments))
    }

    /// A message with any arguments.
    pub fn filled<'a>(
        &self,
        id: &str,
        fillings: impl IntoIterator<Item = (&'a str, String)>,
    ) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in fillings {
            arguments.set(name.to_owned(), value);
        }
        self.message(id, Some(&arguments))
    }

    /// An amount of money with its currency.
    #[must_use]
    pub fn money(&self, amount: impl Borrow<Pico>) -> String {
        let amount = *amount.borrow();
        if amount < Pico::ZERO {
            let less = Pico::new(-amount.get());
            return self.with("money-less", "amount", self.format().amount(less));
        }
        self.with("money", "amount", self.format().amount(amount))
    }

    /// A percentage with its sign.
    #[must_use]
    pub fn percent(&self, percent: impl Borrow<u64>) -> String {
        let number = self.format().number(percent);
        let digits = self.preferences.digits.as_str();
        self.with2("percent", ("number", &number), ("digits", digits))
    }

    /// A number as short as an axis wants it: `1.5M`.
    #[must_use]
    pub fn short(&self, number: u64) -> String {
        let (unit, id) = match number {
            0..10_000 => return self.format().number(number),
            10_000..1_000_000 => (1_000, "number-thousands"),
            1_000_000..1_000_000_000 => (1_000_000, "number-millions"),
            _ => (1_000_000_000, "number-billions"),
        };
        self.with(id, "number", self.format().tenths(number / (unit / 10)))
    }

    /// A message about `count` things: `$count` chooses the plural, `$number` is shown.
    #[must_use]
    pub fn count(&self, id: &str, count: u64) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("count", FluentValue::from(count));
        arguments.set("number", self.format().number(count));
        self.message(id, Some(&arguments))
    }

    /// What a user wrote, for an argument: its direction cannot reach the words around it.
    #[must_use]
    pub fn isolate(&self, written: &str) -> String {
        let harmless: String = written.chars().filter(|c| !turns_direction(*c)).collect();
        format!("\u{2068}{harmless}\u{2069}")
    }

    fn message(&self, id: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let language = self.preferences.language;
        let bundle = language.0.bundle.get_or_init(|| bundle(language));
        // A missing message shows its id: ugly, and seen by the test that renders every page.
        let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        bundle.format_pattern(pattern, arguments, &mut Vec::new()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::web::Digits;

    #[test]
    fn every_language_has_the_same_messages() {
        let english: BTreeSet<_> = message_ids(Language::default()).collect();
        for language in Language::all() {
            let ids: BTreeSet<_> = message_ids(language).collect();
            let differs: Vec<_> = english.symmetric_difference(&ids).collect();
            assert!(differs.is_empty(), "{language:?} has others: {differs:?}");
        }
    }

    #[test]
    fn a_message_that_is_not_there_shows_its_id() {
        let text = Text::new(Preferences::default());
        for id in ["", "a", "brand-", "zz", "sign out"] {
            assert_eq!(text.get(id), id);
        }
    }

    /// What several sentences have in common is said once.
    #[test]
    fn a_message_may_refer_to_a_term() {
        let source = "-panel = Panel\nwelcome = Welcome to { -panel }, { $name }\n".to_owned();
        let mut bundle = Bundle::new_concurrent(vec!["en".parse().unwrap()]);
        bundle.set_use_isolating(false);
        bundle.add_resource(FluentResource::try_new(source).unwrap()).unwrap();
        let mut arguments = FluentArgs::new();
        arguments.set("name", "Ada");
        let pattern = bundle.get_message("welcome").unwrap().value().unwrap();
        let said = bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new());
        assert_eq!(said, "Welcome to Panel, Ada");
    }

    #[test]
    fn a_percentage_has_the_sign_that_goes_with_its_digits() {
        let percent = |digits| {
            let language = Language::from_code("ar").unwrap();
            let preferences = Preferences { language, digits, ..Preferences::default() };
            Text::new(preferences).percent(25)
        };
        assert!(percent(Digits::Latin).contains("25%"));
        assert!(percent(Digits::Arabic).contains("٢٥٪"));
        assert_eq!(Text::new(Preferences::default()).percent(25), "25%");
    }

    #[test]
    fn arabic_has_all_six_plural_forms() {
        let preferences =
            Preferences { language: Language::from_code("ar").unwrap(), ..Preferences::default() };
        let text = Text::new(preferences);
        let forms: BTreeSet<_> = [0, 1, 2, 3, 11, 100]
            .map(|count| text.count("usage-range-days", count).replace(char::is_numeric, ""))
            .into_iter()
            .collect();
        assert_eq!(forms.len(), 6, "{forms:?}");
    }
}
