//! Forms whose elevation ran out while they were being filled in.

use reqwest::{Method, StatusCode, Url};
use serde_json::json;
use tests::{Client, PASSWORD, World, read};

/// What the page says above a form that it kept.
const NOTICE: &str = "We kept what you entered.";

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
    assert!(page.text.contains(NOTICE));
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
    let keeps = async |client: &Client, page: &str, kept: &str| {
        let page = client.get(&format!("{page}?kept={kept}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.text.contains("ada@new.test"), page.text.contains(NOTICE));
        page.text.contains(NOTICE)
    };
    assert!(keeps(&acme, "/profile/email", &kept).await);
    for (client, kept) in [(&globex, &*kept), (&again, &*kept), (&acme, "none"), (&acme, "")] {
        assert!(!keeps(client, "/profile/email", kept).await);
    }
    assert!(!keeps(&acme, "/security/keys/new", &kept).await);
    world.advance(30 * 60 + 1).await;
    acme.elevate().await;
    assert!(!keeps(&acme, "/profile/email", &kept).await, "its time is over");
}

#[tokio::test]
async fn what_is_too_long_for_an_address_is_not_kept_and_nothing_older_comes_back() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let send = |email: String| {
        let request = acme.request(Method::POST, "/profile/email");
        read(
            request
                .header("referer", "http://panel/profile/email?kept=old")
                .form(&[("email", email)]),
        )
    };
    let sent = send("a".repeat(4_000)).await;
    assert_eq!(sent.header("location"), "/sudo?next=%2Fprofile%2Femail");
}

#[tokio::test]
async fn a_rotation_keeps_how_long_the_secret_in_use_works_on() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let made = acme.post("/v1/api-keys", &json!({"name": "x", "scopes": ["read"]})).await.json();
    let page = format!("/security/keys/{}", made["id"].as_str().unwrap());
    world.advance(601).await;
    let rotate = || {
        let request = acme.request(Method::POST, &format!("{page}/rotate"));
        request.form(&[("grace_seconds", "0"), ("version", "1")])
    };
    let sent = read(rotate()).await;
    let sudo = Url::parse(&format!("http://panel{}", sent.header("location"))).unwrap();
    let back = sudo.query_pairs().find(|(name, _)| name == "next").unwrap().1.into_owned();
    assert!(back.starts_with(&format!("{page}?kept=")), "{back}");
    let shown = acme.get(&back).await.text;
    assert!(shown.contains("value=\"0\" selected") && shown.contains(NOTICE), "{shown}");
    assert!(acme.get(&page).await.text.contains("value=\"86400\" selected"));
}

#[tokio::test]
async fn what_was_pressed_and_not_done_is_told_where_it_was_pressed() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    world.session(&acme.account).await;
    let pressed = acme.request(Method::POST, "/security/sessions/end-others").form(&[("a", "b")]);
    let pressed = pressed.header("referer", "http://panel/security/sessions?done=session");
    let sudo = read(pressed).await.header("location").to_owned();
    assert_eq!(sudo, "/sudo?next=%2Fsecurity%2Fsessions%3Fagain%3D1");
    acme.elevate().await;
    assert_eq!(acme.get("/v1/sessions").await.json()["items"].as_array().unwrap().len(), 2);
    let told = "Nothing has been changed yet: press the button again.";
    assert!(acme.get("/security/sessions?again=1").await.text.contains(told));
    assert!(!acme.get("/security/sessions").await.text.contains(told));
}

#[tokio::test]
async fn what_is_shown_once_is_not_lost_by_a_switch_of_language() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let made = read(acme.request(Method::POST, "/security/keys/new").form(&KEY_FORM)).await.text;
    assert!(made.contains("mxk_") && !made.contains("action=\"/profile/language\""));
    assert!(acme.get("/security/keys").await.text.contains("action=\"/profile/language\""));
    let refused =
        world.request(Method::POST, "/reset").form(&[("token", "mxt_x"), ("password", "x")]);
    assert!(read(refused).await.text.contains("href=\"/reset?token=mxt_x&#38;lang=ar\""));
}

#[tokio::test]
async fn a_browser_remembers_the_language_of_its_reader() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    acme.patch("/v1/profile", &json!({"locale": "ar"})).await;
    let cookie = acme.get("/security").await.header("set-cookie").to_owned();
    assert!(cookie.starts_with("lang=ar; "), "{cookie}");
    let known = read(acme.request(Method::GET, "/security").header("cookie", "lang=ar")).await;
    assert_eq!(known.header("set-cookie"), "");
    let page = read(world.request(Method::GET, "/docs").header("cookie", "lang=ar")).await;
    assert!(page.text.contains("lang=\"ar\""));
}
