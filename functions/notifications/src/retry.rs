//! Mailing once more what did not arrive.

use axum::{http::StatusCode, response::Response};
use shared::{
    account::{User, user_key},
    auth::{Caller, SignedIn},
    error::{Code, Error},
    http::Path,
    id::NotificationId,
    notify::{
        Channel, Delivery, Letter, Notification, Undeliverable, notification_key, put_letter,
        undeliverable_key, undo,
    },
    table::{Read, Transaction},
    web::see_other,
};

use crate::read::find;

/// It stands elsewhere by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Changed;

impl From<Changed> for Error {
    fn from(_: Changed) -> Self {
        Self::new(Code::Conflict)
    }
}

/// Whether a notification's mail can be tried again.
pub(crate) fn can_retry(notification: &Notification) -> bool {
    notification.deliveries.get(&Channel::Email).is_some_and(Delivery::has_failed)
}

/// Mails a notification once more: word of a change to where the user was reached before it, anything else to where
/// the user is.
async fn retry(caller: &Caller, id: &str) -> Result<(), Error> {
    let notification = find(caller, id).await?;
    if !can_retry(&notification) {
        return Err(Code::NotAllowedNow.into());
    }
    let (app, now, user) = (&caller.app, caller.app.clock.now(), caller.user()?);
    let user: Option<User> = app.table.get(&user_key(caller.tenant, user), Read::Strong).await?;
    let user = user.ok_or(Code::Unauthenticated)?;
    let to = notification.change.as_ref().map_or(&user.email, |change| &change.to).clone();
    let address = undeliverable_key(caller.tenant, &to);
    let undeliverable: Option<Undeliverable> = app.table.get(&address, Read::Strong).await?;
    if undeliverable.is_some() {
        return Err(Code::NotAllowedNow.into());
    }
    let queued = Notification::stands(Channel::Email, &Delivery::queued(None, now))?;
    let update = queued.when(notification.stands_as_read()?);
    let mut transaction: Transaction<'_, Changed> = app.table.transaction();
    let key = notification_key(caller.tenant, user.id, notification.id);
    transaction.update(&key, update, Some(Changed));
    let mut letter = Letter::about(caller.tenant, user.id, to, vec![notification.id]);
    letter.undo = undo(app, &user, &[&notification], &mut transaction)?;
    put_letter(app, now, letter, &mut transaction);
    Ok(transaction.commit().await?)
}

/// Mails a notification once more whose mail has failed.
#[utoipa::path(
    post, path = "/v1/notifications/{id}/retry", operation_id = "retry_notification",
    tag = "notifications",
    params(("id" = NotificationId, Path, description = "The notification's id")),
    responses(
        (status = 204, description = "It is on its way"),
        (status = 404, description = "There is no such notification", body = shared::http::Problem),
        (status = 409, description = "Its mail has not failed, or mails to the address come back", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(signed_in: SignedIn, Path(id): Path<String>) -> Result<StatusCode, Error> {
    retry(&signed_in, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn submit(signed_in: SignedIn, Path(id): Path<String>) -> Result<Response, Error> {
    match retry(&signed_in, &id).await {
        // Sent twice: it is on its way.
        Ok(()) => Ok(see_other(&format!("/notifications/{id}?done=retried"))),
        Err(error) if error.code == Code::Conflict => {
            Ok(see_other(&format!("/notifications/{id}?done=retried")))
        }
        // The page says how it stands.
        Err(error) if error.code == Code::NotAllowedNow => {
            Ok(see_other(&format!("/notifications/{id}")))
        }
        Err(error) => Err(error),
    }
}
