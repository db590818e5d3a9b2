//! Pages: every one in every language, and forms without scripts.

use reqwest::{Method, StatusCode, header};
use scraper::{Html, Selector};
use serde_json::json;
use shared::web::{Language, message_ids};
use tests::{PASSWORD, Reply, World, read};

const PUBLIC: [&str; 6] =
    ["/login", "/register", "/verify?token=mxt_x", "/problems/not_found", "/docs", "/nothing-here"];
const PORTAL: [&str; 5] = [
    "/",
    "/usage",
    "/usage?granularity=hour&group_by=model&from=2026-11-01&to=2026-11-02",
    "/usage?from=nonsense",
    "/profile?saved=1",
];

async fn portal_page(world: &World, token: &str, path: &str, language: Language) -> Reply {
    let separator = if path.contains('?') { '&' } else { '?' };
    let path = format!("{path}{separator}lang={}", language.code());
    read(
        world.request(Method::GET, &path).header(header::COOKIE, format!("__Host-session={token}")),
    )
    .await
}

fn check(page: &Reply, path: &str, language: Language) {
    let html = Html::parse_document(&page.text);
    let one = |selector: &str| {
        let selector = Selector::parse(selector).unwrap();
        let mut found = html.select(&selector);
        let first = found.next().unwrap_or_else(|| panic!("{path}: no {selector:?}"));
        assert!(found.next().is_none(), "{path}: more than one {selector:?}");
        first
    };
    let root = one("html");
    assert_eq!(root.attr("lang"), Some(language.code()), "{path}");
    assert_eq!(root.attr("dir"), Some(language.direction()), "{path}");
    one("h1");
    one("main#content");
    // A message that is missing shows its id.
    let words: String = html.root_element().text().collect();
    for id in message_ids(language).iter().filter(|id| id.contains('-')) {
        let shown = words.split_whitespace().any(|word| word == id);
        assert!(!shown, "{path}: the message {id} is missing");
    }
    assert!(!page.text.contains("<script") && !page.text.contains(" style="), "{path}: inline");
    assert!(page.text.len() < 100_000, "{path}: {} bytes", page.text.len());
}

#[tokio::test]
async fn every_page_renders_in_every_language() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let events: Vec<_> = (0..30).map(|number| acme.event(&number.to_string())).collect();
    for full in [false, true] {
        if full {
            world.report(&events).await;
            world.drain().await;
        }
        for language in Language::ALL {
            for path in PUBLIC {
                let separator = if path.contains('?') { '&' } else { '?' };
                let page = world.get(&format!("{path}{separator}lang={}", language.code())).await;
                check(&page, path, language);
            }
            for path in PORTAL {
                let page = portal_page(&world, &acme.token, path, language).await;
                assert!(page.status == StatusCode::OK || path.contains("nonsense"), "{path}");
                check(&page, path, language);
            }
        }
    }
}

