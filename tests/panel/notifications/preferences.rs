//! How people say how they want to be told.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::notify::{Channel, NoticeKind};
use tests::{World, read};

use super::{Reader, state};

const PATH: &str = "/v1/notifications/preferences";

#[tokio::test]
async fn what_is_put_is_what_is_read_and_may_be_sent_back_as_it_came() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    let fresh = acme.client.get(PATH).await.json();
    assert_eq!(fresh["kinds"].as_object().unwrap().len(), NoticeKind::ALL.len());
    assert_eq!((&fresh["quiet_hours"], &fresh["digest"]), (&Value::Null, &json!("off")));
    assert_eq!(fresh["kinds"]["news"]["webhook"], false);
    assert_eq!(fresh["kinds"]["usage_alert"]["telegram"], true);
    assert_eq!(acme.prefer(fresh.clone()).await.json(), fresh);
    let wanted = json!({"kinds": {"ticket_reply": {"email": false}}, "digest": "daily",
        "quiet_hours": {"from": "22:00", "to": "07:00"}});
    let put = acme.prefer(wanted).await;
    assert_eq!(put.status, StatusCode::OK);
    let read = acme.client.get(PATH).await;
    assert_eq!((read.json(), read.header("etag")), (put.json(), put.header("etag")));
    assert_eq!(read.json()["kinds"]["ticket_reply"]["email"], false);
    assert_eq!(read.json()["quiet_hours"], json!({"from": "22:00", "to": "07:00"}));
    assert_eq!(acme.prefer(json!({})).await.json(), fresh, "what is not named is as for everybody");
}

#[tokio::test]
async fn what_cannot_be_switched_off_is_refused_at_its_place_and_changes_nothing() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    let before = acme.client.get(PATH).await.json();
    let mut locked = 0;
    for kind in NoticeKind::ALL {
        for channel in Channel::ALL {
            let (kind_name, channel_name) = (kind.as_str(), channel.as_str());
            let reply = acme.prefer(json!({"kinds": {kind_name: {channel_name: false}}})).await;
            if !kind.is_locked(*channel) {
                assert_eq!(reply.status, StatusCode::OK);
                assert_eq!(reply.json()["kinds"][kind_name][channel_name], false);
                continue;
            }
            locked += 1;
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
            let pointer = format!("/kinds/{kind_name}/{channel_name}");
            let error = &reply.json()["errors"][0];
            assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!("locked")));
        }
    }
    assert_eq!(before["locked"].as_array().unwrap().len(), locked);
}

#[tokio::test]
async fn what_is_no_preference_is_a_clear_4xx() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    for (wrong, status) in [
        (json!({"kinds": {"gossip": {"email": false}}}), 400),
        (json!({"kinds": {"news": {"fax": false}}}), 400),
        (json!({"sound": "loud"}), 400),
        (json!({"kinds": {"news": {"email": "no"}}}), 422),
        (json!({"digest": "hourly"}), 422),
        (json!({"quiet_hours": {"from": "22:00"}}), 422),
        (json!({"quiet_hours": {"from": "25:00", "to": "07:00"}}), 422),
        (json!({"quiet_hours": {"from": "22:00", "to": "7:00"}}), 422),
        (json!({"quiet_hours": {"from": "22:00", "to": "22:00"}}), 422),
    ] {
        assert_eq!(acme.prefer(wrong.clone()).await.status.as_u16(), status, "{wrong}");
    }
    assert_eq!(acme.client.get(PATH).await.header("etag"), "\"0\"");
}

#[tokio::test]
async fn another_version_than_the_one_named_is_not_changed() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    let put = async |version: &str| {
        let request = acme.client.request(Method::PUT, PATH).header("if-match", version);
        read(request.json(&json!({"digest": "daily"}))).await.status
    };
    assert_eq!(put("\"0\"").await, StatusCode::OK);
    assert_eq!(put("\"0\"").await, StatusCode::PRECONDITION_FAILED);
    assert_eq!(put("\"1\"").await, StatusCode::OK);
}

#[tokio::test]
async fn each_kind_switched_off_is_not_mailed_and_all_others_are() {
    let world = World::start().await;
    let kinds = NoticeKind::ALL.iter().filter(|kind| !kind.is_locked(Channel::Email));
    for (place, kind) in kinds.enumerate() {
        let acme = Reader::of(&world, &format!("acme{place}")).await;
        acme.prefer(json!({"kinds": {kind.as_str(): {"email": false}}})).await;
        let other =
            NoticeKind::ALL.iter().find(|other| *other != kind && other.can_wait()).unwrap();
        acme.tell(&world, *other).await;
        assert_eq!((acme.mails(&world).await, acme.mail().await), (1, state("sent", "")));
        world.panel.app.clock.advance(jiff::SignedDuration::from_secs(1));
        acme.tell(&world, *kind).await;
        assert_eq!(acme.mails(&world).await, 1, "{kind:?}");
        assert_eq!(acme.mail().await, state("suppressed", "preference"));
        assert_eq!(acme.unread().await, 2, "in the portal it is all the same");
    }
}

#[tokio::test]
async fn the_page_says_what_cannot_be_switched_off_and_keeps_what_was_typed() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    let path = "/notifications/preferences";
    let post = async |fields: &[(&str, &str)]| {
        read(acme.client.request(Method::POST, path).form(&fields)).await
    };
    let wrong =
        post(&[("quiet_from", "22:00"), ("quiet_to", ""), ("email", "news"), ("digest", "off")]);
    let wrong = wrong.await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("value=\"22:00\"") && wrong.text.contains("href=\"#quiet_to\""));
    let saved = post(&[
        ("quiet_from", "22:00"),
        ("quiet_to", "07:00"),
        ("email", "news"),
        ("digest", "off"),
    ]);
    assert_eq!(saved.await.header("location"), "/notifications/preferences?done=saved");
    let preferences = acme.client.get(PATH).await.json();
    let mailed = |kind: &str| preferences["kinds"][kind]["email"].as_bool().unwrap();
    assert!(mailed("news") && mailed("security") && mailed("refund") && !mailed("ticket_reply"));
    assert_eq!(preferences["kinds"]["ticket_reply"]["telegram"], true);
}
