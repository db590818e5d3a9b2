//! Pages: every one in every language, and forms without scripts.

use std::io::Read as _;

use flate2::read::GzDecoder;
use jiff::SignedDuration;
use reqwest::{Method, StatusCode, header};
use scraper::{Html, Selector};
use serde_json::json;
use shared::web::{Language, SCRIPT, STYLE, message_ids};
use tests::{PASSWORD, Reply, World, read};

use crate::specimens::{all, ground};

/// What is no page, though a browser asks for it.
const NO_PAGES: [&str; 6] = [
    "/assets/icon.svg",
    "/assets/{file}",
    "/health",
    "/notifications/unread",
    "/tickets/{id}/files/{attachment}",
    "/admin/tickets/{id}/files/{attachment}",
];
const PUBLIC: [&str; 9] = [
    "/login",
    "/register",
    "/verify?token=mxt_x",
    "/forgot",
    "/reset?token=mxt_x",
    "/not-me?token=mxt_x",
    "/problems/not_found",
    "/docs",
    "/nothing-here",
];
const PORTAL: [&str; 17] = [
    "/",
    "/usage",
    "/usage?granularity=hour&group_by=model&from=2026-11-01&to=2026-11-02",
    "/usage?from=nonsense",
    "/usage/requests",
    "/usage/requests?ai_type=nonsense",
    "/profile?saved=1",
    "/profile/email",
    "/sudo",
    "/security",
    "/security/password",
    "/security/two-factor",
    "/security/two-factor/confirm",
    "/security/sessions",
    "/security/keys",
    "/security/keys/new",
    "/security/log",
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
    for id in message_ids(language).filter(|id| id.contains('-')) {
        let shown = words.split_whitespace().any(|word| word == id);
        assert!(!shown, "{path}: the message {id} is missing");
    }
    let scripts = page.text.matches("<script").count();
    assert_eq!(scripts, page.text.matches("<script type=\"module\" src=\"/assets/").count());
    assert!(!page.text.contains(" style=") && !page.text.contains("javascript:"), "{path}: inline");
    // The API's description is one page, for those who write programs.
    let most = if path == "/docs" { 500_000 } else { 100_000 };
    assert!(page.text.len() < most, "{path}: {} bytes", page.text.len());
}

