//! Changing the profile: user, account and the snapshots in the user's sessions.

use jiff::Timestamp;
use serde::Deserialize;
use shared::{
    account::{Account, Email, User, Zone, account_key, user_key},
    auth::{Caller, Limit, Session, if_still_signed_in, reserve, session_key, sessions_of},
    country::Country,
    error::{Code, Conflicts, Error, FieldError},
    http::IfMatch,
    table::{Condition, Transaction, Update, Written},
    text::{TextError, line, lines, required_line},
    web::{Digits, Language, Theme},
};

use super::{Stored, email, reload};

/// What to change; what is not there stays.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileInput {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    pub(super) name: Option<String>,
    #[serde(default)]
    #[schema(max_length = 100)]
    pub(super) company: Option<String>,
    /// A new address counts once the link that is mailed to it was used. The session has to be
    /// elevated for that.
    #[serde(default)]
    pub(super) email: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Language>)]
    pub(super) locale: Option<String>,
    /// A name of the IANA database; counts from the next billing period on.
    #[serde(default)]
    #[schema(example = "Africa/Cairo")]
    pub(super) time_zone: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Digits>)]
    pub(super) digits: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Theme>)]
    pub(super) theme: Option<String>,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub(super) billing_address: Option<String>,
    /// ISO 3166-1, two capital letters; empty for none.
    #[serde(default)]
    #[schema(example = "SA", max_length = 2)]
    pub(super) billing_country: Option<String>,
    #[serde(default)]
    #[schema(max_length = 50)]
    pub(super) tax_id: Option<String>,
}

/// Changes what differs and gives the profile back as it is now.
pub(super) async fn change(
    caller: &Caller,
    session: &Session,
    mut stored: Stored,
    input: &ProfileInput,
    if_match: &IfMatch,
) -> Result<Stored, Error> {
    let mut conflicts = Conflicts::default();
    let mut counted = None;
    loop {
        let (changed, email) = input.apply(&stored, caller.app.clock.now())?;
        if email.is_some() && !session.is_elevated(caller.app.clock.now()) {
            return Err(Code::SudoRequired.into());
        }
        if email.is_some() && counted.is_none() {
            // Each sends a mail to an address that nobody has confirmed: none is given back.
            let user = stored.user.id.to_string();
            counted = Some(reserve(&caller.app, Limit::EMAIL_CHANGE, &user).await?);
        }
        match save(caller, session, stored, changed, email).await {
            Ok(saved) => return Ok(saved),
            Err(error) => if_match.lost(error, &mut conflicts)?,
        }
        stored = reload(caller, session).await?;
    }
}

impl ProfileInput {
    /// The profile with what is to change, and a new address that is to be confirmed.
    fn apply(&self, stored: &Stored, now: Timestamp) -> Result<(Stored, Option<Email>), Error> {
        let mut changed = Stored { user: stored.user.clone(), account: stored.account.clone() };
        let Stored { user, account } = &mut changed;
        let mut wrong = Wrong::default();
        wrong.text(self.name.as_deref(), "name", |text| required_line(text, 100), &mut user.name);
        wrong.text(
            self.company.as_deref(),
            "company",
            |text| line(text, 100),
            &mut account.company,
        );
        wrong.text(
            self.billing_address.as_deref(),
            "billing_address",
            |text| lines(text, 500),
            &mut account.billing_address,
        );
        wrong.text(self.tax_id.as_deref(), "tax_id", |text| line(text, 50), &mut account.tax_id);
        wrong.country(self.billing_country.as_deref(), &mut account.billing_country);
        let locale = Language::from_code;
        wrong.choice(
            self.locale.as_deref(),
            ("locale", "locale_unknown"),
            locale,
            &mut user.locale,
        );
        wrong.choice(
            self.digits.as_deref(),
            ("digits", "choice_unknown"),
            digits,
            &mut user.digits,
        );
        wrong.choice(self.theme.as_deref(), ("theme", "choice_unknown"), theme, &mut user.theme);
        let email = wrong.new_address(self.email.as_deref(), &stored.user.email);
        match self.time_zone.as_ref().map(|name| name.parse::<Zone>()) {
            Some(Ok(zone)) => account.zones = account.zones.changed(zone, now),
            Some(Err(_)) => wrong.0.push(FieldError::new("time_zone", "zone_unknown")),
            None => {}
        }
        if wrong.0.is_empty() { Ok((changed, email)) } else { Err(Error::fields(wrong.0)) }
    }
}

