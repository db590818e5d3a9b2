//! The bell and what it leads to, in the reader's language.

use serde_json::json;
use shared::{
    account::{Founded, User, user_key},
    notify::NoticeKind,
    table::{Tenant, Update, Written},
    testing::{self, told},
    web::{Language, Preferences, Text},
};
use tests::World;

use crate::browser::{Browser, Scripts, browse};

/// A client's owner.
struct Reader {
    founded: Founded,
    email: String,
}

/// A client of a language, whose owner was told of something twice.
async fn told_twice(world: &World, language: Language) -> (Reader, Text) {
    let text = Text::new(Preferences { language, ..Preferences::default() });
    let app = &world.panel.app;
    let name = format!("reader{}", language.code());
    let founded = testing::client(app, &name).await;
    let key = user_key(Tenant::at_desk(founded.account), founded.user);
    let spoken = Update::new().set("locale", language.code());
    let _written: Written<User> = app.table.update(&key, spoken).await.unwrap();
    for kind in [NoticeKind::TicketReply, NoticeKind::ReportReady] {
        told::notice(app, founded, kind).await;
    }
    world.drain().await;
    (Reader { founded, email: format!("owner@{name}.test") }, text)
}

async fn bell(browser: &Browser) -> String {
    browser.attribute(".bell", "aria-label").await
}

/// From the bell to one of them, back, all read, and how one wants to be told.
async fn reads_and_says_how(world: &World, browser: &Browser, language: Language) {
    let (reader, text) = told_twice(world, language).await;
    let unread = |count| text.count("notices-count", count);
    browser.sign_in(&reader.email).await;
    assert_eq!(bell(browser).await, unread(2));
    browser.follow(".bell").await;
    assert_eq!(browser.text("h1").await, text.get("notices-title"));
    let title = browser.text(".entries .as-link strong").await;
    browser.follow(".entries .as-link").await;
    assert_eq!((browser.text("h1").await, bell(browser).await), (title, unread(1)));
    let ways = browser.text("main section .entries").await;
    for words in ["channel-in_app", "delivery-delivered", "channel-email", "delivery-sent"] {
        assert!(ways.contains(&text.get(words)), "{words}: {ways}");
    }
    browser.follow(".breadcrumb a").await;
    browser.follow("form[action='/notifications/read-all'] button").await;
    assert_eq!(bell(browser).await, unread(0));
    browser.follow(".tabs a:last-child").await;
    assert!(browser.text(".empty").await.contains(&text.get("notices-none-unread")));

    browser.follow(".page-header a[href='/notifications/preferences']").await;
    browser.click("input[value=ticket_reply]").await;
    browser.follow("main form button.button:not(.plain)").await;
    assert!(browser.text(".notice").await.contains(&text.get("preferences-saved")));
    told::notice(&world.panel.app, reader.founded, NoticeKind::TicketReply).await;
    world.drain().await;
    browser.follow(".bell").await;
    browser.follow(".entries .as-link").await;
    let ways = browser.text("main section .entries").await;
    assert!(ways.contains(&text.get("delivery-reason-preference")), "{ways}");
}

#[tokio::test]
async fn what_one_was_told_is_read_in_every_language() {
    let world = World::start().await;
    browse(&world.site, Scripts::On, async |browser: &Browser| {
        for language in Language::all() {
            reads_and_says_how(&world, browser, language).await;
            browser.delete_all_cookies().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn what_one_was_told_is_read_without_scripts() {
    let world = World::start().await;
    browse(&world.site, Scripts::Off, async |browser: &Browser| {
        reads_and_says_how(&world, browser, Language::default()).await;
    })
    .await;
}

#[tokio::test]
async fn the_bell_of_an_open_page_hears_of_what_comes() {
    let world = World::start().await;
    let (reader, _) = told_twice(&world, Language::default()).await;
    browse(&world.site, Scripts::On, async |browser: &Browser| {
        browser.sign_in(&reader.email).await;
        assert_eq!(browser.text(".bell .count").await, "2");
        told::notice(&world.panel.app, reader.founded, NoticeKind::News).await;
        world.drain().await;
        // Half a minute of the page's own time, in which replies are waited for.
        let time = json!({"policy": "pauseIfNetworkFetchesPending", "budget": 40_000});
        browser.devtools("Emulation.setVirtualTimePolicy", time).await;
        browser.until(".bell .count", "3").await;
    })
    .await;
}
