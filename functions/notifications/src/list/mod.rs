//! The notifications of who asks, newest first.

mod page;

pub(crate) use page::page;

use serde::{Deserialize, Serialize};
use shared::{
    auth::{Anyone, Caller, ReadScope},
    error::Error,
    http::{ListQuery, Query},
    notify::{Notification, notifications_prefix},
    web::Text,
};

use crate::reply::NotificationReply;

/// One page of notifications.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct NotificationList {
    items: Vec<NotificationReply>,
    next_cursor: Option<String>,
}

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NotificationQuery {
    /// 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<usize>, default = 25, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// From the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// `true` for those alone that were not read.
    #[serde(default)]
    #[param(value_type = Option<bool>, default = false)]
    unread: Option<String>,
}

impl NotificationQuery {
    fn only_unread(&self) -> Result<bool, Error> {
        match self.unread.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Error::field("unread", "choice_unknown")),
        }
    }
}

/// A page of notifications and the cursor of the next.
async fn load(
    caller: &Caller,
    query: NotificationQuery,
) -> Result<(Vec<Notification>, Option<String>), Error> {
    let (only_unread, user) = (query.only_unread()?, caller.user()?);
    let name = if only_unread { "unread notifications" } else { "notifications" };
    let page = ListQuery::new(query.limit, query.cursor).of(caller, &format!("{name} {user}"))?;
    let now = caller.app.clock.now().as_second();
    let shown = |it: &Notification| now < it.expires_at && !(only_unread && it.read_at.is_some());
    page.read_where(&notifications_prefix(user), |it: &Notification| it.id, shown).await
}

/// What the user was told, newest first.
#[utoipa::path(
    get, path = "/v1/notifications", operation_id = "list_notifications", tag = "notifications",
    params(NotificationQuery),
    responses(
        (status = 200, description = "The notifications, newest first", body = NotificationList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 422, description = "A parameter is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    anyone: Anyone<ReadScope>,
    Query(query): Query<NotificationQuery>,
) -> Result<axum::Json<NotificationList>, Error> {
    let (notifications, next_cursor) = load(&anyone, query).await?;
    let text = Text::new(anyone.context.preferences());
    let items = notifications.into_iter().map(|it| NotificationReply::new(it, &text)).collect();
    Ok(axum::Json(NotificationList { items, next_cursor }))
}
