//! Quiet hours, the digest, and what is wanted otherwise in between.

use jiff::SignedDuration;
use serde_json::json;
use shared::{
    account::{Account, ZonePlan, account_key},
    clock::Clock,
    notify::NoticeKind,
    table::{Tenant, Update, Written},
    wire::Wire,
};
use tests::World;

use super::{Reader, state, walk};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The worlds begin at noon, UTC.
async fn at_night(world: &World, name: &str) -> Reader {
    let acme = Reader::of(world, name).await;
    acme.prefer(json!({"quiet_hours": {"from": "22:00", "to": "07:00"}})).await;
    walk(world, 11 * HOUR).await;
    acme
}

#[tokio::test]
async fn at_night_what_can_wait_waits_until_the_quiet_ends_and_nothing_else_does() {
    let world = World::start().await;
    let acme = at_night(&world, "acme").await;
    acme.tell(&world, NoticeKind::TicketReply).await;
    assert_eq!((acme.mails(&world).await, acme.mail().await), (0, state("queued", "quiet_hours")));
    assert_eq!(acme.unread().await, 1, "in the portal at once");
    for kind in [NoticeKind::LimitReached, NoticeKind::PaymentFailed] {
        world.panel.app.clock.advance(SignedDuration::from_secs(1));
        acme.tell(&world, kind).await;
        assert_eq!(acme.mail().await, state("sent", ""), "{kind:?}");
    }
    walk(&world, 8 * HOUR - SignedDuration::from_secs(10)).await;
    assert_eq!(acme.mails(&world).await, 2, "ten seconds before seven");
    walk(&world, SignedDuration::from_secs(10)).await;
    assert_eq!(acme.mails(&world).await, 3);
    let states: Vec<_> = acme.list().await;
    assert!(states.iter().all(|it| it["deliveries"][1]["state"] == "sent"), "{states:?}");
    walk(&world, 48 * HOUR).await;
    assert_eq!(acme.mails(&world).await, 3, "nothing goes twice");
}

/// Berlin's night of 28 March 2026 is an hour shorter, that of 24 October an hour longer.
#[tokio::test]
async fn a_night_in_which_the_clock_changes_ends_by_the_clock() {
    for (evening, hours) in [("2026-03-28T21:30:00Z", 7), ("2026-10-24T20:30:00Z", 9)] {
        let world = World::at(Clock::fixed(evening.parse().unwrap()), Wire::default()).await;
        let acme = Reader::of(&world, "acme").await;
        let zones = ZonePlan::new("Europe/Berlin".parse().unwrap());
        let zones = Update::new().set_serialized("zones", &zones).unwrap();
        let key = account_key(Tenant::at_desk(acme.founded.account));
        let _written: Written<Account> = world.panel.app.table.update(&key, zones).await.unwrap();
        acme.prefer(json!({"quiet_hours": {"from": "22:00", "to": "07:00"}})).await;
        acme.tell(&world, NoticeKind::TicketReply).await;
        assert_eq!(acme.mail().await, state("queued", "quiet_hours"), "at half past ten");
        walk(&world, hours * HOUR + 29 * MINUTE).await;
        assert_eq!(acme.mails(&world).await, 0, "a minute before seven");
        walk(&world, MINUTE).await;
        assert_eq!(acme.mails(&world).await, 1, "at seven");
    }
}

#[tokio::test]
async fn several_of_a_night_are_one_mail_that_lists_them() {
    let world = World::start().await;
    let acme = at_night(&world, "acme").await;
    for kind in [NoticeKind::TicketReply, NoticeKind::UsageAlert, NoticeKind::News] {
        acme.tell(&world, kind).await;
    }
    walk(&world, 9 * HOUR).await;
    let mails = world.mails(&acme.client.email).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["subject"], "3 notifications from your quiet hours");
    let text = mails[0]["text"].as_str().unwrap();
    assert_eq!(text.matches("come back").count(), 3, "{text}");
}