#[tokio::test]
async fn the_language_is_the_profiles_then_the_cookies_then_the_browsers() {
    let world = World::start().await;
    let lang = |reply: Reply| reply.text.split("lang=\"").nth(1).unwrap()[..2].to_owned();
    let page = |headers: &[(&str, &str)]| {
        let request = world.request(Method::GET, "/login");
        read(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
    };
    assert_eq!(lang(page(&[("accept-language", "ar")]).await), "ar");
    assert_eq!(lang(page(&[("accept-language", "ar"), ("cookie", "lang=en")]).await), "en");
    let switched = world.get("/login?lang=ar").await;
    assert!(switched.header("set-cookie").starts_with("lang=ar;"));

    let acme = world.client("acme").await;
    let session = format!("__Host-session={}; lang=ar", acme.token);
    let home = read(world.request(Method::GET, "/").header(header::COOKIE, &session)).await;
    assert_eq!(lang(home), "en", "the profile comes first");
    let switch = read(
        world
            .request(Method::POST, "/profile/language")
            .header(header::COOKIE, &session)
            .header("sec-fetch-site", "same-origin")
            .form(&[("locale", "ar"), ("next", "/usage")]),
    )
    .await;
    assert_eq!((switch.status, switch.header("location")), (StatusCode::SEE_OTHER, "/usage"));
    let home = read(world.request(Method::GET, "/").header(header::COOKIE, &session)).await;
    assert_eq!(lang(home), "ar");
}

#[tokio::test]
async fn a_switch_of_language_keeps_the_page_with_its_query() {
    let world = World::start().await;
    let verify = world.get("/verify?token=mxt_abc&lang=en").await.text;
    assert!(verify.contains("href=\"/verify?token=mxt_abc&#38;lang=ar\""));
    let acme = world.client("acme").await;
    let usage = acme.get("/usage?group_by=model&lang=en").await.text;
    assert!(usage.contains("name=\"next\" value=\"/usage?group_by=model\""));
    let program =
        read(world.request(Method::GET, "/v1/dashboard?lang=ar").header("cookie", "lang=ar")).await;
    assert_eq!(program.json()["title"], "Please sign in", "programs are answered by their header");
}

#[tokio::test]
async fn without_scripts_a_person_registers_signs_in_and_out() {
    let world = World::start().await;
    let form = [
        ("name", "Ada"),
        ("company", ""),
        ("email", "ada@acme.test"),
        ("password", PASSWORD),
        ("locale", "ar"),
    ];
    let sent = read(world.request(Method::POST, "/register").form(&form)).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED);
    let token = world.mailed_token("ada@acme.test").await;
    let page = world.get(&format!("/verify?token={token}")).await;
    assert!(page.text.contains(&format!("value=\"{token}\"")));
    let confirmed = read(world.request(Method::POST, "/verify").form(&[("token", &token)])).await;
    assert_eq!(confirmed.header("location"), "/login?verified=1");
    let form = [("email", "ada@acme.test"), ("password", PASSWORD), ("next", "/")];
    let signed_in = read(world.request(Method::POST, "/login").form(&form)).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    let home = read(world.request(Method::GET, "/").header(header::COOKIE, &cookie)).await;
    assert!(home.text.contains("lang=\"ar\" dir=\"rtl\""));
    assert!(home.text.contains("لم تستخدم شيئًا بعد"), "an empty dashboard says what to do next");
    let out = world.request(Method::POST, "/logout").header(header::COOKIE, &cookie);
    let out = read(out.header("sec-fetch-site", "same-origin")).await;
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    let after = read(world.request(Method::GET, "/usage").header(header::COOKIE, &cookie)).await;
    assert_eq!(
        (after.status, after.header("location")),
        (StatusCode::SEE_OTHER, "/login?next=%2Fusage")
    );
    let again = world.request(Method::POST, "/logout").header(header::COOKIE, &cookie);
    let again = read(again.header("sec-fetch-site", "same-origin")).await;
    assert_eq!(again.header("location"), "/login", "signed out already");
}

#[tokio::test]
async fn a_form_keeps_what_was_typed_and_says_what_is_wrong() {
    let world = World::start().await;
    let form =
        [("name", "<b>Ada</b>"), ("email", "no address"), ("password", "short"), ("locale", "en")];
    let page = read(world.request(Method::POST, "/register").form(&form)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("&#60;b&#62;Ada") && !page.text.contains("<b>Ada"));
    assert!(page.text.contains("href=\"#email\"") && page.text.contains("aria-invalid"));
    assert!(!page.text.contains("short\""), "a password is never shown again");
}

#[tokio::test]
async fn a_range_that_is_not_valid_is_kept_and_explained_beside_its_field() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let page = acme.get("/usage?from=2026-11-09&to=2026-11-01").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["value=\"2026-11-09\"", "href=\"#to\"", "aria-invalid=\"true\""] {
        assert!(page.text.contains(part), "{part}");
    }
    let odd = acme.get("/usage?granularity=minute").await.text;
    assert!(!odd.contains("#granularity"), "no link to a field that is not there");
}

#[tokio::test]
async fn names_are_inert_in_both_directions() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let name = "</bdi><script>alert(1)</script> أدا";
    acme.patch("/v1/profile", &json!({"name": name, "company": name})).await;
    for path in PORTAL {
        let page = acme.get(path).await.text;
        assert!(!page.contains("<script"), "{path}");
        assert!(page.contains("<bdi>&#60;/bdi&#62;"), "{path}: isolated");
    }
}

#[tokio::test]
async fn styles_are_one_file_that_may_be_kept_for_ever() {
    let world = World::start().await;
    let page = world.get("/login").await.text;
    let path = page.split("href=\"/assets/").nth(1).unwrap().split('"').next().unwrap();
    let style = world.get(&format!("/assets/{path}")).await;
    assert_eq!(style.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(world.get("/assets/old.css").await.header("cache-control"), "no-cache");
    assert!(page.len() + style.text.len() < 30_000);
}
