//! Forms whose elevation ran out while they were being filled in.

use reqwest::{Method, StatusCode, Url};
use serde_json::json;
use tests::{Client, PASSWORD, World, read};

/// What was typed into a form that the session may not send any more.
const KEY_FORM: [(&str, &str); 5] = [
    ("id", "key_01jd8z7h2kexmr0v3y5t9w1b4c"),
    ("name", "Night <b>runs</b>"),
    ("scopes", "read"),
    ("allowed_ips", "203.0.113.0/24"),
    ("monthly_cost_limit", "12.50"),
];

#[tokio::test]
async fn a_form_whose_elevation_ran_out_is_found_again_as_it_was_typed() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    let sent = read(acme.request(Method::POST, "/security/keys/new").form(&KEY_FORM)).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let sudo = Url::parse(&format!("http://panel{}", sent.header("location"))).unwrap();
    assert_eq!(sudo.path(), "/sudo");
    let back = sudo.query_pairs().find(|(name, _)| name == "next").unwrap().1.into_owned();
    assert!(back.starts_with("/security/keys/new?kept=") && !back.contains("203.0"), "{back}");

    let before = acme.get(&back).await;
    assert!(before.header("location").starts_with("/sudo?"), "not before the proof");
    acme.elevate().await;
    assert_eq!(acme.get("/v1/api-keys").await.json()["items"], json!([]), "nothing was made");
    let page = acme.get(&back).await;
    for typed in [KEY_FORM[0].1, "Night &#60;b&#62;runs", "203.0.113.0/24", "12.50"] {
        assert!(page.text.contains(typed), "{typed}: {}", page.text);
    }
    assert!(page.text.contains("Nothing has been submitted yet"));
    let made = read(acme.request(Method::POST, "/security/keys/new").form(&KEY_FORM)).await;
    assert!(made.text.contains("mxk_"), "{}", made.text);
}

#[tokio::test]
async fn what_was_typed_opens_in_its_own_session_and_on_its_own_page() {
    let world = World::start().await;
    let (mut acme, mut globex) = (world.client("acme").await, world.client("globex").await);
    let form = [("email", "ada@new.test")];
    let sent = read(acme.request(Method::POST, "/profile/email").form(&form)).await;
    let kept = sent.header("location").split_once("%3Fkept%3D").unwrap().1.to_owned();
    let mut again = world.sign_in(&acme.email, PASSWORD).await;
    for client in [&mut acme, &mut globex, &mut again] {
        client.elevate().await;
    }
    let page = async |client: &Client<'_>, kept: &str| {
        let page = client.get(&format!("/profile/email?kept={kept}")).await;
        assert_eq!(page.status, StatusCode::OK);
        page.text.contains("ada@new.test")
    };
    assert!(page(&acme, &kept).await);
    for (client, kept) in [(&globex, &*kept), (&again, &*kept), (&acme, "none"), (&acme, "")] {
        assert!(!page(client, kept).await);
    }
    let elsewhere = acme.get(&format!("/security/keys/new?kept={kept}")).await;
    assert!(!elsewhere.text.contains("ada@new.test") && elsewhere.status == StatusCode::OK);
    let long = [("email", "a".repeat(4_000))];
    world.advance(601).await;
    let sent = read(acme.request(Method::POST, "/profile/email").form(&long)).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert!(!sent.header("location").contains("kept"), "too long for an address");
}