#[tokio::test]
async fn what_is_switched_off_in_between_does_not_go_and_what_is_not_does() {
    let world = World::start().await;
    let acme = at_night(&world, "acme").await;
    for kind in [NoticeKind::TicketReply, NoticeKind::News] {
        acme.tell(&world, kind).await;
        world.panel.app.clock.advance(SignedDuration::from_secs(1));
    }
    let quiet = json!({"from": "22:00", "to": "07:00"});
    acme.prefer(json!({"quiet_hours": quiet, "kinds": {"news": {"email": false}}})).await;
    world.drain().await;
    assert_eq!(acme.mail().await, state("suppressed", "preference"));
    assert_eq!(acme.mails(&world).await, 0, "the other still waits");
    walk(&world, 9 * HOUR).await;
    assert_eq!(acme.mails(&world).await, 1);
}

#[tokio::test]
async fn whoever_ends_the_quiet_is_told_what_waited_at_once() {
    let world = World::start().await;
    let acme = at_night(&world, "acme").await;
    acme.tell(&world, NoticeKind::TicketReply).await;
    acme.prefer(json!({})).await;
    world.drain().await;
    assert_eq!((acme.mails(&world).await, acme.mail().await), (1, state("sent", "")));
}

#[tokio::test]
async fn a_longer_night_holds_what_waited_longer() {
    let world = World::start().await;
    let acme = at_night(&world, "acme").await;
    acme.tell(&world, NoticeKind::TicketReply).await;
    acme.prefer(json!({"quiet_hours": {"from": "22:00", "to": "09:00"}})).await;
    walk(&world, 9 * HOUR).await;
    assert_eq!((acme.mails(&world).await, acme.mail().await), (0, state("queued", "quiet_hours")));
    walk(&world, HOUR).await;
    assert_eq!(acme.mails(&world).await, 1);
}

#[tokio::test]
async fn the_digest_of_a_day_is_one_mail_and_the_digest_of_nothing_is_none() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    acme.prefer(json!({"digest": "daily"})).await;
    for kind in [NoticeKind::TicketReply, NoticeKind::UsageAlert] {
        acme.tell(&world, kind).await;
        assert_eq!(acme.mail().await, state("queued", "digest"));
    }
    walk(&world, 19 * HOUR).await;
    assert_eq!(acme.mails(&world).await, 0, "at seven");
    walk(&world, HOUR).await;
    let mails = world.mails(&acme.client.email).await;
    assert_eq!((mails.len(), &mails[0]["subject"]), (1, &json!("Your day: 2 notifications")));
    walk(&world, 72 * HOUR).await;
    assert_eq!(acme.mails(&world).await, 1);
    // What matters does not wait for it.
    acme.tell(&world, NoticeKind::InvoiceReady).await;
    assert_eq!(acme.mails(&world).await, 2);
}

#[tokio::test]
async fn a_digest_goes_at_its_time_whatever_else_is_wanted_otherwise() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    acme.prefer(json!({"digest": "daily"})).await;
    acme.tell(&world, NoticeKind::TicketReply).await;
    acme.prefer(json!({"digest": "daily", "kinds": {"news": {"email": false}}})).await;
    world.drain().await;
    assert_eq!(acme.mails(&world).await, 0);
    // Whoever wants none any more has what waited at once.
    acme.prefer(json!({"digest": "off"})).await;
    world.drain().await;
    assert_eq!(acme.mails(&world).await, 1);
}

#[tokio::test]
async fn the_digest_waits_for_the_end_of_the_quiet() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    let quiet = json!({"from": "22:00", "to": "09:30"});
    acme.prefer(json!({"digest": "daily", "quiet_hours": quiet})).await;
    acme.tell(&world, NoticeKind::TicketReply).await;
    walk(&world, 21 * HOUR).await;
    assert_eq!(acme.mails(&world).await, 0, "at nine");
    walk(&world, HOUR).await;
    assert_eq!(acme.mails(&world).await, 1);
}
