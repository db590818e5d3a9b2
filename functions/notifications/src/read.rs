//! Reading a notification, or all of them.

use axum::{http::StatusCode, response::Response};
use shared::{
    account::{Overview, Unread, overview_key},
    auth::{Caller, SignedIn},
    error::{Code, Error},
    http::Path,
    id::NotificationId,
    notify::{Notification, notification_key, notifications_prefix},
    table::{Cancelled, Range, Read, Transaction},
    web::see_other,
};

/// So many are marked in one transaction, beside the count.
const MOST_AT_ONCE: usize = 90;

/// It was read before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct WasRead;

impl From<WasRead> for Error {
    fn from(_: WasRead) -> Self {
        Self::new(Code::Conflict)
    }
}

/// A notification of who asks. What is no id names nothing.
pub(crate) async fn find(caller: &Caller, id: &str) -> Result<Notification, Error> {
    let id: NotificationId = id.parse().map_err(|_| Error::new(Code::NotFound))?;
    let key = notification_key(caller.tenant, caller.user()?, id);
    let found: Option<Notification> = caller.app.table.get(&key, Read::Strong).await?;
    let now = caller.app.clock.now().as_second();
    Ok(found.filter(|it| now < it.expires_at).ok_or(Code::NotFound)?)
}

/// Marks one as read; what was read stays as it was.
async fn mark(caller: &Caller, notification: &Notification) -> Result<(), Error> {
    if notification.read_at.is_some() {
        return Ok(());
    }
    match mark_all(caller, &[notification.id]).await {
        Err(error) if error.code == Code::Conflict => Ok(()),
        marked => marked,
    }
}

/// Marks these as read, all or none.
async fn mark_all(caller: &Caller, ids: &[NotificationId]) -> Result<(), Error> {
    let (user, now) = (caller.user()?, caller.app.clock.now());
    let mut transaction: Transaction<'_, WasRead> = caller.app.table.transaction();
    for id in ids {
        let key = notification_key(caller.tenant, user, *id);
        transaction.update(&key, Notification::read(now), Some(WasRead));
    }
    Unread::of(user).fewer(caller.tenant, ids.len(), &mut transaction);
    Ok(transaction.commit().await?)
}

/// Marks all as read. It looks from the newest on for as many as are counted, so that who has read most of a
/// year's pays for the rest alone.
async fn all(caller: &Caller) -> Result<(), Error> {
    let key = overview_key(caller.tenant);
    let overview: Option<Overview> = caller.app.table.get(&key, Read::Strong).await?;
    let user = caller.user()?;
    let mut left = overview.unwrap_or_default().unread(user);
    let prefix = notifications_prefix(user);
    let mut range =
        Range::prefix(caller.tenant, &prefix).newest_first().strong().limit(MOST_AT_ONCE);
    while left > 0 {
        let (page, next): (Vec<Notification>, _) = caller.app.table.page(&range).await?;
        let unread = page.iter().filter(|it| it.read_at.is_none());
        let ids: Vec<NotificationId> = unread.map(|it| it.id).collect();
        if !ids.is_empty() {
            match mark_all(caller, &ids).await {
                // Some were read elsewhere in between: this page is looked at again.
                Err(error) if error.code == Code::Conflict => continue,
                marked => marked?,
            }
        }
        left = left.saturating_sub(ids.len() as u64);
        match next {
            Some(next) => range = range.after(&next),
            None if left > 0 => return forget(caller).await,
            None => return Ok(()),
        }
    }
    Ok(())
}

/// Nothing is unread, and what is still counted was dropped by the table before anybody read it: it is counted no
/// more, unless the count moves meanwhile.
async fn forget(caller: &Caller) -> Result<(), Error> {
    let key = overview_key(caller.tenant);
    let overview: Option<Overview> = caller.app.table.get(&key, Read::Strong).await?;
    let user = caller.user()?;
    let counted = overview.unwrap_or_default().unread(user);
    let range = Range::prefix(caller.tenant, &notifications_prefix(user));
    let newest = range.newest_first().strong().limit(1);
    let (newest, _): (Vec<Notification>, _) = caller.app.table.page(&newest).await?;
    if counted == 0 || newest.iter().any(|it| it.read_at.is_none()) {
        return Ok(());
    }
    let mut transaction: Transaction<'_, WasRead> = caller.app.table.transaction();
    Unread::of(user).none(caller.tenant, counted, &mut transaction, WasRead);
    match transaction.commit().await {
        Err(Cancelled::Refused(_)) => Ok(()),
        forgotten => Ok(forgotten?),
    }
}

/// Marks a notification as read.
#[utoipa::path(
    post, path = "/v1/notifications/{id}/read", operation_id = "read_notification", tag = "notifications",
    params(("id" = NotificationId, Path, description = "The notification's id")),
    responses(
        (status = 204, description = "It is read"),
        (status = 404, description = "There is no such notification", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(signed_in: SignedIn, Path(id): Path<String>) -> Result<StatusCode, Error> {
    mark(&signed_in, &find(&signed_in, &id).await?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Marks all notifications as read.
#[utoipa::path(
    post, path = "/v1/notifications/read-all", operation_id = "read_all_notifications",
    tag = "notifications",
    responses(
        (status = 204, description = "All are read"),
    )
)]
pub(crate) async fn all_json(signed_in: SignedIn) -> Result<StatusCode, Error> {
    all(&signed_in).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who opens one has read it.
pub(crate) async fn submit(signed_in: SignedIn, Path(id): Path<String>) -> Result<Response, Error> {
    mark(&signed_in, &find(&signed_in, &id).await?).await?;
    Ok(see_other(&format!("/notifications/{id}")))
}

pub(crate) async fn all_submit(signed_in: SignedIn) -> Result<Response, Error> {
    all(&signed_in).await?;
    Ok(see_other("/notifications"))
}
