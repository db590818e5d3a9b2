//! Tickets without the requests that would open them.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::{Scene, told};
use crate::{
    account::Founded,
    app::App,
    id::{MessageId, TicketId},
    table::Tenant,
    ticket::{
        Author, Message, Opening, Priority, StaffMember, Status, Ticket, change_ticket,
        put_message, put_staff_member, put_ticket,
    },
    timer::{TimerKind, set_timer},
};

/// A ticket that a client opened at a moment.
pub async fn opened(app: &App, client: Founded, number: u64, at: Timestamp) -> Ticket {
    let tenant = Tenant::claimed(client.account);
    let opening = Opening {
        subject: "It does not answer".to_owned(),
        category: "general".to_owned(),
        priority: Priority::Normal,
        about: None,
        follows: None,
        opener: client.user,
        client: "Acme".to_owned(),
    };
    let id = TicketId::new(app.clock.now(), &app.random);
    let ticket = Ticket::open(tenant, id, number, opening, at);
    let (id, author) = (MessageId::new(at, &app.random), Author::client("Ada"));
    let message = Message::written(id, author, "Please look.".to_owned(), Vec::new(), at);
    let mut transaction = app.table.transaction();
    put_ticket(app, &ticket, &message, &mut transaction);
    transaction.commit().await.expect("opened");
    ticket
}

/// The same after staff answered and resolved it at another moment.
pub async fn resolved(app: &App, client: Founded, number: u64, at: Timestamp) -> Ticket {
    let before = opened(app, client, number, at).await;
    let mut after = before.clone();
    after.staff_writes(at).expect("answered");
    after.staff_sets(Status::Resolved, at).expect("resolved");
    let (id, author) = (MessageId::new(at, &app.random), Author::staff("Sam"));
    let message = Message::written(id, author, "Solved.".to_owned(), Vec::new(), at);
    let mut transaction = app.table.transaction();
    change_ticket(app, &before, &after, &mut transaction);
    put_message(&after, &message, &mut transaction);
    transaction.commit().await.expect("resolved");
    after
}

/// Has somebody be one of staff: of a client's account, for want of another.
pub async fn staffed(app: &App, client: Founded) -> StaffMember {
    let tenant = Tenant::claimed(client.account);
    let member = StaffMember::new(tenant, client.user, "Sam".to_owned());
    let mut transaction = app.table.transaction::<()>();
    put_staff_member(&member, &mut transaction);
    transaction.commit().await.expect("known");
    member
}

/// What the ticket clock is handed of a ticket that was opened a month ago.
pub async fn overdue(scene: &Scene) -> Vec<Json> {
    staffed(&scene.app, scene.client).await;
    let at = long_ago(&scene.app, 30);
    opened(&scene.app, scene.client, scene.number, at).await;
    told::due(&scene.app).await
}

/// The same of one whose timer comes before anything is due of it, as where more time is promised than when it was set.
pub async fn early(scene: &Scene) -> Vec<Json> {
    let (app, client) = (&scene.app, scene.client);
    let ticket = opened(app, client, scene.number, app.clock.now()).await;
    let (tenant, name) = (Tenant::claimed(client.account), ticket.id.to_string());
    let (key, update) = set_timer(app, tenant, TimerKind::Ticket, &name, app.clock.now());
    let mut transaction = app.table.transaction::<()>();
    transaction.update(&key, update.set("ticket", name), None);
    transaction.commit().await.expect("set");
    told::due(app).await
}

/// The same of one that was resolved a week and a day ago.
pub async fn over(scene: &Scene) -> Vec<Json> {
    let at = long_ago(&scene.app, 8);
    resolved(&scene.app, scene.client, scene.number, at).await;
    told::due(&scene.app).await
}

fn long_ago(app: &App, days: i64) -> Timestamp {
    app.clock.now() - SignedDuration::from_hours(24 * days)
}
