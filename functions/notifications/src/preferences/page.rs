//! The page `/notifications/preferences`.

use askama::Template;
use axum::response::Response;
use futures::future::try_join;
use serde::Deserialize;
use shared::{
    account::{User, user_key},
    auth::{Caller, SignedIn},
    error::{Code, Error},
    http::{Form, IfMatch, PageQuery as Query},
    notify::{
        Channel, Digest, NoticeKind, NoticePreferences, UNDELIVERABLE, Undeliverable, Urgency,
        preferences_key, time_text,
    },
    table::{Range, Read},
    web::{FormState, Layout, Nav, Options, see_other},
};

use super::change::{QuietHoursInput, change};

#[derive(Template)]
#[template(path = "preferences/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    /// The kinds that are mailed.
    mailed: Vec<NoticeKind>,
    address: String,
    undeliverable: Option<Undeliverable>,
    done: &'static str,
}

impl Page {
    fn groups(&self) -> [(&'static str, Vec<NoticeKind>); 4] {
        let of = |urgency: Urgency| {
            NoticeKind::ALL.iter().copied().filter(|kind| kind.urgency() == urgency).collect()
        };
        [
            ("security", of(Urgency::Security)),
            ("money", of(Urgency::Money)),
            ("service", of(Urgency::Service)),
            ("news", of(Urgency::News)),
        ]
    }

    fn is_mailed(&self, kind: &NoticeKind) -> bool {
        self.mailed.contains(kind)
    }

    fn is_locked(&self, kind: &NoticeKind) -> bool {
        kind.is_locked(Channel::Email)
    }

    fn zone(&self) -> String {
        let zone = self.layout.preferences.zone.iana_name().unwrap_or("UTC").to_owned();
        self.layout.text.with("preferences-zone", "zone", self.layout.text.isolate(&zone))
    }

    fn digests(&self) -> Options {
        ["off", "daily"]
            .map(|it| (it.to_owned(), self.layout.t(format!("preferences-digest-{it}"))))
            .into()
    }

    fn bounced(&self, undeliverable: &Undeliverable) -> String {
        let id = format!("preferences-{}", undeliverable.reason.as_str());
        self.layout.text.with(&id, "address", self.layout.text.isolate(&self.address))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    #[serde(default)]
    done: String,
}

/// What the page shows, beside what was typed.
struct Stored {
    preferences: NoticePreferences,
    address: String,
    undeliverable: Option<Undeliverable>,
}

async fn load(caller: &Caller) -> Result<Stored, Error> {
    let user = caller.user()?;
    let keys = [preferences_key(caller.tenant, user), user_key(caller.tenant, user)];
    let stopped = Range::prefix(caller.tenant, UNDELIVERABLE);
    let stopped = caller.app.table.all::<Undeliverable>(stopped);
    let (mut items, stopped) =
        try_join(caller.app.table.batch(&keys, Read::Strong), stopped).await?;
    let preferences = items.take(&keys[0])?.unwrap_or_default();
    let user: User = items.take(&keys[1])?.ok_or(Code::Unauthenticated)?;
    let address = user.email.normalised();
    let undeliverable = stopped.into_iter().find(|it| it.address.normalised() == address);
    Ok(Stored { preferences, address: user.email.to_string(), undeliverable })
}

pub(crate) async fn page(
    signed_in: SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let stored = load(&signed_in).await?;
    let done = match query.done.as_str() {
        "saved" => "preferences-saved",
        "mailed" => "preferences-mailed",
        "confirmed" => "preferences-confirmed",
        _ => "",
    };
    let preferences = &stored.preferences;
    let hours = preferences.quiet_hours;
    let time = |time: Option<_>| time.map(time_text).unwrap_or_default();
    let digest = if preferences.digest == Digest::Daily { "daily" } else { "off" };
    let form = FormState::filled(vec![
        ("quiet_from", time(hours.map(|it| it.from))),
        ("quiet_to", time(hours.map(|it| it.to))),
        ("digest", digest.to_owned()),
    ]);
    let wants = |kind: &NoticeKind| preferences.wants(*kind, Channel::Email);
    let mailed = NoticeKind::ALL.iter().copied().filter(wants).collect();
    Ok(show(&signed_in, stored, form, mailed, done))
}

fn show(
    caller: &Caller,
    stored: Stored,
    form: FormState,
    mailed: Vec<NoticeKind>,
    done: &'static str,
) -> Response {
    let layout = Layout::portal(&caller.context, Nav::Notifications);
    let Stored { address, undeliverable, .. } = stored;
    let page = Page { layout, form, mailed, address, undeliverable, done };
    page.form.respond(&page)
}

/// The form. A box that is not ticked is not sent; several of one name are several.
#[derive(Deserialize)]
#[serde(try_from = "Vec<(String, String)>")]
pub(crate) struct PreferencesForm {
    mailed: Vec<NoticeKind>,
    from: String,
    to: String,
    digest: String,
}

impl TryFrom<Vec<(String, String)>> for PreferencesForm {
    type Error = String;

    fn try_from(pairs: Vec<(String, String)>) -> Result<Self, String> {
        let mut form = Self {
            mailed: Vec::new(),
            from: String::new(),
            to: String::new(),
            digest: String::new(),
        };
        for (name, value) in pairs {
            match name.as_str() {
                "email" => {
                    let kind = NoticeKind::ALL.iter().find(|kind| kind.as_str() == value);
                    form.mailed.push(*kind.ok_or_else(|| format!("unknown kind `{value}`"))?);
                }
                "quiet_from" => form.from = value.trim().to_owned(),
                "quiet_to" => form.to = value.trim().to_owned(),
                "digest" => form.digest = value,
                _ => return Err(format!("unknown field `{name}`")),
            }
        }
        Ok(form)
    }
}

impl PreferencesForm {
    fn state(&self) -> FormState {
        FormState::filled(vec![
            ("quiet_from", self.from.clone()),
            ("quiet_to", self.to.clone()),
            ("digest", self.digest.clone()),
        ])
    }

    /// What the form says, over what it does not: the other channels.
    fn over(&self, stored: &NoticePreferences) -> Result<NoticePreferences, Error> {
        let mut wanted = stored.clone();
        for kind in NoticeKind::ALL.iter().filter(|kind| !kind.is_locked(Channel::Email)) {
            let channels = wanted.kinds.entry(*kind).or_default();
            channels.insert(Channel::Email, self.mailed.contains(kind));
        }
        let mut wrong = Vec::new();
        wanted.quiet_hours = if self.from.is_empty() && self.to.is_empty() {
            None
        } else {
            let hours = QuietHoursInput { from: self.from.clone(), to: self.to.clone() };
            hours.parse(["/quiet_from", "/quiet_to"], &mut wrong)
        };
        wanted.digest = if self.digest == "daily" { Digest::Daily } else { Digest::Off };
        if wrong.is_empty() { Ok(wanted) } else { Err(Error::fields(wrong)) }
    }
}

pub(crate) async fn submit(
    signed_in: SignedIn,
    Form(form): Form<PreferencesForm>,
) -> Result<Response, Error> {
    // What is wrong with the form is so whatever is stored.
    if let Err(error) = form.over(&NoticePreferences::default()) {
        let stored = load(&signed_in).await?;
        let mailed = form.mailed.clone();
        return Ok(show(&signed_in, stored, form.state().failed(error)?, mailed, ""));
    }
    let wanted = |stored: &NoticePreferences| form.over(stored).unwrap_or_else(|_| stored.clone());
    change(&signed_in, &IfMatch::any(), wanted).await?;
    Ok(see_other("/notifications/preferences?done=saved"))
}
