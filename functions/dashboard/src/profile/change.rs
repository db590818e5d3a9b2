//! Changing the profile: user, account and the snapshots in all of the user's sessions, together.

use serde::Deserialize;
use shared::{
    account::{Account, User, Zone, account_key, user_key},
    auth::{Session, SignedIn, session_key, sessions_of},
    error::{Code, Error, FieldError},
    table::{Cancelled, Condition, Update},
    web::{Digits, Language, Theme},
};

use super::Stored;

const MOST_NAME_CHARACTERS: usize = 100;
const MOST_ADDRESS_CHARACTERS: usize = 500;
const MOST_TAX_ID_CHARACTERS: usize = 50;

/// What to change; what is not there stays.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileInput {
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) company: Option<String>,
    /// Not to be changed here yet; the present address is accepted.
    #[serde(default)]
    pub(super) email: Option<String>,
    /// `en` or `ar`.
    #[serde(default)]
    pub(super) locale: Option<String>,
    /// A name of the IANA database; counts from the next billing period on.
    #[serde(default)]
    #[schema(example = "Africa/Cairo")]
    pub(super) time_zone: Option<String>,
    /// `latin` or `arabic`.
    #[serde(default)]
    pub(super) digits: Option<String>,
    /// `system`, `light` or `dark`.
    #[serde(default)]
    pub(super) theme: Option<String>,
    #[serde(default)]
    pub(super) billing_address: Option<String>,
    #[serde(default)]
    pub(super) tax_id: Option<String>,
}

/// Changes what differs and gives the profile back as it is now.
pub(super) async fn change(
    signed_in: &SignedIn,
    stored: Stored,
    input: ProfileInput,
) -> Result<Stored, Error> {
    let now = signed_in.app.clock.now();
    let mut changed = Stored { user: stored.user.clone(), account: stored.account.clone() };
    let mut wrong = Wrong::default();
    wrong.text(input.name, "name", 1..=MOST_NAME_CHARACTERS, &mut changed.user.name);
    wrong.text(input.company, "company", 0..=MOST_NAME_CHARACTERS, &mut changed.account.company);
    wrong.text(
        input.billing_address,
        "billing_address",
        0..=MOST_ADDRESS_CHARACTERS,
        &mut changed.account.billing_address,
    );
    wrong.text(input.tax_id, "tax_id", 0..=MOST_TAX_ID_CHARACTERS, &mut changed.account.tax_id);
    wrong.choice(
        input.locale,
        "locale",
        "locale_unknown",
        Language::from_code,
        &mut changed.user.locale,
    );
    wrong.choice(input.digits, "digits", "choice_unknown", digits, &mut changed.user.digits);
    wrong.choice(input.theme, "theme", "choice_unknown", theme, &mut changed.user.theme);
    if input.email.is_some_and(|email| email.trim() != stored.user.email.as_str()) {
        wrong.0.push(FieldError::new("email", "email_change_unavailable"));
    }
    match input.time_zone.map(|name| name.parse::<Zone>()) {
        Some(Ok(zone)) => changed.account.zones = changed.account.zones.changed(zone, now),
        Some(Err(_)) => wrong.0.push(FieldError::new("time_zone", "zone_unknown")),
        None => {}
    }
    if !wrong.0.is_empty() {
        return Err(Error::fields(wrong.0));
    }
    save(signed_in, stored, changed).await
}

fn digits(text: &str) -> Option<Digits> {
    [("latin", Digits::Latin), ("arabic", Digits::Arabic)]
        .into_iter()
        .find_map(|(name, digits)| (name == text).then_some(digits))
}

fn theme(text: &str) -> Option<Theme> {
    [Theme::System, Theme::Light, Theme::Dark].into_iter().find(|theme| theme.as_str() == text)
}

/// What is not valid.
#[derive(Default)]
struct Wrong(Vec<FieldError>);

