//! Ways through the portal as people go them.

use fantoccini::key::Key;
use serde_json::json;
use shared::web::{Language, Preferences, Text};
use tests::{PASSWORD, World};

use crate::browser::{Browser, Scripts, browse};

fn words(language: Language) -> Text {
    Text::new(Preferences { language, ..Preferences::default() })
}

/// From the first page to the first numbers, in the reader's language all the way.
async fn from_nothing_to_numbers(world: &World, browser: &Browser, language: Language) {
    let (text, email) = (words(language), format!("ada@{}.test", language.code()));
    browser.open(&format!("/register?lang={}", language.code())).await;
    assert_eq!(browser.text("h1").await, text.get("register-title"));
    browser.fill("#name", "Ada").await;
    browser.fill("#password", PASSWORD).await;
    browser.fill("#email", &email).await;
    browser.follow("main form button").await;
    assert_eq!(browser.text("h1").await, text.get("register-sent-title"));

    let token = world.mailed_token(&email).await;
    browser.open(&format!("/verify?token={token}")).await;
    browser.follow("main form button").await;
    assert!(browser.text(".notice").await.contains(&text.get("login-verified")));
    browser.fill("#email", &email).await;
    browser.fill("#password", "glass-otter-runs-south").await;
    browser.follow("main form button").await;
    let alert = browser.text("[role=alert]").await;
    assert!(alert.contains(&text.get("problem-wrong_credentials-detail")));
    browser.fill("#password", PASSWORD).await;
    browser.follow("main form button").await;
    assert_eq!(browser.text("h1").await, text.get("dashboard-title"));
    assert_eq!(browser.attribute("html", "lang").await, language.code());
    assert!(browser.text(".empty").await.contains(&text.get("dashboard-empty-title")));

    let account = browser.text(".empty code").await;
    world.report(&[use_of(world, &account, "one"), use_of(world, &account, "two")]).await;
    world.drain().await;
    browser.open("/").await;
    assert_eq!(browser.text(".stat").await, text.format().number(2));
    browser.follow(".side a[href='/usage']").await;
    browser.follow("details a[href^='/usage/requests']").await;
    assert_eq!(browser.text("h1").await, text.get("requests-title"));
    browser.follow(".breadcrumb a").await;
    assert_eq!(browser.text("h1").await, text.get("usage-title"));
    browser.click("[popovertarget=account]").await;
    browser.follow("#account button[value=dark]").await;
    assert_eq!(browser.place().await, "/usage", "and back to where one was");
    assert_eq!(browser.attribute("html", "data-theme").await, "dark");
    browser.click("[popovertarget=account]").await;
    browser.follow("#account form[action='/logout'] button").await;
    assert_eq!(browser.text("h1").await, text.get("login-title"));
    browser.open("/usage").await;
    assert_eq!(browser.place().await, "/login?next=%2Fusage");
}

fn use_of(world: &World, account: &str, id: &str) -> serde_json::Value {
    json!({
        "specversion": "1.0", "id": id, "source": "gateway/test", "type": "ai.usage",
        "subject": account, "time": world.clock.now().to_string(),
        "data": {"ai_type": "text", "model": "atlas-mini", "input_tokens": 374, "output_tokens": 44, "requests": 1},
    })
}

#[tokio::test]
async fn a_company_comes_and_sees_what_it_uses_in_every_language() {
    let world = World::start().await;
    browse(&world.site, Scripts::On, async |browser: &Browser| {
        for language in Language::all() {
            from_nothing_to_numbers(&world, browser, language).await;
            browser.delete_all_cookies().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn the_same_way_leads_through_without_scripts() {
    let world = World::start().await;
    browse(&world.site, Scripts::Off, async |browser: &Browser| {
        let language = Language::all().last().unwrap();
        from_nothing_to_numbers(&world, browser, language).await;
    })
    .await;
}

#[tokio::test]
async fn who_loses_the_network_is_told_that_the_page_may_be_old() {
    let world = World::start().await;
    browse(&world.site, Scripts::On, async |browser: &Browser| {
        browser.open("/login").await;
        assert_eq!(browser.text(".offline").await, "");
        browser.devtools("Network.enable", json!({})).await;
        for offline in [true, false] {
            let network = json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
            browser.devtools("Network.emulateNetworkConditions", network).await;
            let told = if offline { words(Language::default()).get("offline") } else { String::new() };
            browser.until(".offline", &told).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_keyboard_alone_signs_in_finds_its_way_and_signs_out() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    browse(&world.site, Scripts::On, async |browser: &Browser| {
        browser.open("/login").await;
        tab_to(browser, "#email").await;
        browser.type_text(&acme.email).await;
        tab_to(browser, "#password").await;
        browser.type_text(PASSWORD).await;
        browser.enter().await;
        assert_eq!(browser.place().await, "/");

        browser.press(Key::Tab).await;
        assert_eq!(focused(browser).await, "A.skip", "the first stop leads to the content");
        browser.press(Key::Enter).await;
        assert_eq!(focused(browser).await, "MAIN");

        browser.open("/").await;
        tab_to(browser, ".side a[href='/profile']").await;
        browser.enter().await;
        assert_eq!(browser.place().await, "/profile");
        tab_to(browser, "#company").await;
        browser.type_text("Acme").await;
        browser.enter().await;
        assert_eq!(browser.place().await, "/profile?saved=1");

        tab_to(browser, "[popovertarget=account]").await;
        browser.press(Key::Enter).await;
        tab_to(browser, "#account form[action='/logout'] button").await;
        browser.enter().await;
        assert_eq!(browser.place().await, "/login");
    })
    .await;
}

/// Goes from stop to stop; each shows that it has the focus, and none is under the header.
async fn tab_to(browser: &Browser, selector: &str) {
    for _stop in 0..60 {
        browser.press(Key::Tab).await;
        let seen = browser
            .run(
                "const it = document.activeElement, box = it.getBoundingClientRect();
                 const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                 return [it.matches(arguments[0]), getComputedStyle(it).outlineStyle,
                         it === document.body || !top || it.contains(top) || top.contains(it), it.outerHTML]",
                vec![json!(selector)],
            )
            .await;
        assert!(
            seen[1] != "none" || seen[3].as_str().unwrap().starts_with("<body"),
            "no focus seen: {seen}"
        );
        assert_eq!(seen[2], true, "covered: {seen}");
        if seen[0] == true {
            return;
        }
    }
    panic!("{selector} is out of reach");
}

async fn focused(browser: &Browser) -> String {
    let script = "const it = document.activeElement; return it.tagName + (it.className && '.' + it.className)";
    browser.run(script, Vec::new()).await.as_str().unwrap_or_default().to_owned()
}