#[tokio::test]
async fn every_page_renders_in_every_language() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    acme.post("/v1/security/2fa/enable", &json!({})).await;
    let events: Vec<_> = (0..30).map(|number| acme.event(&number.to_string())).collect();
    for full in [false, true] {
        if full {
            world.report(&events).await;
            world.drain().await;
        }
        for language in Language::all() {
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
async fn the_page_of_every_row_renders_in_every_language() {
    let world = World::start().await;
    let mut number = 0;
    for (row, specimen) in all() {
        if row.method != "GET" || row.path.starts_with("/v1/") || NO_PAGES.contains(&row.path) {
            continue;
        }
        for language in Language::all() {
            number += 1;
            let mut request = specimen.on(ground(&world, number).await).await.request;
            let separator = if request.path.contains('?') { '&' } else { '?' };
            request.path = format!("{}{separator}lang={}", request.path, language.code());
            let page = read(request.at(&world.site)).await;
            assert_eq!(page.status, StatusCode::OK, "{}", row.path);
            check(&page, row.path, language);
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
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    acme.post("/v1/security/2fa/enable", &json!({})).await;
    let key = json!({"name": "</bdi><script>alert(2)</script>", "scopes": ["read"]});
    acme.post("/v1/api-keys", &key).await;
    let name = "</bdi><script>alert(1)</script> أدا";
    acme.patch("/v1/profile", &json!({"name": name, "company": name})).await;
    for path in PORTAL {
        let page = acme.get(path).await.text;
        assert!(!page.contains("<script>"), "{path}");
        assert!(page.contains("<bdi class=\"who\">&#60;/bdi&#62;"), "{path}: isolated");
    }
}

#[tokio::test]
async fn style_and_script_are_two_files_that_may_be_kept_for_ever() {
    let world = World::start().await;
    let page = world.get("/login").await.text;
    for (asset, before) in [(&STYLE, "rel=\"stylesheet\" href=\""), (&SCRIPT, "src=\"")] {
        assert!(page.contains(&format!("{before}{}\"", asset.path)));
        let plain = world.get(asset.path).await;
        assert_eq!(plain.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(plain.header("content-encoding"), "");
        let request = world.request(Method::GET, asset.path);
        let packed = request.header("accept-encoding", "br;q=0.9, gzip").send().await.unwrap();
        assert_eq!(packed.headers()["content-encoding"], "gzip");
        let mut text = String::new();
        GzDecoder::new(&packed.bytes().await.unwrap()[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text, plain.text);
        let refused = world.request(Method::GET, asset.path).header("accept-encoding", "gzip;q=0");
        assert_eq!(read(refused).await.header("content-encoding"), "");
    }
    assert_eq!(world.get("/assets/old.css").await.header("cache-control"), "no-cache");
    assert_eq!(world.get("/assets/old.exe").await.status, StatusCode::NOT_FOUND);
}

/// The page as it is, for it is not compressed; style and script as a browser takes them.
#[tokio::test]
async fn a_first_page_weighs_no_more_than_thirty_kilobytes_with_all_it_needs() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let events: Vec<_> = (0..30).map(|number| acme.event(&number.to_string())).collect();
    world.report(&events).await;
    world.drain().await;
    let icon = world.get("/assets/icon.svg").await.text.len();
    for path in ["/login", "/register", "/"] {
        let page = acme.get(path).await.text.len();
        let all = page + icon + STYLE.gzip.len() + SCRIPT.gzip.len();
        assert!(all < 30_000, "{path}: {all} bytes");
    }
}

#[tokio::test]
async fn a_theme_is_switched_from_any_page_and_kept() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    assert!(!acme.get("/").await.text.contains("data-theme"));
    let switch = acme.request(Method::POST, "/profile/theme");
    let switch = read(switch.form(&[("theme", "dark"), ("next", "/usage")])).await;
    assert_eq!((switch.status, switch.header("location")), (StatusCode::SEE_OTHER, "/usage"));
    assert!(acme.get("/").await.text.contains("data-theme=\"dark\""));
    let odd = acme.request(Method::POST, "/profile/theme").form(&[("theme", "pink")]);
    assert_eq!(read(odd).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn no_page_leads_to_another_host() {
    let world = World::start().await;
    for path in ["//evil.test/x", "//evil.test", "/\\evil.test"] {
        let page = world.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(!page.text.contains("\"//evil") && !page.text.contains("\"/\\"), "{path}");
    }
}

#[tokio::test]
async fn use_without_a_key_is_told_beside_the_keys() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let mut events: Vec<_> = (0..4).map(|number| acme.event(&number.to_string())).collect();
    events[0]["data"]["api_key_id"] = json!("key_01kapx0000000000000000000a");
    world.report(&events).await;
    world.drain().await;
    for group in ["", "&group_by=api_key", "&group_by=instance"] {
        let page = acme.get(&format!("/usage?metric=requests{group}")).await.text;
        assert!(page.contains("<p class=\"stat\"><bdi>4</bdi>"), "{group}: all of it");
    }
    let page = acme.get("/usage?metric=requests&group_by=api_key").await.text;
    assert!(page.contains("Without a key") && page.contains("75%") && page.contains("25%"));
}

#[tokio::test]
async fn hours_that_are_gone_are_not_shown_as_hours_without_use() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let hours = "/usage?granularity=hour&from=2026-08-01&to=2026-08-03";
    let page = acme.get(hours).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("Hours are kept for 62 days"));
    let by_hour = "granularity=hour&#38;metric=tokens\">By hour";
    assert!(acme.get("/usage").await.text.contains(by_hour));
    let quarter = acme.get("/usage?from=2026-08-25&to=2026-11-23").await.text;
    assert!(!quarter.contains(by_hour), "not offered where it would be refused");
}

#[tokio::test]
async fn the_log_is_paged_and_filtered_by_its_address() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let mut events: Vec<_> = (0..30).map(|number| acme.event(&format!("id-{number}"))).collect();
    events[7]["data"]["ai_type"] = json!("image");
    world.report(&events).await;
    world.drain().await;
    let lines = |page: &Reply| page.text.matches("<code dir=\"ltr\">id-").count();
    let first = acme.get("/usage/requests").await;
    assert_eq!(lines(&first), 25);
    let next = first.text.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let second = acme.get(&next.replace("&#38;", "&")).await;
    assert_eq!(lines(&second), 5);
    assert!(second.text.contains("href=\"/usage/requests\">Back"), "and back");
    let images = acme.get("/usage/requests?from=&to=&ai_type=image").await;
    assert!(images.text.contains("id-7") && lines(&images) == 1);
    let odd = acme.get("/usage/requests?from=2026-11-31").await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!odd.text.contains("No matching"), "nothing is said of what was not asked");
    assert!(acme.get("/usage/requests?ai_type=video").await.text.contains("No matching"));
    assert!(odd.text.contains("value=\"2026-11-31\"") && odd.text.contains("href=\"#from\""));
}

#[tokio::test]
async fn usage_is_told_beside_the_plan_and_the_time_before() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let now = world.panel.app.clock.now();
    let mut events: Vec<_> = (0..4).map(|number| acme.event(&number.to_string())).collect();
    let of = [(32, "text"), (1, "text"), (1, "image"), (1, "code")];
    for (event, (days_ago, kind)) in events.iter_mut().zip(of) {
        event["time"] = json!((now - SignedDuration::from_hours(24 * days_ago)).to_string());
        event["data"]["ai_type"] = json!(kind);
    }
    world.report(&events).await;
    world.drain().await;
    let page = acme.get("/usage?metric=requests&group_by=ai_type").await.text;
    assert!(page.contains("At this pace"), "where it leads");
    assert!(page.contains("200% more than 1"), "three requests after one");
    assert!(page.contains("Plan limit, spread evenly") && page.contains("class=\"series-3\""));
    assert!(page.contains("class=\"expected\"") && page.contains("33%"));
    let day = acme.get("/usage").await.text;
    let href = day.split("href=\"/usage/requests?from=").nth(1).unwrap().split('"').next().unwrap();
    let log = acme.get(&format!("/usage/requests?from={}", href.replace("&#38;", "&"))).await;
    assert_eq!(log.text.matches("<tr><th scope=\"row\"").count(), 3, "down to the request");
}
