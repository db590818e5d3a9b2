//! Notices, and what comes of them, without whoever would cause them.

use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{Scene, TestApp, delivery, founder};
use crate::{
    account::{Founded, FoundingRefused, Unread, User, found, user_key},
    app::App,
    audit::{Actor, Event, EventKind, record_and_tell},
    auth::PasswordHash,
    http::Context,
    id::{NotificationId, OutboxId},
    mail::RECORD_HEADER,
    notify::{
        Channel, DeliveryReason, DeliveryState, Digest, Filling, Gathering, Held, Hold, Letter,
        Notice, NoticeKind, NoticePreferences, Wait, Waiting, Way, Words, find_letter, gathered_as,
        gathering_key, hold, notification_key, notify, preferences_key, put_letter,
    },
    outbox::{Job, OutboxRecord},
    queue::Delivery,
    table::{Read, Tenant, Update, Value},
    timer::{DueTimers, TimerKind, set_timer},
};

fn tenant(client: Founded) -> Tenant {
    Tenant::claimed(client.account)
}

/// A notice of a kind for a client's owner, written with the transaction of what it tells.
pub async fn notice(app: &App, client: Founded, kind: NoticeKind) -> OutboxId {
    let now = app.clock.now();
    let address = Filling::Written("owner@acme.test".to_owned());
    let words = Words::new("mail-bounced").with("address", address);
    let notice = Notice::new(tenant(client), client.user, kind, words, now).about("/profile");
    let mut transaction = app.table.transaction::<()>();
    let id = notify(app, notice, &mut transaction);
    transaction.commit().await.expect("written");
    id
}

/// Word of a change to the security of a client's account, made at a version of its owner.
pub async fn change(app: &App, client: Founded, subject: &str, version: u64) -> OutboxId {
    let (tenant, now) = (tenant(client), app.clock.now());
    let user: Option<User> =
        app.table.get(&user_key(tenant, client.user), Read::Strong).await.expect("read");
    let user = User { version, ..user.expect("the owner") };
    let context = Context::of_schedule("test", &app.random);
    let actor = Actor::user(&user);
    let event = Event::new(EventKind::ApiKeyChanged, actor, &context).at(now);
    let event = Event { subject: Some(subject.to_owned()), ..event };
    let mut transaction = app.table.transaction::<()>();
    let id = record_and_tell(app, tenant, &user, event, &mut transaction);
    transaction.commit().await.expect("written");
    id
}

/// What the queue carries of a record of the outbox.
#[must_use]
pub fn record(app: &App, id: OutboxId, job: Job) -> Json {
    let record = OutboxRecord::new(job, app.clock.now(), &app.random);
    json!(OutboxRecord { id, ..record })
}

/// The same as the notifier is handed it.
#[must_use]
pub fn delivered(app: &App, id: OutboxId) -> Delivery {
    delivery(&id.to_string(), record(app, id, Job::Notice {}).to_string())
}

/// A notice that waits for the notifier.
pub async fn message(Scene { app, client, .. }: &Scene) -> Json {
    let id = notice(app, *client, NoticeKind::TicketReply).await;
    record(app, id, Job::Notice {})
}

/// The preferences of a client's owner.
pub async fn prefer(app: &App, client: Founded, preferences: &NoticePreferences) {
    let key = preferences_key(tenant(client), client.user);
    app.table.put(&key, preferences).await.expect("written");
}

/// Replies to tickets are not mailed.
pub async fn without_mail(Scene { app, client, .. }: &Scene) {
    let mut preferences = NoticePreferences { version: 1, ..NoticePreferences::default() };
    let off = [(Channel::Email, false)].into();
    preferences.kinds.insert(NoticeKind::TicketReply, off);
    prefer(app, *client, &preferences).await;
}

/// What can wait is mailed once a day.
pub async fn daily(app: &App, client: Founded) {
    let digest = Digest::Daily;
    prefer(app, client, &NoticePreferences { digest, version: 1, ..Default::default() }).await;
}

/// A mail of the same kind has gone a moment ago.
pub async fn mailed_before(Scene { app, client, .. }: &Scene) {
    let tenant = tenant(*client);
    let user: Option<User> =
        app.table.get(&user_key(tenant, client.user), Read::Strong).await.expect("read");
    let apart = gathered_as(NoticeKind::TicketReply, None, &user.expect("the owner").email);
    let key = gathering_key(tenant, client.user, Channel::Email, &apart);
    app.table.put(&key, &Gathering::from(app.clock.now())).await.expect("written");
}

/// A notification of a client's owner, and the letter that mails it.
pub async fn mailed(app: &App, client: Founded) -> OutboxId {
    let (tenant, now) = (tenant(client), app.clock.now());
    let user: Option<User> =
        app.table.get(&user_key(tenant, client.user), Read::Strong).await.expect("read");
    let id = shown(app, client).await;
    let letter = Letter::about(tenant, client.user, user.expect("the owner").email, vec![id]);
    let mut transaction = app.table.transaction::<()>();
    let record = put_letter(app, now, letter, &mut transaction);
    transaction.commit().await.expect("written");
    record
}

