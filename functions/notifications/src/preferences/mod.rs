//! How a user wants to be told: which kinds where, when it is quiet, and whether once a day.

mod change;
mod page;

pub(crate) use page::{page, submit};

use std::collections::BTreeMap;

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::{
    auth::{Anyone, Caller, ReadScope, SignedIn},
    error::Error,
    http::{IfMatch, Json as Input},
    notify::{Channel, Digest, NoticeKind, NoticePreferences, preferences_key, time_text},
    table::Read,
};

use change::{PreferencesInput, change};

/// How the user wants to be told.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PreferencesReply {
    /// Where each kind goes.
    #[schema(value_type = BTreeMap<NoticeKind, ChannelsReply>)]
    kinds: BTreeMap<NoticeKind, ChannelsReply>,
    /// What cannot be switched off.
    locked: Vec<Locked>,
    quiet_hours: Option<QuietHoursReply>,
    digest: Digest,
}

/// Where a kind goes: to a channel beside the portal and the mailbox once there is one.
#[derive(Serialize, utoipa::ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the contract's")]
struct ChannelsReply {
    in_app: bool,
    email: bool,
    telegram: bool,
    discord: bool,
    webhook: bool,
}

/// A channel that cannot be switched off for a kind.
#[derive(Serialize, utoipa::ToSchema)]
struct Locked {
    kind: NoticeKind,
    channel: Channel,
}

/// Hours in the account's zone in which what can wait waits.
#[derive(Serialize, utoipa::ToSchema)]
struct QuietHoursReply {
    #[schema(example = "22:00")]
    from: String,
    #[schema(example = "07:00")]
    to: String,
}

impl From<&NoticePreferences> for PreferencesReply {
    fn from(preferences: &NoticePreferences) -> Self {
        let channels = |kind: &NoticeKind| {
            let wants = |channel| preferences.wants(*kind, channel);
            let reply = ChannelsReply {
                in_app: wants(Channel::InApp),
                email: wants(Channel::Email),
                telegram: wants(Channel::Telegram),
                discord: wants(Channel::Discord),
                webhook: wants(Channel::Webhook),
            };
            (*kind, reply)
        };
        let locked = NoticeKind::ALL.iter().flat_map(|kind| {
            let locked = Channel::ALL.iter().filter(|channel| kind.is_locked(**channel));
            locked.map(|channel| Locked { kind: *kind, channel: *channel })
        });
        Self {
            kinds: NoticeKind::ALL.iter().map(channels).collect(),
            locked: locked.collect(),
            quiet_hours: preferences
                .quiet_hours
                .map(|it| QuietHoursReply { from: time_text(it.from), to: time_text(it.to) }),
            digest: preferences.digest,
        }
    }
}

fn etag(preferences: &NoticePreferences) -> String {
    format!("\"{}\"", preferences.version)
}

fn reply(preferences: &NoticePreferences) -> Response {
    let mut headers = HeaderMap::new();
    if let Ok(etag) = HeaderValue::from_str(&etag(preferences)) {
        headers.insert(header::ETAG, etag);
    }
    (headers, Json(PreferencesReply::from(preferences))).into_response()
}

async fn load(caller: &Caller) -> Result<NoticePreferences, Error> {
    let key = preferences_key(caller.tenant, caller.user()?);
    Ok(caller.app.table.get(&key, Read::Strong).await?.unwrap_or_default())
}

/// How the user wants to be told.
#[utoipa::path(
    get, path = "/v1/notifications/preferences", operation_id = "notification_preferences",
    tag = "notifications",
    responses(
        (status = 200, description = "The preferences, with their version as `ETag`", body = PreferencesReply),
    )
)]
pub(crate) async fn json(anyone: Anyone<ReadScope>) -> Result<Response, Error> {
    Ok(reply(&load(&anyone).await?))
}

/// Sets how the user wants to be told; what is not named is as it is for everybody.
#[utoipa::path(
    put, path = "/v1/notifications/preferences", operation_id = "set_notification_preferences",
    tag = "notifications", request_body = PreferencesInput,
    params(("If-Match" = Option<String>, Header, description = "The version to change")),
    responses(
        (status = 200, description = "The preferences as they are now", body = PreferencesReply),
        (status = 400, description = "A field, a kind or a channel is not known", body = shared::http::Problem),
        (status = 409, description = "Somebody else changed them in the same moment", body = shared::http::Problem),
        (status = 412, description = "They are of another version now", body = shared::http::Problem),
        (status = 422, description = "A value is not valid, or cannot be switched off", body = shared::http::Problem),
    )
)]
pub(crate) async fn put(
    signed_in: SignedIn,
    if_match: IfMatch,
    Input(input): Input<PreferencesInput>,
) -> Result<Response, Error> {
    let wanted = input.wanted()?;
    Ok(reply(&change(&signed_in, &if_match, |_stored| wanted.clone()).await?))
}