impl Wrong {
    fn text(
        &mut self,
        input: Option<String>,
        field: &str,
        length: std::ops::RangeInclusive<usize>,
        target: &mut String,
    ) {
        let Some(text) = input else { return };
        let text = text.trim();
        match text.chars().count() {
            count if count < *length.start() => self.0.push(FieldError::new(field, "required")),
            count if count > *length.end() => self.0.push(FieldError::new(field, "too_long")),
            _ => text.clone_into(target),
        }
    }

    fn choice<T>(
        &mut self,
        input: Option<String>,
        field: &str,
        code: &'static str,
        known: impl Fn(&str) -> Option<T>,
        target: &mut T,
    ) {
        match input.map(|text| known(&text)) {
            Some(Some(value)) => *target = value,
            Some(None) => self.0.push(FieldError::new(field, code)),
            None => {}
        }
    }
}

/// What a lost race means: another change came first, or the session ended meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    Changed,
    SessionEnded,
}

async fn save(signed_in: &SignedIn, before: Stored, mut after: Stored) -> Result<Stored, Error> {
    let app = &signed_in.app;
    let user_changed = differs(&before.user, &after.user)?;
    let account_changed = differs(&before.account, &after.account)?;
    if !user_changed && !account_changed {
        return Ok(before);
    }
    let sessions = if user_changed {
        sessions_of(app, signed_in.tenant, after.user.id).await?
    } else {
        Vec::new()
    };
    loop_save(signed_in, &before, &mut after, sessions, user_changed, account_changed).await?;
    Ok(after)
}

async fn loop_save(
    signed_in: &SignedIn,
    before: &Stored,
    after: &mut Stored,
    mut sessions: Vec<Session>,
    user_changed: bool,
    account_changed: bool,
) -> Result<(), Error> {
    let (app, tenant) = (&signed_in.app, signed_in.tenant);
    let unchanged = |version: u64| Condition::Equals("version", version.into());
    loop {
        let mut transaction = app.table.transaction();
        if user_changed {
            after.user.version = before.user.version + 1;
            let update = user_update(&after.user)?.when(unchanged(before.user.version));
            let key = user_key(tenant, after.user.id);
            transaction.update(&key, update, Some(Refused::Changed));
        }
        if account_changed {
            after.account.version = before.account.version + 1;
            let update = account_update(&after.account)?.when(unchanged(before.account.version));
            transaction.update(&account_key(tenant), update, Some(Refused::Changed));
        }
        for session in &sessions {
            let update = snapshot_update(&after.user)?.when(Condition::Exists);
            let key = session_key(tenant, session.id);
            transaction.update(&key, update, Some(Refused::SessionEnded));
        }
        match transaction.commit().await {
            Ok(()) => return Ok(()),
            Err(Cancelled::Refused(refused)) if refused.contains(&Refused::Changed) => {
                return Err(Code::Conflict.into());
            }
            Err(Cancelled::Refused(_)) => {
                let live = sessions_of(app, tenant, after.user.id).await?;
                if live.len() == sessions.len() {
                    return Err(Code::Conflict.into());
                }
                sessions = live;
            }
            Err(Cancelled::Failed(error)) => return Err(error.into()),
        }
    }
}

fn differs<T: serde::Serialize>(before: &T, after: &T) -> Result<bool, Error> {
    let json =
        |it: &T| serde_json::to_value(it).map_err(|error| Error::fault(Code::Internal, error));
    Ok(json(before)? != json(after)?)
}

fn user_update(user: &User) -> Result<Update, Error> {
    Ok(snapshot_update(user)?.set("version", user.version))
}

fn account_update(account: &Account) -> Result<Update, Error> {
    Ok(Update::new()
        .set("company", account.company.as_str())
        .set("billing_address", account.billing_address.as_str())
        .set("tax_id", account.tax_id.as_str())
        .set_serialized("zones", &account.zones)?
        .set("version", account.version))
}

/// What user and session have in common.
fn snapshot_update(user: &User) -> Result<Update, Error> {
    Ok(Update::new()
        .set("name", user.name.as_str())
        .set_serialized("locale", &user.locale)?
        .set_serialized("digits", &user.digits)?
        .set_serialized("theme", &user.theme)?)
}