fn digits(text: &str) -> Option<Digits> {
    [Digits::Latin, Digits::Arabic].into_iter().find(|digits| digits.as_str() == text)
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
        input: Option<&str>,
        field: &str,
        parse: impl Fn(&str) -> Result<String, TextError>,
        target: &mut String,
    ) {
        match input.map(parse) {
            Some(Ok(text)) => *target = text,
            Some(Err(error)) => self.0.push(FieldError::new(field, error.code())),
            None => {}
        }
    }

    /// An address that is another than the present one.
    fn new_address(&mut self, input: Option<&str>, present: &Email) -> Option<Email> {
        match input.map(str::parse::<Email>)? {
            Ok(email) => Some(email).filter(|it| it.normalised() != present.normalised()),
            Err(_) => {
                self.0.push(FieldError::new("email", "email_invalid"));
                None
            }
        }
    }

    /// A country, or that there is none.
    fn country(&mut self, input: Option<&str>, target: &mut Option<Country>) {
        match input.map(|code| (code, code.parse::<Country>())) {
            Some(("", _)) => *target = None,
            Some((_, Ok(country))) => *target = Some(country),
            Some((_, Err(_))) => {
                self.0.push(FieldError::new("billing_country", "country_unknown"));
            }
            None => {}
        }
    }

    fn choice<T>(
        &mut self,
        input: Option<&str>,
        (field, code): (&str, &'static str),
        known: impl Fn(&str) -> Option<T>,
        target: &mut T,
    ) {
        match input.map(known) {
            Some(Some(value)) => *target = value,
            Some(None) => self.0.push(FieldError::new(field, code)),
            None => {}
        }
    }
}

/// Writes what differs, and the mail to a new address with it.
async fn save(
    caller: &Caller,
    session: &Session,
    before: Stored,
    mut after: Stored,
    email: Option<Email>,
) -> Result<Stored, Error> {
    let user_changed = differs(&before.user, &after.user)?;
    let account_changed = differs(&before.account, &after.account)?;
    if user_changed {
        after.user.version += 1;
    }
    if account_changed {
        after.account.version += 1;
    }
    if user_changed || account_changed || email.is_some() {
        let mut transaction = caller.app.table.transaction();
        update(caller, session, &before, &after, &mut transaction)?;
        if let Some(email) = email {
            email::ask(caller, &after.user, email, &mut transaction)?;
        }
        transaction.commit().await?;
    }
    if user_changed {
        refresh_sessions(caller, session, &after.user).await?;
    }
    Ok(after)
}

/// User, account and the session that asks, together.
fn update(
    caller: &Caller,
    session: &Session,
    before: &Stored,
    after: &Stored,
    transaction: &mut Transaction<'_, Code>,
) -> Result<(), Error> {
    let tenant = caller.tenant;
    let unchanged = |version: u64| Condition::Equals("version", version.into());
    if after.user.version == before.user.version {
        if_still_signed_in(caller, transaction, Code::Unauthenticated);
    } else {
        let same = Condition::All(vec![
            unchanged(before.user.version),
            Condition::Equals("epoch", session.epoch.into()),
        ]);
        let update = user_update(&after.user)?.when(same);
        transaction.update(&user_key(tenant, after.user.id), update, Some(Code::Conflict));
        let key = session_key(tenant, session.id);
        let update = snapshot_update(&after.user)?.when(Condition::Exists);
        transaction.update(&key, update, Some(Code::Unauthenticated));
    }
    if after.account.version != before.account.version {
        let update = account_update(&after.account)?.when(unchanged(before.account.version));
        transaction.update(&account_key(tenant), update, Some(Code::Conflict));
    }
    Ok(())
}

/// The user's other sessions show the change as well. There may be more of them than fit into a
/// transaction, and each stands for itself: one that ended meanwhile stays ended.
async fn refresh_sessions(caller: &Caller, session: &Session, user: &User) -> Result<(), Error> {
    let (app, tenant) = (&caller.app, caller.tenant);
    for other in sessions_of(caller, user.id).await? {
        if other.id != session.id {
            let update = snapshot_update(user)?.when(Condition::Exists);
            let key = session_key(tenant, other.id);
            let _written: Written<Session> = app.table.update(&key, update).await?;
        }
    }
    Ok(())
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
        .set_serialized("billing_country", &account.billing_country)?
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