/// A notification of a client's owner that waits to be mailed.
pub async fn shown(app: &App, client: Founded) -> NotificationId {
    let (tenant, now) = (tenant(client), app.clock.now());
    let words =
        Words::new("mail-bounced").with("address", Filling::Written("owner@acme.test".to_owned()));
    let notice = Notice::new(tenant, client.user, NoticeKind::TicketReply, words, now);
    let mut notification = notice.about("/profile").notification(OutboxId::new(now, &app.random));
    let queued = crate::notify::Delivery::queued(None, now);
    notification.deliveries.insert(Channel::Email, queued);
    let key = notification_key(tenant, client.user, notification.id);
    app.table.put(&key, &notification).await.expect("written");
    notification.id
}

/// A notification of a client's owner, unread, whose mail has failed.
pub async fn failed(app: &App, client: Founded) -> NotificationId {
    let id = shown(app, client).await;
    let (state, reason) = (DeliveryState::Failed, Some(DeliveryReason::Refused));
    let at = app.clock.now();
    let failed = crate::notify::Delivery { state, reason, attempts: 5, at };
    let mut transaction = app.table.transaction::<()>();
    let failed = Value::of(&failed).expect("an item");
    let update = Update::new().set_entry("deliveries", Channel::Email.as_str(), failed);
    transaction.update(&notification_key(tenant(client), client.user, id), update, None);
    Unread::of(client.user).more(tenant(client), &mut transaction);
    transaction.commit().await.expect("written");
    id
}

/// A notification of a client's owner that waits, and whose time has come.
pub async fn held(Scene { app, client, .. }: &Scene) {
    let id = shown(app, *client).await;
    let until = app.clock.now() + SignedDuration::from_hours(8);
    let wait = Wait { hold: Hold::Digest, until, apart: String::new() };
    let mut transaction = app.table.transaction::<()>();
    let waiting = Waiting::Notices { ids: vec![id], more: 0 };
    let way = Way { tenant: tenant(*client), user: client.user, channel: Channel::Email };
    hold(app, way, &wait, &waiting, &mut transaction, ());
    transaction.commit().await.expect("written");
    app.clock.advance(SignedDuration::from_hours(8));
}

/// So many accounts more, each with a timer that is due after so long.
pub async fn accounts_with_timers(app: &App, number: usize, due: SignedDuration) {
    /// With their items so many fit into one transaction.
    const AT_ONCE: usize = 16;
    let at = app.clock.now() + due;
    for begin in (0..number).step_by(AT_ONCE) {
        let mut transaction = app.table.transaction::<FoundingRefused>();
        for _one in begin..number.min(begin + AT_ONCE) {
            let name = hex::encode(app.random.bytes::<8>());
            let founded = found(app, founder(app, &name, PasswordHash::locked()), &mut transaction);
            let user = founded.user.to_string();
            let (key, update) = set_timer(app, tenant(founded), TimerKind::Held, &user, at);
            transaction.update(&key, update, None);
        }
        transaction.commit().await.expect("written");
    }
}

/// The messages of all timers that are due.
pub async fn due(app: &App) -> Vec<Json> {
    let mut due = DueTimers::at(app.clock.now());
    let mut messages = Vec::new();
    while let Some(timers) = due.next(app).await.expect("read") {
        for timer in timers {
            let record = OutboxRecord::new(Job::Due { timer }, app.clock.now(), &app.random);
            messages.push(json!(record));
        }
    }
    messages
}

/// What waits for a client's owner.
pub async fn waiting(app: &App, client: Founded) -> Vec<Held> {
    let range =
        crate::table::Range::prefix(tenant(client), &crate::notify::held_prefix(client.user));
    let timers: Vec<crate::notify::HeldTimer> = app.table.all(range.strong()).await.expect("read");
    timers.into_iter().map(|timer| timer.what).collect()
}

/// The notifications of a client's owner, oldest first.
pub async fn notifications(app: &App, client: Founded) -> Vec<crate::notify::Notification> {
    let prefix = crate::notify::notifications_prefix(client.user);
    let range = crate::table::Range::prefix(tenant(client), &prefix).strong();
    app.table.all(range).await.expect("read")
}

/// Where the mails of a client's owner stand, oldest first.
pub async fn mail_states(app: &App, client: Founded) -> Vec<DeliveryState> {
    let all = notifications(app, client).await;
    all.iter().filter_map(|it| it.deliveries.get(&Channel::Email)).map(|it| it.state).collect()
}

/// The letter that was put into the outbox last.
pub async fn last_letter(world: &TestApp) -> Letter {
    let records = world.cloud.stream(None).read(1_000).expect("the stream");
    let mut letters = records.iter().rev().filter_map(|record| {
        let image = &record["dynamodb"]["NewImage"];
        let is_letter = image["job"]["M"]["kind"]["S"] == "letter";
        image["id"]["S"].as_str().filter(|_| is_letter)?.parse().ok()
    });
    let id = letters.next().expect("a letter");
    find_letter(&world.app, id).await.expect("read").expect("the letter")
}

/// What SES publishes of a mail that came back.
#[must_use]
pub fn bounce(address: &str, record: &str) -> Json {
    json!({
        "eventType": "Bounce",
        "bounce": {
            "bounceType": "Permanent", "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": address, "action": "failed", "status": "5.1.1"}],
            "timestamp": "2026-11-22T12:00:01.000Z", "feedbackId": "feedback",
        },
        "mail": {
            "timestamp": "2026-11-22T12:00:00.000Z", "messageId": "message",
            "destination": [address],
            "headers": [{"name": RECORD_HEADER, "value": record}],
        },
    })
}
