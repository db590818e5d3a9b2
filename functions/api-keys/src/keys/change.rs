//! Changing what a key is called and what it may do; its secret stays.

use axum::{http::StatusCode, response::Response};
use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use shared::{
    account::{BillingPeriod, User},
    audit::{Event, EventKind, record_and_tell},
    auth::{ApiKey, Caller, Client, Scope, api_key_key, if_still_signed_in},
    error::{Code, Conflicts, Error},
    http::{IfMatch, Json, Object, Once, Path},
    id::KeyId,
    money::AmountInput,
    table::Condition,
    usage::{Watched, watch},
};

use super::{KeyReply, body, etag, find_with_user, input::Wrong, reply};

/// What to change; what is not there stays, `null` takes a limit away.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyChange {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<Scope>>, min_items = 1)]
    scopes: Option<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    allowed_ips: Field<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<AmountInput>)]
    monthly_cost_limit: Field<Object<AmountInput>>,
}

/// A field of a change: `null` is something else than not there.
#[derive(Default, Clone)]
enum Field<T> {
    /// Not there: it stays.
    #[default]
    Kept,
    /// `null`: it goes.
    Cleared,
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Option::deserialize(deserializer)?;
        Ok(value.map_or(Self::Cleared, Self::Set))
    }
}

impl KeyChange {
    fn apply(self, mut key: ApiKey, caller: &Caller, now: Timestamp) -> Result<ApiKey, Error> {
        let mut wrong = Wrong::default();
        if let Some(name) = self.name {
            key.name = wrong.name(&name);
        }
        if let Some(names) = self.scopes {
            key.scopes = wrong.scopes(&names, caller.role()?);
            // What it may do is now what this user lets it.
            key.user = caller.person()?;
        }
        match self.expires_at {
            Field::Kept => {}
            Field::Cleared => key.ends_at = None,
            Field::Set(text) => key.ends_at = wrong.ends_at(Some(&text), now),
        }
        match self.allowed_ips {
            Field::Kept => {}
            Field::Cleared => key.allowed_ips = Vec::new(),
            Field::Set(texts) => key.allowed_ips = wrong.networks(&texts),
        }
        match self.monthly_cost_limit {
            Field::Kept => {}
            Field::Cleared => key.monthly_cost_limit = None,
            Field::Set(Object(amount)) => key.monthly_cost_limit = wrong.amount(Some(&amount)),
        }
        wrong.none_or_error()?;
        Ok(key)
    }
}

async fn change(
    caller: &Caller,
    is_elevated: bool,
    id: &str,
    if_match: &IfMatch,
    change: KeyChange,
) -> Result<ApiKey, Error> {
    let (before, user) = find_with_user(caller, id).await?;
    if_match.require(&etag(&before))?;
    let now = caller.app.clock.now();
    let mut key = change.apply(before.clone(), caller, now)?;
    if key == before {
        return Ok(before);
    }
    key.version += 1;
    let limits = key.monthly_cost_limit != before.monthly_cost_limit;
    let kind = EventKind::ApiKeyChanged;
    let mut saving = Saving { kind, now, grants: false, limits, kept: None };
    // A key that may do more is as good as a new one.
    if widens(&before, &key) {
        if !is_elevated {
            return Err(Code::SudoRequired.into());
        }
        (key.granted_at, saving.grants) = (now, true);
    }
    save(caller, &user, &key, saving).await?;
    Ok(key)
}

/// Whether a key may do more than before: other things, for longer, from elsewhere, for more.
fn widens(before: &ApiKey, after: &ApiKey) -> bool {
    let longer = match (before.ends_at, after.ends_at) {
        (Some(before), Some(after)) => after > before,
        (before, after) => before.is_some() && after.is_none(),
    };
    let dearer = match (before.monthly_cost_limit, after.monthly_cost_limit) {
        (Some(before), Some(after)) => after > before,
        (before, after) => before.is_some() && after.is_none(),
    };
    let covered = |net: &IpNet| before.allowed_ips.iter().any(|old| old.contains(net));
    let elsewhere = !before.allowed_ips.is_empty()
        && (after.allowed_ips.is_empty() || !after.allowed_ips.iter().all(covered));
    let anothers = after.user != before.user;
    anothers || longer || dearer || elsewhere || !after.scopes.is_subset(&before.scopes)
}

/// What is written beside a key's next version.
pub(super) struct Saving<'a> {
    /// What happened to it.
    pub(super) kind: EventKind,
    /// When.
    pub(super) now: Timestamp,
    /// Whether it got a secret or may do more.
    pub(super) grants: bool,
    /// Whether it has another limit of cost.
    pub(super) limits: bool,
    /// The reply, kept for the same request sent again.
    pub(super) kept: Option<(&'a Once, String)>,
}

/// Writes a key's next version if what is stored is still the one before it.
pub(super) async fn save(
    caller: &Caller,
    user: &User,
    key: &ApiKey,
    saving: Saving<'_>,
) -> Result<(), Error> {
    let (app, tenant) = (&caller.app, caller.tenant);
    let mut transaction = app.table.transaction();
    if saving.grants {
        if_still_signed_in(caller, &mut transaction, Code::Unauthenticated);
    }
    if let Some((once, body)) = saving.kept {
        once.keep(app, StatusCode::OK, &body, &mut transaction, Code::Conflict)?;
    }
    let same = Condition::Equals("version", (key.version - 1).into());
    transaction.put_if(&api_key_key(tenant, key.id), key, same, Code::Conflict);
    if saving.limits {
        // What it has used is looked at again.
        let period = BillingPeriod::at(&caller.account.zones, saving.now);
        let (key, update) = watch(app, tenant, period, Watched::Key(key.id), 0);
        transaction.update(&key, update, None);
    }
    let saved = Event::by(caller, saving.kind, Some(key.name.clone())).at(saving.now);
    record_and_tell(app, tenant, user, saved, &mut transaction);
    Ok(transaction.commit().await?)
}

/// Changes an API key; its secret stays.
#[utoipa::path(
    patch, path = "/v1/api-keys/{id}", operation_id = "change_api_key", tag = "api-keys",
    params(
        ("id" = KeyId, Path, description = "The key"),
        ("If-Match" = Option<String>, Header, description = "The version to change"),
    ),
    request_body = KeyChange,
    responses(
        (status = 200, description = "The key as it is now, with its version as `ETag`", body = KeyReply),
        (status = 403, description = "The key may do more than before, and the password or a code is wanted again", body = shared::http::Problem),
        (status = 404, description = "There is no such key", body = shared::http::Problem),
        (status = 409, description = "Somebody else changed it in the same moment", body = shared::http::Problem),
        (status = 412, description = "It is another version now", body = shared::http::Problem),
        (status = 422, description = "Fields are not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Client(signed_in): Client,
    Path(id): Path<String>,
    if_match: IfMatch,
    Json(input): Json<KeyChange>,
) -> Result<Response, Error> {
    let mut conflicts = Conflicts::default();
    let is_elevated = signed_in.is_elevated();
    loop {
        match change(&signed_in, is_elevated, &id, &if_match, input.clone()).await {
            Ok(key) => return Ok(reply(StatusCode::OK, body(&KeyReply::from(key))?)),
            Err(error) => if_match.lost(error, &mut conflicts)?,
        }
    }
}
