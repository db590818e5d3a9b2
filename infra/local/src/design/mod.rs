//! `/_local/design`: every component in all its states, with words that are longer than one likes.
//! `?lang=` and `?theme=` choose the language and the theme.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use shared::{
    error::{Code, Error, FieldError},
    id::KeyId,
    ticket::{About, KeySnapshot},
    web::{
        Bars, Choice, Figure, FormState, Language, Layout, Line, Lines, Mark, Nav, Preferences,
        Series, Text, Theme, Tick, render, sparkline,
    },
};

#[derive(Template)]
#[template(path = "design/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    wrong: FormState,
    refused: FormState,
    about: Option<About>,
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    lang: String,
    #[serde(default)]
    theme: String,
}

pub(crate) async fn page(Query(wanted): Query<Wanted>) -> Result<Response, Error> {
    let preferences = Preferences {
        language: Language::from_code(&wanted.lang).unwrap_or_default(),
        theme: Theme::ALL.into_iter().find(|it| it.as_str() == wanted.theme).unwrap_or_default(),
        name: Some("Ada Lovelace".to_owned()),
        ..Preferences::default()
    };
    let layout = Layout {
        text: Text::new(preferences.clone()),
        preferences,
        place: "/_local/design".to_owned(),
        nav: Some(Nav::Dashboard),
        switches: true,
    };
    let filled = |email: &str| FormState::filled(vec![("email", email.to_owned())]);
    let errors = vec![FieldError::new("email", "email_invalid")];
    Ok(render(&Page {
        layout,
        form: filled("ada@acme.test"),
        wrong: filled("no address").failed(Error::fields(errors))?,
        refused: filled("ada@acme.test").failed(Code::WrongCredentials.into())?,
        about: Some(about()),
    }))
}

/// Something that a ticket is about.
fn about() -> About {
    let snapshot = KeySnapshot {
        name: "production backend".to_owned(),
        prefix: "mxk_01".to_owned(),
        last4: "a1b2".to_owned(),
        scopes: Vec::new(),
        created_at: jiff::Timestamp::UNIX_EPOCH,
        expires_at: None,
    };
    About::ApiKey { id: KeyId::from_bytes([0; 16]), snapshot }
}

impl Page {
    /// What somebody wrote.
    fn words() -> &'static str {
        "It says **502** at https://models.example/v1/embeddings?model=a-name-that-is-long&retry=1\nand then\n\n\
         منذ صباح اليوم ولا نعرف السبب: GET /v1\n\n```\nHTTP/1.1 502 Bad Gateway\nx-request-id: 0123456789abcdef\n```"
    }

    fn facts(&self) -> Vec<(String, String)> {
        vec![(self.layout.t("ticket-about-name"), "production backend".to_owned())]
    }

    fn files(&self) -> Vec<(String, String, bool)> {
        vec![(
            "att_none".to_owned(),
            "a-file-with-a-name-that-is-longer-than-one-likes.log".to_owned(),
            true,
        )]
    }

    /// The marks of a meter with marks of one's own.
    fn ticks() -> &'static [Tick] {
        &[Tick(50), Tick(80)]
    }

    /// State, filled and percent of meters and chips.
    fn states() -> [(&'static str, u64, u64); 4] {
        [("ok", 42, 42), ("warning", 84, 84), ("critical", 93, 93), ("over", 100, 137)]
    }

    fn icons() -> [&'static str; 18] {
        [
            "dashboard",
            "usage",
            "profile",
            "api",
            "menu",
            "close",
            "open",
            "next",
            "back",
            "ok",
            "info",
            "warning",
            "critical",
            "over",
            "off",
            "copy",
            "sign-out",
            "globe",
        ]
    }

    fn choices(&self) -> Vec<Choice> {
        let choice = |(place, id): (usize, &str)| Choice {
            label: self.layout.t(id),
            href: "#tabs".to_owned(),
            current: place == 0,
        };
        ["usage-by-day", "usage-by-hour", "usage-by-month"]
            .into_iter()
            .enumerate()
            .map(choice)
            .collect()
    }

    fn options(&self) -> Vec<(String, String)> {
        let options = ["text", "code", "image"];
        options.map(|it| (it.to_owned(), self.layout.t(format!("ai-{it}")))).into()
    }

    fn figures(&self) -> [Figure; 3] {
        let text = &self.layout.text;
        let words = |value| text.short(value);
        let days: Vec<String> = (1..=30).map(|day| text.format().number(day)).collect();
        let times = || vec![days[0].clone(), days[14].clone(), days[29].clone()];
        let wave = |high: u64| (0..30).map(|day| high * (3 + (day * 7) % 11) / 13).collect();
        let mark = |value| {
            Some(Mark { name: text.with("usage-limit-month", "amount", words(value)), value })
        };
        let one = vec![Series { name: String::new(), values: wave(48_000) }];
        let kinds = ["ai-text", "ai-code", "ai-image", "ai-speech", "ai-video", "usage-others"];
        let many = kinds
            .into_iter()
            .zip(1..)
            .map(|(id, share)| Series { name: text.get(id), values: wave(90_000 / share) });
        let line = |expected, points| Line { name: text.get("usage-so-far"), expected, points };
        let lines = vec![
            line(false, (0..=18).map(|day| (day, day * day * 400)).collect()),
            line(true, vec![(18, 129_600), (30, 216_000)]),
        ];
        [
            Bars { series: one, titles: days.clone(), mark: None }.figure(
                text.get("usage-requests"),
                times(),
                words,
            ),
            Bars { series: many.collect(), titles: days.clone(), mark: mark(200_000) }.figure(
                text.get("usage-tokens"),
                times(),
                words,
            ),
            Lines { lines, end: 30, mark: mark(200_000) }.figure(
                text.get("usage-expected"),
                times(),
                words,
            ),
        ]
    }

    fn line() -> String {
        sparkline(&[3, 5, 2, 8, 13, 9, 11, 15, 12])
    }
}
